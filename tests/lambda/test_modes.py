"""What whoever deployed the function has decided: whether it writes, whose objects it takes, what becomes of drift."""

import pytest

from definitions import control, framework
from proxy import UNAVAILABLE
from retries import upload

FILES = {"controls/backup.yaml": control("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])}
BY_HAND = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}


def edit_by_hand(world, name, **members):
    """Somebody changes a control in the account: all members are sent, as the console does."""
    held = world.controls()[name]
    sources = [
        {member: source[member] for member in ("sourceId", *BY_HAND) if member in source}
        for source in held["controlMappingSources"]
    ]
    texts = {member: held[member] for member in ("name", "description", "testingInformation") if member in held}
    world.audit_manager.update_control(controlId=held["id"], controlMappingSources=sources, **{**texts, **members})


@pytest.mark.parametrize("mode", ["plan", None], ids=["asked-for", "by-default"])
def test_the_plan_mode_mails_the_plan_once_and_writes_nothing(world, mode):
    world.put(FILES, MODE=mode)
    assert world.written() == [] and world.controls() == {}
    mail = world.mail()
    assert mail.attributes["outcome"] == "planned" and "2 to create" in mail.subject
    assert "Backup" in mail.text and "All" in mail.text
    document = world.event()
    assert (document["mode"], document["outcome"], document["summary"]["create"]) == ("plan", "planned", 2)
    assert {change["kind"] for change in document["changes"]} == {"create"}
    assert all("result" not in change for change in document["changes"])
    world.schedule(MODE=mode)
    world.silence()
    world.put({"controls/restore.yaml": control("Restore")}, MODE=mode)
    assert "3 to create" in world.mail().subject


def test_a_plan_that_would_delete_what_an_assessment_holds_reads_all_and_writes_nothing(world):
    held = {"tags": {"controlsync:catalog": "house"}, "controlMappingSources": [BY_HAND]}
    controls = [{"id": f"5f0e7c1a-3b52-4d0c-8f6e-0a4e2b9d1c0{number}", **held} for number in range(2)]
    controls[0] |= {"name": "Backup"}
    controls[1] |= {"name": "Old"}
    sets = [{"name": "All", "controls": [one["id"] for one in controls]}]
    id = "5f0e7c1a-3b52-4d0c-8f6e-0a4e2b9d1c09"
    frameworks = [{"id": id, "name": "All", "tags": held["tags"], "controlSets": sets}]
    assessments = [{"name": "This year", "frameworkId": id, "status": "ACTIVE"}]
    world.account.admin("POST", "seed", {"controls": controls, "frameworks": frameworks, "assessments": assessments})
    decided = {"MODE": "plan", "ON_REMOVE": "delete"}
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert world.wake(**decided).sent_back
    assert world.wake(**decided).sent_back == set()
    world.schedule(**decided)
    called = {request["operation"] for request in world.requests()}
    assert {"GetControl", "GetAssessmentFramework", "ListAssessments", "GetAssessment"} <= called
    assert world.written() == []
    text = "".join(mail.text for mail in world.mails())
    assert "Old" in text and "This year" in text


def test_what_was_planned_is_applied_when_the_mode_changes(world):
    world.put(FILES, MODE="plan")
    world.mail(), world.event()
    assert world.invoke({"action": "reconcile"}).response["outcome"] == "applied"
    assert set(world.controls()) == {"Backup"} and set(world.frameworks()) == {"All"}
    assert "2 created" in world.mail().subject


def test_drift_is_reported_once_and_left(world):
    world.put(FILES)
    edit_by_hand(world, "Backup", description="Somebody knew better.")
    world.mail(), world.event(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    assert world.controls()["Backup"]["description"] == "Somebody knew better."
    mail = world.mail()
    assert "Backup" in mail.text and "Somebody knew better." in mail.text and "drift" in mail.text
    [notice] = world.event()["notices"]
    assert (notice["status"], notice["kind"]) == ("new", "drift")
    world.schedule()
    world.silence()


def test_drift_that_somebody_takes_back_is_told_as_resolved(world):
    world.put(FILES)
    before = world.controls()["Backup"]["description"]
    edit_by_hand(world, "Backup", description="Somebody knew better.")
    world.schedule()
    world.mails(), world.events()
    edit_by_hand(world, "Backup", description=before)
    world.schedule()
    assert [(notice["status"], notice["kind"]) for notice in world.event()["notices"]] == [("resolved", "drift")]


def test_a_new_file_beats_drift(world):
    world.put(FILES)
    edit_by_hand(world, "Backup", description="Somebody knew better.")
    world.put({"controls/backup.yaml": control("Backup", "The file has moved on")})
    assert world.controls()["Backup"]["description"].startswith("The file has moved on")


def test_drift_is_repaired_where_that_was_decided(world):
    world.put(FILES)
    before = world.controls()["Backup"]
    edit_by_hand(world, "Backup", description="Somebody knew better.")
    world.mail(), world.event()
    world.schedule(DRIFT="repair")
    after = world.controls()["Backup"]
    assert (after["id"], after["description"]) == (before["id"], before["description"])
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "Backup" in mail.text
    [change] = world.event()["changes"]
    assert (change["kind"], change["changedBy"]) == ("update", "account")


def test_a_report_tells_all_and_writes_nothing(world):
    world.put({"controls/bad.yaml": "name: Bad\ndescripton: x\n", **FILES})
    edit_by_hand(world, "Backup", description="Somebody knew better.")
    world.schedule()
    world.upload("controls/restore.yaml", control("Restore"))
    world.lose_messages(), world.mails(), world.events(), world.forget_requests()
    assert world.invoke({"action": "report"}).response["outcome"]
    assert world.written() == []
    text = world.mail().text
    for word in ["controls/bad.yaml:2:1", "drift", "Backup", "Restore"]:
        assert word in text
    world.event()


def test_a_report_comes_also_where_all_is_well(world):
    world.put(FILES)
    world.mail(), world.event()
    assert world.invoke({"action": "report"}).response["outcome"] == "in-sync"
    assert world.mail().attributes["outcome"] == "in-sync"
    assert world.event()["trigger"] == "report"


def test_a_pass_that_is_asked_for_applies(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.lose_messages()
    assert world.invoke({"action": "reconcile"}).response == {"outcome": "applied"}
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "reconcile"


def test_the_schedule_finds_what_no_event_told(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.lose_messages()
    world.schedule()
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "schedule"


def test_an_unknown_action_is_an_error(world):
    assert "delete" in world.invoke({"action": "delete"}).error["errorMessage"]
    assert world.requests() == []


@pytest.mark.parametrize(
    ("adopt", "same_is_ours", "other_is_ours"),
    [("never", False, False), ("identical", True, False), (None, True, False), ("all", True, True)],
)
def test_objects_that_are_already_there_are_adopted_as_decided(world, adopt, same_is_ours, other_is_ours):
    text = "name: {}\ndatasources:\n  - sourceName: Report\n    sourceType: MANUAL\n"
    for name, description in [("Same", {}), ("Other", {"description": "Of another hand."})]:
        world.audit_manager.create_control(name=name, controlMappingSources=[BY_HAND], **description)
    before = {name: held["id"] for name, held in world.controls().items()}
    world.forget_requests()
    world.put({"controls/same.yaml": text.format("Same"), "controls/other.yaml": text.format("Other")}, ADOPT=adopt)
    held = world.controls()
    ours = {name: "controlsync:catalog" in one["tags"] for name, one in held.items()}
    assert {name: one["id"] for name, one in held.items()} == before
    assert ours == {"Same": same_is_ours, "Other": other_is_ours}
    mail = world.mail()
    if not other_is_ours:
        assert held["Other"]["description"] == "Of another hand."
        assert mail.attributes["outcome"] == "incomplete"
        assert "controls/other.yaml" in mail.text and "CONTROLSYNC_ADOPT" in mail.text


def test_what_another_catalog_owns_is_never_touched(world):
    world.put({"controls/backup.yaml": control("Backup")}, CATALOG="theirs")
    world.mail(), world.event(), world.forget_requests()
    world.put({"controls/backup.yaml": control("Backup", "Ours")}, ADOPT="all")
    assert world.written() == []
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete" and "theirs" in mail.text
