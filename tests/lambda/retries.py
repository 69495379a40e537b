"""What tests of failures share: a small catalog, and batches that come back or go through."""

import json
import time

from definitions import control, framework

BACKUP = {"controls/backup.yaml": control("Backup")}
FILES = {**BACKUP, "controls/restore.yaml": control("Restore"), "frameworks/all.yaml": framework("All", ["Backup"])}
ALWAYS = 1000


def upload(world, files):
    for key, text in files.items():
        world.upload(key, text)


def comes_back(world, seconds=300, **variables):
    """The whole batch is sent back; gives the event."""
    event = world.next_batch()
    answer = world.invoke(event, seconds, **variables)
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    return event


def heals(world, event, **variables):
    """What an event brought comes again, and goes through."""
    assert world.retry(event, **variables).sent_back == set()


def visibility(world):
    """How long messages were hidden, by their receipt handles."""
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
