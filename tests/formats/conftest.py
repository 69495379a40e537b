"""CONTROLSYNC_BIN=path/to/controlsync python -m pytest tests/formats"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests/findings/cases"


class Catalog:
    """A catalog in a directory of a repository, in which the program runs."""

    def __init__(self, repository, directory):
        self.repository = repository
        self.directory = directory

    def lint(self, format, *arguments):
        """Returns the output as bytes. The exit code must be that of a run with or without findings."""
        command = [os.environ["CONTROLSYNC_BIN"], "lint", "--format", format, *arguments]
        done = subprocess.run(command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == b""
        return done.stdout


def write_invalid_files(root):
    """Writes all invalid inputs of the rules as one catalog; repeated names are additional findings."""
    for rule in sorted(CASES.iterdir()):
        for case in sorted(rule.iterdir()):
            if case.is_dir():
                for kind in ("controls", "frameworks"):
                    if (case / kind).is_dir():
                        target = root / kind / rule.name / case.name
                        shutil.copytree(case / kind, target, symlinks=True, dirs_exist_ok=True)
                continue
            if case.suffix == ".toml":
                continue
            kind = "frameworks" if ".framework." in case.name else "controls"
            target = root / kind / rule.name / case.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(case, target)
    hostile = root / "controls" / "né [1] #?&+;" / "a b,c:%41🔑.yaml"
    hostile.parent.mkdir(parents=True)
    tags = "{É: '🔑', Ö: 1.10, 'ü]]>%,:': yes, A: 2.0}"
    hostile.write_bytes(f"\ufeffname: Ключ\r\ndescription: 🔑 x\r\ntags: {tags}\r\n".encode())
    alone = "name: In no other file\ncontrolSets: [{name: ü, controls: ['%0A,:]]>&<\u0009é', Missing]}]\n"
    (root / "frameworks/alone.yaml").write_text(alone, encoding="utf-8")
    (root / "controls/link.yaml").symlink_to("clean.yaml")
    with open(root / "controls/large.yaml", "wb") as large:
        large.truncate(2 * 1024 * 1024)
    (root / "controlsync.toml").write_text('[lint.rules]\nunknown-control = "info"\n')


CATALOGS = ["invalid", "one-of-each", "clean"]


@pytest.fixture(scope="session", params=CATALOGS)
def catalog(request, tmp_path_factory):
    """A catalog below the root of a repository, so that paths differ from those in the working directory."""
    repository = tmp_path_factory.mktemp(request.param)
    (repository / ".git").mkdir()
    directory = repository / "team" / "audit"
    if request.param == "invalid":
        directory.mkdir(parents=True)
        write_invalid_files(directory)
    elif request.param == "one-of-each":
        shutil.copytree(ROOT / "tests/findings/formats", directory)
    else:
        for part in ("controls", "frameworks"):
            shutil.copytree(ROOT / part, directory / part)
    return Catalog(repository, directory)
