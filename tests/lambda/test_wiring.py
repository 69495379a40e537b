"""What stands between the bucket and the function, as the stack wires it: the events, the rule, the queue."""

import json

import pytest

from definitions import control
from events import BUCKET
from proxy import UNAVAILABLE
from queues import FIFO_ATTRIBUTES
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import BATCH_SIZE, MESSAGE_GROUP, TRIES, pattern
from world import STATE

# Of https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
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
    for member in [lambda body: body["id"], lambda body: body["detail"]["object"]["sequencer"]]:
        assert len({member(body) for body in bodies(event)}) == 3
    attributes = [record["attributes"] for record in event["Records"]]
    assert all(FIFO_ATTRIBUTES <= one.keys() for one in attributes)
    assert {one["MessageGroupId"] for one in attributes} == {MESSAGE_GROUP}
    assert len({one["MessageDeduplicationId"] for one in attributes}) == 3


def test_what_the_function_writes_wakes_nobody_because_of_the_rule(world):
    upload(world, BACKUP)
    event = world.next_batch()
    world.queue.settle(event, world.invoke(event))
    assert world.state() is not None
    world.bring()
    assert world.queue.receive() == []
    # Without its condition on the key, the rule lets the state pass.
    everything = pattern(BUCKET)
    del everything["detail"]["object"]
    world.let_pass(everything)
    upload(world, {"controls/backup.yaml": control("Backup", "Edited")})
    assert world.invoke(world.next_batch()).sent_back == set()
    world.show_again()
    told = keys(world.next_batch())
    assert told[0] == "controls/backup.yaml" and set(told[1:]) == {STATE}


@pytest.mark.parametrize("prefix", ["teams/ours", "/teams/ours/"])
def test_below_a_prefix_only_its_own_objects_wake(world, prefix):
    world.let_pass(pattern(BUCKET, prefix))
    for key in ["controls/a.yaml", "teams/ours/controls/b.yaml", "teams/ours2/controls/c.yaml", STATE]:
        world.upload(key, control("Backup"))
    assert keys(world.next_batch()) == ["teams/ours/controls/b.yaml"]


def test_while_a_batch_is_under_way_no_other_comes(world):
    upload(world, {f"controls/{number:02}.yaml": control(f"Control {number}") for number in range(BATCH_SIZE + 1)})
    first = world.next_batch()
    assert keys(first) == [f"controls/{number:02}.yaml" for number in range(BATCH_SIZE)]
    assert world.queue.receive() == []
    world.queue.settle(first, world.invoke(first))
    assert keys(world.next_batch()) == [f"controls/{BATCH_SIZE:02}.yaml"]


def test_what_comes_back_comes_first_and_in_its_order(world):
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert len(world.wake().sent_back) == 3
    upload(world, {"controls/later.yaml": control("Later")})
    assert world.queue.receive() == [], "it is behind what comes back"
    world.show_again()
    event = world.next_batch()
    assert keys(event) == [*FILES, "controls/later.yaml"]
    receives = [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]]
    assert receives == ["2", "2", "2", "1"]


def test_what_fails_too_often_is_a_dead_letter_and_lets_others_pass(world):
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for _ in range(TRIES - 1):
        assert len(world.wake().sent_back) == 3
        world.silence()
    assert len(world.wake().sent_back) == 3
    assert "dead-letter" in world.mail().text and world.event()["outcome"] == "failed"
    world.proxy.reset()
    world.put({"controls/later.yaml": control("Later")})
    letters = [json.loads(letter["Body"]) for letter in world.dead_letters.receive()]
    assert [letter["detail"]["object"]["key"] for letter in letters] == [*FILES]
    assert set(world.controls()) == {"Backup", "Restore", "Later"}, "a run looks at the whole bucket"


def test_the_schedule_comes_each_time_though_it_always_says_the_same(world):
    world.put(BACKUP)
    world.mail(), world.event()
    for number in range(2):
        [held] = world.controls().values()
        world.audit_manager.delete_control(controlId=held["id"])
        world.schedule()
        assert world.event()["trigger"] == "schedule" and set(world.controls()) == {"Backup"}, number


def test_actions_come_through_the_queue_as_often_as_somebody_asks(world):
    upload(world, BACKUP)
    world.lose_messages()
    assert world.ask("reconcile").sent_back == set()
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "reconcile"
    world.mail()
    for _ in range(2):
        assert world.ask("report").sent_back == set()
        assert world.mail().attributes["outcome"] == "in-sync"
        assert world.event()["trigger"] == "report"


def test_an_unknown_action_holds_up_nobody(world):
    world.send({"action": "delete"}, identity="by hand")
    world.put(BACKUP)
    assert set(world.controls()) == {"Backup"}


def test_requests_to_the_account_have_the_names_that_it_gives_them(world):
    world.forget_requests()
    world.put({**FILES, "controls/tagged.yaml": control("Tagged", tags={"Owner": "One"})})
    tagged = control("Tagged", tags={"Team": "Two"})
    world.put({"controls/tagged.yaml": tagged, "controls/backup.yaml": control("Backup", "Edited")})
    world.remove("controls/restore.yaml")
    world.schedule(ON_REMOVE="delete", MAX_DELETES="1000")
    named = [call.operation for call in world.account_proxy.calls]
    assert sorted(named) == sorted(request["operation"] for request in world.requests())
    assert {"TagResource", "UntagResource", "UpdateControl", "DeleteControl"} <= set(named)
