"""Runs the hook, the action and the jobs like pre-commit, GitHub and GitLab do."""

import http.server
import os
import re
import subprocess
import sys
import threading
import urllib.parse
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


def origin(directory):
    """Creates a copy of the repository as its remote."""
    bare = directory.parent / f"{directory.name}-origin"
    git("clone", "--quiet", "--bare", directory, bare, cwd=directory)
    git("remote", "add", "origin", bare, cwd=directory)


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


OURS = "OWNER/controlsync"


def run_github(job, directory, account, event="pull_request", source=None):
    """Runs the steps of a job for an event; returns the exit code of the last step, the log, and the outputs.

    `source` is the repository OWNER/controlsync. The summary of the job is in summary.md.
    """
    commit = git("rev-parse", "HEAD", cwd=directory).strip()
    account = account | {"GITHUB_STEP_SUMMARY": f"{directory}/summary.md", "GITHUB_SHA": commit}
    code, printed, outputs = 0, "", {}
    for step in job["steps"]:
        if "if" in step and re.fullmatch(r"github\.event_name == '(\w+)'", step["if"]).group(1) != event:
            continue
        if step.get("uses", "").startswith(f"{OURS}@"):
            inputs = {name.replace("-", "_"): value for name, value in step["with"].items()}
            if inputs.pop("command", "lint") == "plan":
                code, output, outputs = plan(directory, account, **inputs)
            else:
                code, output = lint(directory, **inputs)
        elif "run" in step:
            # Without `shell`, the runner does not set pipefail.
            code, output = run("bash", "-e", "-c", step["run"], cwd=directory, **account)
        elif step.get("with", {}).get("repository") == OURS:
            output = git("clone", "--quiet", "--branch", step["with"]["ref"], source, step["with"]["path"], cwd=directory)
        else:
            assert step["uses"].startswith(("actions/checkout@", "aws-actions/configure-aws-credentials@")), step
            continue
        printed += output
        if code:
            break
    return code, printed, outputs


CREDENTIALS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>any</AccessKeyId><SecretAccessKey>any</SecretAccessKey>
<SessionToken>any</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
<AssumedRoleUser><AssumedRoleId>any:ci</AssumedRoleId><Arn>arn:aws:sts::000000000000:assumed-role/ci/ci</Arn></AssumedRoleUser>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


class Gitlab:
    """Runs the jobs of documented files like a runner, with stand-ins for AWS STS and the GitLab API.

    The first file includes the others. Their variables are weaker than those of the project, `settings`.
    """

    def __init__(self, directory, account, *files):
        self.directory, self.requests, self.notes = directory, [], []
        self.file = {}
        for name in files:
            keys = yaml.safe_load(documented(name))
            assert not keys.keys() & self.file.keys(), name
            self.file |= keys
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{self.server.server_port}"
        builds = directory.parent / f"{directory.name}-builds"
        builds.mkdir()
        self.known = {
            "CI_PROJECT_DIR": str(directory),
            "CI_BUILDS_DIR": str(builds),
            "CI_JOB_ID": "77",
            "CI_DEFAULT_BRANCH": "main",
            "CI_API_V4_URL": f"{address}/api/v4",
            "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "12",
            "CONTROLSYNC_TOKEN": "secret",
        }
        endpoints = {name: value for name, value in account.items() if name.startswith("AWS_ENDPOINT_URL")}
        self.settings = endpoints | {"AWS_ENDPOINT_URL_STS": address, "AWS_EC2_METADATA_DISABLED": "true"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def handler(gitlab):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
                if form.get("Action"):
                    gitlab.requests.append(form)
                    answer = CREDENTIALS.encode()
                else:
                    gitlab.notes.append((self.path, self.headers["PRIVATE-TOKEN"], form["body"]))
                    answer = b"{}"
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler

    def run(self, name):
        job = self.file[name]
        base = self.file[job["extends"]] if "extends" in job else {}
        variables = self.known | {"CI_COMMIT_SHA": git("rev-parse", "HEAD", cwd=self.directory).strip()}
        for block in (self.file["variables"], base.get("variables", {}), job.get("variables", {})):
            for variable, value in block.items():
                value = re.sub(r"\$(\w+)", lambda found: variables[found.group(1)], str(value))
                variables[variable] = value
        variables |= {token: "signed" for token in base.get("id_tokens", {})} | self.settings
        before = job.get("before_script", self.file["default"]["before_script"])
        script = "\n".join(["set -eo pipefail", *before, *job["script"]])
        return run("bash", "-c", script, cwd=self.directory, **variables)
