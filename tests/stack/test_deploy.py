"""cdk/deploy.sh and cdk/destroy.sh, with the real CDK and the real AWS CLI against moto, and the packaged function."""

import json
import re
import subprocess

import pytest
from deployment import ROOT, Deployment
from program import ACCOUNT
from services import account_client


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Deployment(tmp_path_factory.mktemp("place"))
    yield place
    place.kill()


PAGES = [(ROOT / name).read_text() for name in ("docs/guide/deploy.md", "docs/guide/operate.md")]
# What stands behind `cdk/deploy.sh` in the guide.
FIRST, WITH_SETTINGS, WITH_CATALOG, LIVE = re.findall(r"^cdk/deploy\.sh (.*)$", PAGES[0], re.MULTILINE)


@pytest.fixture(scope="module")
def arguments(place):
    """Arguments of the guide, with its settings in a file."""
    [settings] = re.findall(r"^```json settings\.json\n(.*?)^```$", PAGES[0], re.DOTALL | re.MULTILINE)
    path = place.folder / "settings.json"
    path.write_text(settings)
    return lambda line: line.replace("settings.json", str(path)).replace("../our-catalog", str(ROOT)).split()


def nothing_is_there(place):
    return place.client("cloudformation").describe_stacks()["Stacks"] == []


