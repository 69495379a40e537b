"""What happens to the function itself: it is killed, runs out of time, meets another one, or finds a state of no use."""

import time

from definitions import control
from retries import ALWAYS, BACKUP, FILES, heals, upload, wait_for
from world import STATE


def test_after_a_kill_in_mid_apply_the_next_pass_finishes_and_tells_what_happened(world):
    names = [f"Control {number}" for number in range(12)]
    upload(world, {f"controls/{name[8:]}.yaml": control(name) for name in names})
    # The work is done, and the answer does not come before the end.
    world.account.fault({"delayAfterWork": {"millis": 20_000}}, "CreateControl", times=ALWAYS, skip=2)
    event = world.next_batch()
    function = world.function(fresh=True)
    function.begin(event)
    wait_for(lambda: [request["operation"] for request in world.requests()].count("CreateControl") >= 3)
    function.kill()
    world.silence()
    done = set(world.controls())
    assert 2 <= len(done) < len(names)

    world.account.admin("DELETE", "faults")
    heals(world, event)
    assert set(world.controls()) == set(names)
    told = "".join(mail.text for mail in world.mails())
    assert all(name in told for name in names), "also what the killed run did is told"
    assert "broke off" in told
    world.schedule()
    world.mails(), world.events(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    world.silence()


def test_near_the_deadline_nothing_new_starts_and_the_rest_is_told(world):
    names = [f"Control {number:02}" for number in range(60)]
    upload(world, {f"controls/{name[8:]}.yaml": control(name) for name in names})
    event = world.next_batch()
    # Slow enough that not all can be done, quick enough that what has begun can be finished.
    world.account.fault({"delay": {"millis": 1000}}, "CreateControl", times=ALWAYS)
    begun = time.monotonic()
    answer = world.invoke(event, seconds=8)
    assert time.monotonic() - begun < 8
    world.account.admin("DELETE", "faults")
    assert answer.sent_back == {record["messageId"] for record in event["Records"]}
    done = set(world.controls())
    assert 0 < len(done) < len(names)
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete"
    assert f"{len(done)} created" in mail.subject and f"{len(names) - len(done)} left" in mail.subject
    results = {change["name"]: change["result"] for change in world.event()["changes"]}
    assert {name for name, result in results.items() if result == "applied"} == done
    assert {result for name, result in results.items() if name not in done} == {"not-started"}
    heals(world, event)
    assert set(world.controls()) == set(names)
    assert f"{len(names) - len(done)} created" in world.mail().subject
    world.event(), world.forget_requests()
    # Of sixty messages one batch has come so far.
    world.wake()
    assert world.written() == []
    world.silence()


def test_a_function_that_has_no_time_left_writes_nothing(world):
    upload(world, BACKUP)
    event = world.next_batch()
    function = world.function(fresh=True)
    answer = function.invoke(event, seconds=0.2)
    assert answer.kind == "error" or answer.sent_back
    heals(world, event)
    assert set(world.controls()) == {"Backup"}


def test_two_functions_at_once_make_no_duplicate_and_lose_no_message(world):
    world.account.switch(rejectDuplicateNames=False)
    world.put(BACKUP)
    world.mail(), world.event()
    upload(world, {f"controls/{number}.yaml": control(f"Control {number}") for number in range(6)})
    event = world.next_batch()
    both = [world.function(fresh=True), world.function(fresh=True)]
    invocations = [function.begin(one) for function, one in zip(both, [event, {"action": "reconcile"}])]
    answers = [function.wait(invocation) for function, invocation in zip(both, invocations)]
    assert set(world.controls()) == {"Backup", *(f"Control {number}" for number in range(6))}
    assert world.state()["version"] == 1
    batch, asked_for = answers
    world.queue.settle(event, batch)
    if batch.kind == "error" or batch.sent_back:
        heals(world, event)
    if asked_for.kind == "error":
        assert world.invoke({"action": "reconcile"}).response, "Lambda tries it again"
    world.schedule()
    told = "".join(mail.text for mail in world.mails())
    assert all(f"Control {number}" in told for number in range(6))
    world.events(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    world.silence()


def test_a_damaged_state_is_read_anew(world):
    world.put(FILES)
    world.mail(), world.event(), world.forget_requests()
    for damage in [b"", b"{", b'{"version": 99}', b"[]", b"\xff\xfe"]:
        world.upload(STATE, damage)
        world.announce("controls/backup.yaml")
        assert world.wake().sent_back == set()
        assert world.written() == [], damage
        assert world.state()["version"] == 1, damage
        world.silence()


def test_a_state_of_another_account_decides_nothing(world):
    """The same bucket, another account: what was kept is of no use, and must do no harm."""
    world.put(FILES)
    world.mail(), world.event()
    for name, held in world.frameworks().items():
        world.audit_manager.delete_assessment_framework(frameworkId=held["id"])
    for name, held in world.controls().items():
        world.audit_manager.delete_control(controlId=held["id"])
    world.schedule()
    assert set(world.controls()) == {"Backup", "Restore"} and set(world.frameworks()) == {"All"}
    assert "3 created" in world.mail().subject
