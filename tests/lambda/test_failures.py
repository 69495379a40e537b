"""What fails around the function: nothing is lost, nothing is done twice, and nobody is left in the dark."""

import json
import time

import pytest

import logs
from definitions import control
from proxy import DENIED, NO_SUCH_KEY, UNAVAILABLE, cut, first, hang, lose_answer
from retries import ALWAYS, BACKUP, FILES, comes_back, heals, upload, visibility
from wiring import TRIES


# Audit Manager.


@pytest.mark.parametrize("effect", ["throttle", {"fail": {"status": 500}}, "closeBeforeWork"], ids=str)
def test_what_heals_within_a_pass_is_not_told(world, effect):
    upload(world, FILES)
    for operation in ["ListControls", "CreateControl", "CreateAssessmentFramework"]:
        world.account.fault(effect, operation)
    assert world.wake().sent_back == set()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "failed" not in mail.subject


@pytest.mark.parametrize("effect", ["closeAfterWork", {"failAfterWork": {"status": 500}}], ids=str)
def test_a_create_without_an_answer_makes_no_duplicate(world, effect):
    upload(world, FILES)
    world.account.switch(rejectDuplicateNames=False)
    world.account.fault(effect, "CreateControl", times=2)
    world.account.fault(effect, "CreateAssessmentFramework")
    assert world.wake().sent_back == set()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "applied"


def test_an_account_that_stays_away_sends_the_batch_back(world):
    """It takes all the attempts that the client makes, so there is one such test."""
    upload(world, FILES)
    world.account.fault({"fail": {"status": 503}}, "ListControls", times=ALWAYS)
    function = world.function()
    function.new_lines()
    event = comes_back(world)
    assert set(visibility(world).values()) == {30}
    found = logs.metrics(function.new_lines())
    # It has not failed as long as it is tried again: nobody is told, and no alarm comes.
    assert (found["CompletedRuns"], found["Failures"]) == (0, 0)
    world.silence()
    world.account.admin("DELETE", "faults")
    heals(world, event)
    assert set(world.controls()) == {"Backup", "Restore"}
    assert world.mail().attributes["outcome"] == "applied"


def test_a_change_that_is_refused_stops_no_other_and_is_told_in_the_services_words(world):
    upload(world, FILES)
    world.account.fault("deny", "CreateControl")
    function = world.function()
    function.new_lines()
    assert world.wake().sent_back == set(), "nothing of it heals by itself"
    [made] = world.controls()
    [refused] = {"Backup", "Restore"} - {made}
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "1 failed" in mail.subject
    for word in [refused, "CreateControl", "AccessDeniedException", f"controls/{refused.lower()}.yaml"]:
        assert word in mail.text
    changes = {change["name"]: change for change in world.event()["changes"]}
    assert changes[refused]["result"] == "failed"
    assert changes[refused]["error"]["code"] == "AccessDeniedException"
    assert changes[refused]["error"]["operation"] == "CreateControl"
    assert changes[made]["result"] == "applied"
    if refused == "Backup":
        assert changes["All"]["result"] == "blocked"
    found = logs.metrics(function.new_lines())
    assert (found["Failures"], found["Created"]) == (1, len(world.controls()) + len(world.frameworks()))


def test_an_account_without_audit_manager_is_told_once_and_what_to_do(world):
    world.account.admin("POST", "options", {"accountStatus": "INACTIVE"})
    upload(world, BACKUP)
    world.wake()
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "Audit Manager" in mail.text
    world.events()
    world.again()
    world.silence()
    world.account.admin("POST", "options", {"accountStatus": "ACTIVE"})
    world.announce("controls/backup.yaml")
    world.wake()
    assert set(world.controls()) == {"Backup"}
    assert "resolved" in world.mail().subject


# S3.


def test_a_bucket_that_is_not_given_out_is_told_and_nothing_is_written(world):
    world.put(FILES)
    world.mail(), world.event(), world.forget_requests()
    world.proxy.on("ListObjectsV2", DENIED, times=ALWAYS)
    world.announce("controls/backup.yaml")
    world.wake()
    assert world.written() == []
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed"
    assert "ListObjectsV2" in mail.text and "AccessDenied" in mail.text
    assert world.event()["outcome"] == "failed"
    world.announce("controls/backup.yaml")
    world.wake()
    world.silence()
    world.proxy.reset()
    world.announce("controls/backup.yaml")
    assert world.wake().sent_back == set()
    assert "resolved" in world.mail().subject and world.written() == []


