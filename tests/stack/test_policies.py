"""The policies in the guide allow exactly the actions that the programs need."""

import json
import os
import re
import subprocess
from pathlib import Path

import botocore.session
import pytest
from permissions import PERMISSIONS
from program import CREDENTIALS, Program
from proxy import Proxy
from services import Moto, account_client
from template import listed

ROOT = Path(__file__).parent.parent.parent


def policy(name, page="docs/guide/deploy.md"):
    """The actions of a policy on a page."""
    [text] = re.findall(rf"<!-- generated: {name} -->\s*```json\n(.*?)```", (ROOT / page).read_text(), re.S)
    return {action for statement in json.loads(text)["Statement"] for action in listed(statement["Action"])}


def of_audit_manager(name):
    prefix = "auditmanager:"
    return {action.removeprefix(prefix) for action in policy(name) if action.startswith(prefix)}


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    server = Moto(tmp_path_factory.mktemp("moto"))
    yield server
    server.kill()


@pytest.fixture
def account():
    program = Program()
    yield program
    program.kill()


@pytest.fixture
def catalog(tmp_path):
    control = tmp_path / "controls" / "a.yaml"
    control.parent.mkdir()
    control.write_text("name: Backups are made\ntags: {Family: Backup}\n")
    (control.parent / "b.yaml").write_text("name: Restores are tested\n")
    framework = tmp_path / "frameworks" / "f.yaml"
    framework.parent.mkdir()
    framework.write_text(
        "name: Continuity\ndescription: Recovery.\ncontrolSets:\n- name: Backup\n  controls:\n"
        "  - Backups are made\n  - Restores are tested\n"
    )
    (tmp_path / "controlsync.toml").write_text('catalog = "house"\n')
    return tmp_path


def deny_all_but(account, allowed):
    """Makes the account deny every operation that is not allowed."""
    model = botocore.session.get_session().get_service_model("auditmanager")
    denied = []
    for operation in model.operation_names:
        if operation not in allowed:
            fault = {"operation": f"auditmanager:{operation}", "times": 10_000, "effect": "deny"}
            status, _, _ = account.http("POST", "/_emulator/faults", fault)
            denied += [operation] if status < 300 else []
    assert denied, "the emulator denies no operation"


