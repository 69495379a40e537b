"""Which jobs of the files in docs/guide get credentials, of which roles, and whom these roles trust."""

import json

import pytest
import yaml

from jobs import documented

# The files of a page, and the jobs with their roles: the one for pull requests, then the one for main.
FILES = [
    (".github/workflows/controlsync.yml", ".gitlab-ci.yml", {"plan": "controlsync-plan", "apply": "controlsync-apply"}),
    (
        ".github/workflows/controlsync-packs.yml",
        "packs.gitlab-ci.yml",
        {"evidence": "controlsync-packs-read", "deploy-packs": "controlsync-packs-deploy"},
    ),
]


@pytest.mark.parametrize(("file", "roles"), [(github, roles) for github, _, roles in FILES])
def test_outsiders_get_no_credentials_of_github(file, roles):
    jobs = yaml.safe_load(documented(file))["jobs"]
    with_credentials = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})}
    assert with_credentials == set(roles)
    reviewed, merged = roles
    assert "github.event.pull_request.head.repo.full_name == github.repository" in jobs[reviewed]["if"]
    assert jobs[merged]["if"] == "github.event_name == 'push'"
    assumed = {
        name: step["with"]["role-to-assume"].split("/")[-1]
        for name, job in jobs.items()
        for step in job["steps"]
        if "role-to-assume" in step.get("with", {})
    }
    assert assumed == roles


@pytest.mark.parametrize(("file", "roles"), [(gitlab, roles) for _, gitlab, roles in FILES])
def test_outsiders_get_no_credentials_of_gitlab(file, roles):
    jobs = {name: job for name, job in yaml.safe_load(documented(file)).items() if "script" in job}
    assumed = {
        name: job["variables"]["AWS_ROLE_ARN"].split("/")[-1] for name, job in jobs.items() if job.get("extends") == ".account"
    }
    assert assumed == roles
    reviewed, merged = roles
    [rule] = jobs[reviewed]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    [rule] = jobs[merged]["rules"]
    assert "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"]


@pytest.mark.parametrize(("ci", "provider"), [("GitHub", "token.actions.githubusercontent.com"), ("GitLab", "gitlab.example.com")])
def test_roles_trust_one_repository(ci, provider):
    [statement] = json.loads(documented(f"trust of {ci}"))["Statement"]
    assert statement["Principal"]["Federated"].endswith(f":oidc-provider/{provider}")
    stated = {key: value for block in statement["Condition"].values() for key, value in block.items()}
    assert set(stated) == {f"{provider}:aud", f"{provider}:sub"}
    assert stated[f"{provider}:sub"].startswith(("repo:YOUR-ORG/YOUR-REPOSITORY:", "project_path:GROUP/PROJECT:"))
