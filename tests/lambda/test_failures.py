"""Failures around the function: nothing is lost, nothing is done twice, and every failure is reported."""

import json
import time

import pytest

import logs
from definitions import control
from proxy import DENIED, NO_SUCH_KEY, UNAVAILABLE, cut, endless_list, fail_entries, first, hang, lose_answer
from retries import ALWAYS, BACKUP, FILES, assert_only_sent_back, assert_retried, assert_sent_back, upload, visibility
from wiring import MAX_RECEIVES


# Audit Manager.


@pytest.mark.parametrize("effect", ["throttle", {"fail": {"status": 500}}, "closeBeforeWork"], ids=str)
def test_failures_that_a_run_recovers_from_are_not_reported(world, effect):
    upload(world, FILES)
    for operation in ["ListControls", "CreateControl", "CreateAssessmentFramework"]:
        world.account.fault(effect, operation)
    assert world.drain().sent_back == set()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "failed" not in mail.subject


@pytest.mark.parametrize("effect", ["closeAfterWork", {"failAfterWork": {"status": 500}}], ids=str)
def test_a_create_without_a_response_makes_no_duplicate(world, effect):
    upload(world, FILES)
    world.account.switch(rejectDuplicateNames=False)
    world.account.fault(effect, "CreateControl", times=2)
    world.account.fault(effect, "CreateAssessmentFramework")
    assert world.drain().sent_back == set()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "applied"


def test_an_unavailable_account_sends_the_batch_back(world):
    """This test is slow, because the client makes all of its attempts."""
    upload(world, FILES)
    world.account.fault({"fail": {"status": 503}}, "ListControls", times=ALWAYS)
    event = assert_only_sent_back(world)
    world.account.admin("DELETE", "faults")
    assert_retried(world, event)
    assert set(world.controls()) == {"Backup", "Restore"}
    assert world.mail().attributes["outcome"] == "applied"


def test_a_rejected_change_stops_no_other_and_is_reported_in_the_services_words(world):
    upload(world, FILES)
    world.account.fault("deny", "CreateControl")
    function = world.function()
    function.new_lines()
    event = world.next_batch(receives=2)
    assert world.invoke(event).sent_back == set(), "a retry would not help"
    [created] = world.controls()
    [rejected] = {"Backup", "Restore"} - {created}
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "1 failed" in mail.subject
    for word in [rejected, "CreateControl", "AccessDeniedException", f"controls/{rejected.lower()}.yaml"]:
        assert word in mail.text
    changes = {change["name"]: change for change in world.event()["changes"]}
    assert changes[rejected]["result"] == "failed"
    assert changes[rejected]["error"]["code"] == "AccessDeniedException"
    assert changes[rejected]["error"]["operation"] == "CreateControl"
    assert changes[created]["result"] == "applied"
    if rejected == "Backup":
        assert changes["All"]["result"] == "blocked"
    found = logs.metrics(function.new_lines())
    assert (found["Failures"], found["Created"]) == (1, len(world.controls()) + len(world.frameworks()))


def test_a_change_that_is_denied_at_first_is_applied_by_the_second_attempt(world):
    """IAM is eventually consistent: after a change of the mode, the first writes may be denied."""
    upload(world, FILES)
    world.account.fault("deny", "CreateControl", times=2)
    event = assert_only_sent_back(world)
    assert_retried(world, event)
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "failed" not in mail.subject
    assert world.event()["summary"]["create"] == 3


def test_a_change_that_stays_denied_is_reported_once_with_the_second_attempt(world):
    upload(world, BACKUP)
    world.account.fault("deny", "CreateControl", times=ALWAYS)
    event = assert_sent_back(world)
    world.assert_silent()
    assert_retried(world, event)
    mail = world.mail()
    assert "1 failed" in mail.subject and "AccessDeniedException" in mail.text
    assert world.event()["changes"][0]["error"]["code"] == "AccessDeniedException"
    world.run_schedule()
    world.assert_silent()


def test_a_denied_change_is_final_for_messages_with_an_earlier_attempt(world):
    upload(world, FILES)
    world.account.fault("deny", "CreateControl", times=ALWAYS)
    event = world.next_batch()
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "2"
    assert world.invoke(event).sent_back == set()
    assert "2 failed" in world.mail().subject


def test_a_denied_change_is_final_without_a_queue(world):
    upload(world, BACKUP)
    world.discard_messages()
    world.account.fault("deny", "CreateControl", times=ALWAYS)
    assert world.invoke({"action": "reconcile"}).body == {"outcome": "failed"}
    assert "1 failed" in world.mail().subject


