"""Over several runs: what was told is not told again, what is told is so, and nothing is lost."""

import time

from definitions import control, framework
from events import bridge
from proxy import DENIED, UNAVAILABLE, hang, refuse
from runtime_api import Invocation
from retries import ALWAYS, BACKUP, FILES, upload
from wiring import TRIES
from world import STATE

DELETE = {"ON_REMOVE": "delete", "MAX_DELETES": "1000"}
FIVE = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)}
RECONCILE = {"action": "reconcile"}


def forget(world):
    """Nobody remembers what was told so far."""
    world.mails(), world.events(), world.forget_requests()


def subjects(world):
    world.events()
    return [mail.subject for mail in world.mails()]


def test_a_topic_that_refuses_for_good_keeps_nobody_else_waiting_and_floods_nobody(world):
    def programs_only(proxy, handler, call):
        return b"programs" in call.body and refuse(403, "AuthorizationError")(proxy, handler, call)

    world.proxy.on("Publish", programs_only, times=ALWAYS)
    for number in range(3):
        upload(world, {"controls/backup.yaml": control("Backup", f"Version {number}")})
        for _ in range(TRIES):
            assert world.wake().kind == "error"
        assert len(world.mails()) == 1, "one upload, one mail"
        world.show_again()
        assert world.queue.receive() == [], "it is a dead letter now"
    assert world.events() == [] and len(world.dead_letters.receive()) == 3
    world.proxy.reset()
    world.invoke(RECONCILE)
    assert [event.document["trigger"] for event in world.events()] == ["upload"] * 3
    assert world.state()["outbox"] == [] and world.mails() == []


def test_what_two_tries_of_one_request_did_is_both_told(world):
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
    told = "\n".join(mail.text for mail in world.mails())
    assert "Backup" in told and "Second" in told


def test_what_cannot_be_told_does_not_keep_the_account_from_following(world):
    world.proxy.on("Publish", UNAVAILABLE, times=ALWAYS)
    upload(world, BACKUP)
    assert world.wake().kind == "error"
    world.proxy.reset()
    world.proxy.on("Publish", hang, times=ALWAYS)
    upload(world, {"controls/second.yaml": control("Second")})
    world.show_again()
    event = world.next_batch()
    begun = time.monotonic()
    assert world.function(fresh=True).invoke(event, 8).kind == "error"
    assert time.monotonic() - begun < 8
    assert set(world.controls()) == {"Backup", "Second"}
    world.proxy.reset()
    world.invoke(RECONCILE)
    assert len(subjects(world)) == 2


def test_a_guard_is_told_once_whatever_wakes_the_function(world):
    world.put(FIVE)
    world.remove("controls/3.yaml")
    world.remove("controls/4.yaml")
    forget(world)
    guarded = {"ON_REMOVE": "delete"}
    world.wake(**guarded)
    assert "nothing is deleted: 2 of the 5" in world.mail().text
    world.events()
    for _ in range(2):
        world.schedule(**guarded)
        world.invoke(RECONCILE, **guarded)
    world.silence()
    world.schedule(**DELETE)
    assert "2 deleted" in world.mail().subject and len(world.controls()) == 3


def test_in_plan_mode_the_schedule_and_the_rest_tell_one_story(world):
    world.put(FIVE)
    forget(world)
    world.remove("controls/3.yaml")
    planning = {**DELETE, "MODE": "plan"}
    world.wake(**planning)
    assert "the next scheduled run that writes deletes the control Control 3" in world.mail().text
    world.events()
    for _ in range(2):
        world.schedule(**planning)
        world.invoke(RECONCILE, **planning)
    world.silence()


def test_a_deletion_that_is_refused_is_told_once(world):
    world.put(FIVE)
    world.remove("controls/3.yaml")
    forget(world)
    world.account.admin("POST", "faults", {"operation": "DeleteControl", "times": 1000, "effect": "deny"})
    world.wake(**DELETE)
    forget(world)
    world.schedule(**DELETE)
    mail = world.mail()
    assert "1 failed" in mail.subject and "AccessDeniedException" in mail.text
    world.events()
    for _ in range(2):
        world.invoke(RECONCILE, **DELETE)
        world.schedule(**DELETE)
    world.silence()
    world.account.admin("DELETE", "faults")
    world.schedule(**DELETE)
    assert "1 deleted" in world.mail().subject and "Control 3" not in world.controls()


def test_a_change_that_is_refused_is_told_once_and_then_resolved(world):
    world.account.admin("POST", "faults", {"operation": "CreateControl", "times": 1000, "effect": "deny"})
    world.put(BACKUP)
    assert "1 failed" in world.mail().subject
    world.events()
    world.schedule()
    world.silence()
    world.account.admin("DELETE", "faults")
    world.schedule()
    [subject] = subjects(world)
    assert "1 created" in subject and "1 resolved" in subject


