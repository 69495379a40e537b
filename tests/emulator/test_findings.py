"""Security Hub: findings of controls, in one account and for its administrator."""

import re

import botocore.exceptions
import pytest

from program import ACCOUNT
from test_security_hub import CIS, FSBP, pages

MEMBER = "222222222222"
STANDARDS = [{"standard": "FSBP"}, {"standard": "CIS"}]
FINDINGS = {
    "IAM.3": {"resourceType": "AwsIamUser", "time": "2026-11-20T08:00:00Z", "resources": [
        {"id": "old", "status": "FAILED"},
        {"id": "new", "status": "PASSED", "time": "2026-11-21T08:00:00Z"},
        {"id": "known", "status": "FAILED", "workflow": "SUPPRESSED"},
        {"id": "gone", "status": "FAILED", "recordState": "ARCHIVED"},
        {"id": "unsure", "status": "WARNING", "reasons": ["CONFIG_RETURNS_NOT_APPLICABLE"]},
        {"id": "none", "status": "NOT_AVAILABLE", "reasons": ["CONFIG_EVALUATIONS_EMPTY"]},
    ]},
    "S3.1": {"failed": 2, "passed": 3},
}


@pytest.fixture
def hub(emulator):
    emulator.admin("POST", "seed", {"securityHub": {"standards": STANDARDS, "findings": FINDINGS}})
    return emulator.boto3("securityhub")


def equal(**values):
    """Filters by which attributes have one of these values."""
    return {name: [{"Value": value, "Comparison": "EQUALS"} for value in (of if isinstance(of, list) else [of])] for name, of in values.items()}


def resources(findings):
    return [finding["Resources"][0]["Id"] for finding in findings]


