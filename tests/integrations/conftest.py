"""CONTROLSYNC_BIN=path/to/controlsync CONTROLSYNC_PACKAGES=target/program/TRIPLE python -m pytest tests/integrations"""

import os
import subprocess

import pytest

from release import Release


@pytest.fixture(scope="module")
def account():
    """Runs the emulator, and returns the environment to use it."""
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


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """A release of the current version on a server: what tests/run.sh has packaged for this machine."""
    release = Release(tmp_path_factory.mktemp("release"))
    yield release
    release.close()
