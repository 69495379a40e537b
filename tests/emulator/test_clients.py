"""The life cycle of controls and frameworks through boto3 and the AWS CLI."""

import datetime
import re

from program import ACCOUNT, Cli

MANUAL = {"sourceName": "Attestation", "sourceType": "MANUAL"}
CONFIG = {
    "sourceName": "Public read",
    "sourceDescription": "No bucket can be read by the public.",
    "sourceSetUpOption": "System_Controls_Mapping",
    "sourceType": "AWS_Config",
    "sourceKeyword": {"keywordInputType": "SELECT_FROM_LIST", "keywordValue": "S3_BUCKET_PUBLIC_READ_PROHIBITED"},
    "troubleshootingText": "See the runbook.",
}
TEXTS = {
    "description": "Größe: 𝄞\nand a second line",
    "testingInformation": "Look.",
    "actionPlanTitle": "Act",
    "actionPlanInstructions": "",
}


def by_name(sources):
    return {source["sourceName"]: source for source in sources}


def pages(call, operation, member, **query):
    """Returns all items of a list, and the number of its pages."""
    items, count, token = [], 0, {}
    while True:
        response = call(operation, **query, **token)
        items += response[member]
        count += 1
        if "nextToken" not in response:
            return items, count
        token = {"nextToken": response["nextToken"]}


def test_the_life_cycle_of_a_control(call):
    name = f"control of {call.name}"
    tags = {"ID": "PRDS-3", "NIST": "NIST SP 800-53 Rev 4"}
    sent = {**TEXTS, "name": name, "controlMappingSources": [CONFIG, MANUAL]}
    created = call("CreateControl", **sent, tags=tags)["control"]
    assert {member: created[member] for member in TEXTS} == TEXTS
    assert created["tags"] == tags
    assert (created["type"], created["state"]) == ("Custom", "ACTIVE")
    assert created["controlSources"] == "AWS Config, Manual"
    assert created["arn"] == f"arn:aws:auditmanager:us-east-1:000000000000:control/{created['id']}"
    sources = by_name(created["controlMappingSources"])
    config = dict(sources["Public read"])
    assert re.fullmatch("[0-9a-f-]{36}", config.pop("sourceId"))
    assert config == CONFIG
    assert sources["Attestation"]["sourceSetUpOption"] == "Procedural_Controls_Mapping"
    assert sources["Attestation"]["sourceKeyword"] == {"keywordInputType": "UPLOAD_FILE"}
    assert call("GetControl", controlId=created["id"])["control"] == created

    changed = {**CONFIG, "sourceId": sources["Public read"]["sourceId"], "sourceName": "Renamed"}
    update = {**sent, "name": name + ", renamed", "controlMappingSources": [changed], "actionPlanTitle": ""}
    updated = call("UpdateControl", controlId=created["id"], **update)["control"]
    assert updated["controlMappingSources"] == [changed]
    assert (updated["name"], updated["actionPlanTitle"]) == (update["name"], "")
    assert updated["lastUpdatedAt"] > updated["createdAt"] == created["createdAt"]
    assert updated["tags"] == tags

    call("TagResource", resourceArn=created["arn"], tags={"ID": "2", "more": ""})
    call("UntagResource", resourceArn=created["arn"], tagKeys=["NIST", "not-there"])
    expected = {"ID": "2", "more": ""}
    assert call("ListTagsForResource", resourceArn=created["arn"])["tags"] == expected
    assert call("GetControl", controlId=created["id"])["control"] == {**updated, "tags": expected}

    call("DeleteControl", controlId=created["id"])
    listed, _ = pages(call, "ListControls", "controlMetadataList", controlType="Custom")
    assert created["id"] not in [control["id"] for control in listed]