def test_an_account_without_audit_manager_is_reported_once(world):
    world.account.configure(accountStatus="INACTIVE")
    upload(world, BACKUP)
    world.drain()
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "Audit Manager" in mail.text
    world.events()
    world.run_schedule()
    world.assert_silent()
    world.account.configure(accountStatus="ACTIVE")
    world.announce("controls/backup.yaml")
    world.drain()
    assert set(world.controls()) == {"Backup"}
    assert "resolved" in world.mail().subject


# S3.


def test_an_unreadable_bucket_is_reported_and_nothing_is_written(world):
    world.put(FILES)
    world.mail(), world.event(), world.forget_requests()
    world.proxy.on("ListObjectsV2", DENIED, times=ALWAYS)
    world.announce("controls/backup.yaml")
    world.drain()
    assert world.written() == []
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed"
    assert "ListObjectsV2" in mail.text and "AccessDenied" in mail.text
    assert world.event()["outcome"] == "failed"
    world.announce("controls/backup.yaml")
    world.drain()
    world.assert_silent()
    world.proxy.reset()
    world.announce("controls/backup.yaml")
    assert world.drain().sent_back == set()
    assert "resolved" in world.mail().subject and world.written() == []


def test_an_unreadable_file_stops_no_other_and_its_object_is_kept(world):
    world.put(FILES)
    before = world.controls()["Restore"]
    world.mail(), world.event()
    world.proxy.on("GetObject", DENIED, key="controls/restore.yaml", times=ALWAYS)
    upload(world, {"controls/restore.yaml": control("Restore", "Edited"), "controls/new.yaml": control("New")})
    world.drain()
    mail = world.mail()
    assert "controls/restore.yaml" in mail.text and "AccessDenied" in mail.text
    assert mail.attributes["outcome"] == "incomplete"
    world.event()
    world.run_schedule()
    world.assert_silent()
    world.run_schedule(ON_REMOVE="delete")
    assert world.controls()["Restore"] == before and "New" in world.controls()


def test_an_unreadable_file_is_not_reported_as_removed(world):
    world.put(FILES)
    world.mail(), world.event()
    world.proxy.on("GetObject", DENIED, key="controls/restore.yaml", times=ALWAYS)
    upload(world, {"controls/restore.yaml": control("Restore", "Edited")})
    world.drain()
    assert "was removed" not in world.mail().text
    assert {notice["kind"] for notice in world.event()["notices"]} == {"finding"}


def test_a_file_removed_between_list_and_get_counts_as_removed(world):
    upload(world, FILES)
    removed = first(lambda call: world.s3.delete_object(Bucket="catalog", Key=call.key))
    world.proxy.on("GetObject", removed, key="controls/restore.yaml")
    assert world.drain().sent_back == set()
    assert world.proxy.count("ListObjectsV2") == 2
    assert set(world.controls()) == {"Backup"} and set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "applied"


def test_a_file_changed_between_list_and_get_counts_with_its_new_content(world):
    upload(world, BACKUP)
    edited = first(lambda call: world.upload(call.key, control("Backup", "Edited")))
    world.proxy.on("GetObject", edited, key="controls/backup.yaml")
    assert world.drain().sent_back == set()
    assert world.controls()["Backup"]["description"].startswith("Edited")
    assert len(world.mails()) == 1


def test_constantly_changing_files_send_the_batch_back(world):
    upload(world, BACKUP)
    world.proxy.on("GetObject", NO_SUCH_KEY, key="controls/backup.yaml", times=ALWAYS)
    event = assert_sent_back(world)
    assert 2 <= world.proxy.count("ListObjectsV2") <= 5 and world.controls() == {}
    world.assert_silent()
    world.proxy.reset()
    assert_retried(world, event)
    assert set(world.controls()) == {"Backup"}


@pytest.mark.parametrize("fault", [UNAVAILABLE, cut], ids=["unavailable", "cut"])
@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "PutObject"])
def test_an_unavailable_s3_sends_the_batch_back_and_loses_nothing(world, operation, fault):
    upload(world, FILES)
    world.proxy.on(operation, fault, times=ALWAYS)
    event = assert_sent_back(world)
    assert world.written() == [], "a change that cannot be reported is not started"
    world.proxy.reset()
    assert_retried(world, event)
    assert set(world.controls()) == {"Backup", "Restore"}
    assert {mail.attributes["outcome"] for mail in world.mails()} == {"applied"}


