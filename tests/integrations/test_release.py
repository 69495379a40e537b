"""The workflow that creates a release: validated, and each of its steps that can run here is run, for a version that was prepared
in a copy of this repository."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml

from jobs import BIN, ROOT, check_schema, git, repository, run
from manifest import version
from release import pip_settings

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))["jobs"]
VERSION = version()
TAG = f"v{VERSION}"
RUN = set()


def test_the_workflow_is_valid(tmp_path):
    check_schema("github-workflows", ROOT / ".github/workflows/release.yml", tmp_path)


def test_its_scripts_contain_no_expressions():
    steps = [step for job in WORKFLOW.values() for step in job["steps"]]
    assert not [step for step in steps if "${{" in step.get("run", "")]


def test_every_action_is_named_by_its_commit():
    """A tag of another project can be moved. The comment has the version for readers."""
    for name in (".github/workflows/release.yml", "action.yml"):
        for used in re.findall(r"uses: (.*)", (ROOT / name).read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def run_step(name, cwd, **environment):
    """Runs a step like the runner does."""
    RUN.add(name)
    [(job, step)] = [(job, step) for job in WORKFLOW.values() for step in job["steps"] if step.get("name") == name]
    known = {"GITHUB_REF_NAME": TAG, "GITHUB_WORKSPACE": cwd, "GITHUB_REPOSITORY": "Acme/controlsync", "GITHUB_ACTOR": "octo"}
    known |= {"PATH": f"{cwd}/tools:{BIN.parent}:{os.environ['PATH']}"} | environment
    folder = cwd / step.get("working-directory", ".")
    return run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=folder, **known)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A copy of this repository after `release/prepare.py`, with the files of its release."""
    folder = tmp_path_factory.mktemp("repository")
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    repository(folder, {})
    code, output = run("python3", "release/prepare.py", VERSION, "--owner", "acme", cwd=folder, **rust())
    assert code == 0, output
    (folder / "tools").mkdir()
    return folder


def rust():
    """What programs of Rust need to find their files."""
    home = os.environ["HOME"]
    known = {"CARGO_HOME": os.environ.get("CARGO_HOME", f"{home}/.cargo"), "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", f"{home}/.rustup")}
    return known | {"CARGO_TARGET_DIR": str(BIN.parent.parent)}


# Preparation


