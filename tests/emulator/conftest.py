"""Fixtures: one emulator for all tests of a file that do not need their own."""

import urllib.request

import pytest
from moto.server import ThreadedMotoServer

from program import Boto3, Cli, Program, session_of


@pytest.fixture(scope="module")
def shared_program():
    program = Program()
    yield program
    program.kill()


@pytest.fixture
def program(shared_program):
    """The emulator of the file, with its initial options and no faults. Resources are kept."""
    options = shared_program.admin("GET", "options")
    shared_program.admin("DELETE", "requests")
    yield shared_program
    shared_program.admin("DELETE", "faults")
    shared_program.admin("POST", "options", options)


@pytest.fixture
def emulator():
    """An emulator of the test alone."""
    emulator = Program()
    yield emulator
    emulator.kill()


@pytest.fixture
def client(program):
    return program.boto3()


@pytest.fixture(params=[Boto3, Cli], ids=lambda kind: kind.name)
def call(request, program):
    """A third-party client, called as `call("GetControl", controlId=...)`."""
    return request.param(program)


@pytest.fixture(scope="session")
def moto():
    """Another emulator of AWS, by other authors."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["ours", "moto"])
def peer(request):
    """Returns clients of a new account, here and in moto: what a test expects, both do."""
    if request.param == "ours":
        program = Program()
        yield program.boto3
        program.kill()
    else:
        endpoint = request.getfixturevalue("moto")
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=30).close()
        yield lambda service, credentials=None: session_of(credentials).client(service, endpoint_url=endpoint)
