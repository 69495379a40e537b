"""The GitHub action: validated against the published schema, and its steps run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from jobs import CLEAN, INVALID, BIN, ROOT, TOOLS, check_schema, documented, git, lint, plan, repository, run, run_step, step
from release import without_rust



def test_the_action_is_valid(tmp_path):
    check_schema("github-actions", ROOT / "action.yml", tmp_path)


@pytest.mark.parametrize("name", [".github/workflows/controlsync.yml", ".github/workflows/controlsync-packs.yml", ".github/workflows/code-scanning.yml"])
def test_documented_workflows_are_valid(tmp_path, name):
    file = tmp_path / "job.yml"
    file.write_text(documented(name), encoding="utf-8")
    check_schema("github-workflows", file, tmp_path)


def test_every_input_is_documented():
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/integrations.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in action["inputs"])


# Commands

def test_the_action_keeps_one_comment_on_the_pull_request(tmp_path, account):
    repository(tmp_path, {"controls/a.yaml": "name: Planned by the action\n"})
    code, printed, outputs = plan(tmp_path, account)
    assert (code, outputs["outcome"]) == (0, "changes"), printed
    first = (tmp_path / "comment.md").read_text()
    assert Path(outputs["markdown"]).read_text() == first == (tmp_path / "summary.md").read_text()
    assert first.startswith("<!-- controlsync plan default -->\n### controlsync: 1 change\n")
    code, printed = run("controlsync", "apply", "--yes", cwd=tmp_path, **account)
    assert code == 0, printed
    code, printed, outputs = plan(tmp_path, account)
    assert (code, outputs["outcome"]) == (0, "in-sync"), printed
    assert "no changes" in (tmp_path / "comment.md").read_text()
    calls = [line.split(" --field")[0] for line in (tmp_path / "gh.log").read_text().splitlines()]
    comments = "repos/octo/controls/issues/12/comments"
    assert [line for line in calls if "--jq" not in line] == [
        f"api --method POST {comments}",
        "api --method PATCH repos/octo/controls/issues/comments/7",
    ]
    query = next(line for line in (tmp_path / "gh.log").read_text().splitlines() if "--jq" in line)
    assert "viewerDidAuthor" in query and query.endswith("owner=octo --raw-field name=controls --field number=12"), query
    (tmp_path / "controls/a.yaml").write_text(INVALID)
    code, printed, outputs = plan(tmp_path, account)
    assert (code, outputs["outcome"]) == (1, "conflict"), printed
    assert "unquoted-string" in (tmp_path / "comment.md").read_text()


def test_two_plans_on_one_pull_request_have_different_comments(tmp_path, account):
    repository(tmp_path, {"controls/a.yaml": "name: Planned twice\n"})
    code, printed, outputs = plan(tmp_path, account, id="eu-west-1".replace("-", "_"))
    assert (code, outputs["outcome"]) == (0, "changes"), printed
    first = (tmp_path / "comment.md").read_text()
    assert first.startswith("<!-- controlsync plan default eu_west_1 -->\n### controlsync, eu_west_1: 1 change\n")
    assert plan(tmp_path, account, id="a b")[0] == 2


def test_a_comment_that_cannot_be_written_is_a_warning(tmp_path, account):
    repository(tmp_path, {"controls/a.yaml": "name: Planned without a comment\n"})
    (tmp_path / "broken").touch()
    code, printed, outputs = plan(tmp_path, account)
    assert (code, outputs["outcome"]) == (0, "changes"), printed
    assert "::warning::no comment was written" in printed


def test_the_action_comments_only_on_pull_requests_and_on_request(tmp_path, account):
    repository(tmp_path, {"controls/a.yaml": "name: Planned without comments\n"})
    for inputs in ({"comment": "false"}, {"pull_request": ""}):
        code, printed, outputs = plan(tmp_path, account, **inputs)
        assert (code, outputs["outcome"]) == (0, "changes"), printed
    assert not (tmp_path / "gh.log").exists()
    assert plan(tmp_path, account, comment="yes")[0] == 2
    code, printed, outputs = plan(tmp_path, account, args="--no-such-flag")
    assert (code, outputs["outcome"]) == (2, ""), printed
    assert not (tmp_path / "gh.log").exists()


def test_scripts_contain_no_inputs():
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_the_action_annotates_and_fails(tmp_path):
    users = repository(tmp_path, {"audit/controls/a.yaml": INVALID})
    code, output = lint(users, catalog_dir="audit")
    assert code == 1 and output.startswith("::error file=audit/controls/a.yaml,line=2,col=17,"), output


def test_the_action_succeeds_and_accepts_inputs(tmp_path):
    unknown = "name: Baseline\ncontrolSets: [{name: All, controls: [Access-Keys, Missing]}]\n"
    users = repository(tmp_path, {"controls/a.yaml": CLEAN, "frameworks/f.yaml": unknown})
    assert lint(users)[0] == 0
    code, output = lint(users, deny_warnings="true")
    assert code == 1 and output.startswith("::warning file=frameworks/f.yaml,"), output
    code, output = lint(users, args="--deny-warnings\n  controls/a.yaml\n")
    assert (code, output) == (0, "no findings in 1 file\n")
    assert lint(users, deny_warnings="yes")[0] == 2
    assert lint(users, catalog_dir="elsewhere")[0] == 2


HOSTILE = ["$(touch ran)", "`touch ran`", "; touch ran", "&& touch ran", "* \"$(touch ran)\" '"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_inputs_are_never_run(tmp_path, hostile):
    users = repository(tmp_path, {"controls/a.yaml": CLEAN})
    for inputs in ({"args": hostile}, {"catalog_dir": hostile}, {"deny_warnings": hostile}):
        assert lint(users, **inputs)[0] == 2
    assert not (users / "ran").exists()


@pytest.mark.parametrize(("text", "expected"), [(CLEAN, 0), (INVALID, 1)])
def test_the_documented_scan_writes_its_report(tmp_path, text, expected):
    users = repository(tmp_path, {"controls/a.yaml": text})
    scanning = yaml.safe_load(documented(".github/workflows/code-scanning.yml"))["jobs"]["controlsync"]["steps"]
    [script] = [step["run"] for step in scanning if "run" in step]
    code, output = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=users)
    assert code == 0, output
    sarif = yaml.safe_load((users / scanning[-1]["with"]["sarif_file"]).read_text(encoding="utf-8"))
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]].count("unquoted-string") == expected


# Installation


class Runner:
    """A runner without the program and without Rust, whose steps share files. The repository of the action is a copy with a tag."""

    def __init__(self, folder, release):
        self.folder = folder
        self.release = release
        self.action = folder / "action"
        for name in ("Cargo.toml", "integrations/download.sh", "crates/cli/Cargo.toml"):
            (self.action / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.action / name)
        self.tools = folder / "tools"
        self.tools.mkdir()
        cargo = self.tools / "cargo"
        cargo.write_text('#!/bin/bash\necho "$@" >> "$RUNNER_TEMP/cargo.log"\n')
        cargo.chmod(0o755)

    def step(self, name, ref="main", releases=None):
        """Runs a step. Returns its exit code, what it printed, its outputs, and what it added to the PATH."""
        for file in ("output", "path"):
            (self.folder / file).write_text("")
        code, printed = run_step(
            name,
            self.folder,
            PATH=f"{self.tools}{os.pathsep}{without_rust()}",
            RUNNER_TEMP=self.folder,
            GITHUB_OUTPUT=self.folder / "output",
            GITHUB_PATH=self.folder / "path",
            GITHUB_ACTION_PATH=self.action,
            GITHUB_SERVER_URL=releases or self.release.url,
            ACTION_REF=ref,
            ACTION_REPOSITORY="acme/controlsync",
        )
        outputs = dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines())
        return code, printed, outputs, (self.folder / "path").read_text()


@pytest.fixture
def runner(tmp_path, release):
    return Runner(tmp_path, release)


def test_a_program_in_path_is_used(tmp_path):
    output = tmp_path / "output"
    code, shown = run_step("Find controlsync", tmp_path, GITHUB_OUTPUT=output)
    assert code == 0 and output.read_text() == "found=true\n", shown


def test_at_its_tag_the_action_downloads_the_release(runner):
    assert runner.step("Find controlsync")[:3] == (0, "", {})
    code, printed, outputs, path = runner.step("Download controlsync", ref=f"v{runner.release.version}")
    assert (code, outputs) == (0, {"downloaded": "true"}), printed
    program = Path(path.strip()) / "controlsync"
    code, printed = run(ROOT / "release/try.sh", runner.release.version, program, cwd=runner.folder)
    assert code == 0 and printed.endswith("No changes. 34 controls and 4 frameworks match the catalog.\n"), printed


def test_at_the_commit_of_its_tag_the_action_downloads_the_release(runner):
    """Many users name the commit, because a tag can be moved. Git reads tags from a server of files."""
    bare = runner.release.folder / "acme/controlsync"
    repository(runner.folder / "source", {"a.txt": "a\n"})
    git("tag", "--annotate", "--message=Release", f"v{runner.release.version}", cwd=runner.folder / "source")
    git("clone", "--quiet", "--bare", runner.folder / "source", bare, cwd=runner.folder)
    git("update-server-info", cwd=bare)
    commit = git("rev-parse", "HEAD", cwd=bare).strip()
    try:
        code, printed, outputs, _ = runner.step("Download controlsync", ref=commit)
        assert (code, outputs) == (0, {"downloaded": "true"}), printed
        code, printed, outputs, _ = runner.step("Download controlsync", ref="0" * 40)
        assert (code, outputs) == (0, {}) and "no release has this version" in printed
    finally:
        shutil.rmtree(bare)


def test_a_download_with_another_sum_fails_the_job(runner, tmp_path):
    releases = runner.release.broken(tmp_path / "broken" / "acme/controlsync/releases/download")
    server = releases.removesuffix("/acme/controlsync/releases/download")
    code, printed, outputs, path = runner.step("Download controlsync", ref=f"v{runner.release.version}", releases=server)
    assert (code, outputs, path) == (1, {}, ""), printed
    assert f"error: {runner.release.archive.name} has the SHA-256 " in printed and printed.endswith(": it is not used\n")
    assert not (tmp_path / "controlsync/bin/controlsync").exists()


def test_without_a_release_the_action_is_built(runner, tmp_path):
    for ref, releases in (("main", None), ("", None), (f"v{runner.release.version}", tmp_path.as_uri())):
        code, printed, outputs, path = runner.step("Download controlsync", ref=ref, releases=releases)
        assert (code, outputs, path) == (0, {}, "") and "building it" in printed, printed

    _, _, first, _ = runner.step("Name the build")
    assert re.fullmatch("[0-9a-f]{64}", first["digest"]) and runner.step("Name the build")[2] == first
    (runner.action / "crates/cli/main.rs").write_text("fn main() { }")
    assert runner.step("Name the build")[2] != first

    *_, path = runner.step("Build controlsync")
    calls = (tmp_path / "cargo.log").read_text()
    assert calls == f"install --locked --path {runner.action}/crates/cli --root {tmp_path}/controlsync\n"
    assert path == f"{tmp_path}/controlsync/bin\n"
    (tmp_path / "controlsync/bin").mkdir(parents=True, exist_ok=True)
    (tmp_path / "controlsync/bin/controlsync").symlink_to(BIN)
    runner.step("Build controlsync")
    assert (tmp_path / "cargo.log").read_text() == calls


def test_what_is_downloaded_is_not_built():
    names = ["Find controlsync", "Download controlsync", "Name the build", "Restore the build of an earlier run", "Build controlsync"]
    conditions = [step(name).get("if") for name in names]
    searched, downloaded = "steps.find.outputs.found != 'true'", "steps.download.outputs.downloaded != 'true'"
    assert conditions == [None, searched, f"{searched} && {downloaded}", *["steps.source.outputs.digest"] * 2]
    assert step("Download controlsync")["env"] == {
        "ACTION_REF": "${{ github.action_ref }}",
        "ACTION_REPOSITORY": "${{ github.action_repository }}",
    }
