"""cdk/member-role.json, deployed to moto: as a stack of its own, and as a StackSet to the accounts of an organization."""

import ast
import json

import boto3
from deployment import ROOT
from services import REGION

TEMPLATE = (ROOT / "cdk/member-role.json").read_text()
TRUSTED = "arn:aws:iam::000000000000:role/controlsync-Controlsync-Evidence-EF896F47-us-east-1"


def parameters(**values):
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def document(policy):
    """moto returns policies as text that is not always JSON."""
    return policy if isinstance(policy, dict) else ast.literal_eval(policy)


def check(iam, name, external_id, path="/"):
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Path"], role["MaxSessionDuration"]) == (path, 3600)
    [trust] = document(role["AssumeRolePolicyDocument"])["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Condition": {"ArnEquals": {"aws:PrincipalArn": TRUSTED}, "StringEquals": {"sts:ExternalId": external_id}},
    }
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    [statement] = document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])["Statement"]
    resources = json.loads(TEMPLATE)["Resources"].values()
    [expected] = [one for resource in resources for one in resource["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]]
    assert statement == expected
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []


def test_a_stack_has_the_role_with_its_trust_and_its_policy(aws):
    values = parameters(RoleName="reader", RolePath="/audit/", TrustedRoleArn=TRUSTED, ExternalId="house:evidence")
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="member", TemplateBody=TEMPLATE, Parameters=values, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    check(aws.client("iam"), "reader", "house:evidence", path="/audit/")
    [stack] = cloudformation.describe_stacks(StackName="member")["Stacks"]
    [output] = stack["Outputs"]
    assert output["OutputValue"].endswith(":role/audit/reader")


def test_a_stack_set_has_the_role_in_every_account_of_a_unit(aws):
    organizations = aws.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    [root] = organizations.list_roots()["Roots"]
    created = [organizations.create_account(AccountName=name, Email=f"{name}@example.com") for name in ("one", "two")]
    members = [one["CreateAccountStatus"]["AccountId"] for one in created]
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack_set(
        StackSetName="controlsync-evidence",
        TemplateBody=TEMPLATE,
        Parameters=parameters(TrustedRoleArn=TRUSTED, ExternalId="house:evidence"),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        PermissionModel="SERVICE_MANAGED",
        AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": False},
    )
    cloudformation.create_stack_instances(
        StackSetName="controlsync-evidence", DeploymentTargets={"OrganizationalUnitIds": [root["Id"]]}, Regions=[REGION]
    )
    for member in members:
        check(client_of(aws, member), "controlsync-evidence", "house:evidence")


def client_of(aws, account):
    """IAM in another account: moto lets everyone assume every role."""
    arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    found = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "iam",
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )
