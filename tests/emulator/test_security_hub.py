"""Security Hub: the hub, its standards, and controls in both forms."""

import json
import urllib.request

import botocore.exceptions
import pytest

FSBP = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"
PCI = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1"
SUBSCRIPTION = "arn:aws:securityhub:us-east-1:000000000000:subscription/cis-aws-foundations-benchmark/v/1.2.0"


@pytest.fixture
def hub(emulator):
    return emulator.boto3("securityhub")


def pages(call, member, **members):
    """Returns all items of a list."""
    items, token = [], {}
    while True:
        page = call(**members, **token)
        items += page[member]
        if "NextToken" not in page:
            return items
        token = {"NextToken": page["NextToken"]}


def status(hub, *ids):
    controls = hub.batch_get_security_controls(SecurityControlIds=list(ids))["SecurityControls"]
    return [control["SecurityControlStatus"] for control in controls]


def test_the_hub_is_enabled_and_disabled(peer):
    hub = peer("securityhub")
    with pytest.raises(hub.exceptions.InvalidAccessException) as caught:
        hub.describe_hub()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401
    hub.enable_security_hub(EnableDefaultStandards=True)
    described = hub.describe_hub()
    assert described["HubArn"].endswith(":hub/default")
    assert described["ControlFindingGenerator"] == "SECURITY_CONTROL"
    hub.disable_security_hub()
    with pytest.raises(hub.exceptions.InvalidAccessException):
        hub.describe_hub()


def test_nothing_can_be_read_before_the_hub_is_enabled(hub):
    for call in (hub.get_enabled_standards, hub.describe_standards, hub.get_administrator_account):
        with pytest.raises(hub.exceptions.InvalidAccessException):
            call()
    with pytest.raises(hub.exceptions.InvalidAccessException):
        hub.batch_get_security_controls(SecurityControlIds=["IAM.3"])


def test_the_generator_of_findings_can_be_changed(hub):
    hub.enable_security_hub(ControlFindingGenerator="STANDARD_CONTROL")
    with pytest.raises(hub.exceptions.ResourceConflictException):
        hub.enable_security_hub()
    hub.update_security_hub_configuration(ControlFindingGenerator="SECURITY_CONTROL", AutoEnableControls=False)
    described = hub.describe_hub()
    assert (described["ControlFindingGenerator"], described["AutoEnableControls"]) == ("SECURITY_CONTROL", False)


def test_standards_are_enabled_and_disabled(hub):
    hub.enable_security_hub()
    enabled = lambda: {of["StandardsArn"]: of for of in pages(hub.get_enabled_standards, "StandardsSubscriptions")}
    assert set(enabled()) == {FSBP, CIS}
    assert {of["StandardsArn"] for of in pages(hub.describe_standards, "Standards", MaxResults=1)} == {FSBP, CIS, PCI}
    hub.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": PCI}])
    assert enabled()[PCI]["StandardsStatus"] == "READY"
    assert enabled()[CIS]["StandardsSubscriptionArn"] == SUBSCRIPTION
    hub.batch_disable_standards(StandardsSubscriptionArns=[SUBSCRIPTION])
    assert set(enabled()) == {FSBP, PCI}
    with pytest.raises(hub.exceptions.ResourceNotFoundException):
        hub.describe_standards_controls(StandardsSubscriptionArn=SUBSCRIPTION)


