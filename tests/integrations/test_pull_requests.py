"""Runs the files of docs/guide/pull-requests.md, from the pull request to the account."""

import json

import pytest
import yaml

from jobs import Gitlab, documented, git, origin, repository, run_github

CONTROL = {"audit/controls/a.yaml": "name: Reviewed\n"}
INVALID = {"audit/controls/a.yaml": "name: Reviewed\ntags: {Version: 1.10}\n"}


@pytest.fixture
def github():
    return yaml.safe_load(documented(".github/workflows/controlsync.yml"))["jobs"]


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


@pytest.fixture
def gitlab(tmp_path, account):
    gitlab = Gitlab(tmp_path, account, ".gitlab-ci.yml")
    yield gitlab
    gitlab.close()


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