def test_a_file_that_is_not_given_out_stops_no_other_and_its_object_stays(world):
    world.put(FILES)
    before = world.controls()["Restore"]
    world.mail(), world.event()
    world.proxy.on("GetObject", DENIED, key="controls/restore.yaml", times=ALWAYS)
    upload(world, {"controls/restore.yaml": control("Restore", "Edited"), "controls/new.yaml": control("New")})
    world.wake()
    mail = world.mail()
    assert "controls/restore.yaml" in mail.text and "AccessDenied" in mail.text
    assert mail.attributes["outcome"] == "incomplete"
    world.event()
    world.again()
    world.silence()
    world.again(ON_REMOVE="delete")
    assert world.controls()["Restore"] == before and "New" in world.controls()


def test_a_file_that_is_not_given_out_is_not_called_gone(world):
    world.put(FILES)
    world.mail(), world.event()
    world.proxy.on("GetObject", DENIED, key="controls/restore.yaml", times=ALWAYS)
    upload(world, {"controls/restore.yaml": control("Restore", "Edited")})
    world.wake()
    assert "is gone" not in world.mail().text
    assert {notice["kind"] for notice in world.event()["notices"]} == {"finding"}


def test_a_file_that_goes_between_list_and_get_is_just_gone(world):
    upload(world, FILES)
    gone = first(lambda call: world.s3.delete_object(Bucket="catalog", Key=call.key))
    world.proxy.on("GetObject", gone, key="controls/restore.yaml")
    assert world.wake().sent_back == set()
    assert world.proxy.count("ListObjectsV2") == 2
    assert set(world.controls()) == {"Backup"} and set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "applied"


def test_a_file_that_changes_between_list_and_get_counts_as_it_is_then(world):
    upload(world, BACKUP)
    edited = first(lambda call: world.upload(call.key, control("Backup", "Edited")))
    world.proxy.on("GetObject", edited, key="controls/backup.yaml")
    assert world.wake().sent_back == set()
    assert world.controls()["Backup"]["description"].startswith("Edited")
    assert len(world.mails()) == 1


def test_files_that_change_all_the_time_send_the_batch_back(world):
    upload(world, BACKUP)
    world.proxy.on("GetObject", NO_SUCH_KEY, key="controls/backup.yaml", times=ALWAYS)
    event = comes_back(world)
    assert 2 <= world.proxy.count("ListObjectsV2") <= 5 and world.controls() == {}
    world.silence()
    world.proxy.reset()
    heals(world, event)
    assert set(world.controls()) == {"Backup"}


@pytest.mark.parametrize("fault", [UNAVAILABLE, cut], ids=["unavailable", "cut"])
@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "PutObject"])
def test_s3_that_stays_away_sends_the_batch_back_and_loses_nothing(world, operation, fault):
    upload(world, FILES)
    world.proxy.on(operation, fault, times=ALWAYS)
    event = comes_back(world)
    assert world.written() == [], "what nobody could be told of is not begun"
    world.proxy.reset()
    heals(world, event)
    assert set(world.controls()) == {"Backup", "Restore"}
    assert {mail.attributes["outcome"] for mail in world.mails()} == {"applied"}


def test_what_fails_once_is_not_told(world):
    upload(world, FILES)
    for operation in ["ListObjectsV2", "GetObject", "PutObject", "Publish"]:
        world.proxy.on(operation, UNAVAILABLE)
    function = world.start({**world.environment(), "AWS_MAX_ATTEMPTS": "3"}, fresh=True)
    assert function.invoke(world.next_batch()).sent_back == set()
    assert world.mail().attributes["outcome"] == "applied"


def test_an_s3_that_hangs_is_given_up_before_the_deadline(world):
    upload(world, BACKUP)
    world.proxy.on("GetObject", hang, key="controls/backup.yaml", times=ALWAYS)
    function = world.function(fresh=True)
    event = world.next_batch()
    begun = time.monotonic()
    answer = function.wait(function.begin(event, seconds=8), patience=12)
    assert time.monotonic() - begun < 8
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    assert world.written() == []


# SNS.


@pytest.mark.parametrize("fault", [UNAVAILABLE, DENIED, cut], ids=["unavailable", "denied", "cut"])
def test_what_sns_does_not_take_is_kept_and_told_by_the_next_pass(world, fault):
    upload(world, FILES)
    world.proxy.on("Publish", fault, times=ALWAYS)
    event = world.next_batch()
    assert world.invoke(event).error["errorMessage"]
    assert set(world.controls()) == {"Backup", "Restore"}
    world.silence()
    world.proxy.reset(), world.forget_requests()
    heals(world, event)
    assert world.written() == [], "telling anew does not write anew"
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "3 created" in mail.subject
    assert world.event()["summary"]["create"] == 3
    world.schedule()
    world.silence()


