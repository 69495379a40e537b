"""Removed files: their objects are kept and reported, or deleted within limits by scheduled runs only."""

import pytest

from definitions import control, framework, invalid

DELETE = {"ON_REMOVE": "delete"}
# Disables the limit, for tests of other guards.
UNGUARDED = {**DELETE, "MAX_DELETES": "1000"}
# One of five may be deleted, two may not.
FIVE = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)}


@pytest.fixture
def five(world):
    """Five controls that were applied and reported."""
    world.put(FIVE)
    world.mail(), world.event(), world.forget_requests()
    return world


def kinds(document):
    return {(notice["status"], notice["kind"]) for notice in document["notices"]}


def deletions(world):
    return [operation for operation in world.written() if operation.startswith("Delete")]


def seed_assessment(world, framework_name, status="ACTIVE"):
    """Creates an assessment from a framework, with the admin interface of the emulator."""
    existing = world.frameworks()[framework_name]
    assessment = {"name": "This year", "frameworkId": existing["id"], "status": status}
    world.account.admin("POST", "seed", {"assessments": [assessment]})


def test_a_control_without_a_file_is_kept_and_reported_once(five):
    five.remove("controls/3.yaml")
    five.drain()
    assert len(five.controls()) == 5 and five.written() == []
    assert "Control 3" in five.mail().text
    assert kinds(five.event()) == {("new", "orphan")}
    five.schedule()
    assert len(five.controls()) == 5 and five.written() == []
    five.assert_silent()


def test_an_orphan_is_resolved_when_its_file_is_restored(five):
    five.remove("controls/3.yaml")
    five.drain()
    five.mail(), five.event()
    five.put({"controls/3.yaml": control("Control 3")})
    assert kinds(five.event()) == {("resolved", "orphan")}
    assert five.written() == []


def test_only_scheduled_runs_delete(five):
    five.remove("controls/3.yaml")
    five.drain(**DELETE)
    assert five.invoke({"action": "reconcile"}, **DELETE).response
    assert len(five.controls()) == 5 and deletions(five) == []
    five.mails(), five.events()

    five.schedule(**DELETE)
    assert set(five.controls()) == {f"Control {number}" for number in range(5) if number != 3}
    mail = five.mail()
    assert "1 deleted" in mail.subject and "Control 3" in mail.text
    document = five.event()
    assert document["trigger"] == "schedule" and document["summary"]["delete"] == 1
    five.forget_requests()
    five.schedule(**DELETE)
    assert five.written() == []
    five.assert_silent()


def test_unmanaged_controls_are_never_deleted(five):
    five.audit_manager.create_control(
        name="Unmanaged",
        controlMappingSources=[
            {"sourceName": "R", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
        ],
    )
    five.forget_requests()
    five.schedule(**DELETE)
    assert "Unmanaged" in five.controls() and five.written() == []


def test_a_framework_is_deleted_before_its_controls(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.discard_messages(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert deletions(five) == ["DeleteAssessmentFramework", "DeleteControl"]
    assert five.frameworks() == {} and set(five.controls()) == {f"Control {number}" for number in range(5)}


def assert_refused(world, *words, **variables):
    """Checks that scheduled runs delete nothing and report the reason once."""
    world.discard_messages(), world.mails(), world.events(), world.forget_requests()
    before = len(world.controls())
    world.schedule(**DELETE, **variables)
    assert len(world.controls()) == before and deletions(world) == []
    text = world.mail().text
    for word in words:
        assert word in text, text
    assert world.event()["outcome"] == "incomplete"
    world.schedule(**DELETE, **variables)
    assert deletions(world) == []
    world.assert_silent()


def test_nothing_is_deleted_while_the_catalog_has_the_default_name(world):
    world.put(FIVE, CATALOG=None)
    world.remove("controls/3.yaml")
    assert_refused(world, "default", "nothing is deleted", CATALOG=None)


def test_nothing_is_deleted_while_the_catalog_has_errors(five):
    five.remove("controls/3.yaml")
    five.upload("controls/4.yaml", invalid("Control 4"))
    assert_refused(five, "the catalog has errors", "nothing is deleted")


def test_deletions_above_the_limit_are_refused(five):
    for number in range(2):
        five.remove(f"controls/{number}.yaml")
    assert_refused(five, "2 of the 5", "CONTROLSYNC_MAX_DELETES=2")
    five.schedule(MAX_DELETES="2", **DELETE)
    assert len(five.controls()) == 3


def test_a_control_that_an_active_assessment_uses_is_kept(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(five, "All")
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.discard_messages(), five.mails(), five.events(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert "Last" in five.controls() and "DeleteControl" not in five.written()
    text = five.mail().text
    assert "This year" in text and "Last" in text


def test_a_control_that_only_an_inactive_assessment_uses_is_deleted(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(five, "All", "INACTIVE")
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.discard_messages()
    five.schedule(**UNGUARDED)
    assert "Last" not in five.controls()


def test_a_control_that_an_unmanaged_framework_uses_is_kept(five):
    id = five.controls()["Control 3"]["id"]
    five.audit_manager.create_assessment_framework(
        name="Unmanaged", controlSets=[{"name": "Set", "controls": [{"id": id}]}]
    )
    five.remove("controls/3.yaml")
    five.discard_messages(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert five.controls()["Control 3"]["id"] == id and deletions(five) == []
    assert "Unmanaged" in five.mail().text


def test_a_control_is_kept_while_its_usage_is_unknown(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.discard_messages()
    five.account.fault("deny", "ListAssessments", times=100)
    five.schedule(**UNGUARDED)
    assert "Last" in five.controls()


def test_an_emptied_bucket_deletes_nothing(five):
    for key in FIVE:
        five.remove(key)
    five.discard_messages()
    five.schedule(**UNGUARDED)
    assert len(five.controls()) == 5 and five.written() == []
    mail = five.mail()
    assert mail.attributes["outcome"] in ("failed", "incomplete") and "nothing was changed or deleted" in mail.text
    five.mails(), five.events()
    five.schedule(**UNGUARDED)
    assert len(five.controls()) == 5
    five.assert_silent()


def test_plan_mode_deletes_nothing(five):
    five.remove("controls/3.yaml")
    five.discard_messages()
    five.schedule(MODE="plan", **DELETE)
    assert len(five.controls()) == 5 and five.written() == []
    mail = five.mail()
    assert mail.attributes["outcome"] == "drift"
    assert "the next scheduled run in apply mode deletes the control Control 3" in mail.text
