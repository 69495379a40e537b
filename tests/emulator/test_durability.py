"""The state file: complete at any moment, and with every acknowledged write."""

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
    """Starts an emulator with the state file; all are killed after the test."""
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
    """Returns all custom controls by name."""
    listed = client.list_controls(controlType="Custom", maxResults=1000)["controlMetadataList"]
    return {item["name"]: client.get_control(controlId=item["id"])["control"] for item in listed}


def test_acknowledged_writes_survive_a_kill(state, start):
    acknowledged = {}
    for number in range(4):
        program = start()
        client = program.boto3(max_pool_connections=8)
        stored = everything(client)
        assert {name: stored[name] for name in acknowledged} == acknowledged
        # The request that each thread had in progress may have been processed.
        assert len(stored) <= len(acknowledged) + 8
        acknowledged = stored
        enough = threading.Semaphore(0)

        def write(thread):
            for n in range(1000):
                try:
                    control = create(client, f"{number}-{thread}-{n}")
                except botocore.exceptions.HTTPClientError:
                    return
                acknowledged[control["name"]] = control
                enough.release()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for thread in range(8):
                pool.submit(write, thread)
            for _ in range(50):
                assert enough.acquire(timeout=60)
            program.kill()
        assert json.loads(state.read_text())["version"] == 2


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


def test_creating_500_controls_is_fast(start, capsys):
    client = start().boto3(max_pool_connections=8)
    start_time = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: create(client, f"c{n}"), range(500)))
    elapsed = time.monotonic() - start_time
    with capsys.disabled():
        print(f" [500 controls, 8 clients: {elapsed:.1f} s]", end="")
    assert len(everything(client)) == 500
    # Generous, for slow disks and debug builds.
    assert elapsed < 60
