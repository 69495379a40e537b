"""Runs the workflow of docs/guide/compliance.md, month after month."""

import json
import urllib.request

import yaml

from jobs import documented, git, origin, repository, run, run_github

CATALOG = {
    "audit/controls/volumes.yaml": """name: Volumes are encrypted
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}
""",
    "audit/frameworks/baseline.yaml": "name: Baseline\ncontrolSets: [{name: All, controls: [Volumes are encrypted]}]\n",
}
RULE = {"ConfigRuleName": "volumes", "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}}


def seed(account, content):
    body = json.dumps(content).encode()
    urllib.request.urlopen(f"{account['AWS_ENDPOINT_URL']}/_emulator/seed", data=body).close()


def results(account, failing):
    of_rule = {"compliant": 1, "nonCompliant": failing, "resourceType": "AWS::EC2::Volume"}
    seed(account, {"config": {"rules": [RULE], "results": {"volumes": of_rule}}})


def month(directory, account):
    """Runs the workflow in a new checkout. Returns its exit code, and what it printed and summarized."""
    job = yaml.safe_load(documented(".github/workflows/controlsync-compliance.yml"))["jobs"]["compliance"]
    checkout = directory / f"month-{len(list(directory.glob('month-*')))}" / "team"
    checkout.parent.mkdir()
    git("clone", "--quiet", directory / "team-origin", checkout, cwd=directory)
    code, printed, _ = run_github(job, checkout, account, "schedule")
    summary = checkout / "summary.md"
    return code, printed + (summary.read_text() if summary.exists() else "")


def reports(directory, *arguments):
    return git("-C", directory / "team-origin", *arguments, cwd=directory)


def test_each_month_is_compared_with_the_one_before(tmp_path, all_services):
    account = dict(all_services)
    team = repository(tmp_path / "team", CATALOG)
    origin(team)
    code, printed = run("controlsync", "apply", "--catalog-dir", "audit", "--yes", cwd=team, **account)
    assert code == 0, printed
    seed(account, {"assessments": [{"name": "2026", "framework": "Baseline", "accounts": ["000000000000"]}]})
    results(account, failing=2)
    code, printed = month(tmp_path, account)
    assert code == 0 and "Score 0% (0 of 1)" in printed and "Changes" not in printed, printed
    results(account, failing=0)
    code, printed = month(tmp_path, account)
    assert code == 0 and "Changes: 0 new, 1 resolved, 0 still open since" in printed, printed
    results(account, failing=1)
    code, printed = month(tmp_path, account)
    assert code == 0 and "Changes: 1 new, 0 resolved, 0 still open since" in printed, printed
    assert reports(tmp_path, "log", "--format=%s", "compliance-reports").count("Report of ") == 3
    files = reports(tmp_path, "ls-tree", "--name-only", "compliance-reports").split()
    assert files == ["compliance.csv", "compliance.html", "compliance.json", "summary.md"]
    assert "<h1>Compliance</h1>" in reports(tmp_path, "show", "compliance-reports:compliance.html")


def test_a_report_that_cannot_be_made_keeps_the_one_before(tmp_path, all_services):
    account = dict(all_services)
    origin(repository(tmp_path / "team", CATALOG))
    code, printed = month(tmp_path, account)
    assert code == 0, printed
    before = reports(tmp_path, "rev-parse", "compliance-reports")
    code, printed = month(tmp_path, account | {"AWS_ENDPOINT_URL_AUDITMANAGER": "http://127.0.0.1:1"})
    assert code != 0 and "error: cannot read the account" in printed, printed
    assert reports(tmp_path, "rev-parse", "compliance-reports") == before
