"""cdk/member-role.json, deployed to moto: as a stack of its own, and as a StackSet to the accounts of an organization."""

import subprocess

import pytest

from deployment import ROOT
from members import TEMPLATE, check_role, iam_of, make_organization
from services import REGION

TRUSTED = "arn:aws:iam::000000000000:role/controlsync-Controlsync-Evidence-EF896F47-us-east-1"


@pytest.fixture(scope="module")
def organization(aws):
    return make_organization(aws)


def parameters(**values):
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def test_a_stack_has_the_role_with_its_trust_and_its_policy(aws):
    values = parameters(RoleName="reader", RolePath="/audit/", TrustedRoleArn=TRUSTED, ExternalId="house:evidence")
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="member", TemplateBody=TEMPLATE, Parameters=values, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    check_role(aws.client("iam"), "reader", TRUSTED, "house:evidence", path="/audit/")
    [stack] = cloudformation.describe_stacks(StackName="member")["Stacks"]
    [output] = stack["Outputs"]
    assert output["OutputValue"].endswith(":role/audit/reader")


def test_a_stack_set_has_the_role_in_every_account_of_a_unit(aws, organization):
    root, members = organization
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
        StackSetName="controlsync-evidence", DeploymentTargets={"OrganizationalUnitIds": [root]}, Regions=[REGION]
    )
    for member in members:
        check_role(iam_of(aws, member), "controlsync-evidence", TRUSTED, "house:evidence")


def test_the_printed_commands_create_the_role(aws, organization):
    """What deploy.sh prints at its end, with every character that makes it difficult."""
    root, members = organization
    script = f"""
        folder={ROOT}/cdk stack=second AWS_REGION={REGION} command=cdk/deploy.sh
        . "$folder/common.sh"
        . "$folder/members.sh"
        declare -A setting=([memberRole]="audit/team/a=b,c" [externalId]="x,y=z:/@") output=([EvidenceRole]={TRUSTED})
        show_members
    """
    printed = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True).stdout
    first, _, commands = printed.partition("\n")
    assert first == "Create the role in other accounts, once, from the management account of the organization; UNIT is a unit of it, or its root:"
    done = subprocess.run(
        ["bash", "-euc", commands.replace("=UNIT", f"={root}")], env=aws.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, commands + done.stderr
    for member in members:
        check_role(iam_of(aws, member), "a=b,c", TRUSTED, "x,y=z:/@", path="/audit/team/")
