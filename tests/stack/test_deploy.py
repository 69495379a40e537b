"""cdk/deploy.sh and the commands of its guides, with the real CDK and AWS CLI against moto, and the packaged function.

One stack, from its first deployment to its deletion. Each test continues where the previous one ended.
"""

import json
import re
import subprocess

import pytest
from deployment import ROOT

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


def test_it_starts_in_plan_mode_and_cannot_write(aws, arguments):
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


def test_it_goes_live_with_a_catalog(aws, arguments):
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


def test_a_second_deployment_changes_nothing_and_reports_everything(aws, arguments):
    assert LIVE.startswith(WITH_SETTINGS)
    aws.audit_manager.admin("DELETE", "requests")
    code, output, _ = aws.deploy(*arguments(WITH_CATALOG), "--mode", "apply")
    assert code == 0, output
    assert "No changes. 38" in output
    assert "The function has sent its report. Outcome: in-sync" in output
    asked = {request["operation"] for request in aws.audit_manager.requests()}
    assert all(operation.startswith(("Get", "List")) for operation in asked), asked
    assert aws.counts() == (34, 4)


def test_the_commands_of_the_guides_work(aws):
    blocks = [block.split("```")[0] for page in PAGES for block in page.split("```sh\n")[1:]]
    [functions] = [block for block in blocks if block.startswith("output() {")]
    commands = [
        line
        for block in blocks
        for line in block.splitlines()
        # Not supported by moto.
        if line.startswith(("aws ", "request_run ")) and "start-message-move-task" not in line and "logs tail" not in line
    ]
    assert len(commands) >= 6
    for command in commands:
        shell = ["bash", "-euc", functions + command]
        done = subprocess.run(shell, env=aws.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, command + done.stdout + done.stderr
    mapping = aws.client("lambda").get_event_source_mapping(UUID=aws.outputs()["Source"])
    assert mapping["State"] == "Disabled"


def test_destroying_the_stack_keeps_the_bucket_and_the_account(aws):
    bucket = aws.outputs()["Bucket"]
    code, output = aws.run("destroy.sh", "--yes")
    assert code == 0, output
    assert output.endswith(f"A new stack can use it: cdk/deploy.sh --set existingBucket={bucket}\n")
    assert aws.outputs() == {}
    assert bucket in aws.buckets()
    assert aws.counts() == (34, 4)
