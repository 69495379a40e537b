"""cdk/deploy.sh, cdk/destroy.sh and the commands of their guides, with the real CDK and AWS CLI against moto, and the packaged
function.

One stack, from an empty account to the first email, live, and back to nothing. Each test continues where the previous one ended.
"""

import base64
import hashlib
import json
import re
import subprocess

import pytest
from deployment import ROOT, package

PAGES = [(ROOT / name).read_text() for name in ("docs/guide/deploy.md", "docs/guide/operate.md")]
# Arguments of `cdk/deploy.sh` in the guide: to deploy, to upload, to go live, to update, to change settings, to add the
# evidence function, and for it to read other accounts and to write reports.
COMMANDS = re.findall(r"^cdk/deploy\.sh ?(.*)$", PAGES[0], re.MULTILINE)
FIRST, WITH_CATALOG, LIVE, UPDATE, WITH_SETTINGS, WITH_EVIDENCE, WITH_MEMBERS, WITH_REPORTS = COMMANDS
ADDRESS = "owners@example.com"


@pytest.fixture(scope="module")
def arguments(aws):
    """Fills in arguments from the guide, with its settings in a file."""
    [settings] = re.findall(r"^```json settings\.json\n(.*?)^```$", PAGES[0], re.DOTALL | re.MULTILINE)
    path = aws.folder / "settings.json"
    path.write_text(settings)
    return lambda line: line.replace("settings.json", str(path)).replace("../our-catalog", str(ROOT)).split()


def kept(aws):
    """What the stack keeps: its settings, the permissions of its function, its bucket and its role."""
    cloudformation = aws.client("cloudformation")
    template = cloudformation.get_template(StackName="controlsync")["TemplateBody"]
    [settings] = [one["Metadata"]["controlsync"] for one in template["Resources"].values() if "Metadata" in one]
    [role] = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    resources = cloudformation.describe_stack_resources(StackName="controlsync")["StackResources"]
    ids = [one["PhysicalResourceId"] for one in resources if one.get("ResourceType") in ("AWS::S3::Bucket", "AWS::IAM::Role")]
    return settings, role, sorted(ids)


def test_a_new_stack_waits_for_confirmations_before_the_first_report(aws, arguments):
    """The owner decides for plan mode, and confirms later than the stack is deployed."""
    seen = {}

    def owner(output):
        if "Waiting for the confirmations" in output and not seen:
            seen["messages before"] = aws.waiting()
            seen["box"] = aws.subscribe(aws.outputs()["Topic"])
            seen["confirmed"] = aws.confirm()

    code, output, source = aws.deploy(*arguments(FIRST), typed=b"plan\ny\n", owner=owner, CDK_VALIDATION=None)
    assert code == 0, output
    assert "Stack      controlsync will be created" in output
    assert "Should the function write to Audit Manager? The stack keeps your decision." in output
    assert "Difference from the deployed stack:" in output and "[+] AWS::Lambda::Function" in output
    assert f"Not confirmed yet; AWS has sent each address a link, which is valid for two days:\n  {ADDRESS} for reports\n" in output
    assert f"  {ADDRESS} for alarms\n" in output
    assert "All subscriptions are confirmed." in output
    assert seen["messages before"] == 0 and seen["confirmed"] == 2
    assert "The function has sent its report. Outcome: empty" in output
    [(records, answer)] = source.batches
    assert json.loads(records[0]["body"]) == {"action": "report"}
    assert answer.sent_back == set()
    [mail] = aws.mails(seen["box"])
    assert mail["Subject"] == "controlsync empty: no definitions yet (house, 000000000000 us-east-1)"
    permissions = aws.permissions()
    assert "auditmanager:GetControl" in permissions and "auditmanager:Create" not in permissions
    for name in ("Bucket", "Topic", "AlarmsTopic", "Queue", "Function", "Log"):
        assert aws.outputs()[name] in output
    assert f"Next, upload a catalog:\n  controlsync push --bucket {aws.outputs()['Bucket']}\n" in output
    assert kept(aws)[0] == {"catalog": "house", "emails": [ADDRESS], "mode": "plan"}
    assert aws.counts() == (0, 0)


def test_a_catalog_is_uploaded_and_planned(aws, arguments):
    box = aws.subscribe(aws.outputs()["Topic"])
    code, output, source = aws.deploy(*arguments(WITH_CATALOG))
    assert code == 0, output
    assert "38 uploaded" in output
    assert "Settings   0 changed, all others as they are" in output
    assert "The function has sent its report. Outcome: planned" in output, output[-1500:]
    assert output.endswith("Next, read the report. If its plan is right, go live:\n  cdk/deploy.sh --mode apply\n")
    [mail] = aws.mails(box)
    assert mail["Subject"].startswith("controlsync planned: 38 to create")
    assert "If the plan below is right, go live: `cdk/deploy.sh --mode apply`" in mail["Message"]
    records = [record for records, _ in source.batches for record in records]
    assert {record["attributes"]["MessageGroupId"] for record in records} == {"catalog"}
    assert aws.counts() == (0, 0)


