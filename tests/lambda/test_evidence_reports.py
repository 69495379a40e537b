"""The function `evidence`: its report about compliance in the bucket, and what its messages say of it."""

import datetime
import functools
import json
import os
import subprocess
from pathlib import Path

import logs
import pytest
from jsonschema import Draft202012Validator
from organization import EXTERNAL_ID, FILES, MEMBERS, ROLE, Organization
from program import ACCOUNT
from proxy import refuse
from referencing import Registry, Resource
from test_evidence import killed_at
from world import BUCKET

PREFIX = "audit/reports/"
ON = {"REPORTS": PREFIX}
SCHEMAS = Path(__file__).parent.parent.parent / "schemas/output"


def validator(name):
    texts = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")]
    registry = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in texts])
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return Draft202012Validator(schema, registry=registry)


def results(organization, failing=(), accounts=(ACCOUNT, *MEMBERS)):
    """Gives the rule for volumes results in accounts; one volume is not encrypted in those that fail."""
    for account in accounts:
        of_rule = {"compliant": 2, "nonCompliant": int(account in failing), "resourceType": "AWS::EC2::Volume"}
        seed = {"config": {"results": {"volumes": of_rule}}, "securityHub": {"findings": {"IAM.6": {"passed": 1}}}}
        organization.seed(**(seed if account == ACCOUNT else {"accounts": {account: seed}}))


def written(organization):
    """The keys of the reports, by the end of their names."""
    found = organization.s3.list_objects_v2(Bucket=BUCKET, Prefix=PREFIX).get("Contents", [])
    return {one["Key"].rpartition(".")[2]: one["Key"] for one in found}


def today():
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def read(organization):
    """The JSON report, which has its form."""
    answer = organization.s3.get_object(Bucket=BUCKET, Key=written(organization)["json"])
    assert answer["ContentType"] == "application/json"
    report = json.loads(answer["Body"].read())
    validator("compliance").validate(report)
    return report


def statuses(report):
    return {control["name"]: control["status"] for control in report["controls"]}


def compliance(organization):
    """What the only JSON notification says about compliance."""
    event = organization.event()
    validator("evidence-run").validate(event)
    return event["compliance"]


def test_the_first_report_is_a_baseline_and_each_change_is_reported_once(organization):
    results(organization, failing=[MEMBERS[0]])
    mail = organization.run(**ON)
    key = f"{PREFIX}compliance-{today()}.json"
    assert written(organization)["json"] == key
    report = read(organization)
    assert statuses(report) == {"Volumes": "non-compliant", "Root": "compliant", "Events": "evidence-only"}
    assert "Score:     50% (1 of 2), the first report\n" in mail.text and "score 50%" in mail.subject
    assert "Score 50% (1 of 2): 3 controls, 1 non-compliant, 1 compliant, 1 evidence-only" in mail.text
    assert f"s3://{BUCKET}/{key}" in mail.text and f"`aws s3 cp s3://{BUCKET}/{PREFIX}compliance-" in mail.text
    assert "Not compliant" not in mail.text
    event = compliance(organization)
    page = key.replace(".json", ".html")
    assert (event["baseline"], event["changes"]) == (True, [])
    assert event["report"] == {"bucket": BUCKET, "html": page, "json": key}
    assert f"s3://{BUCKET}/{page}" in mail.text
    written_page = organization.s3.get_object(Bucket=BUCKET, Key=page)
    assert written_page["ContentType"] == "text/html; charset=utf-8"
    html = written_page["Body"].read().decode()
    assert "<h1>Compliance</h1>" in html and "1 of 2 are compliant" in html
    assert organization.run(**ON) is None
    organization.assert_silent()

    results(organization, failing=[MEMBERS[1], MEMBERS[2]])
    mail = organization.run(**ON)
    assert "Not compliant since the last report (1):\n    ENCRYPTED_VOLUMES: 2 accounts" in mail.text, mail.text
    assert f"Compliant again, or without resources (1):\n    ENCRYPTED_VOLUMES: account {MEMBERS[0]} in " in mail.text
    assert "Score:     50% (1 of 2), before 50% (1 of 2)\n" in mail.text
    changes = compliance(organization)["changes"]
    assert [(one["status"], [of["account"] for of in one["accounts"]]) for one in changes] == [
        ("new", MEMBERS[1:3]),
        ("resolved", [MEMBERS[0]]),
    ]
    assert [one["account"] for one in read(organization)["changes"]["new"]] == MEMBERS[1:3]
    assert organization.run(**ON) is None
    organization.assert_silent()