def test_a_control_of_a_standard_is_disabled_with_a_reason(hub):
    hub.enable_security_hub()
    read = lambda: {
        of["ControlId"]: of
        for of in pages(hub.describe_standards_controls, "Controls", StandardsSubscriptionArn=SUBSCRIPTION, MaxResults=10)
    }
    assert len(read()) == 42 and read()["CIS.1.4"]["ControlStatus"] == "ENABLED"
    arn = read()["CIS.1.4"]["StandardsControlArn"]
    assert arn.endswith(":control/cis-aws-foundations-benchmark/v/1.2.0/1.4")
    with pytest.raises(hub.exceptions.InvalidInputException):
        hub.update_standards_control(StandardsControlArn=arn, ControlStatus="DISABLED")
    hub.update_standards_control(StandardsControlArn=arn, ControlStatus="DISABLED", DisabledReason="not ours")
    assert (read()["CIS.1.4"]["ControlStatus"], read()["CIS.1.4"]["DisabledReason"]) == ("DISABLED", "not ours")
    # FSBP has the same control, and there it is enabled.
    associations = pages(hub.list_standards_control_associations, "StandardsControlAssociationSummaries", SecurityControlId="IAM.3")
    assert {of["StandardsArn"]: of["AssociationStatus"] for of in associations} == {CIS: "DISABLED", FSBP: "ENABLED"}
    assert status(hub, "IAM.3") == ["ENABLED"]


def test_a_control_is_disabled_once_no_standard_has_it_enabled(hub):
    hub.enable_security_hub()
    update = lambda arn, to: {
        "StandardsArn": arn, "SecurityControlId": "IAM.3", "AssociationStatus": to, "UpdatedReason": "a test",
    }
    wrong = {"StandardsArn": PCI, "SecurityControlId": "IAM.3", "AssociationStatus": "DISABLED"}
    updates = [update(FSBP, "DISABLED"), update(CIS, "DISABLED"), wrong]
    done = hub.batch_update_standards_control_associations(StandardsControlAssociationUpdates=updates)
    assert [of["StandardsControlAssociationUpdate"] for of in done["UnprocessedAssociationUpdates"]] == [wrong]
    assert status(hub, "IAM.3", "IAM.1") == ["DISABLED", "ENABLED"]
    ids = [{"StandardsArn": arn, "SecurityControlId": "IAM.3"} for arn in (FSBP, PCI)]
    found = hub.batch_get_standards_control_associations(StandardsControlAssociationIds=ids)
    (detail,), (missing,) = found["StandardsControlAssociationDetails"], found["UnprocessedAssociations"]
    assert (detail["AssociationStatus"], detail["UpdatedReason"]) == ("DISABLED", "a test")
    assert (missing["StandardsControlAssociationId"], missing["ErrorCode"]) == (ids[1], "NOT_FOUND")


def test_unknown_controls_are_unprocessed_and_batches_have_a_limit(hub):
    hub.enable_security_hub()
    found = hub.batch_get_security_controls(SecurityControlIds=["IAM.1", "Nonsense.1"])
    assert [of["SecurityControlId"] for of in found["SecurityControls"]] == ["IAM.1"]
    assert [of["SecurityControlId"] for of in found["UnprocessedIds"]] == ["Nonsense.1"]
    with pytest.raises(hub.exceptions.InvalidInputException):
        hub.batch_get_security_controls(SecurityControlIds=[f"IAM.{n}" for n in range(101)])
    definitions = pages(hub.list_security_control_definitions, "SecurityControlDefinitions")
    assert len(definitions) == len({of["SecurityControlId"] for of in definitions}) > 300


def test_a_seed_has_an_administrator_and_standards_that_are_not_ready(emulator, hub):
    emulator.admin("POST", "seed", {"securityHub": {
        "administrator": "111122223333",
        "controlFindingGenerator": "STANDARD_CONTROL",
        "standards": [
            {"standard": "CIS", "status": "INCOMPLETE", "statusReason": "NO_AVAILABLE_CONFIGURATION_RECORDER",
             "controlsUpdatable": "NOT_READY_FOR_UPDATES"},
            {"standard": "FSBP", "disabledControls": ["IAM.1"]},
        ],
        "parameters": {"ACM.1": {"daysToExpiration": {"ValueType": "CUSTOM", "Value": {"Integer": 60}}}},
    }})
    assert hub.get_administrator_account()["Administrator"]["AccountId"] == "111122223333"
    assert hub.describe_hub()["ControlFindingGenerator"] == "STANDARD_CONTROL"
    (cis,) = hub.get_enabled_standards(StandardsSubscriptionArns=[SUBSCRIPTION])["StandardsSubscriptions"]
    assert cis["StandardsStatusReason"] == {"StatusReasonCode": "NO_AVAILABLE_CONFIGURATION_RECORDER"}
    assert hub.describe_standards_controls(StandardsSubscriptionArn=SUBSCRIPTION)["Controls"] == []
    (control,) = hub.batch_get_security_controls(SecurityControlIds=["ACM.1"])["SecurityControls"]
    assert control["Parameters"]["daysToExpiration"] == {"ValueType": "CUSTOM", "Value": {"Integer": 60}}


