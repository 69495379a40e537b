"""Interruptions: the function is killed, runs out of time, runs concurrently, or finds an unusable state."""

import time

from definitions import control
from retries import ALWAYS, BACKUP, FILES, assert_retried, upload, wait_for
from world import STATE


def test_after_a_kill_during_apply_the_next_run_finishes_and_reports_both(world):
    names = [f"Control {number}" for number in range(12)]
    upload(world, {f"controls/{name[8:]}.yaml": control(name) for name in names})
    # The service does the work, but responds only after the end of the test.
    world.account.fault({"delayAfterWork": {"millis": 20_000}}, "CreateControl", times=ALWAYS, skip=2)
    event = world.next_batch()
    function = world.function(fresh=True)
    function.start(event)
    wait_for(lambda: [request["operation"] for request in world.requests()].count("CreateControl") >= 3)
    function.kill()
    world.assert_silent()
    done = set(world.controls())
    assert 2 <= len(done) < len(names)

    world.account.admin("DELETE", "faults")
    assert_retried(world, event)
    assert set(world.controls()) == set(names)
    text = "".join(mail.text for mail in world.mails())
    assert all(name in text for name in names), "changes of the killed run are reported too"
    assert "An earlier run was interrupted" in text
    world.schedule()
    world.mails(), world.events(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    world.assert_silent()


def test_near_the_deadline_nothing_new_starts_and_the_rest_is_reported(world):
    names = [f"Control {number:02}" for number in range(60)]
    upload(world, {f"controls/{name[8:]}.yaml": control(name) for name in names})
    event = world.next_batch()
    # Slow enough that not everything can be done, and that changes are in progress when the run stops starting new ones,
    # 4 seconds before its deadline. That leaves time to report even on a busy machine.
    world.account.fault({"delay": {"millis": 1000}}, "CreateControl", times=ALWAYS)
    started = time.monotonic()
    answer = world.invoke(event, seconds=16, RATE="3")
    assert time.monotonic() - started < 16
    world.account.admin("DELETE", "faults")
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    done = set(world.controls())
    assert 0 < len(done) < len(names)
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete"
    assert f"{len(done)} created" in mail.subject and f"{len(names) - len(done)} not started" in mail.subject
    results = {change["name"]: change["result"] for change in world.event()["changes"]}
    assert {name for name, result in results.items() if result == "applied"} == done
    assert {result for name, result in results.items() if name not in done} == {"not-started"}
    assert_retried(world, event)
    assert set(world.controls()) == set(names)
    assert f"{len(names) - len(done)} created" in world.mail().subject
    world.event(), world.forget_requests()
    # So far, one batch of the sixty messages has been processed.
    world.drain()
    assert world.written() == []
    world.assert_silent()


def test_a_function_that_has_no_time_left_writes_nothing(world):
    upload(world, BACKUP)
    event = world.next_batch()
    function = world.function(fresh=True)
    answer = function.invoke(event, seconds=0.2)
    assert answer.kind == "error" or answer.sent_back
    assert_retried(world, event)
    assert set(world.controls()) == {"Backup"}


def test_two_concurrent_functions_make_no_duplicate_and_lose_no_message(world):
    world.account.switch(rejectDuplicateNames=False)
    world.put(BACKUP)
    world.mail(), world.event()
    upload(world, {f"controls/{number}.yaml": control(f"Control {number}") for number in range(6)})
    event = world.next_batch()
    both = [world.function(fresh=True), world.function(fresh=True)]
    invocations = [function.start(one) for function, one in zip(both, [event, {"action": "reconcile"}])]
    answers = [function.wait(invocation) for function, invocation in zip(both, invocations)]
    assert set(world.controls()) == {"Backup", *(f"Control {number}" for number in range(6))}
    assert world.state()["version"] == 2
    batch, asked_for = answers
    world.queue.settle(event, batch)
    if batch.kind == "error" or batch.sent_back:
        assert_retried(world, event)
    if asked_for.kind == "error":
        assert world.invoke({"action": "reconcile"}).response, "Lambda retries it"
    world.schedule()
    text = "".join(mail.text for mail in world.mails())
    assert all(f"Control {number}" in text for number in range(6))
    world.events(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    world.assert_silent()


def test_a_damaged_state_is_rebuilt(world):
    world.put(FILES)
    world.mail(), world.event(), world.forget_requests()
    function = world.function()
    for damage in [b"", b"{", b'{"version": 99}', b"[]", b"\xff\xfe"]:
        function.new_lines()
        world.upload(STATE, damage)
        world.announce("controls/backup.yaml")
        assert world.drain().sent_back == set()
        assert world.written() == [], damage
        messages = [line["message"] for line in function.new_lines()]
        assert "cannot use the saved state: reading everything again" in messages, damage
        assert world.state()["version"] == 2, damage
        world.assert_silent()


def test_a_state_from_another_account_is_harmless(world):
    """The same bucket and another account: the saved snapshot is wrong, and must do no harm."""
    world.put(FILES)
    world.mail(), world.event()
    for framework in world.frameworks().values():
        world.audit_manager.delete_assessment_framework(frameworkId=framework["id"])
    for existing in world.controls().values():
        world.audit_manager.delete_control(controlId=existing["id"])
    world.schedule()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    assert "3 created" in world.mail().subject