def test_what_two_passes_could_not_tell_is_told_in_order(world):
    world.proxy.on("Publish", UNAVAILABLE, times=ALWAYS)
    for name in ["First", "Second"]:
        world.upload(f"controls/{name.lower()}.yaml", control(name))
        assert world.wake().error
    world.proxy.reset()
    world.schedule()
    first_mail, second_mail = world.mails()
    assert "First" in first_mail.text and "Second" in second_mail.text


def test_a_topic_whose_answer_is_lost_is_told_once_or_twice(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", lose_answer, times=1)
    answer = world.invoke(world.next_batch())
    if answer.kind == "error":
        world.schedule()
    assert 1 <= len(world.mails()) <= 2 and 1 <= len(world.events()) <= 2


def test_one_topic_that_fails_keeps_what_it_has_not_taken(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", UNAVAILABLE, skip=1, times=ALWAYS)
    assert world.invoke(world.next_batch()).error
    world.proxy.reset()
    world.schedule()
    assert 1 <= len(world.mails()) <= 2 and 1 <= len(world.events()) <= 2


# The queue.


WAITS = {1: 30, 2: 60, 3: 120, 4: 240, 5: 480, 6: 600, 20: 600}


def test_what_comes_back_waits_longer_each_time(world):
    redrive = {"deadLetterTargetArn": world.dead_letters.arn, "maxReceiveCount": "100"}
    world.sqs.set_queue_attributes(QueueUrl=world.queue.url, Attributes={"RedrivePolicy": json.dumps(redrive)})
    upload(world, FILES)
    event = world.next_batch()
    for receives, seconds in WAITS.items():
        world.proxy.reset()
        world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
        # The message that was received most often counts for all.
        event["Records"][-1]["attributes"]["ApproximateReceiveCount"] = str(receives)
        assert len(world.invoke(event).sent_back) == len(event["Records"]) == 3
        assert visibility(world) == {record["receiptHandle"]: seconds for record in event["Records"]}, receives
    world.silence()


def test_what_is_given_up_holds_up_nobody(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for tried in range(1, TRIES + 1):
        world.proxy.calls.clear()
        assert world.wake().sent_back
        # While it is hidden, nothing else of its group comes.
        assert set(visibility(world).values()) == {WAITS[tried] if tried < TRIES else 0}
    world.proxy.reset()
    upload(world, {"controls/restore.yaml": control("Restore")})
    world.queue.show_again()
    [record] = world.next_batch()["Records"]
    assert "controls/restore.yaml" in record["body"]
    [letter] = world.dead_letters.receive()
    assert "controls/backup.yaml" in letter["Body"]


def test_what_is_newer_than_what_is_given_up_is_tried_on(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for _ in range(TRIES - 1):
        assert world.wake().sent_back
    world.proxy.calls.clear()
    upload(world, {"controls/restore.yaml": control("Restore")})
    world.queue.show_again()
    event = world.next_batch()
    older, newer = event["Records"]
    assert world.invoke(event).sent_back == {older["messageId"], newer["messageId"]}
    assert visibility(world) == {older["receiptHandle"]: 0, newer["receiptHandle"]: 30}
    assert "A part of what woke the function has had its last try" in world.mail().text
    world.proxy.reset()
    assert world.wake().sent_back == set()
    assert world.controls().keys() == {"Backup", "Restore"}
    assert len(world.dead_letters.receive()) == 1


def test_the_last_try_is_reported(world):
    upload(world, BACKUP)
    event = world.next_batch(receives=TRIES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    function = world.function()
    function.new_lines()
    assert world.invoke(event).sent_back == {record["messageId"] for record in event["Records"]}
    assert logs.metrics(function.new_lines())["Failures"] == 1
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed"
    assert "ListObjectsV2" in mail.text and "dead-letter" in mail.text
    assert world.event()["outcome"] == "failed"


def test_the_last_try_is_reported_also_without_a_state(world):
    upload(world, BACKUP)
    event = world.next_batch(receives=TRIES)
    for operation in ["GetObject", "ListObjectsV2", "PutObject"]:
        world.proxy.on(operation, UNAVAILABLE, times=ALWAYS)
    assert world.invoke(event).sent_back
    assert world.mail().attributes["outcome"] == "failed"


def test_a_queue_that_cannot_hide_messages_gives_them_back_all_the_same(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for operation in ["ChangeMessageVisibilityBatch", "GetQueueAttributes"]:
        world.proxy.on(operation, DENIED, times=ALWAYS)
    comes_back(world)


def test_a_bare_event_fails_where_a_batch_would_come_back(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    assert world.invoke({"action": "reconcile"}).error["errorMessage"]
    world.proxy.reset()
    assert world.invoke({"action": "reconcile"}).response["outcome"] == "applied"
