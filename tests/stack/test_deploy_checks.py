"""What cdk/deploy.sh checks before it deploys. If a check fails, nothing is built, deployed or uploaded, and the message says
what to do."""

import json

from program import ACCOUNT
from services import account_client


def rejected(aws, *arguments, code=2, **variables):
    found, output = aws.run("deploy.sh", *arguments, **variables)
    assert found == code, output
    assert aws.has_no_stacks()
    assert "Building the function" not in output
    return output


def test_invalid_arguments(aws):
    assert "error: unknown argument --mod" in rejected(aws, "--mod", "apply")
    assert "error: --mode needs a value" in rejected(aws, "--mode")
    assert "error: invalid value mode for --set: expected NAME=VALUE" in rejected(aws, "--set", "mode")


def test_invalid_settings(aws):
    output = rejected(aws, "--mode", "aply", "--set", "rate=50")
    assert "error: invalid value \"aply\" for mode: set it to `plan` or `apply`" in output
    assert 'error: invalid value "50" for rate: set it to requests per second, more than 0 and at most 20' in output
    assert "no catalog" not in output
    output = rejected(aws, "--set", "onRemove=delete", "--set", "catalog=default")
    assert "catalog is default: give the catalog its own name" in output
    output = rejected(aws, "--settings", str(aws.folder / "none.json"))
    assert "error: cannot read the settings in " in output and "none.json: ENOENT" in output


def test_no_region_and_no_credentials(aws):
    output = rejected(aws, AWS_REGION=None, AWS_DEFAULT_REGION=None)
    assert "error: no Region is set: set AWS_REGION to the Region in which you use Audit Manager" in output
    output = rejected(aws, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert "error: no valid AWS credentials: sign in, or set AWS_PROFILE" in output


def test_a_missing_program(aws):
    output = rejected(aws, PATH="/usr/bin:/bin")
    assert "is not installed; docs/guide/deploy.md lists the prerequisites" in output


def test_an_account_without_audit_manager(aws):
    aws.audit_manager.configure(accountStatus="INACTIVE")
    output = rejected(aws)
    aws.audit_manager.configure(accountStatus="ACTIVE")
    assert "error: Audit Manager is INACTIVE in account 000000000000, us-east-1" in output


def test_a_stack_that_is_not_ours(aws):
    cloudformation = aws.client("cloudformation")
    resources = {"Queue": {"Type": "AWS::SQS::Queue"}}
    cloudformation.create_stack(StackName="theirs", TemplateBody=json.dumps({"Resources": resources}))
    for script in ("deploy.sh", "destroy.sh"):
        code, output = aws.run(script, "--stack", "theirs", "--yes")
        assert code == 2
        assert "error: the stack theirs in account 000000000000, us-east-1 is not a controlsync stack" in output
    cloudformation.delete_stack(StackName="theirs")


def test_a_plan_for_another_account(aws):
    catalog = aws.folder / "elsewhere"
    (catalog / "controls").mkdir(parents=True)
    (catalog / "controls" / "a.yaml").write_text("name: a\n")
    client = account_client(aws.audit_manager.endpoint)
    source = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
    theirs = client.create_control(name="theirs", controlMappingSources=[source])["control"]
    # The credentials are for another account than the plan.
    programs = aws.program("aws", 'if [ "$1" = sts ]; then echo 123456789012; exit; fi', aws.programs / "aws")
    output = rejected(aws, "--catalog-dir", str(catalog), "--yes", PATH=programs)
    assert f"error: the plan is for account {ACCOUNT}, set by [target] in controlsync.toml" in output
    assert "the function would work in 123456789012" in output
    client.delete_control(controlId=theirs["id"])


def test_an_unknown_bootstrap_status(aws):
    refused = 'if [ "$1" = ssm ]; then echo "An error occurred (AccessDeniedException)" >&2; exit 254; fi'
    output = rejected(aws, "--yes", PATH=aws.program("aws", refused, aws.programs / "aws"))
    assert "error: cannot read whether the CDK is bootstrapped in account 000000000000, us-east-1" in output
    assert "AccessDeniedException" in output


def test_a_bucket_without_events(aws):
    aws.client("s3").create_bucket(Bucket="team-catalog")
    elsewhere = {"LocationConstraint": "eu-west-1"}
    aws.client("s3").create_bucket(Bucket="their-catalog", CreateBucketConfiguration=elsewhere)
    output = rejected(aws, "--set", "existingBucket=their-catalog", "--yes")
    assert "error: the bucket their-catalog is in eu-west-1: it sends its events there, not to us-east-1" in output
    output = rejected(aws, "--set", "existingBucket=team-catalog", "--yes")
    assert "error: the bucket team-catalog does not send its events to EventBridge" in output
    output = rejected(aws, "--set", "existingBucket=no-such-catalog", "--yes")
    assert "error: cannot read the bucket no-such-catalog" in output


def test_a_catalog_with_errors(aws):
    broken = aws.folder / "broken" / "controls" / "a.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text("name: a\ntags: {Version: 1.10}\n")
    output = rejected(aws, "--catalog-dir", str(broken.parent.parent), "--yes", code=1)
    assert "error[unquoted-string]" in output
    assert "nothing was deployed. Fix the errors above" in output
    output = rejected(aws, "--catalog-dir", "/no/such/directory", "--yes")
    assert "error: the directory /no/such/directory does not exist" in output


def test_no_terminal(aws):
    output = rejected(aws, "--with-sample")
    assert "Plan for 34 controls and 4 frameworks: 38 to create." in output
    assert 'error: cannot ask "Deploy this?" without a terminal: review the output above, then pass --yes' in output


def test_answering_no(aws):
    code, output = aws.answer("deploy.sh", typed=b"n\n")
    assert code == 3, output
    assert output.endswith("Nothing was changed.\n")
    assert aws.has_no_stacks()
