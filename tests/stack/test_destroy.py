"""cdk/destroy.sh, with the real CDK and AWS CLI against moto. Each test continues where the previous one ended."""


def test_another_stack_uses_the_bucket_of_a_destroyed_one(aws):
    code, output, _ = aws.deploy()
    assert code == 0, output
    bucket = aws.outputs()["Bucket"]
    assert aws.run("destroy.sh", "--yes")[0] == 0
    assert aws.outputs() == {}
    # moto stores the EventBridge configuration of a bucket, but does not return it.
    notifies = 'if [ "$2" = get-bucket-notification-configuration ]; then echo True; exit; fi'
    path = aws.program("aws", notifies, aws.programs / "aws")
    code, output, _ = aws.deploy("--set", f"existingBucket={bucket}", "--set", "catalog=house", PATH=path)
    assert code == 0, output
    assert aws.outputs()["Bucket"] == bucket
    code, output = aws.run("destroy.sh", "--delete-bucket", "--yes")
    assert (code, aws.has_no_stacks()) == (2, False), output
    assert f"error: the bucket {bucket} was not created by the stack controlsync and is not deleted" in output
    assert aws.run("destroy.sh", "--yes")[0] == 0


def test_the_bucket_is_deleted_on_request(aws):
    code, output, _ = aws.deploy("--set", "catalog=house")
    assert code == 0, output
    bucket = aws.outputs()["Bucket"]
    code, output = aws.answer("destroy.sh", "--delete-bucket", typed=b"no\n")
    assert (code, aws.outputs()["Bucket"]) == (3, bucket), output
    s3 = aws.client("s3")
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="controls/a.yaml", Body=b"name: a\n")
    s3.delete_object(Bucket=bucket, Key="controls/a.yaml")
    code, output = aws.run("destroy.sh", "--delete-bucket", "--yes")
    assert code == 0, output
    assert "The bucket is deleted." in output
    assert bucket not in aws.buckets()


def test_destroying_a_missing_stack_fails(aws):
    code, output = aws.run("destroy.sh", "--yes")
    assert code == 2
    assert "error: the stack controlsync does not exist in account 000000000000, us-east-1" in output
