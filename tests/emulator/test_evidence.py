"""`controlsync evidence`: from a bare account to evidence, with boto3 as the one that sets everything up."""

import json
import os
import subprocess
import urllib.request

import boto3
import pytest

from program import ACCOUNT, CREDENTIALS, REGION, Program, session_of

KEYS = "Keys are rotated"
VOLUMES = "Volumes are encrypted"

CONTROLS = {
    "keys": f"""name: {KEYS}
datasources:
  - sourceName: Keys are younger than the limit
    sourceType: AWS_Config
    sourceKeyword: {{keywordValue: ACCESS_KEYS_ROTATED}}
    requiredParameters:
      maxAccessKeyAge: {{atMost: 90}}
""",
    "volumes": f"""name: {VOLUMES}
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {{keywordValue: ENCRYPTED_VOLUMES}}
""",
}
FRAMEWORK = f"name: Baseline\ncontrolSets:\n  - name: All\n    controls: [{KEYS}, {VOLUMES}]\n"
PACK = """Resources:
  Volumes:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: encrypted-volumes
      Source: {Owner: AWS, SourceIdentifier: ENCRYPTED_VOLUMES}
"""


class Account:
    """An emulator of its own, a catalog, and the clients of its services."""

    def __init__(self, directory):
        self.program = Program()
        self.directory = directory
        for name, text in CONTROLS.items():
            path = directory / f"controls/{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        (directory / "frameworks").mkdir()
        (directory / "frameworks/baseline.yaml").write_text(FRAMEWORK)

    def client(self, service):
        session = boto3.Session("anything", "anything", region_name=REGION)
        return session.client(service, endpoint_url=self.program.endpoint)

    def run(self, *arguments, code=0, attempts=6, **endpoints):
        environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": self.program.endpoint, "AWS_ACCOUNT_ID": ACCOUNT}
        environment["AWS_MAX_ATTEMPTS"] = str(attempts)
        environment |= {f"AWS_ENDPOINT_URL_{service}": url for service, url in endpoints.items()}
        command = [os.environ["CONTROLSYNC_BIN"], *arguments]
        ran = subprocess.run(command, cwd=self.directory, env=environment, capture_output=True, text=True, timeout=120)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def evidence(self, *arguments, code=0, **endpoints):
        return json.loads(self.run("evidence", "--refresh", "--format", "json", *arguments, code=code, **endpoints))

    def assessment(self, framework):
        return self.client("auditmanager").create_assessment(
            name="2026",
            frameworkId=framework,
            scope={"awsAccounts": [{"id": ACCOUNT}]},
            roles=[{"roleType": "PROCESS_OWNER", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Owner"}],
            assessmentReportsDestination={"destinationType": "S3", "destination": "s3://reports"},
        )["assessment"]["metadata"]["id"]


@pytest.fixture
def account(tmp_path):
    account = Account(tmp_path)
    yield account
    account.program.kill()


def setups(evidence):
    return {control["name"]: control["setup"] for control in evidence["controls"]}


def rules(evidence):
    return sorted({finding["rule"] for finding in evidence["diagnostics"] if finding["level"] == "error"})


def put_rule(config, age):
    config.put_config_rule(ConfigRule={
        "ConfigRuleName": "keys",
        "Source": {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"},
        "InputParameters": json.dumps({"maxAccessKeyAge": str(age)}),
    })


def test_from_a_bare_account_to_evidence(account):
    assert setups(account.evidence(code=1)) == {KEYS: "not-ready", VOLUMES: "not-ready"}
    account.run("apply", "--yes")
    bare = account.evidence(code=1)
    assert setups(bare) == {KEYS: "not-ready", VOLUMES: "not-ready"}
    assert rules(bare) == ["config-rule-not-deployed", "no-active-assessment", "recorder-off"]

    config = account.client("config")
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    role = f"arn:aws:iam::{ACCOUNT}:role/Recorder"
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    put_rule(config, 90)
    config.put_conformance_pack(ConformancePackName="baseline", TemplateBody=PACK)
    [framework] = account.client("auditmanager").list_assessment_frameworks(frameworkType="Custom")[
        "frameworkMetadataList"
    ]
    assessment = account.assessment(framework["id"])
    account.evidence("--strict", code=1)
    assert setups(account.evidence()) == {KEYS: "waiting", VOLUMES: "waiting"}

    account.program.admin("POST", "time", {"passHours": 25})
    assert setups(account.evidence("--strict")) == {KEYS: "ready", VOLUMES: "ready"}

    listed = account.client("auditmanager").list_controls(controlType="Custom")["controlMetadataList"]
    ids = {control["name"]: control["id"] for control in listed}
    account.program.admin("POST", "seed", {"evidence": [{
        "assessment": assessment, "control": ids[KEYS], "dataSource": "AWS Config", "date": "2026-11-01", "count": 3,
    }]})
    [control] = account.evidence("--control", KEYS)["controls"]
    assert control["evidence"]["items"] == 3
    [source] = control["sources"]
    assert source["evidence"] == {"state": "collecting", "newest": "2026-11-01"}

    put_rule(config, 365)
    weaker = account.evidence(code=1)
    assert setups(weaker) == {KEYS: "not-ready", VOLUMES: "ready"}
    assert rules(weaker) == ["weaker-parameter"]
    [finding] = [finding for finding in weaker["diagnostics"] if finding["rule"] == "weaker-parameter"]
    assert all(part in finding["message"] for part in ["`365`", "at most 90", "`keys`"]), finding
    assert (finding["path"], finding["span"]["start"]["line"]) == ("controls/keys.yaml", 7)


def test_reading_evidence_changes_nothing(account):
    account.run("apply", "--yes")
    account.program.admin("DELETE", "requests")
    account.evidence(code=1)
    sent = {request["operation"].split(":")[1] for request in account.program.admin("GET", "requests")}
    assert sent and all(name.startswith(("BatchGet", "Describe", "Get", "List")) for name in sent), sent


def test_a_denied_request_is_unknown_and_names_its_permission(account):
    account.run("apply", "--yes")
    fault = {"effect": "deny", "operation": "config:DescribeConfigRules", "times": 10}
    account.program.admin("POST", "faults", fault)
    evidence = account.evidence(code=1)
    reasons = [unknown["reason"] for unknown in evidence["unknown"]]
    assert "no permission for config:DescribeConfigRules" in reasons
    assert "config-rule-not-deployed" not in rules(evidence)


def test_facts_are_used_again_and_read_again_on_request(account):
    account.run("apply", "--yes")
    account.evidence(code=1)
    account.program.admin("DELETE", "requests")
    ran = account.run("evidence", code=1)
    assert account.program.admin("GET", "requests") == [] and "no-active-assessment" in ran
    account.evidence(code=1)
    assert account.program.admin("GET", "requests") != []


@pytest.mark.parametrize("recorder", ["none", "stopped", "all", "some"])
@pytest.mark.parametrize("age", [90, 365])
def test_the_same_account_in_moto_gives_the_same(account, moto, recorder, age):
    """For what moto has: recorders and rules. It does not say how rules were evaluated: the emulator fails there, too."""
    account.run("apply", "--yes")
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST"), timeout=30).close()
    session = boto3.Session("anything", "anything", region_name=REGION)
    for config in (account.client("config"), session.client("config", endpoint_url=moto)):
        set_up(config, recorder, age)
    fault = {"effect": {"fail": {"status": 501}}, "operation": "config:DescribeConfigRuleEvaluationStatus", "times": 100}
    account.program.admin("POST", "faults", fault)
    ours = account.evidence(code=1, attempts=1)
    theirs = account.evidence(code=1, attempts=1, CONFIG_SERVICE=moto)
    assert setups(ours) == setups(theirs)

    def found(evidence):
        return [(found["rule"], found["level"], found["message"], found["path"]) for found in evidence["diagnostics"]]

    assert found(ours) == found(theirs)
    assert "no-active-assessment" in rules(ours)
    assert ("recorder-off" in rules(ours)) == (recorder in ("none", "stopped"))
    assert ("resource-type-not-recorded" in rules(ours)) == (recorder == "some")
    assert ("weaker-parameter" in rules(ours)) == (age == 365)


def test_the_same_organization_in_moto_gives_the_same(account, moto):
    """Accounts behind AssumeRole: the same ones are read, and each has its own problems."""
    states = {"222222222222": ("all", 90), "333333333333": ("stopped", 90), "444444444444": ("some", 365)}
    account.run("apply", "--yes")
    listed = account.client("auditmanager").list_assessment_frameworks(frameworkType="Custom")
    [framework] = listed["frameworkMetadataList"]
    role = {"roles": {"controlsync-evidence": {}}}
    account.program.admin("POST", "seed", {
        "assessments": [{"name": "2026", "frameworkId": framework["id"], "accounts": [ACCOUNT, *states]}],
        "accounts": {member: role for member in states},
    })
    account.program.admin("POST", "time", {"passHours": 48})
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST"), timeout=30).close()
    for endpoint in (account.program.endpoint, moto):
        for member, state in states.items():
            sts = boto3.Session("anything", "anything", region_name=REGION).client("sts", endpoint_url=endpoint)
            arn = f"arn:aws:iam::{member}:role/controlsync-evidence"
            credentials = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
            set_up(session_of(credentials).client("config", endpoint_url=endpoint), *state)
    fault = {"effect": {"fail": {"status": 501}}, "operation": "config:DescribeConfigRuleEvaluationStatus", "times": 1000}
    account.program.admin("POST", "faults", fault)
    arguments = ("--role", "controlsync-evidence", "--accounts", ",".join(states))
    ours = account.evidence(*arguments, code=1, attempts=1)
    theirs = account.evidence(*arguments, code=1, attempts=1, CONFIG_SERVICE=moto, STS=moto)
    assert ours["accounts"] and all(one["read"] for one in ours["accounts"] + theirs["accounts"])

    def found(evidence):
        return [(found["rule"], found["level"], found["message"], found["path"]) for found in evidence["diagnostics"]]

    assert found(ours) == found(theirs)
    for rule, member in [("recorder-off", "333333333333"), ("weaker-parameter", "444444444444")]:
        [message] = [message for of, _, message, _ in found(ours) if of == rule]
        assert message.startswith(f"account {member} in {REGION}: "), message


@pytest.mark.parametrize("state", ["ENABLED", "DISABLED", "missing"])
@pytest.mark.parametrize("logging", [True, False])
def test_events_and_trails_in_moto_give_the_same(account, moto, state, logging):
    (account.directory / "controls/volumes.yaml").write_text(f"""name: {VOLUMES}
datasources:
  - sourceName: Root user has MFA
    sourceType: AWS_Security_Hub
    sourceKeyword: {{keywordValue: IAM.6}}
  - sourceName: Users that were created
    sourceType: AWS_Cloudtrail
    sourceKeyword: {{keywordValue: iam_CreateUser}}
""")
    account.run("apply", "--yes")
    account.program.admin("POST", "seed", {"securityHub": {"standards": [{"standard": "FSBP"}]}})
    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST"), timeout=30).close()
    session = boto3.Session("anything", "anything", region_name=REGION)
    session.client("s3", endpoint_url=moto).create_bucket(Bucket="trails")
    receiver = "AuditManagerSecurityHubFindingsReceiver"
    for client in (account.client, lambda service: session.client(service, endpoint_url=moto)):
        events, trails = client("events"), client("cloudtrail")
        pattern = json.dumps({"source": ["aws.securityhub"]})
        events.put_rule(Name=receiver, EventPattern=pattern, State="DISABLED" if state == "DISABLED" else "ENABLED")
        if state == "missing":
            events.delete_rule(Name=receiver)
        trails.create_trail(Name="all", S3BucketName="trails")
        if logging:
            trails.start_logging(Name="all")
    ours = account.evidence(code=1)
    theirs = account.evidence(code=1, EVENTBRIDGE=moto, CLOUDTRAIL=moto)
    assert ours["controls"] == theirs["controls"] and ours["notes"] == theirs["notes"]
    assert ("evidence-receiver-disabled" in rules(ours)) == (state != "ENABLED")
    assert bool(ours["notes"]) == (not logging)


def set_up(config, recorder, age):
    """Puts a recorder and rules; without a recorder there are no rules."""
    some = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
    group = some if recorder == "some" else {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/Recorder", "recordingGroup": group,
    })
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_config_rule(ConfigRule={
        "ConfigRuleName": "volumes", "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"},
        "Scope": {"ComplianceResourceTypes": ["AWS::EC2::Volume"]},
    })
    put_rule(config, age)
    if recorder in ("none", "stopped"):
        config.stop_configuration_recorder(ConfigurationRecorderName="default")
    if recorder == "none":
        config.delete_configuration_recorder(ConfigurationRecorderName="default")
