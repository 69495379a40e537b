"""The commands of docs/emulator.md, as its readers run them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from program import Program

PAGE = (Path(__file__).parent.parent.parent / "docs/emulator.md").read_text(encoding="utf-8")


@pytest.fixture
def path():
    """The program and the AWS CLI of this environment, before all else."""
    return f"{Path(os.environ['CONTROLSYNC_BIN']).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def test_a_client_lists_what_the_emulator_holds(tmp_path, path):
    start, clients = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    environment = {"PATH": path, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    # Any port: that of the page may be taken.
    command = "exec " + start.replace("--port 4571", "--port 0")
    process = subprocess.Popen(
        ["bash", "-euc", command], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline()
        port = re.fullmatch(r"Audit Manager listens on http://127\.0\.0\.1:(\d+)\n", said).group(1)
        assert said.strip().replace(port, "4571") in PAGE
        script = clients.replace("4571", port)
        done = subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["controlMetadataList"]
        assert (tmp_path / "audit-manager.json").exists()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_seed_of_the_page_is_taken():
    [seed] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    program = Program()
    try:
        program.admin("POST", "seed", json.loads(seed))
    finally:
        program.kill()
