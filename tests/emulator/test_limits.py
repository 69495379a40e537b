"""Checks every constraint on an input in the service model of the installed botocore against the emulator.

The constraints come from the model alone. If botocore adds one, a test fails until the emulator enforces it; a pattern
that is not in `values.py` also fails.
"""

import copy
import json

import botocore.exceptions
import pytest

from model import SERVED as SERVICES
from model import constraints, full_match, raw, service
from values import PATTERNS, UUID, of_trait

SERVED, SERVICE = SERVICES["auditmanager"], service("auditmanager")

NULL = "Member must not be null"

# The messages for violations of a trait.
MESSAGES = {
    ("required", None): NULL,
    ("enum", "string"): "Member must satisfy enum value set: ",
    ("pattern", "string"): "Member must satisfy regular expression pattern: ",
    ("min", "integer"): "Member must have value greater than or equal to ",
    ("max", "integer"): "Member must have value less than or equal to ",
    ("min", None): "Member must have length greater than or equal to ",
    ("max", None): "Member must have length less than or equal to ",
}


def message(trait, shape):
    return MESSAGES.get((trait, shape.type_name)) or MESSAGES[trait, None]


@pytest.fixture(scope="module")
def world(shared_program):
    """An emulator that checks only shapes, and a valid input with every member for every operation."""
    shared_program.configure(
        quotas={"customControls": 100_000, "customFrameworks": 100_000},
        switches={
            "rejectDuplicateNames": False,
            "rejectRepeatedMembers": False,
            "rejectInconsistentSources": False,
            "rejectUnknownManagedSources": False,
            "enforceSourceCounts": False,
        },
    )
    client = shared_program.boto3(parameter_validation=False)
    source = {
        "sourceName": "s",
        "sourceDescription": "d",
        "sourceSetUpOption": "System_Controls_Mapping",
        "sourceType": "AWS_Config",
        "sourceKeyword": {"keywordInputType": "SELECT_FROM_LIST", "keywordValue": "X"},
        "sourceFrequency": "DAILY",
        "troubleshootingText": "t",
    }
    texts = {
        "description": "d",
        "testingInformation": "t",
        "actionPlanTitle": "t",
        "actionPlanInstructions": "i",
    }
    tags = {"key": "value"}
    create_control = {"name": "c", **texts, "controlMappingSources": [source], "tags": tags}
    control = client.create_control(**create_control)["control"]
    stored = control["controlMappingSources"][0]
    controls = [{"id": control["id"]}]
    create_framework = {
        "name": "f",
        "description": "d",
        "complianceType": "t",
        "controlSets": [{"name": "s", "controls": controls}],
        "tags": tags,
    }
    framework = client.create_assessment_framework(**create_framework)["framework"]
    stored_set = {"id": framework["controlSets"][0]["id"], "name": "s", "controls": controls}
    page = {"nextToken": "00", "maxResults": 7}
    inputs = {
        "CreateControl": create_control,
        "GetControl": {"controlId": control["id"]},
        "UpdateControl": {
            "controlId": control["id"], "name": "c", **texts,
            "controlMappingSources": [{"sourceId": stored["sourceId"], **source}],
        },
        "DeleteControl": {"controlId": UUID},
        "ListControls": {"controlType": "Custom", "controlCatalogId": "UNCATEGORIZED", **page},
        "CreateAssessmentFramework": create_framework,
        "GetAssessmentFramework": {"frameworkId": framework["id"]},
        "UpdateAssessmentFramework": {
            "frameworkId": framework["id"], "name": "f", "description": "d", "complianceType": "t",
            "controlSets": [stored_set],
        },
        "DeleteAssessmentFramework": {"frameworkId": UUID},
        "ListAssessmentFrameworks": {"frameworkType": "Custom", **page},
        "TagResource": {"resourceArn": control["arn"], "tags": tags},
        "UntagResource": {"resourceArn": control["arn"], "tagKeys": ["key"]},
        "ListTagsForResource": {"resourceArn": control["arn"]},
        "ListKeywordsForDataSource": {"source": "AWS_Config", **page},
        "GetAccountStatus": {},
        "GetSettings": {"attribute": "ALL"},
        "ListAssessments": {"status": "ACTIVE", **page},
        "GetAssessment": {"assessmentId": UUID},
        "CreateAssessment": {
            "name": "a", "description": "d", "frameworkId": UUID, "tags": tags,
            "assessmentReportsDestination": {"destinationType": "S3", "destination": "s3://bucket"},
            "scope": {
                "awsAccounts": [{"id": "0" * 12, "emailAddress": "a@b", "name": "n"}],
                "awsServices": [{"serviceName": "s"}],
            },
            "roles": [{"roleType": "PROCESS_OWNER", "roleArn": "arn:aws:iam::000000000000:role/r"}],
        },
        "UpdateAssessmentStatus": {"assessmentId": UUID, "status": "INACTIVE"},
        "UpdateAssessmentControl": {
            "assessmentId": UUID, "controlSetId": "s", "controlId": UUID, "controlStatus": "INACTIVE", "commentBody": "c",
        },
        "GetOrganizationAdminAccount": {},
        "GetEvidenceFoldersByAssessment": {"assessmentId": UUID, **page},
        "GetEvidenceFoldersByAssessmentControl": {"assessmentId": UUID, "controlSetId": "s", "controlId": UUID, **page},
        "ListAssessmentControlInsightsByControlDomain": {
            "controlDomainId": "UNCATEGORIZED", "assessmentId": UUID, **page,
        },
        "GetInsights": {},
        "GetInsightsByAssessment": {"assessmentId": UUID},
    }
    return shared_program, client, inputs


