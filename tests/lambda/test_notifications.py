"""Reports over several runs: each change is reported once, and none is lost."""

import time

from definitions import control, framework
from events import bridge
from proxy import DENIED, UNAVAILABLE, hang, refuse
from runtime_api import Invocation
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import MAX_RECEIVES
from world import STATE

DELETE = {"ON_REMOVE": "delete", "MAX_DELETES": "1000"}
FIVE = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)}
RECONCILE = {"action": "reconcile"}


def forget(world):
    """Discards all messages and requests so far."""
    world.mails(), world.events(), world.forget_requests()


def subjects(world):
    world.events()
    return [mail.subject for mail in world.mails()]


def test_a_topic_that_always_rejects_neither_blocks_nor_floods_the_other(world):
    def json_topic_only(proxy, handler, call):
        return b"reports-json" in call.body and refuse(403, "AuthorizationError")(proxy, handler, call)

    world.proxy.on("Publish", json_topic_only, times=ALWAYS)
    for number in range(3):
        upload(world, {"controls/backup.yaml": control("Backup", f"Version {number}")})
        for _ in range(MAX_RECEIVES):
            assert world.drain().kind == "error"
        assert len(world.mails()) == 1, "one upload, one mail"
        world.show_again()
        assert world.queue.receive() == [], "it is a dead letter"
    assert world.events() == [] and len(world.dead_letters.receive()) == 3
    world.proxy.reset()
    world.invoke(RECONCILE)
    assert [event.document["trigger"] for event in world.events()] == ["upload"] * 3
    assert world.state()["outbox"] == [] and world.mails() == []


def test_both_attempts_of_a_request_are_reported(world):
    function = world.function()

    def same_request(event):
        invocation = Invocation(event, 300)
        invocation.id = "the-same-request"
        function.api.open[invocation.id] = invocation
        function.api.waiting.put(invocation)
        return function.wait(invocation)

    world.proxy.on("Publish", UNAVAILABLE, times=ALWAYS)
    upload(world, BACKUP)
    assert same_request(bridge("controls/backup.yaml")).kind == "error"
    upload(world, {"controls/second.yaml": control("Second")})
    assert same_request(bridge("controls/backup.yaml")).kind == "error"
    world.proxy.reset()
    world.invoke(RECONCILE)
    text = "\n".join(mail.text for mail in world.mails())
    assert "Backup" in text and "Second" in text


def test_unsent_reports_do_not_block_changes_to_the_account(world):
    world.proxy.on("Publish", UNAVAILABLE, times=ALWAYS)
    upload(world, BACKUP)
    assert world.drain().kind == "error"
    world.proxy.reset()
    world.proxy.on("Publish", hang, times=ALWAYS)
    upload(world, {"controls/second.yaml": control("Second")})
    world.show_again()
    event = world.next_batch()
    started = time.monotonic()
    assert world.function(fresh=True).invoke(event, 8).kind == "error"
    assert time.monotonic() - started < 8
    assert set(world.controls()) == {"Backup", "Second"}
    world.proxy.reset()
    world.invoke(RECONCILE)
    assert len(subjects(world)) == 2


def test_a_guard_is_reported_once_for_all_triggers(world):
    world.put(FIVE)
    world.remove("controls/3.yaml")
    world.remove("controls/4.yaml")
    forget(world)
    guarded = {"ON_REMOVE": "delete"}
    world.drain(**guarded)
    assert "nothing is deleted: 2 of the 5" in world.mail().text
    world.events()
    for _ in range(2):
        world.schedule(**guarded)
        world.invoke(RECONCILE, **guarded)
    world.assert_silent()
    world.schedule(**DELETE)
    assert "2 deleted" in world.mail().subject and len(world.controls()) == 3


def test_in_plan_mode_all_triggers_report_the_same(world):
    world.put(FIVE)
    forget(world)
    world.remove("controls/3.yaml")
    planning = {**DELETE, "MODE": "plan"}
    world.drain(**planning)
    assert "the next scheduled run in apply mode deletes the control Control 3" in world.mail().text
    world.events()
    for _ in range(2):
        world.schedule(**planning)
        world.invoke(RECONCILE, **planning)
    world.assert_silent()


def schedule_twice(world, **variables):
    """The daily run and its second attempt, after which a denied change is final."""
    assert world.run_schedule(**variables).sent_back
    assert world.drain(**variables).sent_back == set()


def test_a_rejected_deletion_is_reported_once(world):
    world.put(FIVE)
    world.remove("controls/3.yaml")
    forget(world)
    world.account.fault("deny", "DeleteControl", times=1000)
    world.drain(**DELETE)
    forget(world)
    schedule_twice(world, **DELETE)
    mail = world.mail()
    assert "1 failed" in mail.subject and "AccessDeniedException" in mail.text
    world.events()
    for _ in range(2):
        world.invoke(RECONCILE, **DELETE)
        schedule_twice(world, **DELETE)
    world.assert_silent()
    world.account.admin("DELETE", "faults")
    world.schedule(**DELETE)
    assert "1 deleted" in world.mail().subject and "Control 3" not in world.controls()


