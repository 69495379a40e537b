"""Security Hub: the hub, its standards, and controls in both forms."""

import botocore.exceptions
import pytest

from program import Program

FSBP = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"
PCI = "arn:aws:securityhub:us-east-1::standards/pci-dss/v/3.2.1"
SUBSCRIPTION = "arn:aws:securityhub:us-east-1:000000000000:subscription/cis-aws-foundations-benchmark/v/1.2.0"


@pytest.fixture
def emulator():
    emulator = Program()
    yield emulator
    emulator.kill()


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