def error(call, **members):
    """Returns the message of an error for a request that is not accepted."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] == "InvalidInputException"
    return caught.value.response.get("Message") or caught.value.response["Error"]["Message"]


def test_a_new_hub_has_no_findings(peer):
    hub = peer("securityhub")
    hub.enable_security_hub()
    assert hub.get_findings()["Findings"] == []
    error(hub.get_findings, MaxResults=101)


def test_findings_need_a_hub(emulator):
    hub = emulator.boto3("securityhub")
    with pytest.raises(hub.exceptions.InvalidAccessException):
        hub.get_findings()


def test_a_control_has_its_findings_once(hub):
    found, = pages(hub.get_findings, "Findings", Filters=equal(ComplianceSecurityControlId="IAM.3", ResourceId="none"))
    assert found["Compliance"] == {
        "Status": "NOT_AVAILABLE", "SecurityControlId": "IAM.3",
        "StatusReasons": [{"ReasonCode": "CONFIG_EVALUATIONS_EMPTY", "Description": "CONFIG_EVALUATIONS_EMPTY"}],
        "AssociatedStandards": [
            {"StandardsId": "ruleset/cis-aws-foundations-benchmark/v/1.2.0"},
            {"StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0"},
        ],
    }
    assert found["GeneratorId"] == "security-control/IAM.3" and "StandardsArn" not in found["ProductFields"]
    assert re.fullmatch(rf"arn:aws:securityhub:us-east-1:{ACCOUNT}:security-control/IAM\.3/finding/[0-9a-f-]{{36}}", found["Id"])
    assert (found["Severity"]["Label"], found["UpdatedAt"]) == ("MEDIUM", "2026-11-20T08:00:00.000Z")
    passed, = pages(hub.get_findings, "Findings", Filters=equal(ResourceId="new"))
    assert passed["Severity"]["Label"] == "INFORMATIONAL"


def test_each_standard_has_its_own_findings_unless_they_are_consolidated(hub):
    hub.update_security_hub_configuration(ControlFindingGenerator="STANDARD_CONTROL")
    found = pages(hub.get_findings, "Findings", Filters=equal(ComplianceSecurityControlId="IAM.3", ResourceId="old"), MaxResults=1)
    assert len({one["Id"] for one in found}) == 2
    assert {one["GeneratorId"]: one["ProductFields"].get("StandardsArn") for one in found} == {
        "aws-foundational-security-best-practices/v/1.0.0/IAM.3": FSBP,
        "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/1.4": None,
    }
    (cis,) = [one for one in found if "StandardsGuideArn" in one["ProductFields"]]
    assert (cis["ProductFields"]["StandardsGuideArn"], cis["ProductFields"]["RuleId"]) == (CIS, "1.4")
    assert [len(one["Compliance"]["AssociatedStandards"]) for one in found] == [1, 1]
    (subscription,) = hub.get_enabled_standards(StandardsSubscriptionArns=[
        f"arn:aws:securityhub:us-east-1:{ACCOUNT}:subscription/cis-aws-foundations-benchmark/v/1.2.0"
    ])["StandardsSubscriptions"]
    hub.batch_disable_standards(StandardsSubscriptionArns=[subscription["StandardsSubscriptionArn"]])
    found = pages(hub.get_findings, "Findings", Filters=equal(ComplianceSecurityControlId="IAM.3"))
    assert {one["GeneratorId"] for one in found} == {"aws-foundational-security-best-practices/v/1.0.0/IAM.3"}


def test_findings_are_filtered(hub):
    read = lambda **filters: resources(pages(hub.get_findings, "Findings", Filters=filters))
    active = equal(RecordState="ACTIVE", ComplianceSecurityControlId="IAM.3")
    assert read(**active) == ["old", "new", "known", "unsure", "none"]
    assert read(**active, **equal(WorkflowStatus=["NEW", "NOTIFIED"], ComplianceStatus="FAILED")) == ["old"]
    assert read(**active, WorkflowStatus=[{"Value": "SUPPRESSED", "Comparison": "NOT_EQUALS"}]) == ["old", "new", "unsure", "none"]
    assert read(ComplianceSecurityControlId=[{"Value": "S3.", "Comparison": "PREFIX"}], **equal(ComplianceStatus="FAILED")) == [
        "resource-00000000", "resource-00000001",
    ]
    assert len(read()) == 11 and read(**equal(AwsAccountId=MEMBER)) == []


def test_filters_that_are_not_supported_are_refused(hub):
    text = error(hub.get_findings, Filters={"Title": [{"Value": "x", "Comparison": "EQUALS"}]})
    assert text.startswith("The emulator does not filter findings by Title, only by AwsAccountId, ")
    assert "with this filter" in error(hub.get_findings, Filters={"RecordState": [{"Value": "A", "Comparison": "CONTAINS"}]})
    assert "does not sort findings by Title" in error(hub.get_findings, SortCriteria=[{"Field": "Title", "SortOrder": "asc"}])
    assert "more than 20" in error(hub.get_findings, Filters=equal(Id=[str(number) for number in range(21)]))
    both = {"RecordState": [{"Value": "A", "Comparison": "EQUALS"}, {"Value": "B", "Comparison": "NOT_EQUALS"}]}
    assert "excludes values" in error(hub.get_findings, Filters=both)
    names = "AwsAccountId ComplianceStatus GeneratorId Id ProductArn ProductName RecordState Region ResourceId ResourceType UpdatedAt"
    assert "at most 10" in error(hub.get_findings, Filters={name: [] for name in names.split()})


def test_findings_are_sorted_and_have_pages(hub):
    order = [{"Field": "UpdatedAt", "SortOrder": "desc"}, {"Field": "ResourceId", "SortOrder": "asc"}]
    members = {"Filters": equal(ComplianceSecurityControlId="IAM.3"), "SortCriteria": order}
    assert resources(pages(hub.get_findings, "Findings", **members, MaxResults=4)) == ["new", "gone", "known", "none", "old", "unsure"]
    everything = resources(pages(hub.get_findings, "Findings"))
    for size in (1, 2, 5):
        assert resources(pages(hub.get_findings, "Findings", MaxResults=size)) == everything
    token = hub.get_findings(MaxResults=1)["NextToken"]
    error(hub.get_findings, NextToken=token, Filters=equal(RecordState="ACTIVE"))


def test_an_administrator_sees_the_findings_of_its_members(emulator, hub):
    own = {"standards": STANDARDS, "findings": {"IAM.3": {"failed": 1}}}
    there = {"regions": {"eu-west-1": {"securityHub": own}}}
    emulator.admin("POST", "seed", {"accounts": {
        MEMBER: {"roles": {"reader": {}}, "securityHub": own | {"administrator": ACCOUNT}, **there}, "333333333333": {"securityHub": own},
    }})
    found = pages(hub.get_findings, "Findings", Filters=equal(ComplianceSecurityControlId="IAM.3", ComplianceStatus="FAILED"))
    assert [(one["AwsAccountId"], one["Region"]) for one in found] == [(ACCOUNT, "us-east-1")] * 3 + [(MEMBER, "us-east-1")]
    arn = f"arn:aws:iam::{MEMBER}:role/reader"
    credentials = emulator.boto3("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    member = emulator.boto3("securityhub", credentials=credentials)
    assert {one["AwsAccountId"] for one in pages(member.get_findings, "Findings")} == {MEMBER}
    member = emulator.boto3("securityhub", credentials=credentials, region="eu-west-1")
    assert {one["Region"] for one in pages(member.get_findings, "Findings")} == {"eu-west-1"}


def test_findings_have_a_rate_of_their_own(emulator, hub):
    rate = {"perSecond": 3, "burst": 6}
    emulator.admin("POST", "options", {"securityHub": {"rates": {"GetFindings": rate}}})

    accepted = 0
    with pytest.raises(botocore.exceptions.ClientError, match="Rate exceeded"):
        for accepted in range(100):
            hub.get_findings(MaxResults=1)
    # The bucket fills again while it is emptied.
    assert accepted >= 6
    hub.describe_hub()
    status, _, body = emulator.http("POST", "/_emulator/options", {"securityHub": {"rates": {"ReadFindings": rate}}})
    assert status == 400 and 'unknown operation \\"ReadFindings\\" in rates' in body


def test_findings_become_older_and_end_with_the_hub(emulator, hub):
    read = lambda: pages(hub.get_findings, "Findings", Filters=equal(ResourceId="old"))
    emulator.admin("POST", "time", {"passHours": 24})
    assert read()[0]["UpdatedAt"] == "2026-11-19T08:00:00.000Z"
    hub.disable_security_hub()
    hub.enable_security_hub()
    assert read() == []
    for findings, text in (({"IAM.999": {}}, "IAM.999"), ({"IAM.3": {"time": "today"}}, 'findings of \\"IAM.3\\"')):
        status, _, body = emulator.http("POST", "/_emulator/seed", {"securityHub": {"findings": findings}})
        assert status == 400 and text in body