def test_the_report_is_that_of_the_command(organization, tmp_path):
    results(organization, failing=[ACCOUNT, MEMBERS[3]])
    organization.run(**ON)
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    # It finds the root of the catalog by its configuration.
    (tmp_path / "controlsync.toml").write_text("")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CONTROLSYNC_"))}
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_ACCOUNT_ID": ACCOUNT, "AWS_REGION": "us-east-1"}
    endpoint = {"AWS_ENDPOINT_URL": organization.account.endpoint, "HOME": str(tmp_path)}
    command = [os.environ["CONTROLSYNC_BIN"], "compliance", "--format", "json", "--role", ROLE, "--external-id", EXTERNAL_ID]
    done = subprocess.run(command, cwd=tmp_path, env=environment | keys | endpoint, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected, found = json.loads(done.stdout), read(organization)
    assert expected.pop("readAt") and found.pop("readAt")
    assert found == expected


def test_what_was_not_read_in_between_is_not_new_afterwards(organization):
    results(organization, failing=[MEMBERS[0]])
    organization.run(**ON)
    organization.fault("throttle", "config:DescribeComplianceByConfigRule", MEMBERS[0])
    assert organization.run(**ON) is None
    report = read(organization)
    assert statuses(report)["Volumes"] == "unknown" and report["changes"]["unproven"][0]["account"] == MEMBERS[0]
    organization.clear_faults()
    assert organization.run(**ON) is None
    organization.fault("deny", "config:DescribeComplianceByConfigRule", MEMBERS[0])
    assert organization.run(**ON) is None
    organization.clear_faults()
    results(organization)
    mail = organization.run(**ON)
    assert f"Compliant again, or without resources (1):\n    ENCRYPTED_VOLUMES: account {MEMBERS[0]} in " in mail.text


def test_an_exception_and_a_removed_control_end_what_was_not_compliant(organization):
    organization.upload("controls/keys.yaml", FILES["controls/volumes.yaml"].replace("name: Volumes", "name: Disks"))
    organization.discard_messages()
    organization.cover("Disks")
    results(organization, failing=[MEMBERS[0]])
    organization.run(**ON)
    organization.s3.delete_object(Bucket=BUCKET, Key="controls/keys.yaml")
    exception = f"check: ENCRYPTED_VOLUMES\naccounts: ['{MEMBERS[0]}']\nreason: No data.\nuntil: 2099-12-31\n"
    organization.upload("exceptions/sandbox.yaml", exception)
    organization.discard_messages()
    mail = organization.run(**ON)
    accepted = f"Not compliant, and accepted by an exception now (1):\n    ENCRYPTED_VOLUMES: account {MEMBERS[0]} in "
    assert accepted in mail.text and "(Volumes)" in mail.text and "Disks" not in mail.text
    assert organization.saved()["memory"]["compliance"]["failing"] == {}
    assert organization.run(**ON) is None


@pytest.mark.parametrize("answer", [(403, "AccessDenied"), (503, "SlowDown")])
def test_a_report_that_cannot_be_written_is_said_and_loses_no_change(organization, answer):
    results(organization)
    organization.run(**ON)
    organization.events()
    results(organization, failing=[MEMBERS[0]])
    key = written(organization)["json"]
    organization.proxy.on("PutObject", refuse(*answer), key=key, times=1000)
    mail = organization.run(**ON)
    assert f"The report was not written as JSON: PutObject: {answer[1]}: " in mail.text, mail.text
    assert f"s3://{BUCKET}/{key}" not in mail.text and "Not compliant since the last report (1)" in mail.text
    if answer[0] == 403:
        assert "help: The credentials lack s3:PutObject on the object" in mail.text
    event = compliance(organization)
    assert event["report"]["json"] is None and event["failures"][0].startswith("The report was not written as JSON: ")
    assert organization.run(**ON) is None
    organization.proxy.reset()
    mail = organization.run(**ON)
    assert "The report is complete again." in mail.text and f"s3://{BUCKET}/{key}" in mail.text
    assert "since the last report" not in mail.text
    assert organization.run(**ON) is None


def test_killed_anywhere_the_next_run_reports_the_change(organization):
    organization.environment = functools.partial(Organization.environment, organization, **ON)
    results(organization)
    organization.run()
    organization.events()
    request = 0
    while True:
        failing = request % 2 == 0
        results(organization, failing=[MEMBERS[0]] if failing else [], accounts=[MEMBERS[0]])
        if not killed_at(organization, organization.proxy, request):
            break
        organization.show_again()
        assert organization.drain().sent_back == set()
        texts = [mail.text for mail in organization.mails()]
        title = "Not compliant since the last report" if failing else "Compliant again, or without resources"
        assert 1 <= len(texts) <= 2 and all(title in text for text in texts), (request, texts)
        assert organization.run() is None
        organization.events()
        request += 1
    assert request >= 6


def test_an_aggregator_has_the_results(organization):
    results(organization, failing=[MEMBERS[0]])
    aggregator = {"AccountIds": [ACCOUNT, *MEMBERS], "AwsRegions": ["us-east-1"]}
    organization.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName="all", AccountAggregationSources=[aggregator]
    )
    organization.account.admin("DELETE", "requests")
    mail = organization.run(**ON, AGGREGATOR="all", STACK="controlsync")
    report = read(organization)
    assert report["aggregator"] == "all" and statuses(report)["Volumes"] == "non-compliant"
    names = {request["operation"].rpartition(":")[2] for request in organization.account.requests()}
    assert "DescribeAggregateComplianceByConfigRules" in names and "DescribeComplianceByConfigRule" not in names
    assert "Score:     " in mail.text

    mail = organization.run(**ON, AGGREGATOR="al", STACK="controlsync")
    why = '"al": the account has no aggregator with this name in this Region; it has all'
    assert f"The results were not read: DescribeConfigurationAggregators: {why}\n" in mail.text, mail.text
    assert "help: Name one of them: `cdk/deploy.sh --set aggregator=NAME`" in mail.text
    assert organization.run(**ON, AGGREGATOR="al", STACK="controlsync") is None
    mail = organization.run(**ON, AGGREGATOR="all", STACK="controlsync")
    assert "The report is complete again." in mail.text and "since the last report" not in mail.text

    organization.fault("deny", "config:DescribeConfigurationAggregators")
    mail = organization.run(**ON, AGGREGATOR="all")
    assert "help: The role of the function lacks config:DescribeConfigurationAggregators." in mail.text


