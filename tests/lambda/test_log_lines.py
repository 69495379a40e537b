"""What the function says in its log and in its answers, word for word: alarms, queries and people go by it."""

import pytest

from definitions import control
from events import bridge
from proxy import DENIED, UNAVAILABLE, hang, refuse
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import TRIES

STATE = ".controlsync/state.json"


def said(function):
    """The messages of the lines since the last call."""
    return [line["message"] for line in function.new_lines()]


@pytest.fixture
def function(world):
    function = world.function()
    function.new_lines()
    return function


def test_a_pass(world, function):
    upload(world, BACKUP)
    world.wake()
    lines = [line for line in said(function) if line != "told"]
    assert lines == [
        "a run begins",
        "read the catalog",
        "planned",
        "a change",
        "the run is over",
        "metrics of the run",
    ]
    world.invoke(bridge("README.md"))
    assert said(function) == ["nothing of the catalog: no run"]


def test_a_change_that_fails(world, function):
    upload(world, BACKUP)
    world.account.fault("deny", "CreateControl")
    world.wake()
    lines = said(function)
    assert "a change failed" in lines and "why the change failed" in lines


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (UNAVAILABLE, "a message was not taken, and is kept"),
        (refuse(400, "InvalidParameter"), "a message was refused for what it is, and is dropped"),
    ],
    ids=["unavailable", "refused"],
)
def test_a_message_that_sns_does_not_take(world, function, fault, line):
    upload(world, BACKUP)
    world.proxy.on("Publish", fault, times=ALWAYS)
    answer = world.invoke(world.next_batch())
    assert line in said(function)
    kept = "a message about the run could not be sent; it is kept, and sent by the next run"
    assert (answer.kind == "error") == ("kept" in line)
    if answer.kind == "error":
        assert answer.error["errorMessage"] == kept


def test_a_topic_that_hangs(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", hang, times=ALWAYS)
    function = world.function(fresh=True)
    function.wait(function.begin(world.next_batch(), seconds=10), patience=14)
    assert "a message was not taken in time, and is kept" in said(function)


def test_a_queue_that_denies(world, function):
    upload(world, BACKUP)
    for operation in ["ChangeMessageVisibilityBatch", "GetQueueAttributes"]:
        world.proxy.on(operation, DENIED, times=ALWAYS)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    world.invoke(world.next_batch())
    lines = said(function)
    assert "the queue does not say how often it gives a message" in lines
    assert "the messages come again when their queue thinks best" in lines


def test_an_event_without_a_queue(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    error = world.invoke({"action": "reconcile"}).error
    assert error["errorMessage"] == "the run did not come to its end: failed"


@pytest.mark.parametrize(
    ("operation", "key", "fault", "told"),
    [
        ("ListObjectsV2", None, UNAVAILABLE, "The run failed: cannot read the bucket: ListObjectsV2"),
        ("GetObject", STATE, UNAVAILABLE, "The run failed: cannot read the state in the bucket: GetObject"),
        ("GetObject", "controls/backup.yaml", refuse(412, "PreconditionFailed"), "files change faster than they can be read"),
        ("PutObject", STATE, refuse(412, "PreconditionFailed"), "others write .controlsync/state.json all the time"),
        ("PutObject", STATE, UNAVAILABLE, "cannot write the state into the bucket"),
    ],
    ids=["list", "state", "files", "writers", "write"],
)
def test_a_bucket_that_fails_to_the_last_try(world, function, operation, key, fault, told):
    upload(world, FILES)
    world.proxy.on(operation, fault, key=key, times=ALWAYS)
    world.invoke(world.next_batch(receives=TRIES))
    assert told in world.mail().text
    assert ("the state was not written" in said(function)) == (operation == "PutObject")


def test_an_account_that_hangs(world):
    upload(world, {"controls/backup.yaml": control("Backup")})
    world.account.fault({"delay": {"millis": 20_000}}, "ListControls")
    function = world.function(fresh=True)
    event = world.next_batch(receives=TRIES)
    function.wait(function.begin(event, seconds=8), patience=12)
    assert "The run failed: the run did not come to its end: the invocation: its time was over" in world.mail().text


def test_a_start_that_is_refused(functions):
    function = functions({"CONTROLSYNC_BUCKET": "catalog"}, fresh=True)
    assert function.process.wait(timeout=20) != 0
    assert said(function) == ["the function cannot start"]
