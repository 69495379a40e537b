"""The state file: whole at any moment, and with everything that was answered."""

import concurrent.futures
import json
import pathlib
import threading
import time

import botocore.exceptions
import pytest

from program import Program

MANUAL = {"sourceName": "Attestation", "sourceType": "MANUAL"}


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.json"


@pytest.fixture
def start(state):
    """Starts an emulator over the state file; all of them are gone after the test."""
    programs = []

    def start():
        programs.append(Program(state))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


def create(client, name):
    return client.create_control(name=name, controlMappingSources=[MANUAL], tags={"n": name})["control"]


def everything(client):
    """All custom controls by name, in full."""
    listed = client.list_controls(controlType="Custom", maxResults=1000)["controlMetadataList"]
    return {item["name"]: client.get_control(controlId=item["id"])["control"] for item in listed}


def test_answered_writes_survive_a_kill(state, start):
    answered = {}
    for number in range(4):
        program = start()
        client = program.boto3(max_pool_connections=8)
        held = everything(client)
        assert {name: held[name] for name in answered} == answered
        # The one request of each thread that was under way may have been done.
        assert len(held) <= len(answered) + 8
        answered = held
        enough = threading.Semaphore(0)

        def write(thread):
            for n in range(1000):
                try:
                    control = create(client, f"{number}-{thread}-{n}")
                except botocore.exceptions.HTTPClientError:
                    return
                answered[control["name"]] = control
                enough.release()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for thread in range(8):
                pool.submit(write, thread)
            for _ in range(50):
                assert enough.acquire(timeout=60)
            program.kill()
        assert json.loads(state.read_text())["version"] == 1


def test_a_restart_changes_nothing(start):
    program = start()
    client = program.boto3()
    control = create(client, "one")
    framework = client.create_assessment_framework(
        name="f", controlSets=[{"name": "s", "controls": [{"id": control["id"]}]}], tags={"a": "b"}
    )["framework"]
    program.kill()
    client = start().boto3()
    assert client.get_control(controlId=control["id"])["control"] == control
    assert client.get_assessment_framework(frameworkId=framework["id"])["framework"] == framework


def test_a_file_that_cannot_be_written_undoes_the_write(state, start):
    client = start().boto3()
    before = create(client, "one")
    obstacle = pathlib.Path(f"{state}.tmp")
    obstacle.mkdir()
    with pytest.raises(client.exceptions.InternalServerException, match="state file"):
        create(client, "two")
    assert everything(client) == {"one": before}
    obstacle.rmdir()
    create(client, "two")


def test_a_second_emulator_waits_for_the_file(start):
    first = start()
    create(first.boto3(), "one")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        second = pool.submit(start)
        with pytest.raises(concurrent.futures.TimeoutError):
            second.result(timeout=0.5)
        first.kill()
        assert list(everything(second.result(timeout=9).boto3())) == ["one"]


def test_five_hundred_controls_take_a_moment(start, capsys):
    client = start().boto3(max_pool_connections=8)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: create(client, f"c{n}"), range(500)))
    took = time.monotonic() - began
    with capsys.disabled():
        print(f" [500 controls, 8 clients: {took:.1f} s]", end="")
    assert len(everything(client)) == 500
    # Generous: slow disks and debug builds are no fault.
    assert took < 60