@pytest.mark.parametrize("service", ["s3", "account"])
def test_a_list_that_does_not_end_is_reported(world, service):
    upload(world, FILES)
    if service == "s3":
        world.proxy.on("ListObjectsV2", endless_list, times=ALWAYS)
    else:
        source = {"sourceName": "a", "sourceType": "MANUAL"}
        world.audit_manager.create_control(name="Other", controlMappingSources=[source])
        world.forget_requests()
        world.account.switch(pages="SameToken")
    world.function(fresh=True).invoke(world.next_batch())
    mail = world.mail()
    assert "the list does not end: the service repeated the token of a page" in mail.text
    assert mail.attributes["outcome"] == "failed" and world.written() == []
    assert sum(call.operation == "ListObjectsV2" for call in world.proxy.calls) <= 2


def test_requests_that_fail_once_are_not_reported(world):
    upload(world, FILES)
    for operation in ["ListObjectsV2", "GetObject", "PutObject", "Publish"]:
        world.proxy.on(operation, UNAVAILABLE)
    function = world.start({**world.environment(), "AWS_MAX_ATTEMPTS": "3"}, fresh=True)
    assert function.invoke(world.next_batch()).sent_back == set()
    assert world.mail().attributes["outcome"] == "applied"


def test_a_hanging_s3_is_abandoned_before_the_deadline(world):
    upload(world, BACKUP)
    world.proxy.on("GetObject", hang, key="controls/backup.yaml", times=ALWAYS)
    function = world.function(fresh=True)
    event = world.next_batch()
    started = time.monotonic()
    answer = function.wait(function.start(event, seconds=16), patience=20)
    assert time.monotonic() - started < 16
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    assert world.written() == []


# SNS.


@pytest.mark.parametrize("fault", [UNAVAILABLE, DENIED, cut], ids=["unavailable", "denied", "cut"])
def test_an_unsent_report_is_kept_and_sent_by_the_next_run(world, fault):
    upload(world, FILES)
    world.proxy.on("Publish", fault, times=ALWAYS)
    event = world.next_batch()
    assert world.invoke(event).error["errorMessage"]
    assert set(world.controls()) == {"Backup", "Restore"}
    world.assert_silent()
    world.proxy.reset(), world.forget_requests()
    assert_retried(world, event)
    assert world.written() == [], "resending the report does not write again"
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "3 created" in mail.subject
    assert world.event()["summary"]["create"] == 3
    world.schedule()
    world.assert_silent()


def test_unsent_reports_of_two_runs_are_sent_in_order(world):
    world.proxy.on("Publish", UNAVAILABLE, times=ALWAYS)
    for name in ["First", "Second"]:
        world.upload(f"controls/{name.lower()}.yaml", control(name))
        assert world.drain().error
    world.proxy.reset()
    world.schedule()
    first_mail, second_mail = world.mails()
    assert "First" in first_mail.text and "Second" in second_mail.text


