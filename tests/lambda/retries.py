"""Shared by tests of failures: a small catalog, and batches that are sent back or succeed."""

import json
import time

import logs
from definitions import control, framework

BACKUP = {"controls/backup.yaml": control("Backup")}
FILES = {**BACKUP, "controls/restore.yaml": control("Restore"), "frameworks/all.yaml": framework("All", ["Backup"])}
ALWAYS = 1000


def upload(world, files):
    for key, text in files.items():
        world.upload(key, text)


def assert_sent_back(world, seconds=300, **variables):
    """Checks that the entire batch is sent back. Returns its event."""
    event = world.next_batch()
    answer = world.invoke(event, seconds, **variables)
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    return event


def assert_only_sent_back(world):
    """Checks that the entire batch is sent back for half a minute, and that this does not count as failed as long as it is
    retried: no mail, no alarm. Returns its event."""
    function = world.function()
    function.new_lines()
    event = assert_sent_back(world)
    assert set(visibility(world).values()) == {30}
    found = logs.metrics(function.new_lines())
    assert (found["CompletedRuns"], found["Failures"]) == (0, 0)
    world.assert_silent()
    return event


def assert_retried(world, event, **variables):
    """Checks that the messages of an event are redelivered and succeed."""
    assert world.retry(event, **variables).sent_back == set()


def visibility(world):
    """For how long messages were hidden, by receipt handle."""
    entries = [
        entry
        for call in world.proxy.calls
        if call.operation == "ChangeMessageVisibilityBatch"
        for entry in json.loads(call.body)["Entries"]
    ]
    return {entry["ReceiptHandle"]: entry["VisibilityTimeout"] for entry in entries}


def wait_for(condition, patience=30):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
