"""Accounts of an organization in moto, and the role that they need for the evidence function."""

import ast
import json

import boto3
from deployment import ROOT
from services import REGION

TEMPLATE = (ROOT / "cdk/member-role.json").read_text()


def make_organization(aws):
    """An organization with two members. Returns the ID of its root and the IDs of the accounts."""
    client = aws.client("organizations")
    client.create_organization(FeatureSet="ALL")
    [root] = client.list_roots()["Roots"]
    created = [client.create_account(AccountName=name, Email=f"{name}@example.com") for name in ("one", "two")]
    return root["Id"], [one["CreateAccountStatus"]["AccountId"] for one in created]


def iam_of(aws, account):
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


def document(policy):
    """moto returns policies as text that is not always JSON."""
    return policy if isinstance(policy, dict) else ast.literal_eval(policy)


def check_role(iam, name, trusted, external_id, path="/"):
    """The role trusts one role of the other account, with the external ID, and has exactly the policy of the template."""
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Path"], role["MaxSessionDuration"]) == (path, 3600)
    [trust] = document(role["AssumeRolePolicyDocument"])["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Condition": {"ArnEquals": {"aws:PrincipalArn": trusted}, "StringEquals": {"sts:ExternalId": external_id}},
    }
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    statements = document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])["Statement"]
    [expected] = [one["Properties"]["Policies"][0]["PolicyDocument"] for one in json.loads(TEMPLATE)["Resources"].values()]
    assert statements == expected["Statement"]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
