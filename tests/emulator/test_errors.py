"""Every error of the service through boto3 and the AWS CLI."""

import concurrent.futures
import json
import uuid

import boto3
import botocore.exceptions
import pytest

from program import Cli

MANUAL = {"sourceName": "Attestation", "sourceType": "MANUAL"}
NOT_SET_UP = "Please complete AWS Audit Manager setup from home page to enable this action in this account."


def create(client, name, **members):
    return client.create_control(name=name, controlMappingSources=[MANUAL], **members)["control"]


def error_response(error, call, **members):
    """Returns the response of a call that must fail with this exception class."""
    with pytest.raises(error) as raised:
        call(**members)
    return raised.value.response


@pytest.fixture
def calls(client):
    """A valid call of every operation; the resources in it do not exist."""
    some = str(uuid.uuid4())
    arn = f"arn:aws:auditmanager:us-east-1:000000000000:control/{some}"
    sets = [{"name": "s", "controls": [{"id": some}]}]
    return {
        "CreateControl": lambda: create(client, some),
        "GetControl": lambda: client.get_control(controlId=some),
        "UpdateControl": lambda: client.update_control(controlId=some, name="n", controlMappingSources=[MANUAL]),
        "DeleteControl": lambda: client.delete_control(controlId=some),
        "ListControls": lambda: client.list_controls(controlType="Custom"),
        "CreateAssessmentFramework": lambda: client.create_assessment_framework(name="f", controlSets=sets),
        "GetAssessmentFramework": lambda: client.get_assessment_framework(frameworkId=some),
        "UpdateAssessmentFramework":
            lambda: client.update_assessment_framework(frameworkId=some, name="f", controlSets=sets),
        "DeleteAssessmentFramework": lambda: client.delete_assessment_framework(frameworkId=some),
        "ListAssessmentFrameworks": lambda: client.list_assessment_frameworks(frameworkType="Custom"),
        "TagResource": lambda: client.tag_resource(resourceArn=arn, tags={"a": "b"}),
        "UntagResource": lambda: client.untag_resource(resourceArn=arn, tagKeys=["a"]),
        "ListTagsForResource": lambda: client.list_tags_for_resource(resourceArn=arn),
        "ListKeywordsForDataSource": lambda: client.list_keywords_for_data_source(source="AWS_Config"),
        "GetAccountStatus": client.get_account_status,
        "GetSettings": lambda: client.get_settings(attribute="ALL"),
        "ListAssessments": client.list_assessments,
        "GetAssessment": lambda: client.get_assessment(assessmentId=some),
        "CreateAssessment": lambda: client.create_assessment(
            name="a", frameworkId=some, roles=[], scope={}, assessmentReportsDestination={}
        ),
        "UpdateAssessmentStatus": lambda: client.update_assessment_status(assessmentId=some, status="INACTIVE"),
        "UpdateAssessmentControl":
            lambda: client.update_assessment_control(assessmentId=some, controlSetId="s", controlId=some),
        "GetOrganizationAdminAccount": client.get_organization_admin_account,
        "GetEvidenceFoldersByAssessment": lambda: client.get_evidence_folders_by_assessment(assessmentId=some),
        "GetEvidenceFoldersByAssessmentControl": lambda: client.get_evidence_folders_by_assessment_control(
            assessmentId=some, controlSetId="s", controlId=some
        ),
        "ListAssessmentControlInsightsByControlDomain":
            lambda: client.list_assessment_control_insights_by_control_domain(
                controlDomainId="UNCATEGORIZED", assessmentId=some
            ),
        "GetInsights": client.get_insights,
        "GetInsightsByAssessment": lambda: client.get_insights_by_assessment(assessmentId=some),
    }


MISSING = {
    "GetControl": "Control",
    "UpdateControl": "Control",
    "DeleteControl": "Control",
    "CreateAssessmentFramework": "Control",
    "GetAssessmentFramework": "AssessmentFramework",
    "UpdateAssessmentFramework": "AssessmentFramework",
    "DeleteAssessmentFramework": "AssessmentFramework",
    "TagResource": "Resource",
    "UntagResource": "Resource",
    "ListTagsForResource": "Resource",
    "GetAssessment": "Assessment",
    "CreateAssessment": "AssessmentFramework",
    "UpdateAssessmentStatus": "Assessment",
    "UpdateAssessmentControl": "Assessment",
    "GetEvidenceFoldersByAssessment": "Assessment",
    "GetEvidenceFoldersByAssessmentControl": "Assessment",
    "ListAssessmentControlInsightsByControlDomain": "Assessment",
    "GetInsightsByAssessment": "Assessment",
}


