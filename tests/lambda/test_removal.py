"""Files that are gone: what they defined stays and is told, or is deleted under guards, in the scheduled pass only."""

import pytest

from definitions import control, faulty, framework

DELETE = {"ON_REMOVE": "delete"}
# One of ten is a tenth: few enough for the guard.
TEN = {f"controls/{number}.yaml": control(f"Control {number}") for number in range(10)}


@pytest.fixture
def ten(world):
    """Ten controls that were applied, and told of."""
    world.put(TEN)
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


def test_a_control_whose_file_is_gone_stays_and_is_told_once(ten):
    ten.remove("controls/3.yaml")
    ten.wake()
    assert len(ten.controls()) == 10 and ten.written() == []
    assert "Control 3" in ten.mail().text
    assert kinds(ten.event()) == {("new", "orphan")}
    ten.schedule()
    assert len(ten.controls()) == 10 and ten.written() == []
    ten.silence()


def test_an_orphan_whose_file_comes_back_is_cured(ten):
    ten.remove("controls/3.yaml")
    ten.wake()
    ten.mail(), ten.event()
    ten.put({"controls/3.yaml": control("Control 3")})
    assert kinds(ten.event()) == {("cured", "orphan")}
    assert ten.written() == []


def test_only_the_scheduled_pass_deletes(ten):
    ten.remove("controls/3.yaml")
    ten.wake(**DELETE)
    assert ten.invoke({"action": "reconcile"}, **DELETE).response
    assert len(ten.controls()) == 10 and deletions(ten) == []
    ten.mails(), ten.events()

    ten.schedule(**DELETE)
    assert set(ten.controls()) == {f"Control {number}" for number in range(10) if number != 3}
    mail = ten.mail()
    assert "1 deleted" in mail.subject and "Control 3" in mail.text
    document = ten.event()
    assert document["trigger"] == "schedule" and document["summary"]["delete"] == 1
    ten.forget_requests()
    ten.schedule(**DELETE)
    assert ten.written() == []
    ten.silence()


def test_what_no_catalogue_owns_is_never_deleted(ten):
    ten.audit_manager.create_control(
        name="By hand",
        controlMappingSources=[
            {"sourceName": "R", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}
        ],
    )
    ten.forget_requests()
    ten.schedule(**DELETE)
    assert "By hand" in ten.controls() and ten.written() == []


def test_a_framework_goes_before_its_controls(ten):
    ten.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    ten.remove("controls/last.yaml"), ten.remove("frameworks/all.yaml")
    ten.drain(empty=True), ten.forget_requests()
    ten.schedule(**DELETE)
    assert deletions(ten) == ["DeleteAssessmentFramework", "DeleteControl"]
    assert ten.frameworks() == {} and set(ten.controls()) == {f"Control {number}" for number in range(10)}


def refused(world, *words, **variables):
    """The scheduled pass deletes nothing, and says why; once."""
    world.drain(empty=True), world.mails(), world.events(), world.forget_requests()
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


def test_nothing_is_deleted_while_the_catalogue_has_no_name_of_its_own(world):
    world.put(TEN, CATALOG=None)
    world.remove("controls/3.yaml")
    refused(world, "default", "nothing is deleted", CATALOG=None)


def test_nothing_is_deleted_while_the_catalogue_has_errors(ten):
    ten.remove("controls/3.yaml")
    ten.upload("controls/4.yaml", faulty("Control 4"))
    refused(ten, "the catalogue has errors", "nothing is deleted")


def test_no_more_is_deleted_than_the_guard_allows(ten):
    for number in range(3):
        ten.remove(f"controls/{number}.yaml")
    refused(ten, "3 of the 10", "CONTROLSYNC_MAX_DELETES=3")
    ten.schedule(MAX_DELETES="3", **DELETE)
    assert len(ten.controls()) == 7


def test_a_control_that_an_active_assessment_holds_stays(ten):
    ten.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(ten, "All")
    ten.remove("controls/last.yaml"), ten.remove("frameworks/all.yaml")
    ten.drain(empty=True), ten.mails(), ten.events(), ten.forget_requests()
    ten.schedule(**DELETE)
    assert "Last" in ten.controls() and "DeleteControl" not in ten.written()
    text = ten.mail().text
    assert "This year" in text and "Last" in text


def test_a_control_that_only_a_closed_assessment_holds_goes(ten):
    ten.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    seed_assessment(ten, "All", "INACTIVE")
    ten.remove("controls/last.yaml"), ten.remove("frameworks/all.yaml")
    ten.drain(empty=True)
    ten.schedule(**DELETE)
    assert "Last" not in ten.controls()


def test_a_control_that_a_framework_of_others_holds_stays(ten):
    held = ten.controls()["Control 3"]["id"]
    ten.audit_manager.create_assessment_framework(
        name="Of others", controlSets=[{"name": "Set", "controls": [{"id": held}]}]
    )
    ten.remove("controls/3.yaml")
    ten.drain(empty=True), ten.forget_requests()
    ten.schedule(**DELETE)
    assert ten.controls()["Control 3"]["id"] == held and deletions(ten) == []
    assert "Of others" in ten.mail().text


def test_what_holds_a_control_must_be_known_before_it_goes(ten):
    ten.put({"controls/last.yaml": control("Last"), "frameworks/all.yaml": framework("All", ["Last"])})
    ten.remove("controls/last.yaml"), ten.remove("frameworks/all.yaml")
    ten.drain(empty=True)
    ten.account.fault("deny", "ListAssessments", times=100)
    ten.schedule(**DELETE)
    assert "Last" in ten.controls()


def test_an_emptied_bucket_deletes_nothing(ten):
    for key in TEN:
        ten.remove(key)
    ten.drain(empty=True)
    ten.schedule(MAX_DELETES="1000", **DELETE)
    assert len(ten.controls()) == 10 and ten.written() == []
    mail = ten.mail()
    assert mail.attributes["outcome"] in ("failed", "incomplete") and "nothing is deleted" in mail.text
    ten.mails(), ten.events()
    ten.schedule(MAX_DELETES="1000", **DELETE)
    assert len(ten.controls()) == 10
    ten.silence()


def test_the_plan_mode_deletes_nothing(ten):
    ten.remove("controls/3.yaml")
    ten.drain(empty=True)
    ten.schedule(MODE="plan", **DELETE)
    assert len(ten.controls()) == 10 and ten.written() == []
    mail = ten.mail()
    assert mail.attributes["outcome"] == "planned" and "Control 3" in mail.text
