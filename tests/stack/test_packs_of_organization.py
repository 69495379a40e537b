"""cdk/packs.sh and the commands of its guide, docs/guide/deploy-packs.md, with the real CDK and AWS CLI against moto. Packs of the account
are deployed to the emulator, those of an organization to moto; moto_packs.py says what they cannot do.

One stack, from the account to an organization and back, until it is deleted. Each test continues where the previous one ended."""

import re
import subprocess

from pack_script import ARGUMENTS, PAGE, REVIEW, catalog, kept, resources, run  # noqa: F401 Fixtures.
from packs import deployed, of_organization

ORGANIZATION = ARGUMENTS[-1]


def test_packs_are_deployed_without_a_question(aws, run):
    run("--yes")
    assert deployed(aws)[0] == ["house", "house-manual"]


def test_the_organization_replaces_packs_of_the_account(aws, run):
    switch = (*ORGANIZATION, "--bucket", "awsconfigconforms-house")
    output = run(*switch, code=2)
    assert "           house         REPLACED: deleted with 2 rules and all results, and created again in the organization\n" in output
    assert "           house-manual  changed in this account\n" in output
    assert "Warning    results are lost: packs that are deleted or replaced: 1, rules that are deleted from other packs: 0\n" in output
    question = "Delete these packs and rules with their results, and deploy this?"
    assert f'error: cannot ask "{question}" without a terminal: review the output above, then pass --yes' in output
    assert deployed(aws)[0] == ["house", "house-manual"]
    run(*switch, "--yes")
    assert deployed(aws) == (["house-manual"], [REVIEW])
    [pack] = of_organization(aws).values()
    assert (pack["OrganizationConformancePackName"], pack["ExcludedAccounts"]) == ("house", ["111122223333"])
    assert pack["DeliveryS3Bucket"] == "awsconfigconforms-house"


def test_the_organization_is_kept(aws, run):
    assert run().endswith("No changes. The stack has these packs and settings.\n")
    assert kept(aws) == {"organization": True, "exclude": ["111122223333"], "bucket": "awsconfigconforms-house"}
    output = run("--no-organization", code=2)
    assert 'error: accounts are excluded, but the packs are for this account only: pass --organization, or --exclude "" for none' in output
    run("--exclude", "111122223333", "--exclude", "444455556666", "--yes")
    assert of_organization(aws)["house"]["ExcludedAccounts"] == ["111122223333", "444455556666"]
    output = run("--no-organization", "--exclude", "", "--bucket", "", "--yes")
    assert "house         REPLACED: deleted with 2 rules and all results, and created again in this account\n" in output
    assert of_organization(aws) == {} and deployed(aws)[0] == ["house", "house-manual"]
    assert kept(aws) == {}


def test_what_disappears_from_the_directory_is_deleted_after_a_question(aws, catalog, run):
    run("--parameter", "AccessKeysRotatedParamMaxAccessKeyAge=30", "--yes")
    catalog.remove("reviews")
    catalog.remove("keys")
    catalog.export()
    output = run(code=2)
    kept = "the stack keeps a value for the parameter AccessKeysRotatedParamMaxAccessKeyAge, which no pack has anymore"
    assert f"error: {kept}: pass --parameter AccessKeysRotatedParamMaxAccessKeyAge= to forget it" in output
    forget = ("--parameter", "AccessKeysRotatedParamMaxAccessKeyAge=")
    output = run(*forget, code=2)
    assert "           house         changed in this account: 1 rule DELETED with all results, access-keys-rotated\n" in output
    assert "           house-manual  DELETED with 1 rule and all results\n" in output
    assert "packs that are deleted or replaced: 1, rules that are deleted from other packs: 1\n" in output
    code, output = aws.answer("packs.sh", str(catalog.packs), *forget, typed=b"no\n")
    assert code == 3 and deployed(aws)[0] == ["house", "house-manual"], output
    code, output = aws.answer("packs.sh", str(catalog.packs), *forget, typed=b"y\n")
    assert code == 0 and deployed(aws) == (["house"], ["encrypted-volumes"]), output


def test_a_large_template_is_uploaded(aws, catalog, run):
    """The emulator reads no templates from S3, so only what CloudFormation gets is checked."""
    path = catalog.packs / "house.yaml"
    small = path.read_text()
    path.write_text(small + "# long\n" * 8000)
    run("--yes")
    properties = resources(aws)["house"]["Properties"]
    assert "TemplateBody" not in properties
    bucket, key = properties["TemplateS3Uri"].removeprefix("s3://").split("/", 1)
    assert aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode() == path.read_text()
    path.write_text(small)
    run("--yes")
    assert deployed(aws) == (["house"], ["encrypted-volumes"])


def test_the_stack_is_deleted_as_the_guide_says(aws):
    [command] = re.findall(r"^aws .*$", PAGE, re.MULTILINE)
    subprocess.run(["bash", "-euc", command], env=aws.environment, check=True)
    stacks = aws.client("cloudformation").describe_stacks()["Stacks"]
    assert [one["StackName"] for one in stacks] == ["CDKToolkit"]
    assert deployed(aws) == ([], [])