def test_without_reports_no_other_request_is_sent(organization):
    results(organization, failing=[MEMBERS[0]])
    organization.account.admin("DELETE", "requests")
    mail = organization.run()
    names = {request["operation"].rpartition(":")[2] for request in organization.account.requests()}
    assert not names & {"DescribeComplianceByConfigRule", "GetComplianceDetailsByConfigRule", "GetFindings"}
    assert written(organization) == {} and "Score" not in mail.text
    assert organization.event()["compliance"] is None
    # An upload changes the catalog, but no result.
    organization.upload("controls/more.yaml", FILES["controls/root.yaml"].replace("name: Root", "name: More"))
    organization.account.admin("DELETE", "requests")
    organization.ask("reconcile", **ON)
    names = {request["operation"].rpartition(":")[2] for request in organization.account.requests()}
    assert "DescribeComplianceByConfigRule" not in names and written(organization) == {}


def test_without_time_for_all_results_the_others_are_unknown(organization):
    results(organization, failing=[MEMBERS[0]])
    slow = MEMBERS[1:3]
    for account in slow:
        organization.fault({"delay": {"millis": 60_000}}, "config:DescribeComplianceByConfigRule", account)
    function = organization.function(**ON)
    function.new_lines()
    mail = organization.run(seconds=12, **ON)
    assert "read 6 of 6 accounts" in mail.text, mail.text
    report = read(organization)
    [volumes] = [control for control in report["controls"] if control["name"] == "Volumes"]
    unknown = {of["account"]: of["reason"] for of in volumes["sources"][0]["accounts"] if of["status"] == "unknown"}
    assert unknown == dict.fromkeys(slow, "the account was not read within the time of the run")
    assert "Results that are not known (1):\n    unknown: 2 accounts in us-east-1" in mail.text
    lines = function.new_lines()
    [line] = [line for line in lines if line["message"] == "read the results"]
    assert (line["read"], line["of"], line["level"].upper()) == (4, 6, "WARN")
    organization.clear_faults()
    results(organization, failing=[MEMBERS[0], MEMBERS[1]])
    mail = organization.run(**ON)
    found = f"Not compliant where no report has looked before (1):\n    ENCRYPTED_VOLUMES: account {MEMBERS[1]} "
    assert found in mail.text and "since the last report" not in mail.text