def test_a_report_whose_response_is_lost_is_sent_once_or_twice(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", lose_answer, times=1)
    answer = world.invoke(world.next_batch())
    if answer.kind == "error":
        world.schedule()
    assert 1 <= len(world.mails()) <= 2 and 1 <= len(world.events()) <= 2


def test_unsent_reports_of_one_topic_are_kept(world):
    upload(world, BACKUP)
    world.proxy.on("Publish", UNAVAILABLE, skip=1, times=ALWAYS)
    assert world.invoke(world.next_batch()).error
    world.proxy.reset()
    world.schedule()
    assert 1 <= len(world.mails()) <= 2 and 1 <= len(world.events()) <= 2


# The queue.


WAITS = {1: 30, 2: 60, 3: 120, 4: 240, 5: 480, 6: 600, 20: 600}


def test_each_retry_waits_longer(world):
    redrive = {"deadLetterTargetArn": world.dead_letters.arn, "maxReceiveCount": "100"}
    world.sqs.set_queue_attributes(QueueUrl=world.queue.url, Attributes={"RedrivePolicy": json.dumps(redrive)})
    upload(world, FILES)
    event = world.next_batch()
    for receives, seconds in WAITS.items():
        world.proxy.reset()
        world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
        # The message received most often determines the wait of all.
        event["Records"][-1]["attributes"]["ApproximateReceiveCount"] = str(receives)
        assert len(world.invoke(event).sent_back) == len(event["Records"]) == 3
        assert visibility(world) == {record["receiptHandle"]: seconds for record in event["Records"]}, receives
    world.assert_silent()


@pytest.mark.parametrize(
    ("code", "sender_fault", "times", "requests", "refused"),
    [
        ("InternalError", False, 1, [3, 2], None),
        ("InternalError", False, ALWAYS, [3, 2, 2], {"InternalError": 2}),
        # It has expired, and stays so.
        ("ReceiptHandleIsInvalid", True, ALWAYS, [3], {"ReceiptHandleIsInvalid": 2}),
    ],
    ids=["once", "always", "expired"],
)
def test_only_messages_that_the_queue_failed_to_hide_are_sent_again(world, code, sender_fault, times, requests, refused):
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    world.proxy.on("ChangeMessageVisibilityBatch", fail_entries(code, 2, sender_fault), times=times)
    function = world.function()
    function.new_lines()
    event = assert_sent_back(world)
    receipts = [record["receiptHandle"] for record in event["Records"]]
    calls = [call for call in world.proxy.calls if call.operation == "ChangeMessageVisibilityBatch"]
    sent = [[entry["ReceiptHandle"] for entry in json.loads(call.body)["Entries"]] for call in calls]
    assert sent == [receipts[:count] for count in requests]
    lines = function.new_lines()
    logged = [line for line in lines if line["message"] == "cannot set the visibility timeout of some messages"]
    assert [(line["count"], line["codes"]) for line in logged] == ([(2, refused)] if refused else [])


def test_a_dead_letter_does_not_block_newer_messages(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for attempt in range(1, MAX_RECEIVES + 1):
        world.proxy.calls.clear()
        assert world.drain().sent_back
        # While it is hidden, it blocks its group.
        assert set(visibility(world).values()) == {WAITS[attempt] if attempt < MAX_RECEIVES else 0}
    world.proxy.reset()
    upload(world, {"controls/restore.yaml": control("Restore")})
    world.queue.show_again()
    [record] = world.next_batch()["Records"]
    assert "controls/restore.yaml" in record["body"]
    [letter] = world.dead_letters.receive()
    assert "controls/backup.yaml" in letter["Body"]


def test_messages_newer_than_a_dead_letter_are_retried(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for _ in range(MAX_RECEIVES - 1):
        assert world.drain().sent_back
    world.proxy.calls.clear()
    upload(world, {"controls/restore.yaml": control("Restore")})
    world.queue.show_again()
    event = world.next_batch()
    older, newer = event["Records"]
    assert world.invoke(event).sent_back == {older["messageId"], newer["messageId"]}
    assert visibility(world) == {older["receiptHandle"]: 0, newer["receiptHandle"]: 30}
    assert "Some of the messages that triggered the run have no attempts left" in world.mail().text
    world.proxy.reset()
    assert world.drain().sent_back == set()
    assert world.controls().keys() == {"Backup", "Restore"}
    assert len(world.dead_letters.receive()) == 1


def test_the_last_attempt_is_reported(world):
    upload(world, BACKUP)
    event = world.next_batch(receives=MAX_RECEIVES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    function = world.function()
    function.new_lines()
    assert world.invoke(event).sent_back == {record["messageId"] for record in event["Records"]}
    assert logs.metrics(function.new_lines())["Failures"] == 1
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed"
    assert "ListObjectsV2" in mail.text and "dead-letter" in mail.text
    assert world.event()["outcome"] == "failed"


def test_the_last_attempt_is_reported_even_without_a_state(world):
    upload(world, BACKUP)
    event = world.next_batch(receives=MAX_RECEIVES)
    for operation in ["GetObject", "ListObjectsV2", "PutObject"]:
        world.proxy.on(operation, UNAVAILABLE, times=ALWAYS)
    assert world.invoke(event).sent_back
    assert world.mail().attributes["outcome"] == "failed"


def test_messages_are_sent_back_even_if_they_cannot_be_hidden(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    for operation in ["ChangeMessageVisibilityBatch", "GetQueueAttributes"]:
        world.proxy.on(operation, DENIED, times=ALWAYS)
    assert_sent_back(world)


def test_an_event_without_a_queue_fails_instead_of_being_sent_back(world):
    upload(world, BACKUP)
    world.proxy.on("ListObjectsV2", UNAVAILABLE, times=ALWAYS)
    assert world.invoke({"action": "reconcile"}).error["errorMessage"]
    world.proxy.reset()
    assert world.invoke({"action": "reconcile"}).response["outcome"] == "applied"