@pytest.mark.parametrize("operation", MISSING)
def test_resource_not_found(client, calls, operation):
    response = error_response(client.exceptions.ResourceNotFoundException, calls[operation])
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert response["resourceType"] == MISSING[operation]
    assert response["resourceId"]
    assert "nonexistent resource" in response["message"]


def test_validation_field_validation_failed(program):
    client = program.boto3(parameter_validation=False)
    response = error_response(
        client.exceptions.ValidationException,
        client.create_control,
        name="back\\slash",
        controlMappingSources=[{**MANUAL, "sourceName": ""}],
    )
    assert response["reason"] == "fieldValidationFailed"
    assert [field["name"] for field in response["fields"]] == ["name", "controlMappingSources.1.member.sourceName"]
    assert response["Error"]["Message"].startswith("2 validation errors detected: Value at 'name' failed")


def test_validation_cannot_parse(program):
    for body in (b"{", b"[]", b"\xff", b'{"name": "\\ud800"}', b"[" * 200_000):
        status, headers, response = program.http("POST", "/controls", body)
        assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")
        assert json.loads(response)["reason"] == "cannotParse"
    assert json.loads(program.http("GET", "/controls/%zz")[2])["reason"] == "cannotParse"


def test_validation_unknown_operation(program):
    status, headers, response = program.http("PATCH", "/controls", {})
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert json.loads(response)["reason"] == "unknownOperation"
    status, headers, _ = program.http("GET", "/nowhere")
    assert (status, headers["x-amzn-ErrorType"]) == (404, "UnknownOperationException")


def test_validation_other(client):
    name = str(uuid.uuid4())
    control = create(client, name)
    invalid = client.exceptions.ValidationException
    assert error_response(invalid, create, client=client, name=name)["reason"] == "other"
    tags = {f"k{n}": "" for n in range(50)}
    client.tag_resource(resourceArn=control["arn"], tags=tags)
    response = error_response(invalid, client.tag_resource, resourceArn=control["arn"], tags={"one-more": ""})
    assert response["reason"] == "other"
    core = client.list_controls(controlType="Core")["controlMetadataList"][0]
    assert error_response(invalid, client.delete_control, controlId=core["id"])["reason"] == "other"
    token = client.list_controls(controlType="Core", maxResults=1)["nextToken"]
    for wrong in (token[:-2], token + "0", "AAAA", token.replace("0", "1")):
        response = error_response(invalid, client.list_controls, controlType="Core", nextToken=wrong)
        assert response["fields"][0]["name"] == "nextToken"
    error_response(invalid, client.list_controls, controlType="Standard", nextToken=token)


def test_a_body_that_is_too_long_is_rejected(program):
    status, headers, _ = program.http("POST", "/controls", b'{"name": "' + b"x" * (9 << 20) + b'"}')
    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert program.http("GET", "/account/status")[0] == 200


@pytest.mark.parametrize("status", ["INACTIVE", "PENDING_ACTIVATION"])
def test_access_denied_if_audit_manager_is_not_set_up(program, client, calls, status):
    program.configure(accountStatus=status)
    assert calls.pop("GetAccountStatus")()["status"] == status
    for operation, call in calls.items():
        response = error_response(client.exceptions.AccessDeniedException, call)
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 403, operation
        assert response["Error"]["Message"] == NOT_SET_UP


def test_service_quota_exceeded(program, client):
    control = create(client, str(uuid.uuid4()))
    sets = [{"name": "s", "controls": [{"id": control["id"]}]}]
    client.create_assessment_framework(name="quota", controlSets=sets)
    program.configure(quotas={"customControls": 1, "customFrameworks": 1})
    exceeded = client.exceptions.ServiceQuotaExceededException
    response = error_response(exceeded, create, client=client, name=str(uuid.uuid4()))
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 402
    error_response(exceeded, client.create_assessment_framework, name="one more", controlSets=sets)
    # An update does not count against the quota.
    client.update_control(controlId=control["id"], name=control["name"], controlMappingSources=[MANUAL])


