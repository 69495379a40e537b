"""Other accounts than the home account: each has its own services, here and in moto."""

import json
import time
import urllib.request

import botocore.exceptions
import pytest

from program import ACCOUNT, Program

FIRST, SECOND = "222222222222", "333333333333"
RECORDER = {"name": "default", "roleARN": "arn:aws:iam::222222222222:role/config"}
RULE = {"ConfigRuleName": "logging", "Source": {"Owner": "AWS", "SourceIdentifier": "CLOUD_TRAIL_ENABLED"}}
NOT_SET_UP = "Please complete AWS Audit Manager setup from home page to enable this action in this account."


@pytest.fixture
def emulator(emulator):
    emulator.admin("POST", "seed", {"accounts": {account: {"roles": {"reader": {}}} for account in (FIRST, SECOND)}})
    return emulator


def credentials_of(sts, account):
    arn = f"arn:aws:iam::{account}:role/reader"
    return sts.assume_role(RoleArn=arn, RoleSessionName="nightly")["Credentials"]


@pytest.fixture
def client(emulator):
    """Clients of the emulator by service and account."""
    sts = emulator.boto3("sts")
    return lambda service, account: emulator.boto3(service, credentials=credentials_of(sts, account))


@pytest.fixture
def member(peer, request):
    """Clients by service and account, here and in moto; the home account is `None`."""
    sts = peer("sts")
    if "ours" in request.node.name:
        roles = {account: {"roles": {"reader": {}}} for account in (FIRST, SECOND)}
        body = json.dumps({"accounts": roles}).encode()
        urllib.request.urlopen(f"{sts.meta.endpoint_url}/_emulator/seed", data=body, timeout=30).close()
    return lambda service, account: peer(service, credentials=account and credentials_of(sts, account))