def run(account, folder, *arguments, allowed=(0,)):
    environment = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL_AUDITMANAGER": account.endpoint}
    command = [os.environ["CONTROLSYNC_BIN"], *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in allowed, done.stdout + done.stderr


def observed(account):
    return {request["operation"] for request in account.requests()}


def assess(account):
    """Creates an assessment from the framework, so that the impact of deletions is read too."""
    client = account_client(account.endpoint)
    [framework] = client.list_assessment_frameworks(frameworkType="Custom")["frameworkMetadataList"]
    seed = {"assessments": [{"name": "This year", "frameworkId": framework["id"], "status": "ACTIVE"}]}
    account.admin("POST", "seed", seed)


def test_plan_and_pull_need_exactly_the_actions_of_their_policy(account, catalog):
    run(account, catalog, "apply", "--yes")
    assess(account)
    (catalog / "controls" / "b.yaml").unlink()
    account.admin("DELETE", "requests")
    allowed = of_audit_manager("policy of plan and pull")
    deny_all_but(account, allowed)
    (catalog / "frameworks" / "f.yaml").write_text(
        "name: Continuity\ndescription: Recovery.\ncontrolSets:\n- name: Backup\n  controls:\n  - Backups are made\n"
    )
    run(account, catalog, "plan", "--prune", "--max-deletes", "5", allowed=(3,))
    run(account, catalog, "pull", "--out", str(catalog / "pulled"))
    assert observed(account) == allowed


def test_apply_needs_exactly_the_actions_of_its_policy(account, catalog):
    allowed = of_audit_manager("policy of apply and push")
    deny_all_but(account, allowed)
    run(account, catalog, "apply", "--yes")
    assess(account)
    (catalog / "controls" / "a.yaml").write_text("name: Backups are made\ndescription: Every day.\n")
    (catalog / "frameworks" / "f.yaml").write_text(
        "name: Continuity\ndescription: Recovery.\ncontrolSets:\n- name: Backup\n  controls:\n  - Backups are made\n"
    )
    (catalog / "controls" / "b.yaml").unlink()
    run(account, catalog, "apply", "--yes", "--prune", "--max-deletes", "5")
    (catalog / "frameworks" / "f.yaml").unlink()
    (catalog / "controls" / "c.yaml").write_text("name: Another\n")
    run(account, catalog, "apply", "--yes", "--prune", "--max-deletes", "5")
    assert observed(account) == allowed


def test_push_needs_exactly_the_actions_of_its_policies(moto, catalog):
    moto.s3.create_bucket(Bucket="team-catalog")
    proxy = Proxy()
    proxy.upstream = moto.address
    environment = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL_S3": proxy.endpoint}

    def push(*flags):
        arguments = [os.environ["CONTROLSYNC_BIN"], "push", "--bucket", "team-catalog", "--prefix", "audit", *flags]
        subprocess.run(arguments, cwd=catalog, env=environment, capture_output=True, check=True)

    push()
    (catalog / "controls" / "b.yaml").write_text("name: Restores are proven\n")
    (catalog / "controls" / "c.yaml").write_text("name: Restores are tested\n")
    push()
    (catalog / "controls" / "b.yaml").unlink()
    push("--delete", "--yes")
    called = {(call.service, call.operation) for call in proxy.calls}
    needed = {PERMISSIONS.get(call, ":".join(call)) for call in called}
    proxy.close()
    for page, name in [("docs/push.md", "policy of push"), ("docs/guide/deploy.md", "policy of apply and push")]:
        assert needed == {action for action in policy(name, page) if action.startswith("s3:")}


# Actions of the commands in the scripts. The text of the guide has those for an existing bucket.
OF_COMMANDS = {
    "auditmanager get-account-status": {"auditmanager:GetAccountStatus"},
    "cloudformation delete-stack": {"cloudformation:DeleteStack"},
    "cloudformation describe-stack-resources": {"cloudformation:DescribeStackResources"},
    "cloudformation describe-stacks": {"cloudformation:DescribeStacks"},
    "cloudformation get-template": {"cloudformation:GetTemplate"},
    "cloudformation wait": {"cloudformation:DescribeStacks"},
    "configure get": set(),
    "lambda get-event-source-mapping": {"lambda:GetEventSourceMapping"},
    # Without s3:ListBucket, a missing object is reported as access denied.
    "s3 cp": {"s3:GetObject", "s3:ListBucket"},
    "s3api delete-bucket": {"s3:DeleteBucket"},
    "s3api delete-bucket-policy": {"s3:DeleteBucketPolicy"},
    "s3api delete-objects": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "s3api get-bucket-policy": {"s3:GetBucketPolicy"},
    "s3api list-object-versions": {"s3:ListBucketVersions"},
    "s3api put-bucket-policy": {"s3:PutBucketPolicy"},
    "sns list-subscriptions-by-topic": {"sns:ListSubscriptionsByTopic"},
    "sns subscribe": {"sns:Subscribe"},
    "sns unsubscribe": {"sns:Unsubscribe"},
    "sqs send-message": {"sqs:SendMessage"},
    "ssm get-parameter": {"ssm:GetParameter"},
    # It needs no permission.
    "sts get-caller-identity": set(),
}


@pytest.mark.parametrize(
    "script, sources, other, page",
    [
        ("deploy", ["app.sh", "bucket.sh", "checks.sh", "subscriptions.sh"], {"sts:AssumeRole"}, "deploy"),
        ("destroy", ["bucket.sh"], set(), "deploy"),
        ("packs", ["app.sh"], {"sts:AssumeRole"}, "deploy-packs"),
    ],
)
def test_a_script_needs_exactly_the_actions_of_its_policy(script, sources, other, page):
    texts = [(ROOT / "cdk" / name).read_text() for name in (f"{script}.sh", "common.sh", *sources)]
    code = "\n".join(line for text in texts for line in text.splitlines() if not re.match(r"\s*(#|say|printf)", line))
    commands = {" ".join(found) for found in re.findall(r"(?m)(?:^\s*|\$\()aws ([a-z0-9]+) ([a-z-]+)", code)}
    assert set().union(*(OF_COMMANDS[command] for command in commands)) | other == policy(f"policy of {script}", f"docs/guide/{page}.md")