def test_without_the_role_the_report_says_what_gives_it(organization):
    results(organization)
    organization.run(**ON, MEMBER_ROLE=None, EXTERNAL_ID=None, STACK="controlsync")
    [note] = [note for note in read(organization)["notes"] if "role" in note]
    assert note.startswith("not read without a role that each of them has, `cdk/deploy.sh --set memberRole=NAME`: 5 accounts")


def test_a_request_a_reminder_and_a_lost_state_have_the_score(organization):
    results(organization, failing=[MEMBERS[0]])
    organization.run(**ON)
    state = organization.saved()
    state["last_email"] -= 7 * 24 * 60 * 60
    organization.s3.put_object(Bucket=BUCKET, Key=".controlsync/evidence.json", Body=json.dumps(state).encode())
    mail = organization.run(**ON)
    assert "reminder" in mail.subject and "Score:     50% (1 of 2)" in mail.text and f"s3://{BUCKET}/{PREFIX}" in mail.text
    organization.ask("report", **ON)
    assert "Score:     50% (1 of 2)" in organization.mail().text
    del state["memory"]["compliance"]
    organization.s3.put_object(Bucket=BUCKET, Key=".controlsync/evidence.json", Body=json.dumps(state).encode())
    organization.events()
    mail = organization.run(**ON)
    assert mail and compliance(organization)["baseline"] is True
    assert organization.run(**ON) is None


def test_metrics_and_lines_name_the_report(organization):
    results(organization, failing=[MEMBERS[0]])
    function = organization.function(**ON)
    function.new_lines()
    organization.run(**ON)
    lines = function.new_lines()
    assert logs.metrics(lines)["NonCompliant"] == 1
    [line] = [line for line in lines if line["message"] == "read the results"]
    assert (line["read"], line["of"]) == (6, 6)
    [line, *_] = [line for line in lines if line["message"] == "report written"]
    assert line["key"].startswith(PREFIX) and line["bytes"] > 1000
    organization.proxy.on("PutObject", refuse(403, "AccessDenied"), key=written(organization)["json"], times=1000)
    organization.fault("deny", "config:DescribeConfigurationAggregators")
    organization.run(**ON)
    assert "a report was not written" in [line["message"] for line in function.new_lines()]
    organization.proxy.reset()
    other = organization.function(**ON, AGGREGATOR="all")
    other.new_lines()
    organization.run(**ON, AGGREGATOR="all")
    lines = other.new_lines()
    assert "the results were not read" in [line["message"] for line in lines] and "NonCompliant" not in logs.metrics(lines)