def test_a_prepared_release_names_its_version_and_owner_everywhere(prepared):
    code, output = run_step("Check the version", prepared)
    assert (code, output) == (0, f"{VERSION}\n")
    left = subprocess.run(["git", "grep", "-lE", "OWNER/controlsync|Replace OWNER"], cwd=prepared, capture_output=True, text=True)
    assert [name for name in left.stdout.splitlines() if not name.startswith(("release/", "tests/integrations/"))] == []
    assert re.search(rf"^## \[Unreleased\]\n\n## \[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d$", (prepared / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_the_next_release_changes_every_version(prepared, tmp_path):
    folder = tmp_path / "next"
    shutil.copytree(prepared, folder, symlinks=True)
    code, output = run("python3", "release/prepare.py", "9.8.7", cwd=folder, **rust())
    assert code == 0, output
    changed = output.splitlines()
    assert {"Cargo.toml", "integrations/pre-commit/pyproject.toml", "integrations/gitlab-ci.yml", "docs/integrations.md"} <= set(changed)
    manifest = (folder / "integrations/pre-commit/pyproject.toml").read_text()
    assert 'version = "9.8.7"' in manifest and '"controlsync==9.8.7"' in manifest
    lock = tomllib.loads((folder / "Cargo.lock").read_text())
    assert {one["version"] for one in lock["package"] if one["name"].startswith("controlsync")} == {"9.8.7"}
    code, output = run("release/check.sh", "v9.8.7", cwd=folder)
    assert (code, output) == (0, "9.8.7\n")
    # Rules keep the version that they exist since.
    assert "Since: 0.1.0" in (folder / "docs/reference/rules.md").read_text()


@pytest.mark.parametrize("arguments", [["1.2"], ["1.2.3-dev"], [VERSION, "--owner", "a b"]])
def test_what_cannot_be_prepared_is_said(arguments, tmp_path):
    code, output = run("python3", ROOT / "release/prepare.py", *arguments, cwd=tmp_path)
    assert code == 2 and "is not " in output, output


@pytest.mark.parametrize(
    ("tag", "heading", "owner", "message"),
    [
        ("v1.2.3", "1.2.3] - 2026-12-01", "acme", "1.2.3\n"),
        ("v1.2.4", "1.2.3] - 2026-12-01", "acme", "error: the tag is v1.2.4, but the version in Cargo.toml is 1.2.3; run release/prepare.py 1.2.4\n"),
        ("v1.2.3", "1.2.3]", "acme", "error: CHANGELOG.md has no dated section for version 1.2.3; run release/prepare.py 1.2.3\n"),
        ("v1.2.3", "1.2.3] - 2026-12-01", "OWNER", "error: the repository in Cargo.toml is a placeholder; run release/prepare.py 1.2.3 --owner NAME\n"),
    ],
)
def test_only_a_prepared_version_is_released(tmp_path, tag, heading, owner, message):
    (tmp_path / "release").mkdir()
    shutil.copy(ROOT / "release/check.sh", tmp_path / "release")
    (tmp_path / "Cargo.toml").write_text(f'[workspace.package]\nversion = "1.2.3"\nrepository = "https://github.com/{owner}/controlsync"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{heading}\n")
    code, output = run_step("Check the version", tmp_path, GITHUB_REF_NAME=tag)
    assert (code, output) == (1 if message.startswith("error") else 0, message)


def test_the_notes_have_the_changes_and_how_to_install_and_verify(prepared):
    code, notes = run("release/notes.sh", TAG, cwd=prepared)
    assert code == 0, notes
    assert notes.startswith("### Added\n") and "\n## [" not in notes
    assert f"`uvx controlsync@{VERSION} lint`" in notes and f"`pip install controlsync=={VERSION}`" in notes
    assert "gh attestation verify FILE --repo acme/controlsync\n" in notes
    # Outside the repository, links need an address.
    assert f"](https://github.com/acme/controlsync/blob/{TAG}/docs/" in notes and "](docs/" not in notes
    code, output = run("release/notes.sh", "9.9.9", cwd=prepared)
    assert (code, output) == (1, "error: CHANGELOG.md has no section for version 9.9.9\n")


# Artifacts


@pytest.fixture(scope="module")
def target(prepared, release):
    """What the step `Package` has packaged: the Rust target, with its folder where the workflow has it."""
    name = release.archive.name.removeprefix(f"controlsync-{TAG}-").removesuffix(".tar.gz")
    folder = prepared / "target/program" / name
    folder.mkdir(parents=True)
    for path in (release.archive, release.wheel):
        shutil.copy(path, folder)
    return name


def test_the_archive_and_the_wheel_lint_plan_and_apply(prepared, target):
    for name in ("Try the archive", "Try the wheel"):
        code, output = run_step(name, prepared, TARGET=target, **pip_settings())
        assert code == 0, output
        assert output.startswith(f"controlsync {VERSION}") and "Applied: 38 created." in output
        assert output.endswith("No changes. 34 controls and 4 frameworks match the catalog.\n")
    assert len(list((prepared / "target/program" / target).iterdir())) == 2


def test_another_version_is_not_tried_in_vain(tmp_path):
    code, output = run(ROOT / "release/try.sh", "v9.9.9", BIN, cwd=tmp_path)
    assert code == 1 and output.startswith(f'error: {BIN} is "controlsync {VERSION}') and output.endswith("not version 9.9.9\n")


def test_the_archive_is_where_cargo_binstall_looks(release):
    manifest = tomllib.loads((ROOT / "crates/cli/Cargo.toml").read_text(encoding="utf-8"))["package"]["metadata"]["binstall"]
    triple = release.archive.name.removeprefix(f"controlsync-{TAG}-").removesuffix(".tar.gz")
    values = {"repo": "REPOSITORY", "name": "controlsync", "version": VERSION, "target": triple, "bin": "controlsync"}
    values |= {"binary-ext": "", "archive-suffix": ".tar.gz"}
    filled = {key: re.sub(r"\{ ([a-z-]+) \}", lambda found: values[found.group(1)], manifest[key]) for key in ("pkg-url", "bin-dir")}
    assert filled["pkg-url"] == f"REPOSITORY/releases/download/{TAG}/{release.archive.name}"
    with tarfile.open(release.archive) as archive:
        names = {member.name: member for member in archive.getmembers()}
    assert names[filled["bin-dir"]].mode == 0o755
    inside = {Path(name).relative_to(filled["bin-dir"].split("/")[0]).as_posix() for name in names}
    assert {"README.md", "LICENSE", "CHANGELOG.md", "man/controlsync.1", "man/controlsync-plan.1"} <= inside
    assert {f"completions/controlsync.{shell}" for shell in ("bash", "elvish", "fish", "powershell", "zsh")} <= inside


def test_the_same_program_gives_the_same_archive(release):
    """Its gzip header and its members have neither a time nor a user."""
    assert release.archive.read_bytes()[4:8] == b"\0\0\0\0"
    with tarfile.open(release.archive) as archive:
        assert {(member.mtime, member.uid, member.gid, member.uname) for member in archive.getmembers()} == {(0, 0, 0, "")}


# Publication

# A stand-in for Docker, which runs what the image would contain.
DOCKER = """#!/bin/bash
set -eu
printf '%s\\n' "$*" >> docker.log
case "$1" in
  login) cat > /dev/null ;;
  buildx)
    context="${*: -1}"
    for architecture in amd64 arm64; do test -x "$context/$architecture/controlsync"; done
    mkdir -p image && ln -sf "$context/amd64/controlsync" image/controlsync ;;
  run) PATH="$PWD/image:$PATH" sh "$PWD/release/try.sh" "${@: -2}" ;;
esac
"""
GH = """#!/bin/bash
printf '%s\\n' "$*" >> gh.log
"""


@pytest.fixture(scope="module")
def files(prepared, release, target):
    """What `publish` has downloaded, with the archives for the image."""
    folder = prepared / "release/files"
    folder.mkdir()
    for path in (release.archive, release.wheel):
        shutil.copy(path, folder)
    with tarfile.open(release.archive) as archive:
        archive.extractall(prepared / "unpacked", filter="data")
    [unpacked] = (prepared / "unpacked").iterdir()
    for processor in ("x86_64", "aarch64"):
        name = f"controlsync-{TAG}-{processor}-unknown-linux-musl"
        with tarfile.open(folder / f"{name}.tar.gz", "w:gz", compresslevel=1) as archive:
            archive.add(unpacked / "controlsync", f"{name}/controlsync")
    packages = {"sync": f"controlsync-lambda-{TAG}-arm64.zip", "evidence": f"controlsync-lambda-evidence-{TAG}-arm64.zip"}
    for program in packages:
        bootstrap = prepared / "target/lambda" / program / "bootstrap.zip"
        bootstrap.parent.mkdir(parents=True)
        bootstrap.write_text(program)
    code, output = run_step("Name the packages", prepared, ARCHITECTURE="arm64")
    assert code == 0, output
    for program, name in packages.items():
        assert (prepared / name).read_text() == program
        shutil.move(prepared / name, folder)
    for name, text in (("docker", DOCKER), ("gh", GH)):
        (prepared / "tools" / name).write_text(text)
        (prepared / "tools" / name).chmod(0o755)
    return folder


def test_what_everything_is_made_of_is_listed(prepared, files):
    code, output = run_step("List what everything is made of", prepared, **rust())
    assert code == 0, output
    for name, used, unused in (("controlsync", "clap", "lambda_runtime"), ("controlsync-lambda", "lambda_runtime", "insta")):
        text = (files / f"{name}-{TAG}.cyclonedx.json").read_text()
        found = json.loads(text)
        assert (found["bomFormat"], found["metadata"]["component"]["name"]) == ("CycloneDX", name)
        components = {one["name"] for one in found["components"]}
        assert used in components and unused not in components
        assert str(prepared) not in text
    assert git("status", "--short", "crates", cwd=prepared).count("sbom") == 0


def test_the_release_has_a_sum_of_every_file(prepared, files):
    code, output = run_step("Write the checksums", prepared)
    assert code == 0, output
    lines = dict(reversed(line.split("  ")) for line in (files / "SHA256SUMS").read_text().splitlines())
    assert set(lines) == {path.name for path in files.iterdir()} - {"SHA256SUMS"}
    assert all(hashlib.sha256((files / name).read_bytes()).hexdigest() == digest for name, digest in lines.items())


def test_the_image_is_tried_on_both_architectures_before_it_is_pushed(prepared, files):
    code, output = run_step("Publish the image", prepared, GH_TOKEN="token")
    assert code == 0, output
    assert output.count("No changes. 34 controls and 4 frameworks match the catalog.\n") == 2
    log = (prepared / "docker.log").read_text().splitlines()
    assert [line.split()[0] for line in log] == ["login", "buildx", "run", "buildx", "run", "buildx"]
    assert "--platform linux/arm64" in log[4] and "--push" not in "".join(log[:5])
    assert f"--platform linux/amd64,linux/arm64 --tag ghcr.io/acme/controlsync:{VERSION} --tag ghcr.io/acme/controlsync:latest --push" in log[5]


def test_the_image_runs_as_a_user_with_certificates():
    lines = (ROOT / "release/Containerfile").read_text(encoding="utf-8").splitlines()
    assert "USER controlsync" in lines and "COPY $TARGETARCH/controlsync /usr/local/bin/controlsync" in lines
    assert any("ca-certificates" in line for line in lines)


def test_the_release_is_created_with_its_notes_and_files(prepared, files):
    code, output = run_step("Create the release", prepared, GH_TOKEN="token")
    assert code == 0, output
    [call] = (prepared / "gh.log").read_text().splitlines()
    assert call.startswith(f"release create {TAG} --repo Acme/controlsync --verify-tag --title {TAG} --notes-file notes.md release/files/")
    assert f"release/files/controlsync-{TAG}-x86_64-unknown-linux-musl.tar.gz" in call
    assert (prepared / "notes.md").read_text().startswith("### Added\n")


def test_only_wheels_go_to_pypi(prepared, files, release):
    code, output = run_step("Collect the wheels", prepared)
    assert code == 0, output
    assert [path.name for path in (prepared / "wheels").iterdir()] == [release.wheel.name]


def test_the_hooks_are_published(prepared, tmp_path):
    git("init", "--quiet", "--bare", "--initial-branch=main", tmp_path / "remote.git", cwd=tmp_path)
    git("clone", "--quiet", tmp_path / "remote.git", prepared / "hooks", cwd=tmp_path)
    code, output = run_step("Publish the hooks", prepared, HOME=tmp_path)
    assert (code, output.splitlines()[-1]) == (0, f"published the hooks of version {VERSION}")
    assert "acme/controlsync" in git("show", f"{TAG}:README.md", cwd=tmp_path / "remote.git")


def test_every_step_of_its_own_was_run():
    """Last in this file. `Package` is what tests/run.sh does before these tests, with another profile."""
    named = {step["name"] for job in WORKFLOW.values() for step in job["steps"] if "run" in step and "name" in step}
    assert named - RUN == {"Package"}
    others = {step["run"].split()[0] for job in WORKFLOW.values() for step in job["steps"] if "run" in step and "name" not in step}
    assert others == {"tests/run.sh", "rustup", "sudo"}