def test_the_life_cycle_of_a_framework(call):
    controls = [
        call("CreateControl", name=f"{call.name} {n}", controlMappingSources=[MANUAL])["control"]["id"] for n in range(3)
    ]
    core = call("ListControls", controlType="Core")["controlMetadataList"][0]["id"]
    references = [{"id": control} for control in controls]
    sent = {
        "name": f"framework of {call.name}",
        "description": "Some controls",
        "complianceType": "NIST",
        "controlSets": [
            {"name": "First set", "controls": references[:2]},
            {"name": "Second set", "controls": [*references[2:], {"id": core}]},
        ],
    }
    created = call("CreateAssessmentFramework", **sent, tags={"a": "b"})["framework"]
    sets = {control_set["name"]: control_set for control_set in created["controlSets"]}
    assert {control["id"] for control in sets["First set"]["controls"]} == set(controls[:2])
    assert {control["type"] for control in sets["Second set"]["controls"]} == {"Custom", "Core"}
    assert created["arn"] == f"arn:aws:auditmanager:us-east-1:000000000000:assessmentFramework/{created['id']}"
    assert (created["type"], created["tags"]) == ("Custom", {"a": "b"})
    assert call("GetAssessmentFramework", frameworkId=created["id"])["framework"] == created

    kept = {"id": sets["First set"]["id"], "name": "Only set", "controls": references}
    update = {**sent, "controlSets": [kept]}
    updated = call("UpdateAssessmentFramework", frameworkId=created["id"], **update)["framework"]
    (only,) = updated["controlSets"]
    assert (only["id"], only["name"], len(only["controls"])) == (kept["id"], "Only set", 3)
    assert updated["lastUpdatedAt"] > created["lastUpdatedAt"]

    call("DeleteControl", controlId=controls[0])
    remaining = call("GetAssessmentFramework", frameworkId=created["id"])["framework"]["controlSets"]
    assert {control["id"] for control in remaining[0]["controls"]} == set(controls[1:])

    call("TagResource", resourceArn=created["arn"], tags={"c": "d"})
    call("UntagResource", resourceArn=created["arn"], tagKeys=["a"])
    assert call("ListTagsForResource", resourceArn=created["arn"])["tags"] == {"c": "d"}

    listed, _ = pages(call, "ListAssessmentFrameworks", "frameworkMetadataList", frameworkType="Custom")
    (metadata,) = [framework for framework in listed if framework["id"] == created["id"]]
    assert (metadata["controlsCount"], metadata["controlSetsCount"]) == (2, 1)
    assert (metadata["description"], metadata["complianceType"]) == ("Some controls", "NIST")
    call("DeleteAssessmentFramework", frameworkId=created["id"])
    listed, _ = pages(call, "ListAssessmentFrameworks", "frameworkMetadataList", frameworkType="Custom")
    assert created["id"] not in [framework["id"] for framework in listed]


def test_lists_have_pages(call, client):
    before = len(pages(call, "ListControls", "controlMetadataList", controlType="Custom")[0])
    for n in range(5):
        client.create_control(name=f"page {call.name} {n}", controlMappingSources=[MANUAL])
    items, count = pages(call, "ListControls", "controlMetadataList", controlType="Custom", maxResults=2)
    assert len({item["id"] for item in items}) == len(items) == before + 5
    assert count == (before + 6) // 2
    assert set(items[0]) == {"arn", "id", "name", "controlSources", "createdAt", "lastUpdatedAt"}


def test_the_default_page_size_is_fifty(program, client):
    program.admin("POST", "seed", {"controls": [{"name": f"many {n}", "type": "Standard"} for n in range(60)]})
    items, count = pages(
        lambda _, **query: client.list_controls(**query), "", "controlMetadataList", controlType="Standard"
    )
    assert count == 2
    assert len(client.list_controls(controlType="Standard")["controlMetadataList"]) == 50
    assert len(items) == len({item["id"] for item in items}) >= 60


def test_standard_and_core_resources(call):
    for kind in ("Standard", "Core"):
        listed = call("ListControls", controlType=kind, maxResults=3)["controlMetadataList"]
        control = call("GetControl", controlId=listed[0]["id"])["control"]
        assert control["type"] == kind
        assert control["arn"] == f"arn:aws:auditmanager:us-east-1::control/{control['id']}"
    frameworks = call("ListAssessmentFrameworks", frameworkType="Standard")["frameworkMetadataList"]
    framework = call("GetAssessmentFramework", frameworkId=frameworks[0]["id"])["framework"]
    assert framework["type"] == "Standard"
    assert "::assessmentFramework/" in framework["arn"]


