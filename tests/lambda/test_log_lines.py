"""Exact log messages and responses of the function, which alarms, queries and users rely on."""

import pytest

import logs
from definitions import control
from events import bridge
from proxy import DENIED, UNAVAILABLE, hang, refuse
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import MAX_RECEIVES

STATE = ".controlsync/state.json"


def logged(function):
    """The messages of the lines since the last call."""
    return [line["message"] for line in function.new_lines()]


@pytest.fixture
def function(world):
    function = world.function()
    function.new_lines()
    return function


def test_a_run(world, function):
    upload(world, BACKUP)
    world.drain()
    lines = [line for line in logged(function) if line != "report sent"]
    assert lines == [
        "the run started",
        "read the catalog",
        "planned",
        "change result",
        "the run finished",
        "metrics of the run",
    ]
    world.invoke(bridge("README.md"))
    assert logged(function) == ["the event does not affect the catalog; nothing to run"]


def test_a_failed_change(world, function):
    upload(world, BACKUP)
    world.account.fault("deny", "CreateControl")
    world.drain()
    lines = logged(function)
    assert "a change failed" in lines and "why the change failed" in lines
    assert "denied changes are attempted once more" in lines


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (UNAVAILABLE, "a report could not be sent and is kept"),
        (refuse(400, "InvalidParameter"), "a report was rejected as invalid and is dropped"),
    ],
    ids=["unavailable", "rejected"],
)
def test_an_unsent_message(world, function, fault, line):
    upload(world, BACKUP)
    world.proxy.on("Publish", fault, times=ALWAYS)
    answer = world.invoke(world.next_batch())
    assert line in logged(function)
    kept = "the report could not be sent; it is kept and the next run sends it"
    assert (answer.kind == "error") == ("kept" in line)
    if answer.kind == "error":
        assert answer.error["errorMessage"] == kept


def test_a_hanging_topic(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", hang, times=ALWAYS)
    function = world.function(fresh=True)
    function.wait(function.start(world.next_batch(), seconds=10), patience=14)
    assert "a report could not be sent in time and is kept" in logged(function)


def test_a_queue_that_denies_access(world, function):
    upload(world, BACKUP)
    for operation in ["ChangeMessageVisibilityBatch", "GetQueueAttributes"]:
        world.proxy.on(operation, DENIED, times=ALWAYS)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    world.invoke(world.next_batch())
    lines = logged(function)
    assert "cannot read maxReceiveCount of the queue" in lines
    assert "cannot set the visibility timeout of the messages" in lines


def test_an_event_without_a_queue(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    error = world.invoke({"action": "reconcile"}).error
    assert error["errorMessage"] == "the run did not finish: failed"


@pytest.mark.parametrize(
    ("operation", "key", "fault", "reported"),
    [
        ("ListObjectsV2", None, UNAVAILABLE, "The run failed: cannot read the bucket: ListObjectsV2"),
        ("GetObject", STATE, UNAVAILABLE, "The run failed: cannot read the state in the bucket: GetObject"),
        ("GetObject", "controls/backup.yaml", refuse(412, "PreconditionFailed"), "files change faster than they can be read"),
        ("PutObject", STATE, refuse(412, "PreconditionFailed"), "another run keeps changing .controlsync/state.json"),
        ("PutObject", STATE, UNAVAILABLE, "cannot write the state to the bucket"),
    ],
    ids=["list", "state", "files", "writers", "write"],
)
def test_a_bucket_that_fails_until_the_last_attempt(world, function, operation, key, fault, reported):
    upload(world, FILES)
    world.proxy.on(operation, fault, key=key, times=ALWAYS)
    world.invoke(world.next_batch(receives=MAX_RECEIVES))
    assert reported in world.mail().text
    assert ("the state was not written" in logged(function)) == (operation == "PutObject")


def test_a_hanging_account(world):
    upload(world, {"controls/backup.yaml": control("Backup")})
    world.account.fault({"delay": {"millis": 20_000}}, "ListControls")
    function = world.function(fresh=True)
    event = world.next_batch(receives=MAX_RECEIVES)
    function.wait(function.start(event, seconds=16), patience=20)
    assert "The run failed: the run did not finish: the invocation: it ran out of time" in world.mail().text


def test_messages_that_cannot_be_read_are_counted(world, function):
    world.send("not JSON")
    world.send({"unknown": "event"})
    assert world.drain().sent_back == set()
    lines = function.new_lines()
    assert [line["event"] for line in lines if line["message"] == "unsupported event"] == [
        "a message that is not JSON",
        "an event with the keys unknown",
    ]
    found = logs.metrics(lines)
    assert found["UnreadableMessages"] == 2 and found["FunctionName"] == "controlsync"
    assert "CompletedRuns" not in found, "there was no run"
    upload(world, BACKUP)
    world.send("not JSON, too")
    world.drain()
    found = logs.metrics(function.new_lines())
    assert (found["UnreadableMessages"], found["CompletedRuns"], found["Created"]) == (1, 1, 1)
    world.schedule()
    assert logs.metrics(function.new_lines())["UnreadableMessages"] == 0
    assert world.invoke({"action": "delete"}).kind == "error"
    assert logs.metrics(function.new_lines())["UnreadableMessages"] == 1
    world.invoke(bridge("README.md"))
    assert not [line for line in function.new_lines() if "_aws" in line]


def test_a_failed_start(functions):
    function = functions({"CONTROLSYNC_BUCKET": "catalog"}, fresh=True)
    assert function.process.wait(timeout=20) != 0
    assert logged(function) == ["the function cannot start"]