def test_a_rejected_change_is_reported_once_and_then_resolved(world):
    world.account.fault("deny", "CreateControl", times=1000)
    upload(world, BACKUP)
    assert world.drain().sent_back
    assert world.drain().sent_back == set()
    assert "1 failed" in world.mail().subject
    world.events()
    schedule_twice(world)
    world.assert_silent()
    world.account.admin("DELETE", "faults")
    world.schedule()
    [subject] = subjects(world)
    assert "1 created" in subject and "1 resolved" in subject


def test_changed_usage_of_a_control_is_reported(world):
    world.put({**FIVE, "frameworks/all.yaml": framework("All", ["Control 3", "Control 1"])})
    framework_id = world.frameworks()["All"]["id"]
    world.account.admin("POST", "seed", {"assessments": [{"name": "This year", "frameworkId": framework_id}]})
    world.put({"frameworks/all.yaml": framework("All", ["Control 1"])})
    world.remove("controls/3.yaml")
    forget(world)
    world.drain(**DELETE)
    assert "it is not deleted, because it is used by active assessments This year" in world.mail().text
    world.events()
    world.schedule(**DELETE)
    world.assert_silent()
    assert "Control 3" in world.controls()


def test_a_file_with_an_ignored_name_keeps_its_control(world):
    world.put(FIVE)
    forget(world)
    for name in ("controls/3.yaml.bak", "Controls/3.yaml"):
        world.remove("controls/3.yaml")
        upload(world, {name: control("Control 3")})
        world.drain(**DELETE)
        world.schedule(**DELETE)
        assert "Control 3" in world.controls() and world.written() == []
        text = "\n".join(mail.text for mail in world.mails())
        assert f"{name} looks like a definition but is ignored" in text
        world.remove(name)
        world.put({"controls/3.yaml": control("Control 3")}, **DELETE)
        forget(world)


def test_a_catalog_that_loses_its_name_does_nothing(world):
    unnamed = {"CATALOG": None}
    world.put({"controlsync.toml": 'catalog = "resilience"\n', **FILES}, **unnamed)
    forget(world)
    world.remove("controlsync.toml")
    upload(world, {"controls/new.yaml": control("New")})
    world.drain(**unnamed)
    mail = world.mail()
    assert "the catalog was named `resilience` and now has no name" in mail.text and mail.text.count("error") == 1
    assert world.written() == []
    world.put({"controlsync.toml": 'catalog = "resilience"\n'}, **unnamed)
    [resolved] = [mail.subject for mail in world.mails()]
    assert "1 created" in resolved and "1 resolved" in resolved


def test_an_invalid_catalog_name_is_not_sent_as_an_attribute(world):
    unnamed = {"CATALOG": None}
    for name in ("", "x" * 300_000):
        world.put({"controlsync.toml": f'catalog = "{name}"\n', **BACKUP}, **unnamed)
        mail = world.mail()
        assert mail.attributes["catalog"] == "unknown" and "controlsync.toml" in mail.text
        world.events()
        world.put({"controlsync.toml": 'catalog = "resilience"\n'}, **unnamed)
        assert "resolved" in world.mail().subject and world.state()["outbox"] == []
        world.events()


def test_commits_and_removals_survive_a_run_that_could_not_read_everything(world):
    world.put(FIVE)
    forget(world)
    world.upload("controls/1.yaml", control("Control 1", "Edited"), controlsync_commit="1" * 40)
    world.upload("controls/2.yaml", control("Control 2", "Edited"), controlsync_commit="2" * 40)
    world.remove("controls/3.yaml")
    world.proxy.on("GetObject", UNAVAILABLE, key="controls/2.yaml")
    assert world.drain().sent_back
    world.assert_silent()
    assert world.drain().sent_back == set()
    text = world.mail().text
    assert "3 files added, changed or removed" in text and "1" * 40 in text and "2" * 40 in text
    assert "controls/3.yaml (removed)" in text


def test_nothing_is_reported_as_resolved_while_the_bucket_is_unreadable(world):
    world.put(BACKUP)
    forget(world)
    world.proxy.on("ListObjectsV2", DENIED)
    world.announce("controls/backup.yaml")
    assert world.drain().sent_back
    assert "AccessDenied" in world.mail().text
    world.events()
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert world.drain().sent_back
    world.assert_silent()
    assert world.drain().sent_back == set()
    assert "resolved" in world.mail().subject


def test_an_unwritable_state_is_reported_with_the_last_attempt(world):
    world.proxy.on("PutObject", DENIED, key=STATE, times=ALWAYS)
    upload(world, BACKUP)
    for _ in range(1, MAX_RECEIVES):
        assert world.drain().sent_back
        world.assert_silent()
    assert world.drain().sent_back
    assert "cannot write the state" in world.mail().text and world.written() == []


def test_a_report_keeps_commits_for_the_next_run_that_writes(world):
    world.upload("controls/backup.yaml", control("Backup"), controlsync_commit="3" * 40)
    world.invoke({"action": "report"})
    forget(world)
    world.drain()
    assert "3" * 40 in world.mail().text and set(world.controls()) == {"Backup"}


def test_an_edit_is_not_drift_if_the_applied_tag_is_lost(world):
    world.put(BACKUP)
    arn = world.controls()["Backup"]["arn"]
    world.audit_manager.untag_resource(resourceArn=arn, tagKeys=["controlsync:applied"])
    forget(world)
    world.put({"controls/backup.yaml": control("Backup", "Edited")})
    assert world.controls()["Backup"]["description"].startswith("Edited")
    assert "1 updated" in world.mail().subject
