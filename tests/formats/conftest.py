"""CONTROLSYNC_BIN=path/to/controlsync python -m pytest tests/formats"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests/findings/cases"


class Catalog:
    """A catalog in a folder of a repository, and the program run in it."""

    def __init__(self, repository, folder):
        self.repository = repository
        self.folder = folder

    def lint(self, format, *arguments):
        """What is printed, as bytes. Exit codes are no matter of formats, but must be those of findings."""
        command = [os.environ["CONTROLSYNC_BIN"], "lint", "--format", format, *arguments]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == b""
        return done.stdout


def faults(root):
    """Every input that breaks a rule, as one catalog: names that are there twice are more faults."""
    for rule in sorted(CASES.iterdir()):
        for case in sorted(rule.iterdir()):
            if case.is_dir():
                for folder in ("controls", "frameworks"):
                    if (case / folder).is_dir():
                        target = root / folder / rule.name / case.name
                        shutil.copytree(case / folder, target, symlinks=True, dirs_exist_ok=True)
                continue
            if case.suffix == ".toml":
                continue
            folder = "frameworks" if ".framework." in case.name else "controls"
            target = root / folder / rule.name / case.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(case, target)
    hostile = root / "controls" / "né [1] #?&+;" / "a b,c:%41🔑.yaml"
    hostile.parent.mkdir(parents=True)
    tags = "{É: '🔑', Ö: 1.10, 'ü]]>%,:': yes, A: 2.0}"
    hostile.write_bytes(f"\ufeffname: Ключ\r\ndescription: 🔑 x\r\ntags: {tags}\r\n".encode())
    alone = "name: In no other file\ncontrolSets: [{name: ü, controls: ['%0A,:]]>&<\u0009é', Nobody]}]\n"
    (root / "frameworks/alone.yaml").write_text(alone, encoding="utf-8")
    (root / "controls/link.yaml").symlink_to("clean.yaml")
    with open(root / "controls/large.yaml", "wb") as large:
        large.truncate(2 * 1024 * 1024)
    (root / "controlsync.toml").write_text('[lint.rules]\nunknown-control = "info"\n')


CATALOGS = ["faults", "one-of-each", "clean"]


@pytest.fixture(scope="session", params=CATALOGS)
def catalog(request, tmp_path_factory):
    """A catalog below the root of a repository, whose paths are therefore not those from the working directory."""
    repository = tmp_path_factory.mktemp(request.param)
    (repository / ".git").mkdir()
    folder = repository / "team" / "audit"
    if request.param == "faults":
        folder.mkdir(parents=True)
        faults(folder)
    elif request.param == "one-of-each":
        shutil.copytree(ROOT / "tests/findings/formats", folder)
    else:
        for part in ("controls", "frameworks"):
            shutil.copytree(ROOT / part, folder / part)
    return Catalog(repository, folder)


@pytest.fixture(scope="module")
def account():
    """A local Audit Manager; its environment."""
    process = subprocess.Popen([os.environ["CONTROLSYNC_BIN"], "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True)
    endpoint = process.stdout.readline().split()[-1]
    yield {
        "AWS_ENDPOINT_URL_AUDITMANAGER": endpoint,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
    }
    process.kill()
    process.wait()
    process.stdout.close()
