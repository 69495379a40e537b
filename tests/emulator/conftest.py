"""Fixtures: one emulator for all tests of a file that do not need their own."""

import pytest

from program import Boto3, Cli, Program


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
def client(program):
    return program.boto3()


@pytest.fixture(params=[Boto3, Cli], ids=lambda kind: kind.name)
def call(request, program):
    """A third-party client, called as `call("GetControl", controlId=...)`."""
    return request.param(program)