def fields(client, operation, members):
    """Returns the violations that the emulator reports, as (name, message)."""
    try:
        client._make_api_call(operation, members)
    except client.exceptions.ValidationException as error:
        return [(field["name"], field["message"]) for field in error.response.get("fields", [])]
    except client.exceptions.ResourceNotFoundException:
        pass
    return []


def at(members, path):
    """Returns the value at a path of an input, and the emulator's name for the path."""
    value, name = members, ""
    for step in path:
        if step.kind == "member":
            value, name = value[step.name], f"{name}.{step.name}" if name else step.name
        elif step.kind == "item":
            value, name = value[0], f"{name}.1.member"
        elif step.kind == "value":
            (key,) = value
            value, name = value[key], f"{name}.{key}.member"
        else:
            (value,) = value
    return value, name


def replaced(members, path, new):
    """Returns the input with another value at a path; `Ellipsis` removes it."""
    members = copy.deepcopy(members)
    *parents, last = path
    parent, _ = at(members, parents)
    if last.kind == "key":
        ((key, value),) = parent.items()
        del parent[key]
        parent[new] = value
    else:
        (slot,) = {"member": [last.name], "item": [0], "value": list(parent)[:1]}[last.kind]
        if new is ...:
            del parent[slot]
        else:
            parent[slot] = new
    return members


def without_label(program, operation, name):
    """Returns the violations that are reported if the label is missing from the path."""
    http = SERVICE.operation_model(operation).http
    path = http["requestUri"].replace("{" + name + "}", "").replace("{", "").replace("}", "")
    status, _, body = program.http(http["method"], path, {} if http["method"] in ("POST", "PUT") else None)
    assert status == 400, body
    return [field["name"] for field in json.loads(body)["fields"]]


CHECKED = {}


@pytest.mark.parametrize("operation", SERVED)
def test_every_constraint_is_enforced_on_both_sides(world, operation):
    program, client, inputs = world
    input_shape = SERVICE.operation_model(operation).input_shape
    base = inputs[operation]
    assert set(base) == set(input_shape.members), "the input above must have every member of the model"
    checked = 0
    for path, shape, trait, bound in constraints(input_shape):
        example, name = at(base, path)
        where = f"{operation} {name}: {trait} {bound!r}"
        expected = message(trait, shape)
        if path[-1].kind == "key":
            expected = f"Map keys must satisfy constraint: [{expected}"
        if trait == "required":
            location = shape.serialization.get("location")
            if location == "uri":
                assert name in without_label(program, operation, name), where
            else:
                found = fields(client, operation, replaced(base, path, ...))
                assert (name, NULL) in found, f"{where}: {found}"
            checked += 1
            continue
        accepted, rejected = of_trait(shape, raw(shape), trait, example)
        for value in accepted:
            found = fields(client, operation, replaced(base, path, value))
            wrong = [field for field in found if field[0] == name and field[1].startswith(tuple(MESSAGES.values()))]
            assert not wrong, f"{where}: {value!r:.80} should be accepted, but {wrong}"
        for value in rejected:
            found = fields(client, operation, replaced(base, path, value))
            if value == [] and shape.serialization.get("location") == "querystring":
                # An empty list in a query is a missing list.
                expected = NULL
            assert any(field[0] == name and field[1].startswith(expected) for field in found), (
                f"{where}: {value!r:.80} should be rejected, but {found}"
            )
        checked += 1
    CHECKED[operation] = checked


