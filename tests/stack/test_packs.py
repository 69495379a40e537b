"""cdk/packs.sh and the commands of its guide, docs/guide/deploy-packs.md, with the real CDK and AWS CLI against moto. Packs of the account
are deployed to the emulator, those of an organization to moto; moto_packs.py says what they cannot do.

One stack, from an empty account to a tightened parameter. Each test continues where the previous one ended;
test_packs_of_organization.py is about what comes then."""

from deployment import DESCRIPTION
from pack_script import ARGUMENTS, REVIEW, catalog, kept, resources, run  # noqa: F401 Fixtures.
from packs import deployed, evidence

FIRST, DRY_RUN, TIGHTENED, _ = ARGUMENTS


def test_a_dry_run_changes_nothing(aws, run):
    output = run(*DRY_RUN, CDK_VALIDATION=None)
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
