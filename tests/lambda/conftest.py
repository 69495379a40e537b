"""Servers and processes live as long as the tests; bucket, queues, topics and account are new for each.

    CONTROLSYNC_LAMBDA=target/lambda/controlsync/bootstrap CONTROLSYNC_BIN=target/debug/controlsync \\
        python -m pytest tests/lambda
"""

import itertools
import sys
from pathlib import Path

import pytest

# The emulator as a program, and a client of boto3 that holds its answers against the service model.
sys.path.append(str(Path(__file__).parent.parent / "emulator"))

from function import Function, base_environment
from proxy import Proxy
from services import Moto
from world import World


@pytest.fixture(scope="session")
def moto(tmp_path_factory):
    server = Moto(tmp_path_factory.mktemp("moto"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def proxies():
    """Before moto, and before the account."""
    both = Proxy(), Proxy()
    yield both
    for proxy in both:
        proxy.close()


@pytest.fixture(scope="session")
def functions(tmp_path_factory):
    """Processes of the function, by their environments."""
    folder, numbers, running, all_of_them = tmp_path_factory.mktemp("function"), itertools.count(), {}, []

    def start(environment, fresh=False):
        key = tuple(sorted(environment.items()))
        function = running.get(key)
        if fresh or function is None or not function.is_alive():
            function = Function(base_environment(**environment), folder / str(next(numbers)))
            all_of_them.append(function)
            if not fresh:
                running[key] = function
        return function

    start.all = all_of_them
    yield start
    for function in all_of_them:
        function.kill()


@pytest.fixture
def world(moto, proxies, functions):
    moto.reset()
    aws, account = proxies
    aws.upstream = moto.address
    for proxy in proxies:
        proxy.reset()
    world = World(moto, aws, account, functions)
    yield world
    for proxy in proxies:
        proxy.reset()
    world.close()


@pytest.fixture(autouse=True)
def logs_are_fit_for_machines_and_tell_no_secret(functions):
    """Holds for every test: each line of each process is JSON, metrics are valid, and no text of a control is in it."""
    yield
    for function in functions.all:
        function.new_lines()
