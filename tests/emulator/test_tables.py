"""Tables of `evidence` and `compliance` in the hands of a spreadsheet's reader: Python's csv."""

import csv
import io
import json
import os
import subprocess

import pytest

from program import CREDENTIALS, Program

# Names that a spreadsheet would run, and that need quotes.
NAMES = ["=1+1", "+1", "-1", "@SUM(A1)", 'a "quoted", name', "plain", "two; parts"]
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Runs the program for a catalog with these names; returns its output as bytes."""
    folder = tmp_path_factory.mktemp("catalog")
    (folder / "controls").mkdir()
    (folder / "frameworks").mkdir()
    for number, name in enumerate(NAMES):
        source = {"sourceName": name, "sourceType": "AWS_Config", "sourceKeyword": {"keywordValue": "ENCRYPTED_VOLUMES"}}
        control = {"name": name, "datasources": [source]}
        (folder / f"controls/{number}.json").write_text(json.dumps(control))
    framework = {"name": "=All", "controlSets": [{"name": "All", "controls": NAMES}]}
    (folder / "frameworks/all.json").write_text(json.dumps(framework))
    program = Program()

    def run(*arguments):
        environment = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": program.endpoint}
        command = [os.environ["CONTROLSYNC_BIN"], *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    yield run
    program.kill()


@pytest.mark.parametrize("command", ["compliance", "evidence"])
def test_a_table_is_read_as_it_was_meant(run, command):
    text = run(command, "--format", "csv").decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(rows) == len(NAMES) and {len(row) for row in rows} == {len(head)}
    assert all(not cell.startswith(FORMULAS) for row in rows for cell in row)
    found = {row[head.index("control")] for row in rows}
    assert found == {f"'{name}" if name.startswith(FORMULAS) else name for name in NAMES}