class TestWhatStopsIt:
    """Nothing is built, deployed or uploaded, and the message says what to do."""

    def stopped(self, place, *arguments, code=2, **variables):
        found, seen = place.run("deploy.sh", *arguments, **variables)
        assert found == code, seen
        assert nothing_is_there(place)
        assert "Building the function" not in seen
        return seen

    def test_arguments_that_do_not_exist(self, place):
        assert "error: unknown argument --mod" in self.stopped(place, "--mod", "apply")
        assert "error: --mode needs a value" in self.stopped(place, "--mode")
        assert "error: --set mode is no NAME=VALUE" in self.stopped(place, "--set", "mode")

    def test_settings_that_cannot_be(self, place):
        seen = self.stopped(place, "--mode", "aply", "--set", "rate=50")
        assert "error: mode is \"aply\": set it to `plan` or `apply`" in seen
        assert 'error: rate is "50": set it to requests a second, more than 0 and at most 20' in seen
        assert "no catalog" not in seen
        seen = self.stopped(place, "--set", "onRemove=delete", "--set", "catalog=default")
        assert "catalog is default: give the catalog a name of its own" in seen
        seen = self.stopped(place, "--settings", str(place.folder / "none.json"))
        assert "none.json cannot be read: ENOENT" in seen

    def test_no_region_and_no_credentials(self, place):
        seen = self.stopped(place, AWS_REGION=None, AWS_DEFAULT_REGION=None)
        assert "error: no Region is set: set AWS_REGION to that in which you use Audit Manager" in seen
        seen = self.stopped(place, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        assert "error: AWS knows no credentials: sign in, or set AWS_PROFILE" in seen

    def test_a_program_that_is_missing(self, place):
        seen = self.stopped(place, PATH="/usr/bin:/bin")
        assert "is missing; docs/guide/deploy.md says what is needed" in seen

    def test_an_account_without_audit_manager(self, place):
        place.audit_manager.admin("POST", "options", {"accountStatus": "INACTIVE"})
        seen = self.stopped(place)
        place.audit_manager.admin("POST", "options", {"accountStatus": "ACTIVE"})
        assert "error: Audit Manager is INACTIVE in account 000000000000, us-east-1" in seen

    def test_a_stack_of_somebody_else(self, place):
        cloudformation = place.client("cloudformation")
        resources = {"Queue": {"Type": "AWS::SQS::Queue"}}
        cloudformation.create_stack(StackName="theirs", TemplateBody=json.dumps({"Resources": resources}))
        for script in ("deploy.sh", "destroy.sh"):
            code, seen = place.run(script, "--stack", "theirs", "--yes")
            assert code == 2
            assert "error: the stack theirs in account 000000000000, us-east-1 is none of controlsync" in seen
        cloudformation.delete_stack(StackName="theirs")

    def test_a_plan_for_another_account(self, place):
        catalog = place.folder / "elsewhere"
        (catalog / "controls").mkdir(parents=True)
        (catalog / "controls" / "a.yaml").write_text("name: a\n")
        client = account_client(place.audit_manager.endpoint)
        source = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
        theirs = client.create_control(name="theirs", controlMappingSources=[source])["control"]
        # Whose credentials these are, and what the role that the catalog names would see.
        programs = place.program("aws", 'if [ "$1" = sts ]; then echo 123456789012; exit; fi', place.programs / "aws")
        seen = self.stopped(place, "--catalog-dir", str(catalog), "--yes", PATH=programs)
        assert f"error: that is the plan for account {ACCOUNT}, as [target] in controlsync.toml says" in seen
        assert "the function would work in 123456789012" in seen
        client.delete_control(controlId=theirs["id"])

    def test_a_cdk_that_nobody_can_look_for(self, place):
        refused = 'if [ "$1" = ssm ]; then echo "An error occurred (AccessDeniedException)" >&2; exit 254; fi'
        seen = self.stopped(place, "--yes", PATH=place.program("aws", refused, place.programs / "aws"))
        assert "error: whether the CDK was ever used in account 000000000000, us-east-1 cannot be read" in seen
        assert "AccessDeniedException" in seen

    def test_a_bucket_that_tells_nobody(self, place):
        place.client("s3").create_bucket(Bucket="team-catalog")
        elsewhere = {"LocationConstraint": "eu-west-1"}
        place.client("s3").create_bucket(Bucket="their-catalog", CreateBucketConfiguration=elsewhere)
        seen = self.stopped(place, "--set", "existingBucket=their-catalog", "--yes")
        assert "error: the bucket their-catalog is in eu-west-1: it tells of uploads there, not in us-east-1" in seen
        seen = self.stopped(place, "--set", "existingBucket=team-catalog", "--yes")
        assert "error: the bucket team-catalog does not tell EventBridge of uploads" in seen
        seen = self.stopped(place, "--set", "existingBucket=no-such-catalog", "--yes")
        assert "error: the bucket no-such-catalog cannot be read" in seen

    def test_a_catalog_with_errors(self, place):
        broken = place.folder / "broken" / "controls" / "a.yaml"
        broken.parent.mkdir(parents=True)
        broken.write_text("name: a\ntags: {Version: 1.10}\n")
        seen = self.stopped(place, "--catalog-dir", str(broken.parent.parent), "--yes", code=1)
        assert "error[unquoted-string]" in seen
        assert "nothing was deployed. Mend what stands above" in seen
        seen = self.stopped(place, "--catalog-dir", "/no/such/folder", "--yes")
        assert "error: there is no folder /no/such/folder" in seen

    def test_nobody_to_ask(self, place):
        seen = self.stopped(place, "--with-sample")
        assert "Plan for 34 controls and 4 frameworks: 38 to create." in seen
        assert 'error: there is no terminal to ask "Deploy this?" on: look at it, then say --yes' in seen

    def test_the_answer_is_no(self, place):
        code, seen = place.answer("deploy.sh", typed=b"n\n")
        assert code == 3, seen
        assert seen.endswith("Nothing was done.\n")
        assert nothing_is_there(place)


class TestALife:
    """One stack, from the first deployment to its end; each test goes on where the one before has ended."""

    def test_it_begins_in_plan_mode_and_cannot_write(self, place, arguments):
        code, seen, source = place.deploy(*arguments(FIRST))
        assert code == 0, seen
        assert "Stack      controlsync, is new" in seen
        assert "The function has made its report. Its outcome: failed" in seen
        [(records, answer)] = source.batches
        assert json.loads(records[0]["body"]) == {"action": "report"}
        assert answer.sent_back == set()
        permissions = place.permissions()
        assert "auditmanager:GetControl" in permissions and "auditmanager:Create" not in permissions
        for name in ("Bucket", "Topic", "Queue", "Function", "Log"):
            assert place.outputs()[name] in seen
        assert place.held() == (0, 0)

    def test_it_goes_live_with_a_catalog(self, place, arguments):
        box = place.subscribe()
        code, seen, source = place.deploy(*arguments(LIVE), "--with-sample")
        assert code == 0, seen
        assert "Stack      controlsync, is updated" in seen
        assert "so far its mode is plan" in seen
        assert "38 uploaded" in seen
        assert place.held() == (34, 4)
        assert "The function has made its report. Its outcome: applied" in seen, seen[-1500:]
        [mail] = place.mails(box)
        assert mail["Subject"].startswith("controlsync applied: 38 created")
        records = [record for records, _ in source.batches for record in records]
        assert {record["attributes"]["MessageGroupId"] for record in records} == {"catalog"}

    def test_a_second_time_changes_nothing_and_tells_everything(self, place, arguments):
        assert LIVE.startswith(WITH_SETTINGS)
        place.audit_manager.admin("DELETE", "requests")
        code, seen, _ = place.deploy(*arguments(WITH_CATALOG), "--mode", "apply")
        assert code == 0, seen
        assert "Nothing differs: 38" in seen
        assert "The function has made its report. Its outcome: in-sync" in seen
        asked = {request["operation"] for request in place.audit_manager.admin("GET", "requests")}
        assert all(operation.startswith(("Get", "List")) for operation in asked), asked
        assert place.held() == (34, 4)

    def test_the_commands_of_the_guides_work(self, place):
        blocks = [block.split("```")[0] for page in PAGES for block in page.split("```sh\n")[1:]]
        [functions] = [block for block in blocks if block.startswith("output() {")]
        commands = [
            line
            for block in blocks
            for line in block.splitlines()
            # moto has no such operation.
            if line.startswith(("aws ", "ask ")) and "start-message-move-task" not in line and "logs tail" not in line
        ]
        assert len(commands) >= 6
        for command in commands:
            shell = ["bash", "-euc", functions + command]
            done = subprocess.run(shell, env=place.environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, command + done.stdout + done.stderr
        mapping = place.client("lambda").get_event_source_mapping(UUID=place.outputs()["Source"])
        assert mapping["State"] == "Disabled"

    def test_another_stack_takes_the_bucket_over(self, place):
        bucket = place.outputs()["Bucket"]
        code, seen = place.run("destroy.sh", "--yes")
        assert code == 0, seen
        assert seen.endswith(f"A new stack can use it: cdk/deploy.sh --set existingBucket={bucket}\n")
        assert place.outputs() == {}
        assert place.held() == (34, 4)
        # moto keeps whether a bucket tells EventBridge, and does not say so.
        tells = 'if [ "$2" = get-bucket-notification-configuration ]; then echo True; exit; fi'
        path = place.program("aws", tells, place.programs / "aws")
        code, seen, _ = place.deploy("--set", f"existingBucket={bucket}", "--set", "catalog=house", PATH=path)
        assert code == 0, seen
        assert place.outputs()["Bucket"] == bucket
        code, seen = place.run("destroy.sh", "--delete-bucket", "--yes")
        assert (code, nothing_is_there(place)) == (2, False), seen
        assert f"error: the bucket {bucket} was there before the stack controlsync: it is not deleted" in seen
        assert place.run("destroy.sh", "--yes")[0] == 0

    def test_at_last_the_bucket_goes_too(self, place):
        code, seen, _ = place.deploy("--set", "catalog=house")
        assert code == 0, seen
        bucket = place.outputs()["Bucket"]
        code, seen = place.answer("destroy.sh", "--delete-bucket", typed=b"no\n")
        assert (code, place.outputs()["Bucket"]) == (3, bucket), seen
        s3 = place.client("s3")
        for _ in range(2):
            s3.put_object(Bucket=bucket, Key="controls/a.yaml", Body=b"name: a\n")
        s3.delete_object(Bucket=bucket, Key="controls/a.yaml")
        code, seen = place.run("destroy.sh", "--delete-bucket", "--yes")
        assert code == 0, seen
        assert "The bucket is deleted." in seen
        assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]

    def test_there_is_nothing_left_to_destroy(self, place):
        code, seen = place.run("destroy.sh", "--yes")
        assert code == 2
        assert "error: there is no stack controlsync in account 000000000000, us-east-1" in seen
