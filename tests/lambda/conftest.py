"""Servers and processes are shared by all tests. Each test has its own bucket, queues, topics and account.

    CONTROLSYNC_LAMBDA=target/lambda/sync/bootstrap CONTROLSYNC_BIN=target/debug/controlsync \\
        python -m pytest tests/lambda

If CONTROLSYNC_CALLS names a directory, each test process records the calls of the function there.
"""

import itertools
import os
import sys
from pathlib import Path

import pytest

# The emulator as a program, and a boto3 client that validates its responses against the service model.
sys.path.append(str(Path(__file__).parent.parent / "emulator"))

import calls
from function import Function, base_environment
from organization import Organization
from proxy import Proxy
from services import Moto
from world import World


CALLS = os.environ.get("CONTROLSYNC_CALLS")


def pytest_configure(config):
    if CALLS and not hasattr(config, "workerinput"):
        calls.remove_earlier(CALLS)


@pytest.fixture(scope="session")
def record():
    record = calls.Record()
    yield record
    if CALLS:
        record.write(CALLS, os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    server = Moto(tmp_path_factory.mktemp("moto"), [str(Path(__file__).with_name("moto_sns.py"))])
    yield server
    server.kill()


@pytest.fixture(scope="session")
def proxies():
    """One in front of moto, one in front of the account."""
    both = Proxy(), Proxy(calls.read_account_call)
    yield both
    for proxy in both:
        proxy.close()


class Functions:
    """Processes of the function by environment. A fresh one ends with its test."""

    def __init__(self, folder):
        self.folder, self.numbers = folder, itertools.count()
        self.lasting, self.fresh = {}, []
        # Modes of the functions that the test has used.
        self.modes = set()

    def __call__(self, environment, fresh=False, program="sync"):
        self.modes.add("evidence" if program == "evidence" else environment.get("CONTROLSYNC_MODE"))
        key = (program, *sorted(environment.items()))
        if not fresh and key in self.lasting and self.lasting[key].is_alive():
            return self.lasting[key]
        function = Function(base_environment(**environment), self.folder / str(next(self.numbers)), program)
        if fresh:
            self.fresh.append(function)
        else:
            self.lasting[key] = function
        return function

    def end_fresh(self):
        """Kills the fresh processes. Returns all processes of the test."""
        ended, self.fresh = self.fresh, []
        for function in ended:
            function.kill()
        return [*ended, *self.lasting.values()]


@pytest.fixture(scope="session")
def functions(tmp_path_factory):
    functions = Functions(tmp_path_factory.mktemp("function"))
    yield functions
    functions.end_fresh()
    for function in functions.lasting.values():
        function.kill()


@pytest.fixture
def world(moto, proxies, functions, record):
    yield from new_world(World, moto, proxies, functions, record)


@pytest.fixture
def organization(moto, proxies, functions, record):
    """The environment of the function `evidence`."""
    yield from new_world(Organization, moto, proxies, functions, record)


def new_world(kind, moto, proxies, functions, record):
    moto.reset()
    aws, account = proxies
    aws.upstream = moto.address
    functions.modes = set()
    for proxy in proxies:
        proxy.reset()
        proxy.all_calls = []
    world = kind(moto, aws, account, functions)
    yield world
    record.add(functions.modes, [*aws.all_calls, *account.all_calls])
    for proxy in proxies:
        proxy.reset()
    world.close()


@pytest.fixture(autouse=True)
def log_lines_are_valid_json_without_secrets(functions):
    """After every test: each log line is JSON, metrics are valid, and no line contains a text of a control."""
    yield
    for function in functions.end_fresh():
        function.new_lines()