def error(call, **members):
    """Returns code and message of the error of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    details = caught.value.response["Error"]
    return details["Code"], details["Message"] or caught.value.response.get("Message")


def test_rules_are_those_of_one_account(member):
    config = member("config", FIRST)
    config.put_configuration_recorder(ConfigurationRecorder=RECORDER)
    config.put_config_rule(ConfigRule=RULE)
    (rule,) = member("config", FIRST).describe_config_rules()["ConfigRules"]
    assert rule["ConfigRuleArn"].startswith(f"arn:aws:config:us-east-1:{FIRST}:config-rule/")
    assert len(config.describe_configuration_recorders()["ConfigurationRecorders"]) == 1
    for other in (None, SECOND):
        assert member("config", other).describe_config_rules()["ConfigRules"] == []
        assert member("config", other).describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_trails_are_those_of_one_account(member, request):
    if "moto" in request.node.name:
        member("s3", FIRST).create_bucket(Bucket="bucket")
    cloudtrail = member("cloudtrail", FIRST)
    created = cloudtrail.create_trail(Name="trail", S3BucketName="bucket")
    assert created["TrailARN"] == f"arn:aws:cloudtrail:us-east-1:{FIRST}:trail/trail"
    cloudtrail.start_logging(Name="trail")
    assert member("cloudtrail", FIRST).get_trail_status(Name="trail")["IsLogging"]
    for other in (None, SECOND):
        assert member("cloudtrail", other).describe_trails()["trailList"] == []


def test_event_rules_are_those_of_one_account(member):
    events = member("events", FIRST)
    created = events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.securityhub"]}))
    assert created["RuleArn"] == f"arn:aws:events:us-east-1:{FIRST}:rule/rule"
    (rule,) = member("events", FIRST).list_rules()["Rules"]
    assert (rule["Name"], rule["Arn"], rule["State"]) == ("rule", created["RuleArn"], "ENABLED")
    assert member("events", SECOND).list_rules()["Rules"] == []
    assert "rule" not in [rule["Name"] for rule in member("events", None).list_rules()["Rules"]]


def test_hubs_are_those_of_one_account(member):
    hub = member("securityhub", FIRST)
    hub.enable_security_hub()
    assert hub.describe_hub()["HubArn"] == f"arn:aws:securityhub:us-east-1:{FIRST}:hub/default"
    for other in (None, SECOND):
        assert error(member("securityhub", other).describe_hub)[0] == "InvalidAccessException"


def test_audit_manager_is_in_the_home_account_alone(client):
    audit_manager = client("auditmanager", FIRST)
    assert audit_manager.get_account_status()["status"] == "INACTIVE"
    for call in (audit_manager.list_assessments, audit_manager.get_insights):
        assert error(call) == ("AccessDeniedException", NOT_SET_UP)
    events = client("events", FIRST)
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_rule(Name="AuditManagerSecurityHubFindingsReceiver")


def test_a_seed_has_the_services_of_an_account(emulator, client):
    emulator.admin("POST", "seed", {"accounts": {FIRST: {
        "config": {"recorders": [{"name": "default"}], "rules": [RULE], "resourceCounts": {"AWS::IAM::User": 3}},
        "securityHub": {"standards": [{"standard": "FSBP", "disabledControls": ["IAM.1"]}], "administrator": ACCOUNT},
        "eventBridge": {"rules": [{"Name": "receiver", "EventPattern": "{}", "State": "DISABLED"}]},
        "cloudTrail": {
            "trails": [
                {"Name": "all", "S3BucketName": "bucket", "IsMultiRegionTrail": True},
                {"Name": "off", "S3BucketName": "bucket", "IsLogging": False,
                 "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]},
            ],
            "deliveryErrors": {"all": "NoSuchBucket"},
        },
    }}})
    (status,) = client("config", FIRST).describe_config_rule_evaluation_status()["ConfigRulesEvaluationStatus"]
    assert f":{FIRST}:" in status["ConfigRuleArn"]
    assert client("config", FIRST).get_discovered_resource_counts()["totalDiscoveredResources"] == 3
    hub = client("securityhub", FIRST)
    assert hub.get_administrator_account()["Administrator"]["AccountId"] == ACCOUNT
    (standard,) = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert f":{FIRST}:subscription/" in standard["StandardsSubscriptionArn"]
    assert client("events", FIRST).describe_rule(Name="receiver")["State"] == "DISABLED"
    cloudtrail = client("cloudtrail", FIRST)
    trails = {trail["Name"]: trail for trail in cloudtrail.describe_trails()["trailList"]}
    assert (trails["all"]["IsMultiRegionTrail"], trails["off"]["HasCustomEventSelectors"]) == (True, True)
    status = cloudtrail.get_trail_status(Name="all")
    assert (status["IsLogging"], status["LatestDeliveryError"]) == (True, "NoSuchBucket")
    assert not cloudtrail.get_trail_status(Name="off")["IsLogging"]
    assert client("config", SECOND).describe_config_rules()["ConfigRules"] == []


def test_the_trail_of_an_organization_is_that_of_another_account(emulator, client):
    arn = f"arn:aws:cloudtrail:eu-west-1:{SECOND}:trail/everyone"
    trail = {"Name": "everyone", "S3BucketName": "logs", "IsOrganizationTrail": True, "IsMultiRegionTrail": True}
    seed = {FIRST: {"cloudTrail": {"trails": [trail | {"TrailARN": arn, "HomeRegion": "eu-west-1"}]}}}
    emulator.admin("POST", "seed", {"accounts": seed})
    cloudtrail = client("cloudtrail", FIRST)
    (found,) = cloudtrail.describe_trails()["trailList"]
    assert (found["TrailARN"], found["HomeRegion"], found["IsOrganizationTrail"]) == (arn, "eu-west-1", True)
    assert cloudtrail.get_trail_status(Name=arn)["IsLogging"]


@pytest.mark.parametrize(("seed", "message"), [
    ({"accounts": {"2": {}}}, '"2" is not a valid account ID; use 12 digits'),
    ({"accounts": {FIRST: {"config": {"rules": [{}]}}}}, f"account {FIRST}: a rule needs a ConfigRuleName"),
    ({"accounts": {FIRST: {"roles": {"r": {"denied": ["All"]}}}}}, 'role "r": unknown action "All"; use the service'),
])
def test_a_seed_that_cannot_be_used_names_the_account(emulator, seed, message):
    status, _, body = emulator.http("POST", "/_emulator/seed", seed)
    assert status == 400 and message in json.loads(body)["message"]


def test_a_fault_applies_to_one_account(emulator, client):
    first, second = client("config", FIRST), client("config", SECOND)
    fault = {"operation": "config:DescribeConfigRules", "account": FIRST, "effect": "throttle"}
    emulator.admin("POST", "faults", fault)
    second.describe_config_rules()
    assert error(first.describe_config_rules)[0] == "ThrottlingException"
    first.describe_config_rules()
    emulator.admin("POST", "faults", fault | {"effect": {"delay": {"millis": 300}}})
    start = time.monotonic()
    second.describe_config_rules()
    between = time.monotonic()
    first.describe_config_rules()
    assert between - start < 0.3 <= time.monotonic() - between
    status, _, body = emulator.http("POST", "/_emulator/faults", fault | {"account": "all"})
    assert (status, json.loads(body)["message"]) == (400, '"all" is not a valid account ID; use 12 digits')


def test_rates_count_for_one_account_and_one_service(emulator, client):
    clients = [client("config", account) for account in (FIRST, SECOND)]
    emulator.admin("POST", "options", {"config": {"rate": 1}})
    for config in clients:
        config.describe_config_rules()
        assert error(config.describe_config_rules) == ("ThrottlingException", "Rate exceeded")
    client("cloudtrail", FIRST).describe_trails()


def test_options_of_one_account(emulator, client):
    first, second = client("config", FIRST), client("config", SECOND)
    emulator.admin("POST", "options", {"accounts": {FIRST: {"config": {"pages": "Endless"}}}})
    page = first.describe_config_rules()
    for _ in range(3):
        page = first.describe_config_rules(NextToken=page["NextToken"])
    assert "NextToken" not in second.describe_config_rules()
    emulator.admin("POST", "options", {"accounts": {FIRST: {"config": {"rate": 0}}}})
    options = emulator.admin("GET", "options")["accounts"][FIRST]
    assert options["config"] == {"rate": 0, "rates": {}, "pages": "Endless"} and options["sts"] is None
    assert error(first.describe_config_rules)[0] == "ThrottlingException"
    second.describe_config_rules()
    status, _, body = emulator.http("POST", "/_emulator/options", {"accounts": {"all": {}}})
    assert (status, json.loads(body)["message"]) == (400, '"all" is not a valid account ID; use 12 digits')


def test_the_log_names_the_account(emulator, client):
    client("config", FIRST).describe_config_rules()
    emulator.boto3("config").describe_config_rules()
    logged = [(request["operation"], request["account"]) for request in emulator.admin("GET", "requests")]
    assert logged == [
        ("sts:AssumeRole", ACCOUNT), ("config:DescribeConfigRules", FIRST), ("config:DescribeConfigRules", ACCOUNT),
    ]


def test_time_passes_in_all_accounts(emulator, client):
    client("cloudtrail", FIRST).create_trail(Name="trail", S3BucketName="bucket")
    client("cloudtrail", FIRST).start_logging(Name="trail")
    started = client("cloudtrail", FIRST).get_trail_status(Name="trail")["StartLoggingTime"]
    emulator.admin("POST", "time", {"passHours": 2})
    older = client("cloudtrail", FIRST).get_trail_status(Name="trail")["StartLoggingTime"]
    assert 7199 < (started - older).total_seconds() < 7201


def test_accounts_and_the_time_that_passed_survive_a_restart(tmp_path):
    path = tmp_path / "state.json"
    emulator = Program(state=path)
    emulator.admin("POST", "seed", {"accounts": {FIRST: {"roles": {"reader": {}}}}})
    credentials = credentials_of(emulator.boto3("sts"), FIRST)
    emulator.boto3("events", credentials=credentials).put_rule(Name="rule", EventPattern="{}")
    emulator.admin("POST", "time", {"passHours": 2})
    emulator.kill()
    emulator = Program(state=path)
    try:
        events = emulator.boto3("events", credentials=credentials)
        assert error(events.list_rules)[0] == "ExpiredTokenException"
        events = emulator.boto3("events", credentials=credentials_of(emulator.boto3("sts"), FIRST))
        assert [rule["Name"] for rule in events.list_rules()["Rules"]] == ["rule"]
    finally:
        emulator.kill()
