"""cdk/deploy.sh and cdk/destroy.sh, with the real CDK and AWS CLI against moto, and the packaged function."""

import json
import re
import subprocess

import pytest
from deployment import ROOT, Deployment
from program import ACCOUNT
from services import account_client


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    aws = Deployment(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.kill()


PAGES = [(ROOT / name).read_text() for name in ("docs/guide/deploy.md", "docs/guide/operate.md")]
# Arguments of `cdk/deploy.sh` in the guide.
FIRST, WITH_SETTINGS, WITH_CATALOG, LIVE = re.findall(r"^cdk/deploy\.sh (.*)$", PAGES[0], re.MULTILINE)


@pytest.fixture(scope="module")
def arguments(aws):
    """Fills in arguments from the guide, with its settings in a file."""
    [settings] = re.findall(r"^```json settings\.json\n(.*?)^```$", PAGES[0], re.DOTALL | re.MULTILINE)
    path = aws.folder / "settings.json"
    path.write_text(settings)
    return lambda line: line.replace("settings.json", str(path)).replace("../our-catalog", str(ROOT)).split()


def has_no_stacks(aws):
    return aws.client("cloudformation").describe_stacks()["Stacks"] == []


class TestChecksBeforeDeployment:
    """If a check fails, nothing is built, deployed or uploaded, and the message says what to do."""

    def rejected(self, aws, *arguments, code=2, **variables):
        found, output = aws.run("deploy.sh", *arguments, **variables)
        assert found == code, output
        assert has_no_stacks(aws)
        assert "Building the function" not in output
        return output

    def test_invalid_arguments(self, aws):
        assert "error: unknown argument --mod" in self.rejected(aws, "--mod", "apply")
        assert "error: --mode needs a value" in self.rejected(aws, "--mode")
        assert "error: invalid value mode for --set: expected NAME=VALUE" in self.rejected(aws, "--set", "mode")

    def test_invalid_settings(self, aws):
        output = self.rejected(aws, "--mode", "aply", "--set", "rate=50")
        assert "error: invalid value \"aply\" for mode: set it to `plan` or `apply`" in output
        assert 'error: invalid value "50" for rate: set it to requests per second, more than 0 and at most 20' in output
        assert "no catalog" not in output
        output = self.rejected(aws, "--set", "onRemove=delete", "--set", "catalog=default")
        assert "catalog is default: give the catalog its own name" in output
        output = self.rejected(aws, "--settings", str(aws.folder / "none.json"))
        assert "error: cannot read the settings in " in output and "none.json: ENOENT" in output

    def test_no_region_and_no_credentials(self, aws):
        output = self.rejected(aws, AWS_REGION=None, AWS_DEFAULT_REGION=None)
        assert "error: no Region is set: set AWS_REGION to the Region in which you use Audit Manager" in output
        output = self.rejected(aws, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        assert "error: no valid AWS credentials: sign in, or set AWS_PROFILE" in output

    def test_a_missing_program(self, aws):
        output = self.rejected(aws, PATH="/usr/bin:/bin")
        assert "is not installed; docs/guide/deploy.md lists the prerequisites" in output

    def test_an_account_without_audit_manager(self, aws):
        aws.audit_manager.admin("POST", "options", {"accountStatus": "INACTIVE"})
        output = self.rejected(aws)
        aws.audit_manager.admin("POST", "options", {"accountStatus": "ACTIVE"})
        assert "error: Audit Manager is INACTIVE in account 000000000000, us-east-1" in output

    def test_a_stack_that_is_not_ours(self, aws):
        cloudformation = aws.client("cloudformation")
        resources = {"Queue": {"Type": "AWS::SQS::Queue"}}
        cloudformation.create_stack(StackName="theirs", TemplateBody=json.dumps({"Resources": resources}))
        for script in ("deploy.sh", "destroy.sh"):
            code, output = aws.run(script, "--stack", "theirs", "--yes")
            assert code == 2
            assert "error: the stack theirs in account 000000000000, us-east-1 is not a controlsync stack" in output
        cloudformation.delete_stack(StackName="theirs")

    def test_a_plan_for_another_account(self, aws):
        catalog = aws.folder / "elsewhere"
        (catalog / "controls").mkdir(parents=True)
        (catalog / "controls" / "a.yaml").write_text("name: a\n")
        client = account_client(aws.audit_manager.endpoint)
        source = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
        theirs = client.create_control(name="theirs", controlMappingSources=[source])["control"]
        # The credentials are for another account than the plan.
        programs = aws.program("aws", 'if [ "$1" = sts ]; then echo 123456789012; exit; fi', aws.programs / "aws")
        output = self.rejected(aws, "--catalog-dir", str(catalog), "--yes", PATH=programs)
        assert f"error: the plan is for account {ACCOUNT}, set by [target] in controlsync.toml" in output
        assert "the function would work in 123456789012" in output
        client.delete_control(controlId=theirs["id"])

    def test_an_unknown_bootstrap_status(self, aws):
        refused = 'if [ "$1" = ssm ]; then echo "An error occurred (AccessDeniedException)" >&2; exit 254; fi'
        output = self.rejected(aws, "--yes", PATH=aws.program("aws", refused, aws.programs / "aws"))
        assert "error: cannot read whether the CDK is bootstrapped in account 000000000000, us-east-1" in output
        assert "AccessDeniedException" in output

    def test_a_bucket_without_events(self, aws):
        aws.client("s3").create_bucket(Bucket="team-catalog")
        elsewhere = {"LocationConstraint": "eu-west-1"}
        aws.client("s3").create_bucket(Bucket="their-catalog", CreateBucketConfiguration=elsewhere)
        output = self.rejected(aws, "--set", "existingBucket=their-catalog", "--yes")
        assert "error: the bucket their-catalog is in eu-west-1: it sends its events there, not to us-east-1" in output
        output = self.rejected(aws, "--set", "existingBucket=team-catalog", "--yes")
        assert "error: the bucket team-catalog does not send its events to EventBridge" in output
        output = self.rejected(aws, "--set", "existingBucket=no-such-catalog", "--yes")
        assert "error: cannot read the bucket no-such-catalog" in output

    def test_a_catalog_with_errors(self, aws):
        broken = aws.folder / "broken" / "controls" / "a.yaml"
        broken.parent.mkdir(parents=True)
        broken.write_text("name: a\ntags: {Version: 1.10}\n")
        output = self.rejected(aws, "--catalog-dir", str(broken.parent.parent), "--yes", code=1)
        assert "error[unquoted-string]" in output
        assert "nothing was deployed. Fix the errors above" in output
        output = self.rejected(aws, "--catalog-dir", "/no/such/directory", "--yes")
        assert "error: the directory /no/such/directory does not exist" in output

    def test_no_terminal(self, aws):
        output = self.rejected(aws, "--with-sample")
        assert "Plan for 34 controls and 4 frameworks: 38 to create." in output
        assert 'error: cannot ask "Deploy this?" without a terminal: review the output above, then pass --yes' in output

    def test_answering_no(self, aws):
        code, output = aws.answer("deploy.sh", typed=b"n\n")
        assert code == 3, output
        assert output.endswith("Nothing was changed.\n")
        assert has_no_stacks(aws)


class TestLifecycle:
    """One stack, from its first deployment to its deletion. Each test continues where the previous one ended."""

    def test_it_starts_in_plan_mode_and_cannot_write(self, aws, arguments):
        code, output, source = aws.deploy(*arguments(FIRST))
        assert code == 0, output
        assert "Stack      controlsync will be created" in output
        assert "The function has sent its report. Outcome: failed" in output
        [(records, answer)] = source.batches
        assert json.loads(records[0]["body"]) == {"action": "report"}
        assert answer.sent_back == set()
        permissions = aws.permissions()
        assert "auditmanager:GetControl" in permissions and "auditmanager:Create" not in permissions
        for name in ("Bucket", "Topic", "Queue", "Function", "Log"):
            assert aws.outputs()[name] in output
        assert aws.counts() == (0, 0)

    def test_it_goes_live_with_a_catalog(self, aws, arguments):
        box = aws.subscribe()
        code, output, source = aws.deploy(*arguments(LIVE), "--with-sample")
        assert code == 0, output
        assert "Stack      controlsync will be updated" in output
        assert "currently plan" in output
        assert "38 uploaded" in output
        assert aws.counts() == (34, 4)
        assert "The function has sent its report. Outcome: applied" in output, output[-1500:]
        [mail] = aws.mails(box)
        assert mail["Subject"].startswith("controlsync applied: 38 created")
        records = [record for records, _ in source.batches for record in records]
        assert {record["attributes"]["MessageGroupId"] for record in records} == {"catalog"}

    def test_a_second_deployment_changes_nothing_and_reports_everything(self, aws, arguments):
        assert LIVE.startswith(WITH_SETTINGS)
        aws.audit_manager.admin("DELETE", "requests")
        code, output, _ = aws.deploy(*arguments(WITH_CATALOG), "--mode", "apply")
        assert code == 0, output
        assert "No changes. 38" in output
        assert "The function has sent its report. Outcome: in-sync" in output
        asked = {request["operation"] for request in aws.audit_manager.admin("GET", "requests")}
        assert all(operation.startswith(("Get", "List")) for operation in asked), asked
        assert aws.counts() == (34, 4)

    def test_the_commands_of_the_guides_work(self, aws):
        blocks = [block.split("```")[0] for page in PAGES for block in page.split("```sh\n")[1:]]
        [functions] = [block for block in blocks if block.startswith("output() {")]
        commands = [
            line
            for block in blocks
            for line in block.splitlines()
            # Not supported by moto.
            if line.startswith(("aws ", "ask ")) and "start-message-move-task" not in line and "logs tail" not in line
        ]
        assert len(commands) >= 6
        for command in commands:
            shell = ["bash", "-euc", functions + command]
            done = subprocess.run(shell, env=aws.environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, command + done.stdout + done.stderr
        mapping = aws.client("lambda").get_event_source_mapping(UUID=aws.outputs()["Source"])
        assert mapping["State"] == "Disabled"

    def test_another_stack_uses_the_bucket(self, aws):
        bucket = aws.outputs()["Bucket"]
        code, output = aws.run("destroy.sh", "--yes")
        assert code == 0, output
        assert output.endswith(f"A new stack can use it: cdk/deploy.sh --set existingBucket={bucket}\n")
        assert aws.outputs() == {}
        assert aws.counts() == (34, 4)
        # moto stores the EventBridge configuration of a bucket, but does not return it.
        notifies = 'if [ "$2" = get-bucket-notification-configuration ]; then echo True; exit; fi'
        path = aws.program("aws", notifies, aws.programs / "aws")
        code, output, _ = aws.deploy("--set", f"existingBucket={bucket}", "--set", "catalog=house", PATH=path)
        assert code == 0, output
        assert aws.outputs()["Bucket"] == bucket
        code, output = aws.run("destroy.sh", "--delete-bucket", "--yes")
        assert (code, has_no_stacks(aws)) == (2, False), output
        assert f"error: the bucket {bucket} was not created by the stack controlsync and is not deleted" in output
        assert aws.run("destroy.sh", "--yes")[0] == 0

    def test_the_bucket_is_deleted_on_request(self, aws):
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
        assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]

    def test_destroying_a_missing_stack_fails(self, aws):
        code, output = aws.run("destroy.sh", "--yes")
        assert code == 2
        assert "error: the stack controlsync does not exist in account 000000000000, us-east-1" in output
