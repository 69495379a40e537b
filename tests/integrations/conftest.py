"""CONTROLSYNC_BIN=path/to/controlsync CONTROLSYNC_PACKAGES=target/program/TRIPLE python -m pytest tests/integrations"""

import contextlib
import os
import subprocess

import pytest

from release import Release


@contextlib.contextmanager
def emulator():
    """Runs the emulator. Returns its URL, and the environment for credentials."""
    process = subprocess.Popen([os.environ["CONTROLSYNC_BIN"], "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True)
    endpoint = process.stdout.readline().split()[-1]
    try:
        yield endpoint, {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def account():
    """The environment to use Audit Manager of an emulator."""
    with emulator() as (endpoint, credentials):
        yield credentials | {"AWS_ENDPOINT_URL_AUDITMANAGER": endpoint}


@pytest.fixture
def all_services():
    """The environment to use all services of a new emulator."""
    with emulator() as (endpoint, credentials):
        yield credentials | {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": credentials["AWS_REGION"]}


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """A release of the current version on a server: what tests/run.sh has packaged for this machine."""
    release = Release(tmp_path_factory.mktemp("release"))
    yield release
    release.close()
