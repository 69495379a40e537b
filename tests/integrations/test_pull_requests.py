"""Runs the files of docs/guide/pull-requests.md, from the pull request to the account."""

import http.server
import json
import re
import threading
import urllib.parse

import pytest
import yaml

from jobs import documented, git, lint, plan, repository, run

ACTION = "OWNER/controlsync@"
CONTROL = {"audit/controls/a.yaml": "name: Reviewed\n"}
INVALID = {"audit/controls/a.yaml": "name: Reviewed\ntags: {Version: 1.10}\n"}


@pytest.fixture
def github():
    return yaml.safe_load(documented(".github/workflows/controlsync.yml"))["jobs"]


def run_github(job, directory, account):
    """Runs the steps of a job; returns the exit code of the last step, the log, and the outputs."""
    code, printed, outputs = 0, "", {}
    for step in job["steps"]:
        if step.get("uses", "").startswith(ACTION):
            inputs = {name.replace("-", "_"): value for name, value in step["with"].items()}
            if inputs.pop("command", "lint") == "plan":
                code, output, outputs = plan(directory, account, **inputs)
            else:
                code, output = lint(directory, **inputs)
        elif "run" in step:
            code, output = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=directory, **account)
        else:
            assert step["uses"].startswith(("actions/checkout@", "aws-actions/configure-aws-credentials@")), step
            continue
        printed += output
        if code:
            break
    return code, printed, outputs


def test_a_change_is_planned_and_applied_by_github(tmp_path, github, account):
    repository(tmp_path, CONTROL)
    code, printed, _ = run_github(github["lint"], tmp_path, account)
    assert code == 0, printed
    code, printed, outputs = run_github(github["plan"], tmp_path, account)
    assert (code, outputs["outcome"]) == (0, "changes"), printed
    assert "Reviewed" in (tmp_path / "comment.md").read_text()
    code, printed, _ = run_github(github["apply"], tmp_path, account)
    assert code == 0 and "Applied: 1 created." in printed, printed
    code, printed, outputs = run_github(github["plan"], tmp_path, account)
    assert (code, outputs["outcome"]) == (0, "in-sync"), printed


def test_an_invalid_file_fails_every_job_of_github(tmp_path, github, account):
    repository(tmp_path, INVALID)
    for name in ("lint", "plan", "apply"):
        code, printed, _ = run_github(github[name], tmp_path, account)
        assert code == 1, name + printed
        assert "Applied" not in printed


def test_outsiders_get_no_credentials_of_github(github):
    with_credentials = {name for name, job in github.items() if "id-token" in job.get("permissions", {})}
    assert with_credentials == {"plan", "apply"}
    assert "github.event.pull_request.head.repo.full_name == github.repository" in github["plan"]["if"]
    assert github["apply"]["if"] == "github.event_name == 'push'"
    roles = {
        name: step["with"]["role-to-assume"].split("/")[-1]
        for name, job in github.items()
        for step in job["steps"]
        if "role-to-assume" in step.get("with", {})
    }
    assert roles == {"plan": "controlsync-plan", "apply": "controlsync-apply"}


CREDENTIALS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>any</AccessKeyId><SecretAccessKey>any</SecretAccessKey>
<SessionToken>any</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


