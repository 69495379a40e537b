"""STS: roles are assumed, and what their credentials may do, through boto3 and the AWS CLI."""

import datetime
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

import botocore.exceptions
import pytest

from program import ACCOUNT, CREDENTIALS, Program, session_of

MEMBER = "222222222222"
HOME_ARN = f"arn:aws:iam::{ACCOUNT}:user/emulator"


def role_arn(name, account=MEMBER):
    return f"arn:aws:iam::{account}:role/{name}"


def seed(program, account=MEMBER, **roles):
    program.admin("POST", "seed", {"accounts": {account: {"roles": roles}}})


def create_reader(peer, request):
    """Creates a role in another account: here by a seed, in moto by a request of a role that does not exist."""
    sts = peer("sts")
    if "moto" in request.node.name:
        iam = peer("iam", credentials=assume(sts, "administrator")["Credentials"])
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")
        return
    body = json.dumps({"accounts": {MEMBER: {"roles": {"reader": {}}}}}).encode()
    urllib.request.urlopen(f"{sts.meta.endpoint_url}/_emulator/seed", data=body, timeout=30).close()


def assume(client, name, account=MEMBER, **members):
    return client.assume_role(RoleArn=role_arn(name, account), RoleSessionName="nightly", **members)


def error(call, *positional, **members):
    """Returns code, message and status of the error of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*positional, **members)
    response = caught.value.response
    details = response["Error"]
    return details["Code"], details["Message"] or response.get("Message"), response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def sts(emulator):
    return emulator.boto3("sts")


def test_an_assumed_role_has_an_identity_of_its_account(peer, request):
    sts = peer("sts")
    create_reader(peer, request)
    before = datetime.datetime.now(datetime.UTC)
    answer = assume(sts, "reader", DurationSeconds=900, ExternalId="not-asked-for")
    credentials, user = answer["Credentials"], answer["AssumedRoleUser"]
    assert user["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/reader/nightly"
    assert user["AssumedRoleId"].startswith("AROA") and user["AssumedRoleId"].endswith(":nightly")
    assert credentials["AccessKeyId"].startswith("ASIA") and len(credentials["AccessKeyId"]) == 20
    assert len(credentials["SecretAccessKey"]) == 40 and credentials["SessionToken"]
    assert abs((credentials["Expiration"] - before).total_seconds() - 900) < 30
    identity = peer("sts", credentials=credentials).get_caller_identity()
    assert (identity["Account"], identity["Arn"], identity["UserId"]) == (MEMBER, user["Arn"], user["AssumedRoleId"])
    home = sts.get_caller_identity()
    assert home["Account"] != MEMBER and f"::{home['Account']}:user/" in home["Arn"] and home["UserId"].startswith("A")


def test_a_session_without_a_duration_lasts_an_hour(peer, request):
    sts = peer("sts")
    create_reader(peer, request)
    expiration = assume(sts, "reader")["Credentials"]["Expiration"]
    assert abs((expiration - datetime.datetime.now(datetime.UTC)).total_seconds() - 3600) < 30


def test_names_of_sessions_that_are_too_long(peer):
    """The constraint that moto checks, too."""
    code, message, status = error(peer("sts").assume_role, RoleArn=role_arn("reader"), RoleSessionName="x" * 65)
    assert (code, status) == ("ValidationError", 400)
    assert "1 validation error detected" in message and "Member must have length less than or" in message


def test_roles_that_cannot_be_assumed_are_as_roles_that_do_not_exist(emulator, sts):
    seed(
        emulator,
        guarded={"externalId": "secret"},
        other={"trusted": ["arn:aws:iam::111111111111:root", f"arn:aws:iam::{ACCOUNT}:user/administrator"]},
    )
    for name, members in [("guarded", {}), ("guarded", {"ExternalId": "other"}), ("other", {}), ("missing", {})]:
        denied = f"User: {HOME_ARN} is not authorized to perform: sts:AssumeRole on resource: {role_arn(name)}"
        assert error(assume, sts, name, **members) == ("AccessDenied", denied, 403)
    assert error(assume, sts, "reader", account="333333333333")[0] == "AccessDenied"
    assert assume(sts, "guarded", ExternalId="secret")
    assert error(sts.assume_role, RoleArn="arn:aws:iam::1:role/reader", RoleSessionName="nightly")[:2] == (
        "ValidationError", "arn:aws:iam::1:role/reader is invalid",
    )


@pytest.mark.parametrize("principal", ["*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", HOME_ARN])
def test_a_trusted_principal_is_an_account_or_a_user(emulator, sts, principal):
    seed(emulator, reader={"trusted": [principal]})
    assert assume(sts, "reader")


def test_a_role_can_assume_another_for_an_hour(emulator, sts):
    seed(emulator, account=ACCOUNT, audit={})
    seed(emulator, **{"path/reader": {"trusted": [role_arn("audit", ACCOUNT)], "maxSessionDuration": 43200}})
    assert error(assume, sts, "path/reader")[0] == "AccessDenied"
    audit = assume(sts, "audit", ACCOUNT)["Credentials"]
    chained = emulator.boto3("sts", credentials=audit)
    assert chained.get_caller_identity()["Account"] == ACCOUNT
    answer = assume(chained, "path/reader", SourceIdentity="someone", Tags=[{"Key": "team", "Value": "audit"}])
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{MEMBER}:assumed-role/reader/nightly"
    assert answer["SourceIdentity"] == "someone"
    code, message, _ = error(assume, chained, "path/reader", DurationSeconds=3601)
    assert (code, message) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )


def test_sessions_are_as_long_as_the_role_allows(emulator, sts):
    seed(emulator, short={}, long={"maxSessionDuration": 43200})
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    assert error(assume, sts, "short", DurationSeconds=43200)[:2] == ("ValidationError", message)
    assert assume(sts, "long", DurationSeconds=43200)


# Code and status of each service, as its protocol has them.
EXPIRED = {
    "sts": ("ExpiredToken", 403),
    "config": ("ExpiredTokenException", 400),
    "events": ("ExpiredTokenException", 400),
    "cloudtrail": ("ExpiredTokenException", 400),
    "securityhub": ("ExpiredTokenException", 403),
    "auditmanager": ("ExpiredTokenException", 403),
}

CALLS = {
    "sts": "get_caller_identity",
    "config": "describe_config_rules",
    "events": "list_rules",
    "cloudtrail": "describe_trails",
    "securityhub": "describe_hub",
    "auditmanager": "get_account_status",
}


def test_credentials_expire_with_the_time_that_passes(emulator, sts):
    seed(emulator, reader={})
    credentials = assume(sts, "reader", DurationSeconds=3600)["Credentials"]
    clients = {name: emulator.boto3(name, credentials=credentials) for name in CALLS}
    assert clients["config"].describe_config_rules()["ConfigRules"] == []
    emulator.admin("POST", "time", {"passHours": 1})
    for name, call in CALLS.items():
        code, status = EXPIRED[name]
        expected = (code, "The security token included in the request is expired", status)
        assert error(getattr(clients[name], call)) == expected, name
    again = assume(sts, "reader")["Credentials"]
    assert emulator.boto3("config", credentials=again).describe_config_rules()["ConfigRules"] == []


def test_a_key_of_a_session_needs_its_token(emulator, sts):
    seed(emulator, reader={})
    credentials = assume(sts, "reader")["Credentials"]
    for token in (None, "any", credentials["SessionToken"][:-2] + "00"):
        mixed = credentials | {"SessionToken": token}
        for name, call in CALLS.items():
            code = "InvalidClientTokenId" if name == "sts" else "UnrecognizedClientException"
            status = EXPIRED[name][1]
            expected = (code, "The security token included in the request is invalid.", status)
            assert error(getattr(emulator.boto3(name, credentials=mixed), call)) == expected, name
    restarted = Program()
    try:
        unknown = restarted.boto3("config", credentials=credentials)
        assert error(unknown.describe_config_rules)[0] == "UnrecognizedClientException", "the role does not exist there"
    finally:
        restarted.kill()


def test_a_role_may_not_do_what_is_denied(emulator, sts):
    seed(emulator, reader={"denied": ["config:DescribeConfigRules", "securityhub:*", "auditmanager:*", "sts:*"]})
    credentials = assume(sts, "reader")["Credentials"]
    client = lambda name: emulator.boto3(name, credentials=credentials)
    caller = f"arn:aws:sts::{MEMBER}:assumed-role/reader/nightly"
    for name, call, action, code, status in [
        ("config", "describe_config_rules", "config:DescribeConfigRules", "AccessDeniedException", 400),
        ("securityhub", "describe_hub", "securityhub:DescribeHub", "AccessDeniedException", 403),
        ("auditmanager", "get_account_status", "auditmanager:GetAccountStatus", "AccessDeniedException", 403),
    ]:
        message = (
            f"User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        )
        assert error(getattr(client(name), call)) == (code, message, status)
    assert error(assume, client("sts"), "reader")[0] == "AccessDenied"
    assert client("config").describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert client("cloudtrail").describe_trails()["trailList"] == []
    assert client("sts").get_caller_identity()["Account"] == MEMBER, "this operation is always allowed"


def test_requests_that_name_no_operation(emulator):
    signature = "AWS4-HMAC-SHA256 Credential=any/20261127/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"
    for body, code, message in [
        ("", "MissingAction", "The request must contain the parameter Action"),
        ("Action=Nothing", "InvalidAction", "Could not find operation Nothing for version 2011-06-15"),
        ("Action=GetCallerIdentity&Version=2", "InvalidAction", "Could not find operation GetCallerIdentity for version 2"),
        ("Action=%", "MalformedQueryString", "The query string contains a syntax error"),
    ]:
        request = urllib.request.Request(emulator.endpoint + "/", data=body.encode(), headers={"Authorization": signature})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        with caught.value as response:
            text = response.read().decode()
        assert f"<Code>{code}</Code><Message>{message}</Message>" in text, text


def test_the_log_has_the_fields_of_the_form(emulator, sts):
    seed(emulator, reader={})
    assume(sts, "reader")
    (request,) = emulator.admin("GET", "requests")
    assert (request["operation"], request["account"], request["status"]) == ("sts:AssumeRole", ACCOUNT, 200)
    assert request["body"]["RoleArn"] == role_arn("reader")


def test_an_empty_response_has_no_credentials(emulator):
    seed(emulator, reader={})
    emulator.admin("POST", "faults", {"operation": "sts:AssumeRole", "effect": "empty"})
    answer = assume(session_of().client("sts", endpoint_url=emulator.endpoint), "reader")
    assert "Credentials" not in answer


def cli(emulator, *arguments, **environment):
    environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": emulator.endpoint, **environment}
    command = [sys.executable, "-m", "awscli", *arguments, "--output", "json"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_the_cli_assumes_a_role(emulator):
    seed(emulator, reader={"externalId": "secret"})
    arguments = ["sts", "assume-role", "--role-arn", role_arn("reader"), "--role-session-name", "nightly"]
    result = cli(emulator, *arguments, "--external-id", "secret", "--tags", "Key=a,Value=b")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    keys = answer["Credentials"]
    environment = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    identity = json.loads(cli(emulator, "sts", "get-caller-identity", **environment).stdout)
    assert identity == {
        "UserId": answer["AssumedRoleUser"]["AssumedRoleId"],
        "Account": MEMBER,
        "Arn": answer["AssumedRoleUser"]["Arn"],
    }
    denied = cli(emulator, *arguments)
    assert denied.returncode != 0 and "(AccessDenied)" in denied.stderr
    assert f"User: {HOME_ARN} is not authorized to perform: sts:AssumeRole on resource: {role_arn('reader')}" in denied.stderr


def test_the_cli_assumes_the_role_of_a_profile(emulator, tmp_path):
    """As a user configures it: the client asks for the credentials by itself."""
    seed(emulator, reader={"externalId": "secret"})
    config = tmp_path / "config"
    config.write_text(
        "[profile home]\naws_access_key_id = any\naws_secret_access_key = any\n"
        f"[profile member]\nrole_arn = {role_arn('reader')}\nexternal_id = secret\nsource_profile = home\n"
    )
    environment = {**os.environ, "AWS_CONFIG_FILE": str(config), "AWS_DEFAULT_REGION": "us-east-1"}
    environment |= {"AWS_ENDPOINT_URL": emulator.endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    environment = {name: value for name, value in environment.items() if name not in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE")}
    command = [sys.executable, "-m", "awscli", "--profile", "member", "sts", "get-caller-identity", "--output", "json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["Account"] == MEMBER
