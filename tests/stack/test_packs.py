"""cdk/packs.sh and the commands of its guide, with the real CDK and AWS CLI against moto. Packs of the account are deployed to the
emulator, those of an organization to moto; moto_packs.py says what they cannot do.

One stack, from an empty account to an organization and back. Each test continues where the previous one ended."""

import re
import subprocess

import pytest
from deployment import DESCRIPTION, ROOT
from packs import Catalog, deployed, evidence, of_organization, record

PAGE = (ROOT / "docs/guide/deploy-packs.md").read_text()
# Arguments of `cdk/packs.sh` in the guide: to deploy, to look, to tighten a parameter, and for an organization.
FIRST, DRY_RUN, TIGHTENED, ORGANIZATION = (line.split()[1:] for line in re.findall(r"^cdk/packs\.sh (.*)$", PAGE, re.MULTILINE))
# The rule of the process check.
REVIEW = "access-is-reviewed-minutes-of-the-review"


@pytest.fixture(scope="module")
def catalog(aws, tmp_path_factory):
    record(aws)
    catalog = Catalog(tmp_path_factory.mktemp("catalog"))
    catalog.export()
    catalog.assess(aws)
    return catalog


@pytest.fixture
def run(aws, catalog):
    """Runs packs.sh with the packs of the catalog. Returns its output; fails for another exit code."""

    def run(*arguments, code=0, **variables):
        found, output = aws.run("packs.sh", str(catalog.packs), *arguments, **variables)
        assert found == code, output
        return output

    return run


def resources(aws, stack="controlsync-packs"):
    """The resources in the deployed template, by the name of the pack."""
    template = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]["Resources"]
    names = ("ConformancePackName", "OrganizationConformancePackName")
    return {next(one["Properties"][name] for name in names if name in one["Properties"]): one for one in template.values()}


def kept(aws):
    [settings] = [one["Metadata"]["controlsync"] for one in resources(aws).values() if "controlsync" in one["Metadata"]]
    return settings


def test_a_dry_run_changes_nothing(aws, run):
    output = run(*DRY_RUN)
    assert "Stack      controlsync-packs will be created\n" in output
    assert "           house         new in this account, with 2 rules\n" in output
    assert "           house-manual  new in this account, with 1 rule\n" in output
    assert "[+] AWS::Config::ConformancePack" in output and "\nWarning  " not in output
    assert output.endswith("Nothing was changed.\n")
    assert aws.has_no_stacks()


def test_invalid_arguments(aws, run, catalog):
    def rejected(*arguments):
        code, output = aws.run("packs.sh", *arguments)
        assert code == 2 and aws.has_no_stacks(), output
        return output

    packs = str(catalog.packs)
    assert "error: no directory is given: pass the one that controlsync export conformance-pack wrote, such as packs" in rejected()
    assert "error: there are two directories, packs and more: pass one" in rejected("packs", "more")
    assert "error: unknown argument --everywhere\n  see cdk/packs.sh --help" in rejected(packs, "--everywhere")
    assert "error: --exclude needs a value" in rejected(packs, "--exclude")
    assert "error: invalid value Max for --parameter: expected NAME=VALUE" in rejected(packs, "--parameter", "Max")
    assert "error: invalid account 12 for --exclude: an account ID has 12 digits" in rejected(packs, "--exclude", "12", "--organization")
    assert "error: the directory /no/such/packs does not exist: write the packs with controlsync export" in rejected("/no/such/packs")
    assert "deploys the conformance packs" in aws.run("packs.sh", "--help")[1].lower()


def test_a_stack_that_has_something_else(aws, run):
    with aws.stack_of_another("controlsync", DESCRIPTION):
        output = run("--stack", "controlsync", "--yes", code=2)
    assert "error: the stack controlsync in account 000000000000, us-east-1 is not a stack of conformance packs: choose another" in output


def test_without_a_terminal_or_a_yes_nothing_is_deployed(aws, catalog, run):
    output = run(code=2)
    assert 'error: cannot ask "Deploy this?" without a terminal: review the output above, then pass --yes' in output
    code, output = aws.answer("packs.sh", str(catalog.packs), typed=b"n\n")
    assert code == 3 and output.endswith("Nothing was changed.\n"), output
    assert aws.has_no_stacks()


def test_packs_are_deployed_after_one_answer(aws, catalog):
    assert "error[config-rule-not-deployed]" in evidence(aws, catalog)
    code, output = aws.answer("packs.sh", str(catalog.packs), *FIRST, typed=b"y\n")
    assert code == 0, output
    assert "The packs are deployed. AWS Config evaluates their rules in the next minutes or, if periodic, within a day." in output
    assert output.endswith("Next, see whether your controls can collect evidence:\n  controlsync evidence\n")
    assert deployed(aws) == (["house", "house-manual"], [REVIEW, "access-keys-rotated", "encrypted-volumes"])
    assert kept(aws) == {}
    aws.audit_manager.admin("POST", "time", {"passHours": 25})
    assert evidence(aws, catalog, "--refresh").endswith("3 controls: 1 not-ready, 2 ready\n")


def test_a_second_deployment_changes_nothing(run):
    output = run()
    assert "Stack      controlsync-packs will be updated\nSettings   0 changed, all others as they are\n" in output
    assert "           house         unchanged in this account\n" in output
    assert output.endswith("No changes. The stack has these packs and settings.\n")


def test_a_parameter_is_tightened_and_kept(aws, run):
    output = run(*TIGHTENED, "--yes")
    assert 'parameters: default -> {"AccessKeysRotatedParamMaxAccessKeyAge":"30"}\n' in output
    assert "           house         changed in this account\n" in output
    given = [{"ParameterName": "AccessKeysRotatedParamMaxAccessKeyAge", "ParameterValue": "30"}]
    assert resources(aws)["house"]["Properties"]["ConformancePackInputParameters"] == given
    assert "ConformancePackInputParameters" not in resources(aws)["house-manual"]["Properties"]
    assert run().endswith("No changes. The stack has these packs and settings.\n")
    output = run("--parameter", "Max=30", code=2)
    assert "error: no pack has the parameter Max; the packs have AccessKeysRotatedParamMaxAccessKeyAge" in output
    output = run("--parameter", "AccessKeysRotatedParamMaxAccessKeyAge=", "--yes")
    assert "ConformancePackInputParameters" not in resources(aws)["house"]["Properties"]
    assert kept(aws) == {}


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
