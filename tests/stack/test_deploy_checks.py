"""What cdk/deploy.sh checks before it deploys: arguments, settings, the account, the bucket and the catalog. If a check fails, nothing
is built, deployed or uploaded, and the message says what to do. test_deploy_packages.py has the checks of packages."""

from deployment import DESCRIPTION, rejected
from program import ACCOUNT
from services import account_client


def test_invalid_arguments(aws):
    assert "error: unknown argument --mod" in rejected(aws, "--mod", "apply")
    assert "error: --mode needs a value" in rejected(aws, "--mode")
    assert "error: invalid value mode for --set: expected NAME=VALUE" in rejected(aws, "--set", "mode")
    assert "error: --sha256 needs --package" in rejected(aws, "--sha256", "0" * 64)
    assert "error: --evidence-package needs --package" in rejected(aws, "--evidence-package", "evidence.zip")
    assert "error: --evidence-sha256 needs --evidence-package" in rejected(aws, "--evidence-sha256", "0" * 64)


def test_a_new_stack_without_a_decision(aws):
    for flags in ([], ["--yes"]):
        output = rejected(aws, *flags, decided=False)
        assert "error: the stack keeps no decision yet: decide with --mode whether the function writes to Audit Manager" in output
        assert "--mode plan     it emails its plan and writes nothing, until you go live with --mode apply" in output
    code, output = aws.answer("deploy.sh", typed=b"aply\n")
    assert code == 2 and 'error: invalid value "aply" for mode: set it to `plan` or `apply`' in output
    assert aws.has_no_stacks()


def test_a_stack_that_keeps_no_settings(aws):
    with aws.stack_of_another("controlsync", DESCRIPTION):
        code, output = aws.run("deploy.sh", "--yes")
    assert code == 2, output
    assert "error: the stack controlsync keeps no settings, because an earlier version deployed it: pass all" in output


def test_a_protection_that_was_set_in_the_console_is_kept(aws):
    """It counts as a setting that the stack keeps: a settings file can still end it."""
    off = aws.folder / "unprotected.json"
    off.write_text('{"terminationProtection": false}')
    with aws.stack_of_another("controlsync", DESCRIPTION, EnableTerminationProtection=True):
        _, kept = aws.run("deploy.sh", "--mode", "plan")
        _, ended = aws.run("deploy.sh", "--mode", "plan", "--settings", str(off))
    assert "Settings   1 changed, all others as they are\n           mode: default -> plan\n" in kept, kept
    assert "terminationProtection: true -> false\n" in ended, ended


def test_a_bootstrap_with_another_qualifier(aws):
    """It is not bootstrapped over: that would replace the roles of others."""
    qualifier = {"ParameterKey": "Qualifier", "ParameterValue": "team"}
    with aws.stack_of_another("CDKToolkit", Parameters=[qualifier]):
        code, output = aws.run("deploy.sh", "--mode", "plan", "--yes")
    assert code == 2, output
    assert "error: the CDK is not bootstrapped with the qualifier hnb659fds in account 000000000000, us-east-1, but with team" in output
    assert "pass --qualifier team" in output


def test_a_key_of_another_region(aws):
    key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    output = rejected(aws, "--set", f"kmsKey={key}")
    assert "error: kmsKey is in eu-west-1, but the stack is in us-east-1: use one in us-east-1" in output


def test_invalid_settings(aws):
    """All that is wrong is said at once."""
    output = rejected(aws, "--mode", "apply", "--set", "memberRole=reader")
    assert "error: mode is apply, but catalog is not set" in output
    assert "error: memberRole is set, but evidence is not true: set evidence to true, or remove memberRole" in output
    settings = ("rate=50", "onRemove=delete", "catalog=default", "evidence=true", "externalId=house", "reportDays=30")
    output = rejected(aws, "--mode", "aply", *(argument for one in settings for argument in ("--set", one)))
    assert "error: invalid value \"aply\" for mode: set it to `plan` or `apply`" in output
    assert 'error: invalid value "50" for rate: set it to requests per second, more than 0 and at most 20' in output
    assert "mode is apply" not in output
    assert "catalog is default: give the catalog its own name" in output
    assert "error: externalId is set, but memberRole is not" in output
    assert "error: reportDays is set, but evidenceReports is not true: set evidenceReports to true, or remove reportDays" in output
    output = rejected(aws, "--settings", str(aws.folder / "none.json"))
    assert "error: cannot read the settings in " in output and "none.json: ENOENT" in output


