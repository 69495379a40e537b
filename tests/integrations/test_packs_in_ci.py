"""Runs the files of docs/guide/packs-in-ci.md, from the pull request to sources that are ready."""

import json
import os
import urllib.request

import pytest
import yaml

from jobs import BIN, TOOLS, Gitlab, documented, git, origin, repository, run, run_github
from manifest import version

CATALOG = {
    "audit/controls/keys.yaml": """name: Keys are rotated
datasources:
  - sourceName: Keys are younger than the limit
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}
    requiredParameters: {maxAccessKeyAge: {atMost: 90}}
""",
    "audit/frameworks/baseline.yaml": "name: Baseline\ncontrolSets: [{name: All, controls: [Keys are rotated]}]\n",
}
VOLUMES = """name: Volumes are encrypted
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}
"""
EXPORT = "controlsync export conformance-pack --catalog-dir audit"
WITHOUT_CDK = """#!/bin/bash
# In place of cdk/packs.sh, which needs CloudFormation: deploys without the CDK.
set -eu
echo "$*" >> "$HOME/../called"
for template in "$1"/*.yaml; do
  aws configservice put-conformance-pack --region "$AWS_REGION" \\
    --conformance-pack-name "$(basename "$template" .yaml)" --template-body "file://$template"
done
"""


class OnGithub:
    def __init__(self, directory, account, source):
        self.directory, self.settings, self.source = directory, dict(account), source
        self.file = yaml.safe_load(documented(".github/workflows/controlsync-packs.yml"))["jobs"]

    def run(self, name, event):
        code, printed, _ = run_github(self.file[name], self.directory, self.settings, event, self.source)
        summary = self.directory / "summary.md"
        return code, printed + (summary.read_text() if summary.exists() else "")

    def close(self):
        pass


