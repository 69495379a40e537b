"""The hook, the action and the jobs for users: validated against the published schemas, and run."""

import re
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from jobs import BIN, ROOT, check_schema, documented, lint, plan, repository, run, run_step, step

CLEAN = "name: Access-Keys\n"
INVALID = "name: Access-Keys\ntags: {Version: 1.10}\n"


# Schemas


def test_the_action_is_valid(tmp_path):
    check_schema("github-actions", ROOT / "action.yml", tmp_path)


def test_the_gitlab_job_is_valid(tmp_path):
    check_schema("gitlab-ci", ROOT / "integrations/gitlab-ci.yml", tmp_path)


def test_the_hook_is_valid(tmp_path):
    code, output = run("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=tmp_path)
    assert code == 0, output


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (".github/workflows/controlsync.yml", "github-workflows"),
        (".github/workflows/code-scanning.yml", "github-workflows"),
        (".gitlab-ci.yml", "gitlab-ci"),
        ("tests.gitlab-ci.yml", "gitlab-ci"),
    ],
)
def test_documented_jobs_are_valid(tmp_path, name, schema):
    file = tmp_path / "job.yml"
    file.write_text(documented(name), encoding="utf-8")
    check_schema(schema, file, tmp_path)


def test_documented_names_match_the_hook_and_the_action(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(documented(".pre-commit-config.yaml"), encoding="utf-8")
    code, output = run("pre-commit", "validate-config", file, cwd=tmp_path)
    assert code == 0, output
    (configured,) = yaml.safe_load(file.read_text(encoding="utf-8"))["repos"][0]["hooks"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert configured["id"] in [hook["id"] for hook in hooks]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/integrations.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in action["inputs"])


# pre-commit


@pytest.mark.parametrize(
    ("files", "committed", "expected"),
    [
        ({"controls/a.yaml": CLEAN}, "controls/a.yaml", "Passed"),
        ({"controls/a.yaml": INVALID}, "controls/a.yaml", "Failed"),
        # The name is used twice, by a file that is not in this commit.
        ({"team/controls/A.YML": CLEAN, "team/controls/b.yaml": CLEAN}, "team/controls/A.YML", "Failed"),
        ({"controls/a.yaml": CLEAN, "keywords/AWS_Config.txt": "# empty\n"}, "keywords/AWS_Config.txt", "Failed"),
        ({"controls/a.yaml": CLEAN, "exceptions/a.yaml": "check: A\n"}, "exceptions/a.yaml", "Failed"),
        ({"controls/a.yaml": CLEAN, "rules/a.guard": "rule a {}\n"}, "rules/a.guard", "Passed"),
        ({"controls/a.yaml": INVALID, "deploy/values.yaml": "x: 1"}, "deploy/values.yaml", "Skipped"),
    ],
)
def test_the_hook_runs(tmp_path, files, committed, expected):
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    if committed.startswith("team/"):
        hook += "  args: [--catalog-dir, team]\n"
    hooks = repository(tmp_path / "hooks", {".pre-commit-hooks.yaml": hook})
    users = repository(tmp_path / "users", files)
    command = ["pre-commit", "try-repo", hooks, "controlsync-lint", "--color=never", "--files", committed]
    code, output = run(*command, cwd=users, PRE_COMMIT_HOME=tmp_path / "home")
    assert re.search(rf"^controlsync lint\.+.*{expected}$", output, re.MULTILINE), output
    assert code == (1 if expected == "Failed" else 0)
    assert ("error[" in output) == (expected == "Failed")


# GitHub


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


def test_a_program_in_path_is_used(tmp_path):
    output = tmp_path / "output"
    code, shown = run_step("Find controlsync", tmp_path, GITHUB_OUTPUT=output, GITHUB_ACTION_PATH=ROOT)
    assert code == 0 and output.read_text() == "found=true\n", shown


def tools_without_the_program(directory):
    """Creates a directory for PATH with the tools of the scripts, and a cargo that logs its arguments."""
    directory.mkdir()
    for tool in ("find", "sort", "xargs", "shasum", "cut", "perl"):
        (directory / tool).symlink_to(shutil.which(tool))
    cargo = directory / "cargo"
    cargo.write_text('#!/bin/bash\necho "$@" >> "$RUNNER_TEMP/cargo.log"\n')
    cargo.chmod(cargo.stat().st_mode | stat.S_IXUSR)
    return directory


def test_without_a_program_the_build_of_the_same_source_is_used(tmp_path):
    path = tools_without_the_program(tmp_path / "tools")
    action = tmp_path / "action"
    (action / "crates/cli").mkdir(parents=True)
    (action / "crates/cli/main.rs").write_text("fn main() {}")

    def steps(name, **environment):
        # The absolute path, because PATH has no bash.
        script = tmp_path / "step.sh"
        script.write_text(step(name)["run"], encoding="utf-8")
        command = [shutil.which("bash"), "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        always = {"PATH": path, "GITHUB_ACTION_PATH": action, "RUNNER_TEMP": tmp_path}
        variables = {variable: str(value) for variable, value in (always | environment).items()}
        done = subprocess.run(command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout

    def digest():
        output = tmp_path / "output"
        output.unlink(missing_ok=True)
        steps("Find controlsync", GITHUB_OUTPUT=output)
        return re.fullmatch(r"digest=([0-9a-f]{64})\n", output.read_text()).group(1)

    first = digest()
    assert first == digest()
    (action / "crates/cli/main.rs").write_text("fn main() { }")
    assert first != digest()

    steps("Build controlsync", GITHUB_PATH=tmp_path / "path")
    calls = (tmp_path / "cargo.log").read_text()
    assert calls == f"install --locked --path {action}/crates/cli --root {tmp_path}/controlsync\n"
    assert (tmp_path / "path").read_text() == f"{tmp_path}/controlsync/bin\n"
    (tmp_path / "controlsync/bin").mkdir(parents=True)
    (tmp_path / "controlsync/bin/controlsync").symlink_to(BIN)
    steps("Build controlsync", GITHUB_PATH=tmp_path / "path")
    assert (tmp_path / "cargo.log").read_text() == calls


# GitLab


@pytest.mark.parametrize(("text", "expected"), [(CLEAN, 0), (INVALID, 1)])
def test_the_gitlab_job_writes_a_report_even_if_it_fails(tmp_path, text, expected):
    users = repository(tmp_path, {"audit/controls/a.yaml": text})
    job = yaml.safe_load((ROOT / "integrations/gitlab-ci.yml").read_text(encoding="utf-8"))["controlsync-lint"]
    # Like the runner: one script after the other, until one fails.
    script = "\n".join(["set -eo pipefail", *job["before_script"], *job["script"]])
    code, output = run("bash", "-c", script, cwd=users, CARGO_HOME=tmp_path / "none", CATALOG_DIR="audit")
    assert code == expected, output
    report = yaml.safe_load((users / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert [issue["check_name"] for issue in report] == ["unquoted-string"] * expected
    assert ("error[unquoted-string]" in output) == bool(expected)
    assert job["artifacts"]["when"] == "always"


# Other jobs in the documentation


@pytest.mark.parametrize(("text", "expected"), [(CLEAN, 0), (INVALID, 1)])
def test_documented_scripts_write_their_reports(tmp_path, text, expected):
    users = repository(tmp_path, {"controls/a.yaml": text})
    scanning = yaml.safe_load(documented(".github/workflows/code-scanning.yml"))["jobs"]["controlsync"]["steps"]
    [script] = [step["run"] for step in scanning if "run" in step]
    code, output = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=users)
    assert code == 0, output
    sarif = yaml.safe_load((users / scanning[-1]["with"]["sarif_file"]).read_text(encoding="utf-8"))
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]].count("unquoted-string") == expected
    job = yaml.safe_load(documented("tests.gitlab-ci.yml"))["controlsync-tests"]
    code, output = run("bash", "-eo", "pipefail", "-c", "\n".join(job["script"]), cwd=users)
    assert code == expected, output
    assert ("unquoted-string" in (users / job["artifacts"]["reports"]["junit"]).read_text()) == bool(expected)


# Releases

RELEASE = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))["jobs"]