def test_no_region_and_no_credentials(aws):
    output = rejected(aws, AWS_REGION=None, AWS_DEFAULT_REGION=None)
    assert "error: no Region is set: set AWS_REGION to the Region in which you use Audit Manager" in output
    output = rejected(aws, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert "error: no valid AWS credentials: sign in, or set AWS_PROFILE" in output


def test_a_missing_program(aws):
    output = rejected(aws, PATH="/usr/bin:/bin")
    assert "is not installed; docs/guide/deploy.md lists the prerequisites" in output


def test_an_account_without_audit_manager(aws):
    aws.audit_manager.configure(accountStatus="INACTIVE")
    output = rejected(aws)
    aws.audit_manager.configure(accountStatus="ACTIVE")
    assert "error: Audit Manager is INACTIVE in account 000000000000, us-east-1" in output


def test_a_stack_that_is_not_ours(aws):
    with aws.stack_of_another("theirs"):
        for script in ("deploy.sh", "destroy.sh"):
            code, output = aws.run(script, "--stack", "theirs", "--yes")
            assert code == 2
            assert "error: the stack theirs in account 000000000000, us-east-1 is not a controlsync stack" in output


def test_a_plan_for_another_account(aws):
    catalog = aws.folder / "elsewhere"
    (catalog / "controls").mkdir(parents=True)
    (catalog / "controls" / "a.yaml").write_text("name: a\n")
    client = account_client(aws.audit_manager.endpoint)
    source = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
    theirs = client.create_control(name="theirs", controlMappingSources=[source])["control"]
    # The credentials are for another account than the plan.
    programs = aws.program("aws", 'if [ "$1" = sts ]; then echo 123456789012; exit; fi', aws.programs / "aws")
    output = rejected(aws, "--catalog-dir", str(catalog), "--yes", PATH=programs)
    assert f"error: the plan is for account {ACCOUNT}, set by [target] in controlsync.toml" in output
    assert "the function would work in 123456789012" in output
    client.delete_control(controlId=theirs["id"])


def test_an_unknown_bootstrap_status(aws):
    refused = 'if [ "$1" = ssm ]; then echo "An error occurred (AccessDeniedException)" >&2; exit 254; fi'
    output = rejected(aws, "--yes", PATH=aws.program("aws", refused, aws.programs / "aws"))
    assert "error: cannot read whether the CDK is bootstrapped in account 000000000000, us-east-1" in output
    assert "AccessDeniedException" in output


def test_an_existing_bucket(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="team-catalog")
    elsewhere = {"LocationConstraint": "eu-west-1"}
    aws.client("s3").create_bucket(Bucket="their-catalog", CreateBucketConfiguration=elsewhere)
    output = rejected(aws, "--set", "existingBucket=their-catalog", "--yes")
    assert "error: the bucket their-catalog is in eu-west-1: it sends its events there, not to us-east-1" in output
    output = rejected(aws, "--set", "existingBucket=team-catalog", "--yes")
    assert "error: the bucket team-catalog does not send its events to EventBridge" in output
    output = rejected(aws, "--set", "existingBucket=no-such-catalog", "--yes")
    assert "error: cannot read the bucket no-such-catalog" in output
    key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="team-catalog", ServerSideEncryptionConfiguration={"Rules": [by_default]})
    tidy = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "controls/"}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket="team-catalog", LifecycleConfiguration={"Rules": [tidy]})
    # All that is wrong is said at once.
    reports = [argument for one in ("evidence=true", "evidenceReports=true", "reportDays=30") for argument in ("--set", one)]
    output = rejected(aws, "--set", "existingBucket=team-catalog", *reports, "--yes")
    assert "does not send its events to EventBridge" in output
    assert "the bucket team-catalog never deletes reports, but reportDays is 30: give it a lifecycle rule" in output
    assert f"is encrypted with the key {key}, which the function could not use: set kmsKey" in output
    assert "the lifecycle rule tidy of the bucket team-catalog expires files of the catalog" in output


def test_a_catalog_with_errors(aws):
    broken = aws.folder / "broken" / "controls" / "a.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text("name: a\ntags: {Version: 1.10}\n")
    output = rejected(aws, "--catalog-dir", str(broken.parent.parent), "--yes", code=1)
    assert "error[unquoted-string]" in output
    assert "nothing was deployed. Fix the errors above" in output
    output = rejected(aws, "--catalog-dir", "/no/such/directory", "--yes")
    assert "error: the directory /no/such/directory does not exist" in output


def test_no_terminal(aws):
    code, output = aws.run("deploy.sh", "--mode", "plan", "--with-sample")
    assert code == 2 and aws.has_no_stacks(), output
    assert "Plan for 34 controls and 4 frameworks: 38 to create." in output
    assert "[+] AWS::Lambda::Function" in output, "the difference is shown first"
    assert 'error: cannot ask "Deploy this?" without a terminal: review the output above, then pass --yes' in output


def test_answering_no(aws):
    code, output = aws.answer("deploy.sh", typed=b"\nn\n")
    assert code == 3, output
    assert output.endswith("Nothing was changed.\n")
    assert aws.has_no_stacks()