class Gitlab:
    """Runs the jobs of the page like a runner, with stand-ins for AWS STS and the GitLab API."""

    def __init__(self, directory, account):
        self.directory, self.requests, self.notes = directory, [], []
        self.file = yaml.safe_load(documented(".gitlab-ci.yml"))
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
        self.outside = {
            "AWS_ENDPOINT_URL_STS": address,
            "AWS_ENDPOINT_URL_AUDITMANAGER": account["AWS_ENDPOINT_URL_AUDITMANAGER"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

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
        variables = dict(self.known)
        for block in (self.file["variables"], base.get("variables", {}), job.get("variables", {})):
            for variable, value in block.items():
                value = re.sub(r"\$(\w+)", lambda found: variables[found.group(1)], str(value))
                variables[variable] = value
        variables |= {token: "signed" for token in base.get("id_tokens", {})}
        script = "\n".join(["set -eo pipefail", *self.file["default"]["before_script"], *job["script"]])
        return run("bash", "-c", script, cwd=self.directory, **variables, **self.outside)


@pytest.fixture
def gitlab(tmp_path, account):
    gitlab = Gitlab(tmp_path, account)
    yield gitlab
    gitlab.server.shutdown()
    gitlab.server.server_close()


def origin(directory):
    """Creates a copy of the repository as its remote."""
    bare = directory.parent / f"{directory.name}-origin"
    git("clone", "--quiet", "--bare", directory, bare, cwd=directory)
    git("remote", "add", "origin", bare, cwd=directory)


def test_a_change_is_planned_and_applied_by_gitlab(tmp_path, gitlab, account):
    repository(tmp_path, {"audit/controls/a.yaml": "name: Merged\n"})
    origin(tmp_path)
    code, printed = gitlab.run("lint")
    assert code == 0, printed
    assert json.loads((tmp_path / "gl-code-quality-report.json").read_text()) == []
    code, printed = gitlab.run("plan")
    assert code == 0, printed
    [(path, token, body)] = gitlab.notes
    assert (path, token) == ("/api/v4/projects/5/merge_requests/12/notes", "secret")
    assert body.startswith("<!-- controlsync plan default -->\n") and "Merged" in body
    asked = {(form["RoleArn"].split("/")[-1], form["WebIdentityToken"], form["RoleSessionName"]) for form in gitlab.requests}
    assert asked == {("controlsync-plan", "signed", "gitlab-77")}
    code, printed = gitlab.run("apply")
    assert code == 0 and "Applied: 1 created." in printed, printed
    assert gitlab.requests[-1]["RoleArn"].endswith("/controlsync-apply")
    code, printed = gitlab.run("plan")
    assert code == 0 and "no changes" in gitlab.notes[-1][2], printed


def test_an_older_pipeline_of_gitlab_reverts_nothing(tmp_path, gitlab, account):
    control = tmp_path / "audit/controls/a.yaml"
    repository(tmp_path, {"audit/controls/a.yaml": "name: Newest\ndescription: The newest.\n"})
    origin(tmp_path)
    code, printed = gitlab.run("apply")
    assert code == 0, printed
    control.write_text("name: Newest\ndescription: Older.\n")
    git("commit", "--quiet", "--all", "--message=Older", cwd=tmp_path)
    code, printed = gitlab.run("apply")
    assert code == 0 and "No changes" in printed, printed


def test_an_invalid_file_fails_every_job_of_gitlab_and_is_reported(tmp_path, gitlab):
    repository(tmp_path, INVALID)
    origin(tmp_path)
    for name in ("lint", "plan", "apply"):
        code, printed = gitlab.run(name)
        assert code == 1, name + printed
    assert "unquoted-string" in (tmp_path / "gl-code-quality-report.json").read_text()
    [(_, _, body)] = gitlab.notes
    assert "unquoted-string" in body


def test_outsiders_get_no_credentials_of_gitlab(gitlab):
    jobs = {name: job for name, job in gitlab.file.items() if "script" in job}
    assert {name for name, job in jobs.items() if job.get("extends") == ".account"} == {"plan", "apply"}
    [rule] = jobs["plan"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    [rule] = jobs["apply"]["rules"]
    assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]


@pytest.mark.parametrize(("ci", "provider"), [("GitHub", "token.actions.githubusercontent.com"), ("GitLab", "gitlab.example.com")])
def test_roles_trust_one_repository(ci, provider):
    [statement] = json.loads(documented(f"trust of {ci}"))["Statement"]
    assert statement["Principal"]["Federated"].endswith(f":oidc-provider/{provider}")
    stated = {key: value for block in statement["Condition"].values() for key, value in block.items()}
    assert set(stated) == {f"{provider}:aud", f"{provider}:sub"}
    assert stated[f"{provider}:sub"].startswith(("repo:YOUR-ORG/YOUR-REPOSITORY:", "project_path:GROUP/PROJECT:"))