def test_lists_that_are_not_as_they_should_be(emulator, hub):
    hub.enable_security_hub()
    emulator.admin("POST", "options", {"securityHub": {"pages": "SameToken"}})
    first = hub.list_security_control_definitions(MaxResults=1)
    assert hub.list_security_control_definitions(MaxResults=1, NextToken=first["NextToken"])["NextToken"] == first["NextToken"]
    emulator.admin("POST", "options", {"securityHub": {"pages": "Exact", "rate": 0}})
    with pytest.raises(botocore.exceptions.ClientError, match="Rate exceeded"):
        hub.describe_hub()
    assert emulator.boto3("config").describe_config_rules()["ConfigRules"] == [], "each service has its own rate"


POLICY, OFF, ONLY = (f"7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6{n}" for n in range(3))
SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"
CENTRAL = {
    "policies": {
        POLICY: {
            "name": "everyone", "description": "For all", "standards": ["FSBP", "PCI"], "disabledControls": ["IAM.1", "S3.1"],
            "parameters": {"ACM.1": {"daysToExpiration": {"ValueType": "CUSTOM", "Value": {"Integer": 60}}}},
        },
        OFF: {"enabled": False},
        ONLY: {"standards": ["CIS"], "enabledControls": ["IAM.3"]},
    },
    "associations": {
        "222222222222": {"policy": POLICY},
        "333333333333": {"policy": OFF, "type": "INHERITED"},
        "444444444444": {"policy": ONLY, "status": "PENDING"},
        "555555555555": {"policy": POLICY, "status": "FAILED", "message": "Organizations could not be read"},
        "666666666666": {"policy": SELF_MANAGED},
        "ou-abcd-12345678": {"policy": POLICY},
        "r-abcd": {"policy": ONLY},
    },
}


@pytest.fixture
def member(emulator):
    """Clients of Security Hub in other accounts, where Security Hub is on with CIS."""
    accounts = [f"{n}" * 12 for n in range(2, 7)]
    own = {"roles": {"reader": {}}, "securityHub": {"standards": [{"standard": "CIS", "disabledControls": ["IAM.4"]}]}}
    emulator.admin("POST", "seed", {"accounts": {account: own for account in accounts}})

    def client(account):
        arn = f"arn:aws:iam::{account}:role/reader"
        answer = emulator.boto3("sts").assume_role(RoleArn=arn, RoleSessionName="test")
        return emulator.boto3("securityhub", credentials=answer["Credentials"])

    return client


def test_the_organization_is_configured_centrally(peer, request):
    """As in moto: the delegated administrator reads how its organization is configured."""
    hub = peer("securityhub")
    if "moto" in request.node.name:
        account = peer("sts").get_caller_identity()["Account"]
        peer("organizations").create_organization(FeatureSet="ALL")
        hub.enable_security_hub()
        hub.enable_organization_admin_account(AdminAccountId=account)
        hub.update_organization_configuration(
            AutoEnable=False, AutoEnableStandards="NONE",
            OrganizationConfiguration={"ConfigurationType": "CENTRAL", "Status": "ENABLED"},
        )
    else:
        seed(hub, {"securityHub": {"centralConfiguration": {}}})
    described = hub.describe_organization_configuration()
    assert (described["AutoEnable"], described["AutoEnableStandards"]) == (False, "NONE")
    configuration = described["OrganizationConfiguration"]
    assert (configuration["ConfigurationType"], configuration["Status"]) == ("CENTRAL", "ENABLED")
    assert not described["MemberAccountLimitReached"]