def test_it_goes_live_with_one_answer(aws, arguments):
    box = aws.subscribe(aws.outputs()["Topic"])
    code, output, source = aws.deploy(*arguments(LIVE), typed=b"y\n")
    assert code == 0, output
    assert output.count("[y/N]") == 1
    assert "Settings   1 changed, all others as they are\n           mode: plan -> apply\n" in output
    assert "auditmanager:CreateControl" in output, "the difference shows the new permissions"
    assert "The function has sent its report. Outcome: applied" in output
    assert aws.counts() == (34, 4)
    [mail] = aws.mails(box)
    assert mail["Subject"].startswith("controlsync applied: 38 created")
    assert [json.loads(record["body"]) for records, _ in source.batches for record in records][:1] == [{"action": "reconcile"}]


def test_a_bare_update_changes_nothing_and_reports_everything(aws, arguments):
    before, subscribed = kept(aws), aws.subscriptions()
    assert before[0]["mode"] == "apply" and before[0]["catalog"] == "house"
    assert "auditmanager:CreateControl" in json.dumps(before[1])
    aws.audit_manager.admin("DELETE", "requests")
    assert arguments(UPDATE) == []
    code, output, _ = aws.deploy(*arguments(UPDATE))
    assert code == 0, output
    assert "Settings   0 changed, all others as they are" in output
    # The stand-in keeps another deletion policy of the two than they have.
    assert re.findall(r"^\[.\] (\S+)", output, re.MULTILINE) == ["AWS::S3::Bucket", "AWS::S3::BucketPolicy"], output
    assert "The function has sent its report. Outcome: in-sync" in output
    assert (kept(aws), aws.subscriptions()) == (before, subscribed)
    asked = {request["operation"] for request in aws.audit_manager.requests()}
    assert all(operation.startswith(("Get", "List")) for operation in asked), asked


def test_an_update_subscribes_lost_addresses_again(aws):
    sns = aws.client("sns")
    for output in ("Topic", "AlarmsTopic"):
        sns.unsubscribe(SubscriptionArn=aws.subscriptions(output)[ADDRESS])
    code, output, _ = aws.deploy("--no-wait", owner=lambda _: None)
    assert code == 0, output
    assert output.count(f"Subscribed {ADDRESS} again: it was not subscribed anymore.") == 2
    assert f"  {ADDRESS} for reports\n  {ADDRESS} for alarms\n" in output and "Waiting for the confirmations" not in output
    # The queues of earlier tests still get the report.
    assert "The function has sent its report. Outcome: in-sync" in output
    assert aws.subscriptions()[ADDRESS] == "PendingConfirmation"
    assert aws.confirm() == 2


def test_an_address_that_is_removed_gets_nothing_anymore(aws):
    """Also if CloudFormation does not know its subscription, because it was subscribed again."""
    code, output, _ = aws.deploy("--set", "emails=others@example.com")
    assert code == 0, output
    assert output.count(f"Unsubscribed {ADDRESS}.") == 2
    for topic in ("Topic", "AlarmsTopic"):
        subscribed = aws.subscriptions(topic)
        assert ADDRESS not in subscribed and subscribed["others@example.com"].startswith("arn:")
    code, output, _ = aws.deploy("--set", f"emails={ADDRESS}")
    assert code == 0, output
    assert aws.subscriptions()[ADDRESS].startswith("arn:") and "others@example.com" not in aws.subscriptions()


def test_settings_from_a_file_change_only_what_they_have(aws, arguments):
    code, output, _ = aws.deploy(*arguments(WITH_SETTINGS))
    assert code == 0, output
    assert "Settings   1 changed, all others as they are\n           schedule: default -> rate(6 hours)\n" in output
    expected = {"catalog": "house", "emails": [ADDRESS], "mode": "apply", "schedule": "rate(6 hours)"}
    assert kept(aws)[0] == expected


def test_a_second_stack_of_the_catalog_is_refused(aws):
    code, output = aws.run("deploy.sh", "--stack", "second", "--set", "catalog=house", "--mode", "plan", "--yes")
    assert code == 2, output
    assert "error: the stack controlsync in account 000000000000, us-east-1 has the catalog house already" in output
    assert "to change that stack, pass --stack controlsync" in output
    assert aws.outputs("second") == {} and "Building the function" not in output


