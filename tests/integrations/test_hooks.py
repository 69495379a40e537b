"""The repository of hooks for pre-commit, as it is published, with the wheel of the program."""

import re
import subprocess

import pytest
import yaml

from jobs import CLEAN, INVALID, ROOT, TOOLS, documented, git, repository, run
from release import PACKAGES, pip_settings, without_rust

HOOKS = ROOT / "integrations/pre-commit"


def test_the_manifest_is_valid(tmp_path):
    code, output = run("pre-commit", "validate-manifest", HOOKS / ".pre-commit-hooks.yaml", cwd=tmp_path)
    assert code == 0, output


def test_the_documented_configuration_names_the_hook(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(documented(".pre-commit-config.yaml"), encoding="utf-8")
    code, output = run("pre-commit", "validate-config", file, cwd=tmp_path)
    assert code == 0, output
    (configured,) = yaml.safe_load(file.read_text(encoding="utf-8"))["repos"][0]["hooks"]
    hooks = yaml.safe_load((HOOKS / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert configured["id"] in [hook["id"] for hook in hooks]


@pytest.fixture(scope="module")
def published(release, tmp_path_factory):
    """The repository of hooks after the release wrote it, over what an earlier version had."""
    folder = tmp_path_factory.mktemp("hooks")
    remote, clone = folder / "remote.git", folder / "clone"
    git("init", "--quiet", "--bare", "--initial-branch=main", remote, cwd=folder)
    git("clone", "--quiet", remote, clone, cwd=folder)
    repository(clone, {"removed-later.txt": "of an earlier version\n"})
    git("push", "--quiet", "origin", "main", cwd=clone)
    git("config", "user.name", "Test", cwd=clone)
    git("config", "user.email", "test@example.com", cwd=clone)
    code, output = run(ROOT / "release/hook-repository.sh", f"v{release.version}", clone, cwd=folder)
    assert (code, output) == (0, f"published the hooks of version {release.version}\n")
    return remote, clone


def test_each_version_is_published_once(published, release, tmp_path):
    remote, clone = published
    listed = git("ls-tree", "--name-only", f"v{release.version}", cwd=remote).split()
    assert listed == [".pre-commit-hooks.yaml", "LICENSE", "README.md", "pyproject.toml"]
    assert git("rev-parse", "main", cwd=remote) == git("rev-parse", f"v{release.version}^{{commit}}", cwd=remote)
    code, output = run(ROOT / "release/hook-repository.sh", release.version, clone, cwd=tmp_path)
    assert (code, output) == (1, f"error: the hooks of version {release.version} are published already\n")
    code, output = run(ROOT / "release/hook-repository.sh", "9.9.9", clone, cwd=tmp_path)
    assert code == 1 and "installs another version; run release/prepare.py 9.9.9" in output


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where pre-commit keeps what it has installed, for all tests."""
    return tmp_path_factory.mktemp("home")


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
def test_the_hook_runs_from_the_wheel(tmp_path, published, release, home, files, committed, expected):
    arguments = ["--catalog-dir", "team"] if committed.startswith("team/") else []
    hooks = [{"id": "controlsync-lint", "args": arguments}]
    configured = {"repos": [{"repo": str(published[0]), "rev": f"v{release.version}", "hooks": hooks}]}
    users = repository(tmp_path / "users", files | {".pre-commit-config.yaml": yaml.safe_dump(configured)})
    code, output = run(
        "pre-commit", "run", "--color=never", "--files", committed, cwd=users,
        PATH=f"{TOOLS}:{without_rust()}", PRE_COMMIT_HOME=home, PIP_FIND_LINKS=PACKAGES, **pip_settings(),
    )
    assert re.search(rf"^controlsync lint\.+.*{expected}$", output, re.MULTILINE), output
    assert code == (1 if expected == "Failed" else 0)
    assert ("error[" in output) == (expected == "Failed")
    [program] = home.glob("repo*/py_env-*/bin/controlsync")
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    assert shown.split()[1] == release.version
