"""Files that are gone: what they defined stays and is told, or is deleted under guards, in the scheduled run only."""

import pytest

from definitions import control, faulty, framework

DELETE = {"ON_REMOVE": "delete"}
# So that no guard but the one that a test is about stands in the way.
UNGUARDED = {**DELETE, "MAX_DELETES": "1000"}
# One of five may go, two may not.
FIVE = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)}


@pytest.fixture
def five(world):
    """Five controls that were applied, and told of."""
    world.put(FIVE)
    world.mail(), world.event(), world.forget_requests()
    return world


def kinds(document):
    return {(notice["status"], notice["kind"]) for notice in document["notices"]}


def deletions(world):
    return [operation for operation in world.written() if operation.startswith("Delete")]


def seed_assessment(world, framework_name, status="ACTIVE"):
    """An assessment made from a framework; only the emulator's back door makes one."""
    held = world.frameworks()[framework_name]
    assessment = {"name": "This year", "frameworkId": held["id"], "status": status}
    world.account.admin("POST", "seed", {"assessments": [assessment]})


def test_a_control_whose_file_is_gone_stays_and_is_told_once(five):
    five.remove("controls/3.yaml")
    five.wake()
    assert len(five.controls()) == 5 and five.written() == []
    assert "Control 3" in five.mail().text
    assert kinds(five.event()) == {("new", "orphan")}
    five.schedule()
    assert len(five.controls()) == 5 and five.written() == []
    five.silence()


def test_an_orphan_whose_file_comes_back_is_resolved(five):
    five.remove("controls/3.yaml")
    five.wake()
    five.mail(), five.event()
    five.put({"controls/3.yaml": control("Control 3")})
    assert kinds(five.event()) == {("resolved", "orphan")}
    assert five.written() == []


def test_only_the_scheduled_pass_deletes(five):
    five.remove("controls/3.yaml")
    five.wake(**DELETE)
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
    five.silence()


def test_what_no_catalog_owns_is_never_deleted(five):
    five.audit_manager.create_control(
        name="By hand",
        controlMappingSources=[
            {"sourceName": "R", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
        ],
    )
    five.forget_requests()
    five.schedule(**DELETE)
    assert "By hand" in five.controls() and five.written() == []


def test_a_framework_goes_before_its_controls(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.lose_messages(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert deletions(five) == ["DeleteAssessmentFramework", "DeleteControl"]
    assert five.frameworks() == {} and set(five.controls()) == {f"Control {number}" for number in range(5)}


def refused(world, *words, **variables):
    """The scheduled run deletes nothing, and says why; once."""
    world.lose_messages(), world.mails(), world.events(), world.forget_requests()
    before = len(world.controls())
    world.schedule(**DELETE, **variables)
    assert len(world.controls()) == before and deletions(world) == []
    text = world.mail().text
    for word in words:
        assert word in text, text
    assert world.event()["outcome"] == "incomplete"
    world.schedule(**DELETE, **variables)
    assert deletions(world) == []
    world.silence()


def test_nothing_is_deleted_while_the_catalog_has_no_name_of_its_own(world):
    world.put(FIVE, CATALOG=None)
    world.remove("controls/3.yaml")
    refused(world, "default", "nothing is deleted", CATALOG=None)


def test_nothing_is_deleted_while_the_catalog_has_errors(five):
    five.remove("controls/3.yaml")
    five.upload("controls/4.yaml", faulty("Control 4"))
    refused(five, "the catalog has errors", "nothing is deleted")


def test_no_more_is_deleted_than_the_guard_allows(five):
    for number in range(2):
        five.remove(f"controls/{number}.yaml")
    refused(five, "2 of the 5", "CONTROLSYNC_MAX_DELETES=2")
    five.schedule(MAX_DELETES="2", **DELETE)
    assert len(five.controls()) == 3


def test_a_control_that_an_active_assessment_holds_stays(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(five, "All")
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.lose_messages(), five.mails(), five.events(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert "Last" in five.controls() and "DeleteControl" not in five.written()
    text = five.mail().text
    assert "This year" in text and "Last" in text


def test_a_control_that_only_a_closed_assessment_holds_goes(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(five, "All", "INACTIVE")
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.lose_messages()
    five.schedule(**UNGUARDED)
    assert "Last" not in five.controls()


def test_a_control_that_a_framework_of_others_holds_stays(five):
    held = five.controls()["Control 3"]["id"]
    five.audit_manager.create_assessment_framework(
        name="Of others", controlSets=[{"name": "Set", "controls": [{"id": held}]}]
    )
    five.remove("controls/3.yaml")
    five.lose_messages(), five.forget_requests()
    five.schedule(**UNGUARDED)
    assert five.controls()["Control 3"]["id"] == held and deletions(five) == []
    assert "Of others" in five.mail().text


def test_what_holds_a_control_must_be_known_before_it_goes(five):
    five.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    five.remove("controls/last.yaml"), five.remove("frameworks/all.yaml")
    five.lose_messages()
    five.account.fault("deny", "ListAssessments", times=100)
    five.schedule(**UNGUARDED)
    assert "Last" in five.controls()


def test_an_emptied_bucket_deletes_nothing(five):
    for key in FIVE:
        five.remove(key)
    five.lose_messages()
    five.schedule(**UNGUARDED)
    assert len(five.controls()) == 5 and five.written() == []
    mail = five.mail()
    assert mail.attributes["outcome"] in ("failed", "incomplete") and "nothing is deleted" in mail.text
    five.mails(), five.events()
    five.schedule(**UNGUARDED)
    assert len(five.controls()) == 5
    five.silence()


def test_the_plan_mode_deletes_nothing(five):
    five.remove("controls/3.yaml")
    five.lose_messages()
    five.schedule(MODE="plan", **DELETE)
    assert len(five.controls()) == 5 and five.written() == []
    mail = five.mail()
    assert mail.attributes["outcome"] == "drift"
    assert "the next scheduled run that writes deletes the control Control 3" in mail.text