def test_what_holds_a_control_is_told_when_it_changes(world):
    world.put({**FIVE, "frameworks/all.yaml": framework("All", ["Control 3", "Control 1"])})
    held = world.frameworks()["All"]["id"]
    world.account.admin("POST", "seed", {"assessments": [{"name": "This year", "frameworkId": held}]})
    world.put({"frameworks/all.yaml": framework("All", ["Control 1"])})
    world.remove("controls/3.yaml")
    forget(world)
    world.wake(**DELETE)
    assert "it stays, because the active assessments This year hold it" in world.mail().text
    world.events()
    world.schedule(**DELETE)
    world.silence()
    assert "Control 3" in world.controls()


def test_a_file_that_was_put_aside_keeps_its_control(world):
    world.put(FIVE)
    forget(world)
    for name in ("controls/3.yaml.bak", "Controls/3.yaml"):
        world.remove("controls/3.yaml")
        upload(world, {name: control("Control 3")})
        world.wake(**DELETE)
        world.schedule(**DELETE)
        assert "Control 3" in world.controls() and world.written() == []
        told = "\n".join(mail.text for mail in world.mails())
        assert f"{name} looks like a definition and is ignored" in told
        world.remove(name)
        world.put({"controls/3.yaml": control("Control 3")}, **DELETE)
        forget(world)


def test_a_catalog_that_loses_its_name_does_nothing(world):
    unnamed = {"CATALOG": None}
    world.put({"controlsync.toml": 'catalog = "resilience"\n', **FILES}, **unnamed)
    forget(world)
    world.remove("controlsync.toml")
    upload(world, {"controls/new.yaml": control("New")})
    world.wake(**unnamed)
    mail = world.mail()
    assert "the catalog was `resilience` and has no name now" in mail.text and mail.text.count("error") == 1
    assert world.written() == []
    world.put({"controlsync.toml": 'catalog = "resilience"\n'}, **unnamed)
    [resolved] = [mail.subject for mail in world.mails()]
    assert "1 created" in resolved and "1 resolved" in resolved


def test_a_name_that_is_none_stands_in_no_attribute(world):
    unnamed = {"CATALOG": None}
    for name in ("", "x" * 300_000):
        world.put({"controlsync.toml": f'catalog = "{name}"\n', **BACKUP}, **unnamed)
        mail = world.mail()
        assert mail.attributes["catalog"] == "unknown" and "controlsync.toml" in mail.text
        world.events()
        world.put({"controlsync.toml": 'catalog = "resilience"\n'}, **unnamed)
        assert "resolved" in world.mail().subject and world.state()["outbox"] == []
        world.events()


def test_commits_and_removals_survive_a_pass_that_could_not_read_everything(world):
    world.put(FIVE)
    forget(world)
    world.upload("controls/1.yaml", control("Control 1", "Edited"), controlsync_commit="1" * 40)
    world.upload("controls/2.yaml", control("Control 2", "Edited"), controlsync_commit="2" * 40)
    world.remove("controls/3.yaml")
    world.proxy.on("GetObject", UNAVAILABLE, key="controls/2.yaml")
    assert world.wake().sent_back
    world.silence()
    assert world.wake().sent_back == set()
    text = world.mail().text
    assert "3 files new, changed or gone" in text and "1" * 40 in text and "2" * 40 in text
    assert "controls/3.yaml (removed)" in text


def test_nothing_is_called_resolved_while_nobody_can_look(world):
    world.put(BACKUP)
    forget(world)
    world.proxy.on("ListObjectsV2", DENIED)
    world.announce("controls/backup.yaml")
    assert world.wake().sent_back
    assert "AccessDenied" in world.mail().text
    world.events()
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert world.wake().sent_back
    world.silence()
    assert world.wake().sent_back == set()
    assert "resolved" in world.mail().subject


def test_a_state_that_cannot_be_written_is_told_with_the_last_try(world):
    world.proxy.on("PutObject", DENIED, key=STATE, times=ALWAYS)
    upload(world, BACKUP)
    for _ in range(1, TRIES):
        assert world.wake().sent_back
        world.silence()
    assert world.wake().sent_back
    assert "cannot write the state" in world.mail().text and world.written() == []


def test_a_report_leaves_commits_for_the_pass_that_writes(world):
    world.upload("controls/backup.yaml", control("Backup"), controlsync_commit="3" * 40)
    world.invoke({"action": "report"})
    forget(world)
    world.wake()
    assert "3" * 40 in world.mail().text and set(world.controls()) == {"Backup"}


def test_a_lost_record_of_what_was_applied_does_not_make_an_edit_drift(world):
    world.put(BACKUP)
    arn = world.controls()["Backup"]["arn"]
    world.audit_manager.untag_resource(resourceArn=arn, tagKeys=["controlsync:applied"])
    forget(world)
    world.put({"controls/backup.yaml": control("Backup", "Edited")})
    assert world.controls()["Backup"]["description"].startswith("Edited")
    assert "1 updated" in world.mail().subject