class OnGitlab(Gitlab):
    def __init__(self, directory, account, source):
        super().__init__(directory, account, ".gitlab-ci.yml", "packs.gitlab-ci.yml")
        tools = directory.parent / "tools"
        tools.mkdir()
        (tools / "apt-get").write_text("#!/bin/sh\n")
        (tools / "apt-get").chmod(0o755)
        self.settings |= {"CONTROLSYNC_GIT": str(source), "PATH": f"{tools}:{BIN.parent}:{TOOLS}:{os.environ['PATH']}"}

    def run(self, name, event):
        base = git("rev-parse", "HEAD^1", cwd=self.directory).strip() if event == "pull_request" else ""
        self.known["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = base
        return super().run(name)


class Team:
    """A repository with a catalog, its remote, and the jobs of one system."""

    def __init__(self, system, folder, account):
        self.directory, self.account = folder / "team", account
        source = repository(folder / "source", {"cdk/packs.sh": WITHOUT_CDK})
        (source / "cdk/packs.sh").chmod(0o755)
        git("commit", "--quiet", "--all", "--message=Script", cwd=source)
        git("tag", f"v{version()}", cwd=source)
        repository(self.directory, CATALOG)
        origin(self.directory)
        self.jobs = system(self.directory, account, source.as_uri())

    def command(self, *command):
        return run(*command, cwd=self.directory, **self.account)

    def change(self, files=None, export=True):
        """Merges a pull request that changes files, and exports."""
        git("checkout", "--quiet", "-b", "change", cwd=self.directory)
        for name, text in (files or {}).items():
            (self.directory / name).write_text(text)
        if export:
            code, printed = self.command(*EXPORT.split())
            assert code == 0, printed
        git("add", "--all", cwd=self.directory)
        git("commit", "--quiet", "--message=Change", cwd=self.directory)
        git("checkout", "--quiet", "main", cwd=self.directory)
        git("merge", "--quiet", "--no-ff", "--message=Merge", "change", cwd=self.directory)
        git("branch", "--quiet", "--delete", "change", cwd=self.directory)
        git("push", "--quiet", "origin", "main", cwd=self.directory)

    def run(self, job, event="pull_request"):
        """Runs a job in a clean checkout. Returns its exit code, and its log and summary."""
        git("clean", "--quiet", "-ffdx", cwd=self.directory)
        return self.jobs.run(job, event)

    def deployments(self):
        """The command lines of packs.sh."""
        called = self.directory.parent / "called"
        return called.read_text().splitlines() if called.exists() else []


@pytest.fixture(params=[OnGithub, OnGitlab])
def team(request, tmp_path, all_services):
    team = Team(request.param, tmp_path, all_services)
    yield team
    team.jobs.close()


def start_assessment(team):
    """An assessment of the catalog, and a recorder, as in docs/guide/packs.md."""
    code, printed = team.command("controlsync", "apply", "--catalog-dir", "audit", "--yes")
    assert code == 0, printed
    code, printed = team.command("bash", "-euo", "pipefail", "-c", """
        aws configservice put-configuration-recorder --configuration-recorder \\
          name=default,roleARN=arn:aws:iam::000000000000:role/config --recording-group allSupported=true,includeGlobalResourceTypes=true
        aws configservice put-delivery-channel --delivery-channel name=default,s3BucketName=history
        aws configservice start-configuration-recorder --configuration-recorder-name default
        framework=$(aws auditmanager list-assessment-frameworks --framework-type Custom \\
          --query 'frameworkMetadataList[0].id' --output text)
        aws auditmanager create-assessment --name 2026 --framework-id "$framework" \\
          --scope 'awsAccounts=[{id=000000000000}]' \\
          --roles roleType=PROCESS_OWNER,roleArn=arn:aws:iam::000000000000:role/owner \\
          --assessment-reports-destination destinationType=S3,destination=s3://reports
    """)
    assert code == 0, printed


def control_emulator(team, path, content):
    """Calls a path under `/_emulator/`."""
    urllib.request.urlopen(f"{team.account['AWS_ENDPOINT_URL']}/_emulator/{path}", data=json.dumps(content).encode()).close()


def test_packs_are_reviewed_and_deployed_until_sources_are_ready(team):
    start_assessment(team)
    team.change()
    code, printed = team.run("packs")
    assert code == 0 and "+  AccessKeysRotated:\n" in printed, printed
    code, printed = team.run("evidence")
    assert code == 0 and "1 control: 1 not-ready" in printed, printed
    assert "deploy the conformance pack `default`, which has it as `access-keys-rotated`" in printed
    assert team.deployments() == []

    code, printed = team.run("packs", "push")
    assert code == 0 and "AccessKeysRotated" not in printed, printed
    code, printed = team.run("deploy-packs", "push")
    assert code == 0, printed
    assert team.deployments() == ["audit/packs --yes"]
    control_emulator(team, "time", {"passHours": 25})
    code, printed = team.command("controlsync", "evidence", "--refresh", "--catalog-dir", "audit")
    assert code == 0 and printed.endswith("1 control: 1 ready\n"), printed
    code, printed = team.run("evidence")
    assert code == 0 and "1 control: 1 ready" in printed, printed


def never_exported(team):
    team.change({"audit/controls/volumes.yaml": VOLUMES}, export=False)


def with_a_rule_that_was_not_exported(team):
    team.change()
    team.change({"audit/controls/volumes.yaml": VOLUMES}, export=False)


def with_a_pack_that_no_control_needs(team):
    team.change()
    team.change({"audit/controls/keys.yaml": "name: Keys are rotated\n"}, export=False)


def edited(team):
    team.change()
    pack = (team.directory / "audit/packs/default.yaml").read_text()
    team.change({"audit/packs/default.yaml": pack.replace('Default: "90"', 'Default: "365"')}, export=False)


def with_an_ignored_lock(team):
    team.change({".gitignore": "*.lock.json\n"})


@pytest.mark.parametrize(
    "merge", [never_exported, with_a_rule_that_was_not_exported, with_a_pack_that_no_control_needs, edited, with_an_ignored_lock]
)
def test_packs_that_are_out_of_date_fail_the_pull_request_and_main(team, merge):
    merge(team)
    for event in ("pull_request", "push"):
        git("reset", "--quiet", "--hard", cwd=team.directory)
        code, printed = team.run("packs", event)
        assert code == 1, printed
        assert f"audit/packs is out of date: run {EXPORT}, and commit all files in audit/packs\n" in printed


def test_a_catalog_with_errors_fails_the_pull_request(team):
    team.change()
    team.change({"audit/controls/keys.yaml": "name: Keys are rotated\ntags: {Version: 1.10}\n"}, export=False)
    code, printed = team.run("packs")
    assert code == 1 and "expected a string" in printed, printed
    assert "out of date" not in printed


def test_evidence_that_cannot_run_fails_the_job(team):
    team.change()
    team.jobs.settings["AWS_ENDPOINT_URL_AUDITMANAGER"] = "http://127.0.0.1:1"
    code, printed = team.run("evidence")
    assert code != 0 and "error: cannot read the account" in printed, printed


def test_an_older_run_deploys_nothing(team):
    team.change()
    older = git("rev-parse", "HEAD", cwd=team.directory).strip()
    team.change({"audit/controls/volumes.yaml": VOLUMES})
    git("checkout", "--quiet", older, cwd=team.directory)
    code, printed = team.run("deploy-packs", "push")
    assert code == 0 and "Nothing was deployed: main has a newer commit" in printed, printed
    assert team.deployments() == []


def test_a_failed_deployment_fails_the_job(team):
    team.change()
    control_emulator(team, "faults", {"operation": "config:PutConformancePack", "times": 99, "effect": "deny"})
    code, printed = team.run("deploy-packs", "push")
    assert code != 0 and "AccessDeniedException" in printed, printed


def test_without_the_newest_commit_nothing_is_deployed(team):
    team.change()
    git("remote", "set-url", "origin", team.directory.parent / "nowhere", cwd=team.directory)
    code, printed = team.run("deploy-packs", "push")
    assert code != 0 and team.deployments() == [], printed


def test_one_deployment_runs_at_a_time():
    github = yaml.safe_load(documented(".github/workflows/controlsync-packs.yml"))["jobs"]["deploy-packs"]
    assert github["concurrency"] == {"group": "controlsync-packs", "cancel-in-progress": False}
    gitlab = yaml.safe_load(documented("packs.gitlab-ci.yml"))["deploy-packs"]
    assert (gitlab["resource_group"], gitlab["interruptible"]) == ("controlsync-packs", False)


def test_what_is_deployed_was_checked_before():
    jobs = yaml.safe_load(documented(".github/workflows/controlsync-packs.yml"))["jobs"]
    assert (jobs["deploy-packs"]["needs"], "if" in jobs["packs"]) == ("packs", False)
    jobs = yaml.safe_load(documented("packs.gitlab-ci.yml"))
    # Jobs of a stage run after all jobs of earlier ones: test, then deploy.
    assert (jobs["packs"]["stage"], jobs["deploy-packs"]["stage"]) == ("test", "deploy")
    assert "needs" not in jobs["deploy-packs"] and jobs["deploy-packs"]["rules"][0]["if"].startswith(jobs["packs"]["rules"][1]["if"])
