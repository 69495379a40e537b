"""Settings of the function: whether it writes, which objects it adopts, and how it handles drift."""

import pytest

from definitions import control, framework
from proxy import UNAVAILABLE
from retries import upload

FILES = {"controls/backup.yaml": control("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])}
MANUAL_SOURCE = {"sourceName": "Report", "sourceType": "MANUAL", "sourceSetUpOption": "Procedural_Controls_Mapping"}


def edit_in_console(world, name, **fields):
    """Changes a control in the account. All fields are sent, as the console does."""
    existing = world.controls()[name]
    sources = [
        {key: source[key] for key in ("sourceId", *MANUAL_SOURCE) if key in source}
        for source in existing["controlMappingSources"]
    ]
    texts = {key: existing[key] for key in ("name", "description", "testingInformation") if key in existing}
    world.audit_manager.update_control(controlId=existing["id"], controlMappingSources=sources, **{**texts, **fields})


@pytest.mark.parametrize("mode", ["plan", None], ids=["explicit", "default"])
def test_plan_mode_mails_the_plan_once_and_writes_nothing(world, mode):
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
    world.assert_silent()
    world.put({"controls/restore.yaml": control("Restore")}, MODE=mode)
    assert "3 to create" in world.mail().subject


def test_a_plan_to_delete_what_an_assessment_uses_reads_everything_and_writes_nothing(world):
    managed = {"tags": {"controlsync:catalog": "house"}, "controlMappingSources": [MANUAL_SOURCE]}
    controls = [{"id": f"5f0e7c1a-3b52-4d0c-8f6e-0a4e2b9d1c0{number}", **managed} for number in range(2)]
    controls[0] |= {"name": "Backup"}
    controls[1] |= {"name": "Old"}
    sets = [{"name": "All", "controls": [one["id"] for one in controls]}]
    id = "5f0e7c1a-3b52-4d0c-8f6e-0a4e2b9d1c09"
    frameworks = [{"id": id, "name": "All", "tags": managed["tags"], "controlSets": sets}]
    assessments = [{"name": "This year", "frameworkId": id, "status": "ACTIVE"}]
    world.account.admin("POST", "seed", {"controls": controls, "frameworks": frameworks, "assessments": assessments})
    settings = {"MODE": "plan", "ON_REMOVE": "delete"}
    upload(world, FILES)
    world.proxy.on("ListObjectsV2", UNAVAILABLE)
    assert world.drain(**settings).sent_back
    assert world.drain(**settings).sent_back == set()
    world.schedule(**settings)
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


def test_drift_is_reported_once_and_kept(world):
    world.put(FILES)
    edit_in_console(world, "Backup", description="Edited in the console.")
    world.mail(), world.event(), world.forget_requests()
    world.schedule()
    assert world.written() == []
    assert world.controls()["Backup"]["description"] == "Edited in the console."
    mail = world.mail()
    assert "Backup" in mail.text and "Edited in the console." in mail.text and "drift" in mail.text
    [notice] = world.event()["notices"]
    assert (notice["status"], notice["kind"]) == ("new", "drift")
    world.schedule()
    world.assert_silent()


def test_reverted_drift_is_reported_as_resolved(world):
    world.put(FILES)
    before = world.controls()["Backup"]["description"]
    edit_in_console(world, "Backup", description="Edited in the console.")
    world.schedule()
    world.mails(), world.events()
    edit_in_console(world, "Backup", description=before)
    world.schedule()
    assert [(notice["status"], notice["kind"]) for notice in world.event()["notices"]] == [("resolved", "drift")]


def test_a_changed_file_overrides_drift(world):
    world.put(FILES)
    edit_in_console(world, "Backup", description="Edited in the console.")
    world.put({"controls/backup.yaml": control("Backup", "Changed in the file")})
    assert world.controls()["Backup"]["description"].startswith("Changed in the file")


def test_drift_is_repaired_if_configured(world):
    world.put(FILES)
    before = world.controls()["Backup"]
    edit_in_console(world, "Backup", description="Edited in the console.")
    world.mail(), world.event()
    world.schedule(DRIFT="repair")
    after = world.controls()["Backup"]
    assert (after["id"], after["description"]) == (before["id"], before["description"])
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "Backup" in mail.text
    [change] = world.event()["changes"]
    assert (change["kind"], change["changedBy"]) == ("update", "account")


def test_a_report_lists_everything_and_writes_nothing(world):
    world.put({"controls/bad.yaml": "name: Bad\ndescripton: x\n", **FILES})
    edit_in_console(world, "Backup", description="Edited in the console.")
    world.schedule()
    world.upload("controls/restore.yaml", control("Restore"))
    world.discard_messages(), world.mails(), world.events(), world.forget_requests()
    assert world.invoke({"action": "report"}).response["outcome"]
    assert world.written() == []
    text = world.mail().text
    for word in ["controls/bad.yaml:2:1", "drift", "Backup", "Restore"]:
        assert word in text
    world.event()


def test_a_report_is_sent_even_if_everything_is_in_sync(world):
    world.put(FILES)
    world.mail(), world.event()
    assert world.invoke({"action": "report"}).response["outcome"] == "in-sync"
    assert world.mail().attributes["outcome"] == "in-sync"
    assert world.event()["trigger"] == "report"


def test_a_requested_run_applies(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.discard_messages()
    assert world.invoke({"action": "reconcile"}).response == {"outcome": "applied"}
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "reconcile"


def test_the_schedule_finds_uploads_without_an_event(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.discard_messages()
    world.schedule()
    assert set(world.controls()) == {"Backup"}
    assert world.event()["trigger"] == "schedule"


def test_an_unknown_action_is_an_error(world):
    error = world.invoke({"action": "delete"}).error["errorMessage"]
    assert error == (
        'unsupported event: unknown action "delete": use "reconcile" or "report"; '
        "see docs/lambda.md for the supported events"
    )
    assert world.requests() == []


@pytest.mark.parametrize(
    ("adopt", "same_is_managed", "other_is_managed"),
    [("never", False, False), ("identical", True, False), (None, True, False), ("all", True, True)],
)
def test_existing_objects_are_adopted_as_configured(world, adopt, same_is_managed, other_is_managed):
    text = "name: {}\ndatasources:\n  - sourceName: Report\n    sourceType: MANUAL\n"
    for name, description in [("Same", {}), ("Other", {"description": "Created in the console."})]:
        world.audit_manager.create_control(name=name, controlMappingSources=[MANUAL_SOURCE], **description)
    before = {name: one["id"] for name, one in world.controls().items()}
    world.forget_requests()
    world.put({"controls/same.yaml": text.format("Same"), "controls/other.yaml": text.format("Other")}, ADOPT=adopt)
    after = world.controls()
    managed = {name: "controlsync:catalog" in one["tags"] for name, one in after.items()}
    assert {name: one["id"] for name, one in after.items()} == before
    assert managed == {"Same": same_is_managed, "Other": other_is_managed}
    mail = world.mail()
    if not other_is_managed:
        assert after["Other"]["description"] == "Created in the console."
        assert mail.attributes["outcome"] == "incomplete"
        assert "controls/other.yaml" in mail.text and "CONTROLSYNC_ADOPT" in mail.text


def test_what_another_catalog_owns_is_never_changed(world):
    world.put({"controls/backup.yaml": control("Backup")}, CATALOG="theirs")
    world.mail(), world.event(), world.forget_requests()
    world.put({"controls/backup.yaml": control("Backup", "Ours")}, ADOPT="all")
    assert world.written() == []
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete" and "theirs" in mail.text