@pytest.mark.parametrize("operation", [*MISSING, "CreateControl", "ListControls", "GetAccountStatus"])
def test_internal_server_and_throttling(program, client, calls, operation):
    program.fault({"fail": {"status": 500}}, operation)
    response = error_response(client.exceptions.InternalServerException, calls[operation])
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    for more, status in ((False, 400), (True, 429)):
        program.switch(throttleWith429=more)
        program.fault("throttle", operation)
        response = error_response(client.exceptions.ThrottlingException, calls[operation])
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_clients_retry_transient_errors(program):
    client = program.boto3(retries=3)
    for effect in ("throttle", {"fail": {"status": 503}}, "closeBeforeWork"):
        program.fault(effect, "GetAccountStatus", times=2)
        assert client.get_account_status()["status"] == "ACTIVE"
    log = program.requests()
    assert [request["status"] for request in log] == [400, 400, 200, 503, 503, 200, None, None, 200]


def test_a_failed_request_may_have_been_processed(program, client):
    outcomes = {
        "closeBeforeWork": False,
        "closeAfterWork": True,
        json.dumps({"fail": {"status": 500}}): False,
        json.dumps({"failAfterWork": {"status": 500}}): True,
    }
    for effect, processed in outcomes.items():
        name = str(uuid.uuid4())
        program.fault(json.loads(effect) if effect.startswith("{") else effect, "CreateControl")
        with pytest.raises((client.exceptions.InternalServerException, botocore.exceptions.HTTPClientError)):
            create(client, name)
        listed = client.list_controls(controlType="Custom", maxResults=1000)["controlMetadataList"]
        assert (name in [control["name"] for control in listed]) == processed, effect


def test_a_fault_applies_after_skip(program, client):
    program.fault("throttle", "GetAccountStatus", times=1, skip=2)
    client.list_assessments()
    client.get_account_status()
    client.get_account_status()
    error_response(client.exceptions.ThrottlingException, client.get_account_status)
    client.get_account_status()
    assert program.http("POST", "/_emulator/faults", {"effect": "throttle", "operation": "auditmanager:Nonsense"})[0] == 400
    status, _, body = program.http("POST", "/_emulator/faults", {"effect": "throttle", "operation": "GetControl"})
    assert status == 400 and 'did you mean \\"auditmanager:GetControl\\"?' in body
    assert program.http("POST", "/_emulator/faults", {"effect": "explode"})[0] == 400
    assert program.http("POST", "/_emulator/options", {"auditManager": {"switches": {"unknown": True}}})[0] == 400
    assert program.http("POST", "/_emulator/seed", {"assessments": [{"name": "a"}]})[0] == 400


def test_a_request_to_another_service_is_rejected(program):
    client = boto3.client("sqs", "us-east-1", endpoint_url=program.endpoint, aws_access_key_id="any", aws_secret_access_key="any")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.list_queues()
    assert "has no service with the signing name sqs" in str(caught.value)


def test_the_account_has_a_rate_limit(program):
    program.configure(rate=3)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: program.http("GET", "/account/status"), range(8)))
    throttled = [headers for status, headers, _ in responses if status == 400]
    # On a slow machine this may take more than a second, and three more requests are allowed.
    assert 2 <= len(throttled) <= 5
    assert throttled[0]["x-amzn-ErrorType"] == "ThrottlingException"


def test_requests_are_logged(program, client):
    create(client, "logged", tags={"a": "b"})
    client.list_controls(controlType="Custom", maxResults=7)
    program.http("GET", "/nowhere")
    assert program.admin("DELETE", "requests") == [
        {
            "operation": "auditmanager:CreateControl", "account": "000000000000", "method": "POST", "path": "/controls",
            "status": 200, "body": {"name": "logged", "controlMappingSources": [MANUAL], "tags": {"a": "b"}},
        },
        {
            "operation": "auditmanager:ListControls", "account": "000000000000", "method": "GET",
            "path": "/controls?controlType=Custom&maxResults=7", "status": 200, "body": None,
        },
        {"operation": "", "account": "000000000000", "method": "GET", "path": "/nowhere", "status": 404, "body": None},
    ]
    assert program.admin("GET", "requests") == []


def test_the_cli_shows_the_error(program):
    result = Cli(program).run("GetControl", controlId=str(uuid.uuid4()))
    assert result.returncode != 0
    assert "(ResourceNotFoundException) when calling the GetControl operation" in result.stderr