def release(job, name, cwd, **environment):
    [found] = [step for step in RELEASE[job]["steps"] if step.get("name") == name]
    script = found["run"].replace("${{ matrix.target }}", "x86_64-unknown-linux-gnu")
    return run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=cwd, **environment)


def test_the_release_workflow_is_valid(tmp_path):
    check_schema("github-workflows", ROOT / ".github/workflows/release.yml", tmp_path)


@pytest.mark.parametrize(("tag", "heading", "expected"), [("v1.2.3", "1.2.3", 0), ("v1.2.4", "1.2.3", 1), ("v1.2.3", "Unreleased", 1)])
def test_a_release_needs_a_changelog_section(tmp_path, tag, heading, expected):
    (tmp_path / "Cargo.toml").write_text('[workspace.package]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{heading}]\n")
    code, output = release("check", "Check that the tag matches the version", tmp_path, GITHUB_REF_NAME=tag)
    assert code == expected, output


def test_the_release_finds_the_version(tmp_path):
    code, output = run("controlsync", "--version", cwd=tmp_path)
    version = output.split()[1]
    shutil.copy(ROOT / "Cargo.toml", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text(f"## [{version}]\n")
    code, output = release("check", "Check that the tag matches the version", tmp_path, GITHUB_REF_NAME=f"v{version}")
    assert code == 0, output


def test_an_archive_has_the_program_and_its_completions(tmp_path):
    built = tmp_path / "target/x86_64-unknown-linux-gnu/dist"
    built.mkdir(parents=True)
    # A program that calls the real one, because a copy would be large.
    (built / "controlsync").write_text(f'#!/bin/sh\nexec {BIN} "$@"\n')
    (built / "controlsync").chmod(0o755)
    for name in ("README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    code, output = release("program", "Pack", tmp_path, GITHUB_REF_NAME="v0.1.0")
    assert code == 0, output
    with tarfile.open(tmp_path / "controlsync-v0.1.0-x86_64-unknown-linux-gnu.tar.gz") as archive:
        names = {Path(name).name for name in archive.getnames()}
    expected = {"controlsync", "README.md", "LICENSE", "CHANGELOG.md"} | {f"completions.{shell}" for shell in ("bash", "fish", "zsh")}
    assert expected <= names