def test_the_complete_model_was_checked(capsys):
    if set(CHECKED) != set(SERVED):
        pytest.skip("only some operations were checked")
    total = sum(CHECKED.values())
    in_model = sum(len(list(constraints(SERVICE.operation_model(operation).input_shape))) for operation in SERVED)
    assert total == in_model
    with capsys.disabled():
        print(f" [{total} constraints of {len(SERVED)} operations]", end="")
    assert total > 150


def test_the_table_of_patterns_is_correct():
    for pattern, (make, rejected, longest) in PATTERNS.items():
        for length in (min(36, longest or 36), longest or 36):
            assert full_match(pattern, make(length)), (pattern, length)
        for text in rejected:
            # In Python, the dot matches all line terminators but one; in the service, none.
            terminators = str.maketrans({"\r": "\n", "\u2028": "\n"}) if "." in pattern[:2] else {}
            assert not full_match(pattern, text.translate(terminators)), (pattern, text)


def body_members(shape, path=()):
    """Yields every member within a structure that is sent in the body."""
    for name, member in shape.members.items():
        if not path and member.serialization.get("location"):
            continue
        yield (*path, name), member
        if member.type_name == "structure":
            yield from body_members(member, (*path, name))
        elif member.type_name == "list" and member.member.type_name == "structure":
            yield from body_members(member.member, (*path, name, 0))


@pytest.mark.parametrize("operation", [
    "CreateControl", "UpdateControl", "CreateAssessmentFramework", "UpdateAssessmentFramework", "TagResource",
])
def test_a_member_of_the_wrong_type_is_named(world, operation):
    program, _, inputs = world
    model = SERVICE.operation_model(operation)
    uri, body = model.http["requestUri"], dict(inputs[operation])
    for name, member in model.input_shape.members.items():
        if member.serialization.get("location") == "uri":
            uri = uri.replace("{" + name + "}", body.pop(name).replace("/", "%2F"))
    for path, member in body_members(model.input_shape):
        for wrong in ({"string": [7, ["x"], {"x": "y"}], "list": ["x", {}]}.get(member.type_name, ["x", [{}], True])):
            changed = copy.deepcopy(body)
            target = changed
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = wrong
            status, headers, response = program.http(model.http["method"], uri, changed)
            assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException"), (path, wrong)
            name = ".".join("1.member" if key == 0 else key for key in path)
            assert name in [field["name"] for field in json.loads(response)["fields"]], (path, wrong, response)


def test_all_violations_are_reported_together(world):
    _, client, inputs = world
    members = {**inputs["CreateControl"], "name": "", "description": "x" * 1001, "tags": {"aws:x": "\n"}}
    del members["controlMappingSources"]
    found = {name for name, _ in fields(client, "CreateControl", members)}
    assert found == {"name", "description", "controlMappingSources", "tags", "tags.aws:x.member"}


def test_every_operation_is_supported_or_unknown(world):
    program, _, _ = world
    for operation in set(SERVICE.operation_names) - set(SERVED):
        http = SERVICE.operation_model(operation).http
        body = {} if http["method"] in ("POST", "PUT") else None
        status, headers, response = program.http(http["method"], http["requestUri"].replace("{", "").replace("}", ""), body)
        if status == 404:
            assert headers["x-amzn-ErrorType"] == "UnknownOperationException", operation
        else:
            assert (status, json.loads(response)["reason"]) == (400, "unknownOperation"), operation


def test_botocore_does_not_validate_first(world):
    """The tests would be meaningless if the client rejected the values."""
    _, client, _ = world
    with pytest.raises(client.exceptions.ValidationException):
        client.create_control(name="", controlMappingSources=[])
    with pytest.raises(botocore.exceptions.ParamValidationError):
        world[0].boto3().create_control(name="", controlMappingSources=[])
