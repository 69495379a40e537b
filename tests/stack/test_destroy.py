"""cdk/destroy.sh, with the real CDK and AWS CLI against moto. Each test continues where the previous one ended."""

import base64

from deployment import DESCRIPTION, released
from manifest import version


def test_another_stack_uses_the_bucket_of_a_destroyed_one(aws):
    releases, path, sums = released(aws.folder / "releases")
    digest, _, of_evidence, name_of_evidence = sums.read_text().split()
    without_rust = aws.program("cargo", "echo cargo must not run; exit 9", "false")
    evidence = ("--set", "evidence=true", "--set", "memberRole=reader", "--set", "externalId=house")
    flags = ("--mode", "plan", "--version", version(), *evidence)
    code, output, _ = aws.deploy(*flags, CONTROLSYNC_RELEASES=releases, PATH=without_rust)
    assert code == 0 and "cargo must not run" not in output, output
    assert f"/{path.name}, SHA-256 {digest}\n" in output
    assert f"/{name_of_evidence}, SHA-256 {of_evidence}\n" in output
    for function, expected in (("Function", digest), ("EvidenceFunction", of_evidence)):
        deployed = aws.client("lambda").get_function_configuration(FunctionName=aws.outputs()[function])
        assert deployed["CodeSha256"] == base64.b64encode(bytes.fromhex(expected)).decode()
    bucket = aws.outputs()["Bucket"]
    code, output = aws.run("destroy.sh", "--yes")
    assert code == 0, output
    assert "Role       reader in other accounts is kept, and trusts a role that will not exist: delete its StackSet\n" in output
    assert aws.outputs() == {}
    # moto stores the EventBridge configuration of a bucket, but does not return it.
    sends = """echo '{"EventBridgeConfiguration": {}}'; exit"""
    notifies = f'if [ "$2" = get-bucket-notification-configuration ]; then {sends}; fi'
    path = aws.program("aws", notifies, aws.programs / "aws")
    settings = {"existingBucket": bucket, "catalog": "house", "prefix": "teams/audit"}
    given = [argument for name, value in settings.items() for argument in ("--set", f"{name}={value}")]
    code, output, _ = aws.deploy(*given, "--mode", "plan", PATH=path)
    assert code == 0, output
    assert f"controlsync push --bucket {bucket} --prefix teams/audit/\n" in output
    state = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="teams/audit/.controlsync/")["Contents"]
    assert [one["Key"] for one in state] == ["teams/audit/.controlsync/state.json"]
    assert aws.outputs()["Bucket"] == bucket
    code, output = aws.run("destroy.sh", "--delete-bucket", "--yes")
    assert (code, aws.has_no_stacks()) == (2, False), output
    assert f"error: the bucket {bucket} was not created by the stack controlsync and is not deleted" in output
    assert aws.run("destroy.sh", "--yes")[0] == 0


def test_the_bucket_is_deleted_on_request(aws):
    code, output, _ = aws.deploy("--set", "catalog=house", "--mode", "plan", "--set", "tags=team=audit")
    assert code == 0, output
    bucket = aws.outputs()["Bucket"]
    stack = aws.client("cloudformation").describe_stacks(StackName="controlsync")["Stacks"][0]
    assert {"Key": "team", "Value": "audit"} in stack["Tags"]
    code, output = aws.answer("destroy.sh", "--delete-bucket", typed=b"no\n")
    assert (code, aws.outputs()["Bucket"]) == (3, bucket), output
    s3 = aws.client("s3")
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="controls/a.yaml", Body=b"name: a\n")
        s3.put_object(Bucket=bucket, Key=".controlsync/evidence.json", Body=b"{}")
    s3.delete_object(Bucket=bucket, Key="controls/a.yaml")
    code, output = aws.run("destroy.sh", "--delete-bucket", "--yes")
    assert code == 0, output
    assert "The bucket is deleted." in output
    assert bucket not in aws.buckets()


def test_a_protected_stack_is_not_deleted(aws):
    with aws.stack_of_another("controlsync", DESCRIPTION, EnableTerminationProtection=True):
        code, output = aws.run("destroy.sh", "--yes")
        assert code == 2, output
        assert "error: the stack controlsync is protected against deletion: first run cdk/deploy.sh with" in output
        assert not aws.has_no_stacks()


def test_destroying_a_missing_stack_fails(aws):
    code, output = aws.run("destroy.sh", "--yes")
    assert code == 2
    assert "error: the stack controlsync does not exist in account 000000000000, us-east-1" in output