def test_the_account(call):
    assert call("GetAccountStatus") == {"status": "ACTIVE"}
    assert call("GetSettings", attribute="DEREGISTRATION_POLICY") == {
        "settings": {"deregistrationPolicy": {"deleteResources": "DEFAULT"}}
    }
    assert call("GetSettings", attribute="ALL")["settings"]["kmsKey"] == "DEFAULT"


def test_keywords(call):
    listed, count = pages(call, "ListKeywordsForDataSource", "keywords", source="AWS_API_Call", maxResults=60)
    assert (len(listed), count) == (108, 2)
    assert "iam_GetAccountPasswordPolicy" in listed
    config, _ = pages(call, "ListKeywordsForDataSource", "keywords", source="AWS_Config", maxResults=1000)
    assert "S3_BUCKET_PUBLIC_READ_PROHIBITED" in config
    assert call("ListKeywordsForDataSource", source="MANUAL") == {"keywords": []}


def test_assessments(call, program):
    framework = call("ListAssessmentFrameworks", frameworkType="Standard")["frameworkMetadataList"][0]
    seeds = [
        {"name": f"{status} {call.name}", "frameworkId": framework["id"], "status": status, "tags": {"a": "b"}}
        for status in ("ACTIVE", "INACTIVE")
    ]
    program.admin("POST", "seed", {"assessments": seeds})
    active, _ = pages(call, "ListAssessments", "assessmentMetadata", status="ACTIVE", maxResults=1)
    every, _ = pages(call, "ListAssessments", "assessmentMetadata")
    assert {assessment["status"] for assessment in active} == {"ACTIVE"}
    assert len(every) == 2 * len(active)
    (mine,) = [assessment for assessment in active if assessment["name"] == f"ACTIVE {call.name}"]
    assessment = call("GetAssessment", assessmentId=mine["id"])["assessment"]
    assert assessment["framework"]["id"] == framework["id"]
    controls = [control for sets in assessment["framework"]["controlSets"] for control in sets["controls"]]
    assert len(controls) == framework["controlsCount"]
    assert call("ListTagsForResource", resourceArn=assessment["arn"])["tags"] == {"a": "b"}


def test_times_are_in_milliseconds(client):
    control = client.create_control(name="time", controlMappingSources=[MANUAL])["control"]
    age = datetime.datetime.now(datetime.timezone.utc) - control["createdAt"]
    assert abs(age.total_seconds()) < 60
    assert control["createdAt"].microsecond % 1000 == 0


def test_the_cli_reads_compliance(emulator):
    rule = {"ConfigRuleName": "trails", "Source": {"Owner": "AWS", "SourceIdentifier": "CLOUD_TRAIL_ENABLED"}}
    emulator.admin("POST", "seed", {
        "config": {"rules": [rule], "results": {"trails": {"nonCompliant": 120, "compliant": 5}}},
        "securityHub": {"standards": [{"standard": "FSBP"}], "findings": {"IAM.3": {"failed": 120}}},
    })
    config, hub = Cli(emulator, "configservice"), Cli(emulator, "securityhub")
    (compliance,) = config("DescribeComplianceByConfigRule")["ComplianceByConfigRules"]
    assert compliance["Compliance"]["ComplianceContributorCount"] == {"CappedCount": 100, "CapExceeded": True}
    source = {"AccountIds": [ACCOUNT], "AllAwsRegions": True}
    config("PutConfigurationAggregator", ConfigurationAggregatorName="all", AccountAggregationSources=[source])
    named = {"ConfigurationAggregatorName": "all"}
    (row,) = config("DescribeAggregateComplianceByConfigRules", **named)["AggregateComplianceByConfigRules"]
    place = {name: row[name] for name in ("ConfigRuleName", "AccountId", "AwsRegion")}
    # The CLI reads all pages.
    details = config("GetAggregateComplianceDetailsByConfigRule", **named, **place, ComplianceType="NON_COMPLIANT")
    assert len(details["AggregateEvaluationResults"]) == 120
    (counts,) = config("GetAggregateConfigRuleComplianceSummary", **named)["AggregateComplianceCounts"]
    assert counts["ComplianceSummary"]["NonCompliantResourceCount"] == {"CappedCount": 1, "CapExceeded": False}
    failed = {"ComplianceStatus": [{"Value": "FAILED", "Comparison": "EQUALS"}]}
    assert len(hub("GetFindings", Filters=failed)["Findings"]) == 120
