"""The GitLab job: validated against the published schema, and run like the runner does."""

import pytest
import yaml

from jobs import CLEAN, INVALID, ROOT, check_schema, documented, repository, run
from release import without_rust

FILE = yaml.safe_load((ROOT / "integrations/gitlab-ci.yml").read_text(encoding="utf-8"))
JOB = FILE["controlsync-lint"]


def test_the_job_is_valid(tmp_path):
    check_schema("gitlab-ci", ROOT / "integrations/gitlab-ci.yml", tmp_path)


@pytest.mark.parametrize("name", [".gitlab-ci.yml", "packs.gitlab-ci.yml", "tests.gitlab-ci.yml"])
def test_documented_jobs_are_valid(tmp_path, name):
    file = tmp_path / "job.yml"
    file.write_text(documented(name), encoding="utf-8")
    check_schema("gitlab-ci", file, tmp_path)


def test_the_documented_file_installs_like_the_job():
    documented_file = yaml.safe_load(documented(".gitlab-ci.yml"))
    assert documented_file["default"]["before_script"] == JOB["before_script"]
    assert documented_file["default"]["cache"] == JOB["cache"]
    installing = {name: value for name, value in JOB["variables"].items() if name.startswith("CONTROLSYNC_")}
    assert installing.items() <= documented_file["variables"].items()


@pytest.mark.parametrize(("text", "expected"), [(CLEAN, 0), (INVALID, 1)])
def test_the_job_writes_a_report_even_if_it_fails(tmp_path, text, expected):
    users = repository(tmp_path, {"audit/controls/a.yaml": text})
    # Like the runner: one script after the other, until one fails.
    script = "\n".join(["set -eo pipefail", *JOB["before_script"], *JOB["script"]])
    code, output = run("bash", "-c", script, cwd=users, CONTROLSYNC_HOME=tmp_path / "none", CATALOG_DIR="audit")
    assert code == expected, output
    report = yaml.safe_load((users / JOB["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert [issue["check_name"] for issue in report] == ["unquoted-string"] * expected
    assert ("error[unquoted-string]" in output) == bool(expected)
    assert JOB["artifacts"]["when"] == "always"


@pytest.mark.parametrize(("text", "expected"), [(CLEAN, 0), (INVALID, 1)])
def test_the_documented_report_of_tests_is_written(tmp_path, text, expected):
    users = repository(tmp_path, {"controls/a.yaml": text})
    job = yaml.safe_load(documented("tests.gitlab-ci.yml"))["controlsync-tests"]
    code, output = run("bash", "-eo", "pipefail", "-c", "\n".join(job["script"]), cwd=users)
    assert code == expected, output
    assert ("unquoted-string" in (users / job["artifacts"]["reports"]["junit"]).read_text()) == bool(expected)


# Installation


def install(folder, releases, *tools, **variables):
    """Runs before_script without the program, with additional tools."""
    path = without_rust()
    (folder / "tools").mkdir(exist_ok=True)
    for name, text in tools:
        (folder / "tools" / name).write_text(text)
        (folder / "tools" / name).chmod(0o755)
    known = {name: str(value) for name, value in JOB["variables"].items()}
    known |= {"CONTROLSYNC_HOME": str(folder / "program"), "CONTROLSYNC_RELEASES": releases}
    script = "\n".join(["set -eo pipefail", *JOB["before_script"], "controlsync --version"])
    return run("bash", "-c", script, cwd=folder, **known | variables | {"PATH": f"{folder}/tools:{path}"})


def test_the_job_downloads_its_version(tmp_path, release):
    code, output = install(tmp_path, release.url)
    assert code == 0 and f"{release.archive.name}: OK\n" in output, output
    assert f"controlsync {release.version}" in output.splitlines()[-1]
    before = len(release.requests)
    # From the cache.
    code, output = install(tmp_path, release.url)
    assert code == 0 and len(release.requests) == before, output


def test_a_download_with_another_sum_fails_the_job(tmp_path, release):
    code, output = install(tmp_path, release.broken(tmp_path / "broken"))
    assert code == 1 and f"{release.archive.name}: FAILED" in output, output
    assert not (tmp_path / "program/bin/controlsync").exists()


def test_without_a_release_the_job_builds_or_says_what_is_missing(tmp_path):
    code, output = install(tmp_path, (tmp_path / "nowhere").as_uri())
    assert code == 1, output
    assert output.endswith("cannot be downloaded, and this image has no Cargo to build it\n")
    cargo = '#!/bin/sh\necho "$@" > "$CONTROLSYNC_HOME/cargo.log"\nprintf "#!/bin/sh\\n" > "$CONTROLSYNC_HOME/bin/controlsync"\nchmod +x "$CONTROLSYNC_HOME/bin/controlsync"\n'
    code, output = install(tmp_path, (tmp_path / "nowhere").as_uri(), ("cargo", cargo))
    assert code == 0, output
    variables = JOB["variables"]
    called = f"install --locked --git {variables['CONTROLSYNC_GIT']} --tag v{variables['CONTROLSYNC_VERSION']}"
    assert (tmp_path / "program/cargo.log").read_text() == f"{called} --root {tmp_path}/program controlsync\n"
