"""The pipeline: its stack deployed to moto, and the commands of its builds run as CodeBuild runs them, with the variables of the
template, the program from a release, and the scripts from the tag of a repository."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import tarfile
from types import SimpleNamespace

import pytest
import yaml
from deployment import ROOT
from manifest import version
from packs import Catalog, deployed, evidence, record
from template import Template

PAGE = (ROOT / "docs/guide/deploy-packs.md").read_text()
# moto's CloudFormation has no resources of these types: it neither checks nor creates them. Of a project of CodeBuild it has the
# stand-in in moto_server.py, which runs nothing.
IGNORED = {"AWS::CodePipeline::Pipeline", "AWS::S3::BucketPolicy"}
URL = "https://console.aws.amazon.com/codesuite/codebuild/000000000000/projects/check/build/check%3A1"


def make_release(folder):
    """A release whose program is a script that starts the one under test. Returns the URL of the releases."""
    name = f"controlsync-v{version()}-{platform.machine()}-unknown-linux-gnu"
    files = folder / f"v{version()}"
    (files / name).mkdir(parents=True)
    program = files / name / "controlsync"
    program.write_text(f'#!/bin/sh\nexec "{os.environ["CONTROLSYNC_BIN"]}" "$@"\n')
    program.chmod(0o755)
    with tarfile.open(files / f"{name}.tar.gz", "w:gz") as archive:
        archive.add(files / name, name)
    digest = hashlib.sha256((files / f"{name}.tar.gz").read_bytes()).hexdigest()
    (files / "SHA256SUMS").write_text(f"{digest}  {name}.tar.gz\n")
    return folder.as_uri()


def make_repository(folder):
    """What the builds need of this repository, with the tag of its version. Returns its URL."""
    ignored = shutil.ignore_patterns("node_modules", "cdk.out")
    for name in ("cdk", "integrations", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "Cargo.toml", folder)
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=All"], ["tag", f"v{version()}"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    return folder.as_uri()


@pytest.fixture(scope="module")
def settings(aws, tmp_path_factory):
    """The settings of the guide, with the bucket and the copies of this test."""
    [text] = re.findall(r"^```json pipeline\.json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    bucket = "team-catalog"
    aws.client("s3").create_bucket(Bucket=bucket)
    folder = tmp_path_factory.mktemp("controlsync")
    copies = {"git": make_repository(folder / "git"), "releases": make_release(folder / "releases")}
    path = folder / "pipeline.json"
    path.write_text(json.dumps(json.loads(text) | copies | {"bucket": bucket, "prefix": "audit"}))
    return path


def cdk(aws, settings, verb, *arguments):
    """The command of the guide, with another verb."""
    [command] = re.findall(r"^npx cdk deploy .*$", PAGE, re.MULTILINE)
    command = command.replace("npx cdk deploy", f"node_modules/.bin/cdk {verb}").replace("../pipeline.json", str(settings))
    environment = aws.environment | {"CDK_DEFAULT_ACCOUNT": "000000000000", "CDK_DEFAULT_REGION": "us-east-1"}
    shell = ["bash", "-euc", f"{command} {' '.join(arguments)}"]
    done = subprocess.run(shell, cwd=ROOT / "cdk", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def template(aws, settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("synth")
    cdk(aws, settings, "synth", "--quiet", "--output", str(folder))
    return Template(json.loads((folder / "controlsync-pipeline.template.json").read_text()))


@pytest.fixture(scope="module")
def catalog(aws, tmp_path_factory):
    record(aws)
    catalog = Catalog(tmp_path_factory.mktemp("catalog"))
    catalog.assess(aws)
    return catalog


@pytest.fixture
def build(aws, template, catalog, tmp_path):
    """Runs a build: the commands of its phases one after another in one shell, until one fails."""
    # The CDK is installed already. npm would ask the registry.
    modules = f'while [ "$1" != --prefix ]; do shift; done; ln -s {ROOT}/cdk/node_modules "$2/node_modules"; exit'
    path = aws.program("npm", modules, "false")
    services = ("CONFIG_SERVICE", "SECURITYHUB", "EVENTBRIDGE", "CLOUDTRAIL")
    endpoints = {f"AWS_ENDPOINT_URL_{service}": aws.audit_manager.endpoint for service in services}

    def build(name, code=0):
        [project] = [one["Properties"] for key, one in template.resources.items() if key.startswith(f"{name}Project")]
        spec = yaml.safe_load(project["Source"]["BuildSpec"])
        variables = {one["Name"]: one["Value"] for one in project["Environment"]["EnvironmentVariables"]}
        home = tmp_path / f"{name}{code}"
        variables |= {"CONTROLSYNC_HOME": str(home), "CODEBUILD_BUILD_URL": URL, "PATH": path}
        environment = {key: value for key, value in aws.environment.items() if key != "CONTROLSYNC_BIN"} | endpoints | variables
        commands = [command for phase in spec["phases"].values() for command in phase["commands"]]
        exported = spec["env"].get("exported-variables", [])
        show = [f'printf "exported %s=%s\\n" {one} "${one}"' for one in exported]
        # The clone has the files of the last commit only, with what is built beside it.
        script = "\n".join(f"{command}\n_status=$?; [ $_status -eq 0 ] || exit $_status" for command in commands + show)
        done = subprocess.run(
            ["bash", "-c", script], cwd=catalog.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )
        assert done.returncode == code, done.stdout
        found = dict(line.removeprefix("exported ").split("=", 1) for line in done.stdout.splitlines() if line.startswith("exported "))
        return SimpleNamespace(log=done.stdout, **found)

    return build


def keys(aws):
    return sorted(one["Key"] for one in aws.client("s3").list_objects_v2(Bucket="team-catalog").get("Contents", []))


def test_an_invalid_file_fails_the_check(catalog, build):
    catalog.write("bad", "name: Bad\ntags: {Version: 1.10}\n")
    assert "error[unquoted-string]" in build("Check", 1).log
    catalog.remove("bad")


def test_packs_that_are_not_what_the_export_writes_fail_the_check(catalog, build):
    catalog.export()
    catalog.write("volumes", "name: Volumes are encrypted\n")
    log = build("Check", 1).log
    expected = "error: ./packs is not what controlsync export conformance-pack --name house --manual process-check writes: export and commit it"
    assert expected in log
    catalog.write_all()
    catalog.export()


def test_the_check_shows_what_would_change_and_changes_nothing(aws, catalog, build):
    catalog.write("keys", catalog.read("keys") + "testingInformation: Look at the oldest key.\n")
    aws.audit_manager.admin("DELETE", "requests")
    check = build("Check")
    assert check.SUMMARY == (
        "Plan for 3 controls and 1 framework: 1 to update, 3 unchanged. "
        "Packs - house new in this account, with 2 rules;house-manual new in this account, with 1 rule"
    )
    assert check.LOG == URL
    for part in ("~ update  control   Keys are rotated", "error[config-rule-not-deployed]", "[+] AWS::Config::ConformancePack", "Nothing was changed."):
        assert part in check.log, part
    assert aws.has_no_stacks() and keys(aws) == []
    asked = {request["operation"].split(":")[-1] for request in aws.audit_manager.requests()}
    assert all(operation.startswith(("BatchGet", "Describe", "Get", "List")) for operation in asked), asked


def test_what_is_approved_is_pushed_and_deployed(aws, catalog, build):
    assert "4 uploaded" in build("Push").log
    assert "audit/controls/keys.yaml" in keys(aws) and "audit/frameworks/f.yaml" in keys(aws)
    build("Packs")
    assert deployed(aws)[0] == ["house", "house-manual"]
    aws.audit_manager.admin("POST", "time", {"passHours": 25})
    assert "2 ready" in evidence(aws, catalog, "--refresh")
    assert build("Check").SUMMARY.endswith(" Packs - no changes")


def test_what_is_deleted_is_in_the_approval(aws, catalog, build):
    catalog.remove("reviews")
    catalog.export()
    assert build("Check").SUMMARY.endswith(" Packs - house-manual DELETED with 1 rule and all results")
    build("Push")
    assert "audit/controls/reviews.yaml" not in keys(aws)
    build("Packs")
    assert deployed(aws)[0] == ["house"]


def test_a_plan_without_changes_is_in_the_approval_too(catalog, build):
    catalog.write_all()
    catalog.export()
    assert build("Check").SUMMARY.startswith("No changes. 3 controls and 1 framework match the catalog. Packs - house-manual new ")


def test_the_stack_is_deployed_as_far_as_moto_goes(aws, settings, template):
    cdk(aws, settings, "deploy", "--require-approval", "never")
    found = aws.client("cloudformation").describe_stack_resources(StackName="controlsync-pipeline")["StackResources"]
    created = {one["ResourceType"] for one in found if one.get("PhysicalResourceId")}
    assert created == {"AWS::S3::Bucket", "AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::CodeBuild::Project"}
    assert {one["Type"] for one in template.resources.values()} - created == IGNORED
