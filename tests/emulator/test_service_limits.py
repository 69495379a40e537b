"""Checks every constraint on an input in the models of the other services against the emulator.

As in `test_limits.py`, the constraints come from the models alone. The inputs do, too: every member has an example that is valid
for its shape.
"""

import botocore.exceptions
import pytest

from model import SERVED, constraints, raw, service
from test_limits import at, message, replaced
from values import make, of_trait

OPERATIONS = [(name, operation) for name in SERVED if name != "auditmanager" for operation in SERVED[name]]


@pytest.fixture(scope="module")
def clients(shared_program):
    return {name: shared_program.boto3(name, parameter_validation=False) for name in SERVED}


def example(shape):
    """Returns a value that is valid for a shape and has every member."""
    kind, traits = shape.type_name, raw(shape)
    if kind == "structure":
        return {name: example(member) for name, member in shape.members.items()}
    if kind == "list":
        return [example(shape.member)]
    if kind == "map":
        return {example(shape.key): example(shape.value)}
    if kind == "string":
        shortest = min(max(traits.get("min", 1), 4), traits.get("max", 4))
        return traits["enum"][0] if "enum" in traits else make(traits, shortest)
    return {"integer": 7, "long": 7, "double": 7.5, "timestamp": 7, "boolean": True}[kind]


def violations(client, operation, members):
    """Returns the message of the error for an input, if there is one."""
    try:
        client._make_api_call(operation, members)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Message"] or error.response.get("Message", "")
    return ""


def violates(text, name, expected):
    """Whether a message says that a member violates a constraint."""
    return f"Value at '{name}' failed to satisfy constraint: {expected}" in text


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_every_constraint_is_enforced_on_both_sides(clients, name, operation):
    client, shape = clients[name], service(name).operation_model(operation).input_shape
    base = example(shape)
    for path, part, trait, bound in constraints(shape):
        value, member = at(base, path)
        if path and path[-1].kind == "key":
            continue
        expected = message(trait, part).removesuffix(": ")
        where = f"{operation} {member}: {trait} {bound!r:.80}"
        location = path[0].kind == "member" and shape.members[path[0].name].serialization.get("location")
        if trait == "required":
            if location != "uri":
                assert violates(violations(client, operation, replaced(base, path, ...)), member, expected), where
            continue
        accepted, rejected = of_trait(part, raw(part), trait, value)
        for value in accepted[:3]:
            text = violations(client, operation, replaced(base, path, value))
            assert not violates(text, member, ""), f"{where}: {value!r:.80}: {text}"
        for value in rejected:
            if location and (value == "" or value == []):
                continue  # botocore does not send it.
            text = violations(client, operation, replaced(base, path, value))
            assert violates(text, member, expected), f"{where}: {value!r:.80}: {text}"


@pytest.mark.parametrize("name", SERVED)
def test_every_other_operation_is_unknown(clients, name):
    missing = sorted(set(service(name).operation_names) - set(SERVED[name]))
    for operation in missing[::10]:
        missing_model = service(name).operation_model(operation)
        # Without a signature, a request is for Audit Manager.
        if "{" in missing_model.http["requestUri"] or missing_model.auth_type == "none":
            continue
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            clients[name]._make_api_call(operation, {})
        assert caught.value.response["Error"]["Code"] in ("UnknownOperationException", "ValidationException", "InvalidAction"), operation


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_faults_are_errors_of_the_service(shared_program, clients, name, operation):
    signing_name = service(name).signing_name
    codes = {"deny": "AccessDeniedException", "throttle": "ThrottlingException", "refuse": "ValidationException"}
    codes |= {
        "securityhub": {"refuse": "InvalidInputException"},
        "sts": {"deny": "AccessDenied", "throttle": "Throttling", "refuse": "ValidationError"},
    }.get(name, {})
    for effect, code in codes.items():
        fault = {"effect": effect, "operation": f"{signing_name}:{operation}"}
        shared_program.admin("POST", "faults", fault)
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            clients[name]._make_api_call(operation, example(service(name).operation_model(operation).input_shape))
        assert caught.value.response["Error"]["Code"] == code, operation
        status = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
        expected = {"securityhub": {"deny": 403, "throttle": 429}, "sts": {"deny": 403}}.get(name, {}).get(effect, 400)
        assert status == expected
    assert shared_program.admin("GET", "faults") == []