def seed(hub, body):
    request = urllib.request.Request(f"{hub.meta.endpoint_url}/_emulator/seed", data=json.dumps(body).encode(), method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def test_the_status_of_central_configuration_comes_from_a_seed(emulator, hub):
    central = {"status": "FAILED", "statusMessage": "No aggregator"}
    emulator.admin("POST", "seed", {"securityHub": {"centralConfiguration": central}})
    configuration = hub.describe_organization_configuration()["OrganizationConfiguration"]
    assert configuration == {"ConfigurationType": "CENTRAL", "Status": "FAILED", "StatusMessage": "No aggregator"}


def calls_of_an_administrator(hub):
    return [
        hub.describe_organization_configuration,
        hub.list_configuration_policy_associations,
        lambda: hub.get_configuration_policy(Identifier=POLICY),
    ]


def error(call):
    """Returns code, message and status of the error of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    response = caught.value.response
    message = response["Error"]["Message"] or response["Message"]
    return response["Error"]["Code"], message, response["ResponseMetadata"]["HTTPStatusCode"]


def test_only_the_delegated_administrator_reads_the_organization(emulator, hub, member):
    for call in calls_of_an_administrator(hub):
        assert error(call) == ("InvalidAccessException", "Account 000000000000 is not subscribed to AWS Security Hub", 401)
    hub.enable_security_hub()
    other = member("222222222222")
    for account, client in [("000000000000", hub), ("222222222222", other)]:
        for call in calls_of_an_administrator(client):
            message = f"Account {account} is not an administrator for this organization"
            assert error(call) == ("InvalidAccessException", message, 401)
    emulator.admin("POST", "seed", {"securityHub": {"delegatedAdministrator": True}})
    describe, *rest = calls_of_an_administrator(hub)
    assert describe()["OrganizationConfiguration"] == {"ConfigurationType": "LOCAL", "Status": "ENABLED"}
    for call in rest:
        message = "Central configuration is not enabled for this organization"
        assert error(call) == ("AccessDeniedException", message, 403)
    assert error(calls_of_an_administrator(other)[0])[0] == "InvalidAccessException"


def test_associations_have_filters_and_pages(emulator, hub):
    emulator.admin("POST", "seed", {"securityHub": {"centralConfiguration": CENTRAL}})
    listed = lambda **members: pages(
        hub.list_configuration_policy_associations, "ConfigurationPolicyAssociationSummaries", **members
    )
    targets = lambda **filters: {of["TargetId"] for of in listed(Filters=filters, MaxResults=2)}
    found = {of["TargetId"]: of for of in listed(MaxResults=3)}
    assert set(found) == set(CENTRAL["associations"])
    assert {target: found[target]["TargetType"] for target in ("222222222222", "ou-abcd-12345678", "r-abcd")} == {
        "222222222222": "ACCOUNT", "ou-abcd-12345678": "ORGANIZATIONAL_UNIT", "r-abcd": "ROOT",
    }
    failed = found["555555555555"]
    assert (failed["AssociationStatus"], failed["AssociationStatusMessage"]) == ("FAILED", "Organizations could not be read")
    assert found["666666666666"]["ConfigurationPolicyId"] == SELF_MANAGED
    assert targets(ConfigurationPolicyId=POLICY) == {"222222222222", "555555555555", "ou-abcd-12345678"}
    assert targets(ConfigurationPolicyId=SELF_MANAGED) == {"666666666666"}
    assert targets(AssociationType="INHERITED") == {"333333333333"}
    assert targets(ConfigurationPolicyId=ONLY, AssociationStatus="PENDING") == {"444444444444"}
    assert targets(ConfigurationPolicyId=OFF, AssociationStatus="FAILED") == set()
    token = hub.list_configuration_policy_associations(MaxResults=1)["NextToken"]
    with pytest.raises(hub.exceptions.InvalidInputException):
        hub.list_configuration_policy_associations(MaxResults=1, NextToken=token, Filters={"AssociationType": "APPLIED"})


def test_a_policy_is_read_by_id_and_by_arn(emulator, hub):
    emulator.admin("POST", "seed", {"securityHub": {"centralConfiguration": CENTRAL}})
    policy = hub.get_configuration_policy(Identifier=POLICY)
    assert policy["Arn"] == f"arn:aws:securityhub:us-east-1:000000000000:configuration-policy/{POLICY}"
    assert (policy["Id"], policy["Name"], policy["Description"]) == (POLICY, "everyone", "For all")
    assert hub.get_configuration_policy(Identifier=policy["Arn"])["Id"] == POLICY
    assert policy["ConfigurationPolicy"]["SecurityHub"] == {
        "ServiceEnabled": True,
        "EnabledStandardIdentifiers": [FSBP, PCI],
        "SecurityControlsConfiguration": {
            "DisabledSecurityControlIdentifiers": ["IAM.1", "S3.1"],
            "SecurityControlCustomParameters": [
                {"SecurityControlId": "ACM.1", "Parameters": CENTRAL["policies"][POLICY]["parameters"]["ACM.1"]},
            ],
        },
    }
    off = hub.get_configuration_policy(Identifier=OFF)
    assert off["ConfigurationPolicy"]["SecurityHub"] == {"ServiceEnabled": False}
    only = hub.get_configuration_policy(Identifier=ONLY)["ConfigurationPolicy"]["SecurityHub"]
    assert only["SecurityControlsConfiguration"] == {"EnabledSecurityControlIdentifiers": ["IAM.3"]}
    missing = lambda: hub.get_configuration_policy(Identifier="00000000-0000-0000-0000-000000000000")
    assert error(missing) == ("ResourceNotFoundException", "The configuration policy does not exist", 404)


def enabled_standards(hub):
    return {of["StandardsArn"] for of in pages(hub.get_enabled_standards, "StandardsSubscriptions")}


def test_an_applied_policy_is_what_the_account_answers(emulator, member):
    emulator.admin("POST", "seed", {"securityHub": {"centralConfiguration": CENTRAL}})
    applied = member("222222222222")
    assert enabled_standards(applied) == {FSBP, PCI}
    assert status(applied, "IAM.1", "S3.1", "IAM.4") == ["DISABLED", "DISABLED", "ENABLED"]
    (control,) = applied.batch_get_security_controls(SecurityControlIds=["ACM.1"])["SecurityControls"]
    assert control["Parameters"]["daysToExpiration"]["Value"] == {"Integer": 60}
    assert error(member("333333333333").describe_hub)[0] == "InvalidAccessException", "the policy turns Security Hub off"
    for account in ("444444444444", "555555555555", "666666666666"):
        own = member(account)
        assert enabled_standards(own) == {CIS}, account
        assert status(own, "IAM.4") == ["DISABLED"], account
        assert own.get_administrator_account()["Administrator"]["AccountId"] == "000000000000"
    done = {"associations": {"444444444444": {"policy": ONLY}}}
    emulator.admin("POST", "seed", {"securityHub": {"centralConfiguration": done}})
    assert enabled_standards(member("444444444444")) == {CIS}
    assert status(member("444444444444"), "IAM.3", "IAM.4") == ["ENABLED", "DISABLED"]
    assert len(enabled_standards(member("222222222222"))) == 2, "a seed adds to those before"


def test_definitions_of_controls_are_those_of_a_standard(hub):
    hub.enable_security_hub()
    ids = lambda **members: {
        of["SecurityControlId"] for of in pages(hub.list_security_control_definitions, "SecurityControlDefinitions", **members)
    }
    assert len(ids(StandardsArn=CIS, MaxResults=20)) == 42
    assert ids(StandardsArn=CIS) < ids()
    with pytest.raises(hub.exceptions.InvalidInputException):
        hub.list_security_control_definitions(StandardsArn="arn:aws:securityhub:::ruleset/nothing/v/1.0.0")