def test_a_filtered_subscription_still_gets_alarms(aws):
    """A subscriber to the reports who filters them by an attribute, and to the alarms, which have none."""
    outputs, sns = aws.outputs(), aws.client("sns")
    only_failed = json.dumps({"outcome": ["failed"]})
    reports, alarms = aws.subscribe(outputs["Topic"], FilterPolicy=only_failed), aws.subscribe(outputs["AlarmsTopic"])
    # moto deploys no alarms.
    template = aws.client("cloudformation").get_template(StackName="controlsync")["TemplateBody"]
    found = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    actions = [action for alarm in found for action in [*alarm["AlarmActions"], *alarm["OKActions"]]]
    assert len(actions) == 16 and all(action == template["Outputs"]["AlarmsTopic"]["Value"] for action in actions)
    message = "As CloudWatch publishes it: without attributes."
    sns.publish(TopicArn=outputs["AlarmsTopic"], Subject="ALARM", Message=message)
    assert [mail["Subject"] for mail in aws.mails(alarms)] == ["ALARM"]
    assert aws.mails(reports) == []


def test_the_evidence_function_is_added(aws, arguments):
    function, subscribed = aws.outputs()["Function"], aws.subscriptions()
    code, output, _ = aws.deploy(*arguments(WITH_EVIDENCE))
    assert code == 0, output
    assert "Evidence   read once a day, in this account only\n" in output and "evidence: default -> true\n" in output
    outputs = aws.outputs()
    assert f"Evidence      {outputs['EvidenceFunction']}, whose log is {outputs['EvidenceLog']}\n" in output
    assert (outputs["Function"], aws.subscriptions()) == (function, subscribed)
    deployed = aws.client("lambda").get_function_configuration(FunctionName=outputs["EvidenceFunction"])
    assert deployed["Role"] == outputs["EvidenceRole"]
    digest = hashlib.sha256(package("evidence").read_bytes()).digest()
    assert deployed["CodeSha256"] == base64.b64encode(digest).decode()
    mapping = aws.client("lambda").get_event_source_mapping(UUID=outputs["EvidenceSource"])
    assert mapping["EventSourceArn"].rpartition(":")[2] == outputs["EvidenceQueue"].rpartition("/")[2]


def test_the_evidence_function_reads_other_accounts_and_writes_reports(aws, arguments):
    code, output, _ = aws.deploy("--set", "memberRole=audit/reader")
    assert code == 0, output
    assert "The role in other accounts demands an external ID. Choose one:\n  cdk/deploy.sh --set externalId=ID\n" in output
    code, output, _ = aws.deploy(*arguments(WITH_MEMBERS), *arguments(WITH_REPORTS))
    assert code == 0, output
    assert "Reports    compliance reports in the bucket, below reports/\n" in output
    reports = aws.outputs()["Reports"]
    assert reports == f"s3://{aws.outputs()['Bucket']}/reports/" and f"Reports       {reports}\n" in output
    assert "Evidence   read once a day, in other accounts with the role controlsync-evidence\n" in output
    # They are run in test_member_role.py.
    assert "  aws cloudformation create-stack-set --stack-set-name controlsync-evidence " in output
    role = aws.outputs()["EvidenceRole"]
    assert f"'ParameterKey=TrustedRoleArn,ParameterValue=\"{role}\"'" in output
    function = aws.client("lambda").get_function_configuration(FunctionName=aws.outputs()["EvidenceFunction"])
    variables = function["Environment"]["Variables"]
    assert variables["CONTROLSYNC_MEMBER_ROLE"] == "controlsync-evidence"
    assert reports.endswith(f"/{variables['CONTROLSYNC_REPORTS']}")
    assert f"ParameterValue=\"{variables['CONTROLSYNC_EXTERNAL_ID']}\"'\n" in output


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
    assert len(commands) >= 8
    for command in commands:
        shell = ["bash", "-euc", functions + command]
        done = subprocess.run(shell, env=aws.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, command + done.stdout + done.stderr
    for source in ("Source", "EvidenceSource"):
        mapping = aws.client("lambda").get_event_source_mapping(UUID=aws.outputs()[source])
        assert mapping["State"] == "Disabled"


def test_destroying_the_stack_keeps_the_bucket_and_the_account(aws):
    bucket, s3 = aws.outputs()["Bucket"], aws.client("s3")
    # moto deploys no policies of buckets. So this is ours, with another statement that must stay.
    template = aws.client("cloudformation").get_template(StackName="controlsync")["TemplateBody"]["Resources"]
    [policy] = [one["Properties"]["PolicyDocument"] for one in template.values() if one["Type"] == "AWS::S3::BucketPolicy"]
    [ours] = [one for one in policy["Statement"] if one.get("Sid") == "OnlyTheFunctionWritesItsState"]
    ours |= {"Resource": f"arn:aws:s3:::{bucket}/.controlsync/*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn"}}}
    other = {"Sid": "Readers", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [ours, other]}))
    code, output = aws.run("destroy.sh", "--yes")
    assert code == 0, output
    assert output.endswith(f"A new stack can use it: cdk/deploy.sh --set existingBucket={bucket}\n")
    assert aws.outputs() == {}
    assert bucket in aws.buckets()
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [other]
    assert aws.counts() == (34, 4)
