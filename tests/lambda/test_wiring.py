"""The wiring between the bucket and the function, as in the stack: the events, the rule, the queue."""

import json

import pytest

from definitions import control, invalid
from events import BUCKET, bridge
from proxy import UNAVAILABLE
from queues import FIFO_ATTRIBUTES
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import BATCH_SIZE, MAX_RECEIVES, MESSAGE_GROUP, pattern
from world import STATE

# See https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
ENVELOPE = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
DETAIL = {"version", "event-version", "bucket", "object", "request-id", "requester", "source-ip-address", "reason"}
CREATED = {"key", "size", "etag", "version-id", "sequencer"}


def bodies(event):
    return [json.loads(record["body"]) for record in event["Records"]]


def keys(event):
    return [body["detail"]["object"]["key"] for body in bodies(event)]


def test_the_function_gets_events_as_they_are_documented(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.upload("controls/backup.yaml", control("Backup"))
    world.remove("controls/backup.yaml")
    event = world.next_batch()
    *created, deleted = bodies(event)
    for body in created:
        assert body.keys() == ENVELOPE and body["detail"].keys() == DETAIL
        assert body["detail"]["object"].keys() == CREATED
        assert body["detail-type"] == "Object Created" and body["source"] == "aws.s3"
        assert body["detail"]["object"]["size"] == len(control("Backup").encode())
    assert deleted.keys() == ENVELOPE and deleted["detail"].keys() == DETAIL | {"deletion-type"}
    assert deleted["detail"]["object"].keys() == CREATED - {"size"}
    assert deleted["detail-type"] == "Object Deleted"
    assert keys(event) == ["controls/backup.yaml"] * 3
    for value in [lambda body: body["id"], lambda body: body["detail"]["object"]["sequencer"]]:
        assert len({value(body) for body in bodies(event)}) == 3
    attributes = [record["attributes"] for record in event["Records"]]
    assert all(FIFO_ATTRIBUTES <= one.keys() for one in attributes)
    assert {one["MessageGroupId"] for one in attributes} == {MESSAGE_GROUP}
    assert len({one["MessageDeduplicationId"] for one in attributes}) == 3


def test_the_rule_ignores_what_the_function_writes(world):
    upload(world, BACKUP)
    event = world.next_batch()
    world.queue.settle(event, world.invoke(event))
    assert world.state() is not None
    world.deliver_events()
    assert world.queue.receive() == []
    # Without the condition on the key, the rule would match the state.
    everything = pattern(BUCKET)
    del everything["detail"]["object"]
    world.set_rule(everything)
    upload(world, {"controls/backup.yaml": control("Backup", "Edited")})
    assert world.invoke(world.next_batch()).sent_back == set()
    world.show_again()
    received = keys(world.next_batch())
    assert received[0] == "controls/backup.yaml" and set(received[1:]) == {STATE}


@pytest.mark.parametrize("prefix", ["teams/ours", "/teams/ours/"])
def test_with_a_prefix_only_its_objects_are_matched(world, prefix):
    world.set_rule(pattern(BUCKET, prefix))
    for key in ["controls/a.yaml", "teams/ours/controls/b.yaml", "teams/ours2/controls/c.yaml", STATE]:
        world.upload(key, control("Backup"))
    assert keys(world.next_batch()) == ["teams/ours/controls/b.yaml"]


def test_two_functions_with_two_prefixes_share_a_bucket(world):
    """Each reports its own findings once: neither undoes what the other one remembers."""
    prefixes = ["audit/", "risk/"]
    for prefix in prefixes:
        world.upload(f"{prefix}controls/broken.yaml", invalid(f"Broken {prefix[:-1]}"))
    world.discard_messages()
    functions = [{"PREFIX": prefix, "CATALOG": prefix[:-1]} for prefix in prefixes]
    for variables in [*functions, *reversed(functions)]:
        assert world.invoke(bridge(f"{variables['PREFIX']}controls/broken.yaml"), **variables).kind == "response"
    subjects = [mail.subject for mail in world.mails()]
    assert subjects == [f"controlsync incomplete: 1 error ({name}, 000000000000 us-east-1)" for name in ("audit", "risk")]
    for prefix in prefixes:
        state = world.state(prefix)
        assert list(state["files"]) == [f"{prefix}controls/broken.yaml"] and state["outbox"] == []
    assert world.state() is None


def test_a_batch_in_flight_blocks_the_next_one(world):
    upload(world, {f"controls/{number:02}.yaml": control(f"Control {number}") for number in range(BATCH_SIZE + 1)})
    first = world.next_batch()
    assert keys(first) == [f"controls/{number:02}.yaml" for number in range(BATCH_SIZE)]
    assert world.queue.receive() == []
    world.queue.settle(first, world.invoke(first))
    assert keys(world.next_batch()) == [f"controls/{BATCH_SIZE:02}.yaml"]


def test_retried_messages_come_first_and_in_order(world):
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert len(world.drain().sent_back) == 3
    upload(world, {"controls/later.yaml": control("Later")})
    assert world.queue.receive() == [], "retried messages come first"
    world.show_again()
    event = world.next_batch()
    assert keys(event) == [*FILES, "controls/later.yaml"]
    receives = [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]]
    assert receives == ["2", "2", "2", "1"]


def test_messages_that_fail_too_often_become_dead_letters_and_unblock_others(world):
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for _ in range(MAX_RECEIVES - 1):
        assert len(world.drain().sent_back) == 3
        world.assert_silent()
    assert len(world.drain().sent_back) == 3
    assert "dead-letter" in world.mail().text and world.event()["outcome"] == "failed"
    world.proxy.reset()
    world.put({"controls/later.yaml": control("Later")})
    letters = [json.loads(letter["Body"]) for letter in world.dead_letters.receive()]
    assert [letter["detail"]["object"]["key"] for letter in letters] == [*FILES]
    assert set(world.controls()) == {"Backup", "Restore", "Later"}, "a run reads the entire bucket"


def test_identical_schedule_events_are_all_delivered(world):
    world.put(BACKUP)
    world.mail(), world.event()
    for number in range(2):
        [existing] = world.controls().values()
        world.audit_manager.delete_control(controlId=existing["id"])
        world.schedule()
        assert world.event()["trigger"] == "schedule" and set(world.controls()) == {"Backup"}, number


def test_repeated_actions_are_all_delivered(world):
    upload(world, BACKUP)
    world.discard_messages()
    assert world.ask("reconcile").sent_back == set()
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "reconcile"
    world.mail()
    for _ in range(2):
        assert world.ask("report").sent_back == set()
        assert world.mail().attributes["outcome"] == "in-sync"
        assert world.event()["trigger"] == "report"


def test_an_unknown_action_does_not_block_others(world):
    world.send({"action": "delete"}, identity="manual")
    world.put(BACKUP)
    assert set(world.controls()) == {"Backup"}


def test_the_proxy_and_the_account_name_requests_alike(world):
    world.forget_requests()
    world.put({**FILES, "controls/tagged.yaml": control("Tagged", tags={"Owner": "One"})})
    tagged = control("Tagged", tags={"Team": "Two"})
    world.put({"controls/tagged.yaml": tagged, "controls/backup.yaml": control("Backup", "Edited")})
    world.remove("controls/restore.yaml")
    world.schedule(ON_REMOVE="delete", MAX_DELETES="1000")
    named = [call.operation for call in world.account_proxy.calls]
    assert sorted(named) == sorted(request["operation"] for request in world.requests())
    assert {"TagResource", "UntagResource", "UpdateControl", "DeleteControl"} <= set(named)
