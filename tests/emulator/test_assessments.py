"""Assessments, their evidence, and insights."""

import datetime
import uuid

import botocore.exceptions
import botocore.parsers
import pytest

DAY = datetime.timedelta(days=1)
SCOPE = {"awsAccounts": [{"id": "111122223333"}, {"id": "444455556666"}]}
ROLE = {"roleType": "PROCESS_OWNER", "roleArn": "arn:aws:iam::000000000000:role/owner"}
REPORTS = {"destinationType": "S3", "destination": "s3://reports"}


@pytest.fixture
def framework(client):
    """A framework with two controls in a set, and their IDs."""
    source = {"sourceName": "s", "sourceType": "MANUAL"}
    controls = [
        client.create_control(name=str(uuid.uuid4()), controlMappingSources=[source])["control"]["id"] for _ in range(2)
    ]
    sets = [{"name": "Access", "controls": [{"id": control} for control in controls]}]
    return client.create_assessment_framework(name=str(uuid.uuid4()), controlSets=sets)["framework"]["id"], controls


def create(client, framework, **members):
    created = client.create_assessment(
        name=str(uuid.uuid4()), frameworkId=framework, scope=SCOPE, roles=[ROLE], assessmentReportsDestination=REPORTS,
        **members,
    )
    return created["assessment"]


def controls_of(client, assessment):
    (found,) = client.get_assessment(assessmentId=assessment)["assessment"]["framework"]["controlSets"]
    return {control["id"]: control for control in found["controls"]}


def test_an_assessment_has_the_controls_of_its_framework(client, framework):
    framework, controls = framework
    created = create(client, framework, description="d", tags={"a": "b"})
    metadata = created["metadata"]
    assert (metadata["status"], metadata["roles"], metadata["description"]) == ("ACTIVE", [ROLE], "d")
    assert metadata["scope"] == {**SCOPE, "awsServices": []}
    assert metadata["assessmentReportsDestination"] == REPORTS
    (found,) = created["framework"]["controlSets"]
    assert (found["id"], sorted(control["id"] for control in found["controls"])) == ("Access", sorted(controls))
    client.delete_assessment_framework(frameworkId=framework)
    assert client.get_assessment(assessmentId=metadata["id"])["assessment"]["metadata"] == metadata


def test_an_inactive_assessment_stays_inactive(client, framework):
    assessment = create(client, framework[0])["metadata"]["id"]
    updated = client.update_assessment_status(assessmentId=assessment, status="INACTIVE")["assessment"]
    assert updated["metadata"]["status"] == "INACTIVE"
    active = client.list_assessments(status="ACTIVE", maxResults=1000)["assessmentMetadata"]
    assert assessment not in [item["id"] for item in active]
    with pytest.raises(client.exceptions.ValidationException):
        client.update_assessment_status(assessmentId=assessment, status="ACTIVE")


def test_a_control_of_an_assessment_has_a_status(client, framework):
    framework, (first, second) = framework
    assessment = create(client, framework)["metadata"]["id"]
    members = {"assessmentId": assessment, "controlSetId": "Access", "controlId": first}
    assert client.update_assessment_control(**members, controlStatus="INACTIVE")["control"]["status"] == "INACTIVE"
    found = controls_of(client, assessment)
    assert (found[first]["status"], found[second]["status"]) == ("INACTIVE", "UNDER_REVIEW")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.update_assessment_control(**{**members, "controlSetId": "Other"})


def test_evidence_has_folders_counts_and_insights(program, client, framework):
    framework, (first, second) = framework
    assessment = str(uuid.uuid4())
    evidence = lambda control, source, date, count: {
        "assessment": assessment, "control": control, "dataSource": source, "date": date, "count": count,
    }
    program.admin("POST", "seed", {
        "assessments": [{
            "id": assessment, "name": "seeded", "frameworkId": framework, "accounts": ["111122223333"],
            "createdAt": "2026-11-01T08:00:00Z", "inactiveControls": [second],
        }],
        "evidence": [
            evidence(first, "AWS Config", "2026-11-25", 3), evidence(first, "AWS Config", "2026-11-26", 2),
            evidence(first, "AWS CloudTrail", "2026-11-26", 1), evidence(second, "Manual", "2026-11-20", 1),
        ],
    })
    metadata = client.get_assessment(assessmentId=assessment)["assessment"]["metadata"]
    assert metadata["scope"]["awsAccounts"] == [{"id": "111122223333"}]
    assert metadata["creationTime"] == datetime.datetime(2026, 11, 1, 8, tzinfo=datetime.UTC)
    found = controls_of(client, assessment)
    assert (found[first]["evidenceCount"], found[second]["evidenceCount"]) == (6, 1)
    assert (found[first]["status"], found[second]["status"]) == ("UNDER_REVIEW", "INACTIVE")

    def paginate(operation, **members):
        found, token = [], {}
        while True:
            page = getattr(client, operation)(assessmentId=assessment, maxResults=1, **members, **token)
            found += page["evidenceFolders"]
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}

    folders = paginate("get_evidence_folders_by_assessment")
    assert len(folders) == 4 and {folder["controlSetId"] for folder in folders} == {"Access"}
    newest = max(folders, key=lambda folder: folder["date"])
    assert (newest["name"], newest["date"].date()) == ("2026-11-26", datetime.date(2026, 11, 26))
    folders = paginate("get_evidence_folders_by_assessment_control", controlSetId="Access", controlId=second)
    assert [(folder["dataSource"], folder["totalEvidence"]) for folder in folders] == [("Manual", 1)]

    insights = lambda domain: client.list_assessment_control_insights_by_control_domain(
        controlDomainId=domain, assessmentId=assessment
    )["controlInsightsByAssessment"]
    # Only the control that collected evidence on the last day.
    (control,) = insights("UNCATEGORIZED")
    assert (control["id"], control["controlSetName"]) == (first, "Access")
    assert control["evidenceInsights"]["compliantEvidenceCount"] == 2
    assert insights("arn:aws:controlcatalog:::domain/x") == []
    total = client.get_insights_by_assessment(assessmentId=assessment)["insights"]
    assert (total["inconclusiveEvidenceCount"], total["totalAssessmentControlsCount"]) == (1, 2)
    assert client.get_insights()["insights"]["activeAssessmentsCount"] >= 1

    program.admin("POST", "time", {"passHours": 48})
    later = client.get_assessment(assessmentId=assessment)["assessment"]["metadata"]
    assert metadata["creationTime"] - later["creationTime"] == 2 * DAY
    dates = [folder["name"] for folder in paginate("get_evidence_folders_by_assessment")]
    assert max(dates) == "2026-11-24"


def test_an_administrator_comes_from_a_seed(program, client):
    program.admin("POST", "seed", {"organizationAdmin": "111122223333"})
    assert client.get_organization_admin_account()["adminAccountId"] == "111122223333"


def test_responses_that_are_damaged(program, client):
    for effect in ("cutShort", "malformed"):
        program.fault(effect, "GetAccountStatus")
        with pytest.raises((botocore.exceptions.HTTPClientError, botocore.parsers.ResponseParserError, ValueError)):
            client.get_account_status()
    program.fault("empty", "ListAssessments")
    assert "assessmentMetadata" not in client.list_assessments()
