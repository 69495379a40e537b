"""Runs the hook, the action and the jobs like pre-commit, GitHub and GitLab do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
BIN = Path(os.environ["CONTROLSYNC_BIN"])
# Programs of this environment, which `python -m pytest` does not add to PATH.
TOOLS = Path(sys.executable).parent
# A control without findings, and one with an error.
CLEAN = "name: Access-Keys\n"
INVALID = "name: Access-Keys\ntags: {Version: 1.10}\n"


def run(*command, cwd, **environment):
    """Runs a command with the program and these tools first in PATH."""
    path = f"{BIN.parent}:{TOOLS}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={"PATH": path, "HOME": str(cwd), **{name: str(value) for name, value in environment.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def git(*arguments, cwd):
    """Runs git, which must succeed. Returns what it printed."""
    code, output = run("git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *arguments, cwd=cwd)
    assert code == 0, output
    return output


def repository(directory, files):
    """Creates a git repository with one commit."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    for arguments in ("init --quiet --initial-branch=main", "add --all", "commit --quiet --message=All"):
        git(*arguments.split(), cwd=directory)
    return directory


def check_schema(schema, file, cwd):
    code, output = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file, cwd=cwd)
    assert code == 0, output


def documented(name):
    """Returns the code block of a page for a file."""
    pages = [page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md"))]
    form = re.compile(rf"^```\w+ {re.escape(name)}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    (block,) = [block for page in pages for block in form.findall(page)]
    return block


def step(name):
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    (found,) = [step for step in steps if step["name"] == name]
    return found


def run_step(name, cwd, **environment):
    """Runs a step like the runner does for `shell: bash`."""
    found = step(name)
    assert found["shell"] == "bash"
    script = cwd / "step.sh"
    script.write_text(found["run"], encoding="utf-8")
    return run("bash", "--noprofile", "--norc", "-eo", "pipefail", script, cwd=cwd, **environment)


def lint(cwd, **inputs):
    """Runs the lint step, with its inputs as the variables that the runner sets."""
    declared = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    environment = {}
    for variable, expression in step("Lint")["env"].items():
        name = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", expression).group(1)
        environment[variable] = inputs.get(name.replace("-", "_"), declared[name]["default"])
    return run_step("Lint", cwd, **environment)


# A stand-in for the GitHub CLI. It keeps one comment in a file, and its arguments in another.
GH = """#!/bin/bash
printf '%s\\n' "$*" >> gh.log
if [ -e broken ]; then echo "HTTP 403" >&2; exit 1; fi
case "$*" in
  *PATCH*|*POST*) for word in "$@"; do case "$word" in body=@*) cp "${word#body=@}" comment.md ;; esac; done ;;
  *) if [ -e comment.md ] && [ "$(head -n 1 comment.md)" = "$MARKER" ]; then echo 7; echo 9; fi ;;
esac
"""


def plan(directory, account, **inputs):
    """Runs the plan step; returns its exit code, its log and its outputs."""
    (directory / "bin").mkdir(exist_ok=True)
    (directory / "bin/gh").write_text(GH)
    (directory / "bin/gh").chmod(0o755)
    output = directory / "output"
    output.unlink(missing_ok=True)
    known = {"catalog_dir": ".", "args": "", "comment": "true", "id": "", "pull_request": "12"} | inputs
    environment = {name.upper(): value for name, value in known.items()}
    found = step("Plan")
    assert set(environment) | {"GH_TOKEN"} == set(found["env"])
    script = directory / "step.sh"
    script.write_text(found["run"], encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=directory,
        env={
            "PATH": f"{directory}/bin:{BIN.parent}:{os.environ['PATH']}",
            "HOME": str(directory),
            "RUNNER_TEMP": str(directory),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(directory / "summary.md"),
            "GITHUB_REPOSITORY": "octo/controls",
            "GITHUB_SERVER_URL": "https://github.com",
            "GH_TOKEN": "token",
            **account,
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines()) if output.exists() else {}
    return done.returncode, done.stdout, outputs
