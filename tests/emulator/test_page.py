"""The commands of docs/emulator.md."""

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
    """PATH with the program and the AWS CLI of this environment first."""
    return f"{Path(os.environ['CONTROLSYNC_BIN']).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def test_a_client_lists_the_controls_of_the_emulator(tmp_path, path):
    start, clients, generated, accounts = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    environment = {"PATH": path, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    # Any free port: the port of the page may be in use.
    command = "exec " + start.replace("--port 4571", "--port 0")
    process = subprocess.Popen(
        ["bash", "-euc", command], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        port = re.fullmatch(r"Emulator listening on http://127\.0\.0\.1:(\d+)\n", line).group(1)
        assert line.strip().replace(port, "4571") in PAGE
        script = clients.replace("4571", port)
        result = subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["controlMetadataList"]
        script = generated.replace("4571", port)
        result = subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert (result.returncode, result.stdout) == (0, "{}"), result.stderr
        script = (clients.rpartition("aws ")[0] + accounts).replace("4571", port)
        result = subprocess.run(["bash", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        answer = json.loads(result.stdout.removeprefix("{}"))
        assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/reader/test"
        assert (tmp_path / "audit-manager.json").exists()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_seed_of_the_page_is_valid():
    [seed] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    program = Program()
    try:
        program.admin("POST", "seed", json.loads(seed))
    finally:
        program.kill()
