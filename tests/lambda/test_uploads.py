"""Uploads, from the bucket to the account and the reports."""

import json
import os
import unicodedata
from pathlib import Path

import logs
import pytest

from definitions import control, framework
from events import BUCKET, TEST_EVENT, bridge, notification
from wiring import BATCH_SIZE, pattern

# File names that S3 encodes in its notifications, or that look encoded.
NAMES = [
    "a b.yaml",
    "plus+plus.yaml",
    "%2B.yaml",
    "100%.yaml",
    "S\N{LATIN SMALL LETTER E WITH ACUTE}curit\N{LATIN SMALL LETTER E WITH ACUTE}.yaml",
    "Se\N{COMBINING ACUTE ACCENT}curite\N{COMBINING ACUTE ACCENT}.yaml",
    "l'acc\N{LATIN SMALL LETTER E WITH GRAVE}s & \"les droits\".yaml",
    "{a}=[b];c,d!@$.yaml",
    "\N{CJK UNIFIED IDEOGRAPH-63A7}.json",
]


def corpus_names():
    """Third-party file names, if the directory with their definitions exists."""
    corpora = os.environ.get("CONTROLSYNC_CORPORA")
    folder = Path(corpora, "custom-security-frameworks-france") if corpora else None
    if not folder or not folder.is_dir():
        return []
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*_sec_control.json")}
    # One file per directory, and all whose own names contain spaces.
    chosen = {str(Path(name).parent): name for name in sorted(names)}.values()
    return sorted({*chosen, *(name for name in names if " " in Path(name).name)})


def as_json(name):
    return f'{{"name": "{name}", "description": "What must be true."}}'


def test_an_upload_reaches_the_account_and_is_reported_once(world):
    world.put(
        {
            "controls/backup.yaml": control("Backup", tags={"Owner": "Operations"}),
            "controls/team/restore.yaml": control("Restore"),
            "frameworks/continuity.yaml": framework("Continuity", ["Backup", "Restore"]),
        }
    )
    controls, frameworks = world.controls(), world.frameworks()
    assert set(controls) == {"Backup", "Restore"} and set(frameworks) == {"Continuity"}
    assert controls["Backup"]["tags"]["Owner"] == "Operations"
    [control_set] = frameworks["Continuity"]["controlSets"]
    assert {one["name"] for one in control_set["controls"]} == {"Backup", "Restore"}

    mail = world.mail()
    assert mail.subject.startswith("controlsync") and len(mail.subject) < 100
    assert all(" " <= character <= "~" for character in mail.subject)
    for word in ["applied", "3 created", "000000000000", "us-east-1"]:
        assert word in mail.subject
    for word in ["controls/team/restore.yaml", "Continuity", "000000000000", "us-east-1"]:
        assert word in mail.text
    attributes = {"outcome": "applied", "account": "000000000000", "region": "us-east-1", "catalog": "house"}
    assert mail.attributes == attributes

    [message] = world.events()
    assert message.attributes == attributes
    document = message.document
    assert (document["version"], document["outcome"], document["catalog"]) == (1, "applied", "house")
    assert (document["trigger"], document["mode"]) == ("upload", "apply")
    assert document["target"] == {"account": "000000000000", "region": "us-east-1"}
    assert document["summary"]["create"] == 3
    reported = {(change["kind"], change["type"], change["name"], change["result"]) for change in document["changes"]}
    assert reported == {
        ("create", "control", "Backup", "applied"),
        ("create", "control", "Restore", "applied"),
        ("create", "framework", "Continuity", "applied"),
    }
    assert {change["id"] for change in document["changes"]} == {
        *(one["id"] for one in controls.values()),
        *(one["id"] for one in frameworks.values()),
    }
    assert [upload["path"] for upload in document["uploads"]] == [
        "controls/backup.yaml",
        "controls/team/restore.yaml",
        "frameworks/continuity.yaml",
    ]


def test_a_run_writes_metrics(world):
    function = world.function()
    function.new_lines()
    world.put({"controls/backup.yaml": control("Backup")})
    lines = function.new_lines()
    found = logs.metrics(lines)
    [directive] = found["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "controlsync" and directive["Dimensions"] == [["FunctionName"]]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units["Duration"] == "Milliseconds"
    counted = ["Files", "Created", "Updated", "Failures", "AuditManagerCalls", "S3Calls", "CompletedRuns"]
    assert all(units[name] == "Count" for name in counted)
    assert found["FunctionName"] == "controlsync"
    assert [found[name] for name in ["Files", "Created", "Updated", "Failures", "CompletedRuns"]] == [1, 1, 0, 0, 1]
    assert found["AuditManagerCalls"] == len(world.requests())
    assert found["S3Calls"] == world.proxy.count("ListObjectsV2", "GetObject", "PutObject", "HeadObject")
    requests = {line["requestId"] for line in lines}
    assert len(requests) == 1 and requests != {""}, "each line has its request id"


@pytest.fixture
def direct(world):
    """A world in which the bucket notifies the queue directly, as in a manual setup."""
    world.bypass_event_bridge()
    return world


def test_an_s3_notification_triggers_a_run(direct):
    direct.upload("controls/backup.yaml", control("Backup"))
    assert direct.drain().sent_back == set()
    assert set(direct.controls()) == {"Backup"}
    assert len(direct.mails()) == len(direct.events()) == 1


def test_events_work_without_a_queue_and_through_a_topic(direct):
    for number, event in enumerate([notification, bridge]):
        direct.upload(f"controls/{number}.yaml", control(f"Bare {number}"))
        direct.discard_messages()
        assert direct.invoke(event(f"controls/{number}.yaml")).response["outcome"] == "applied"
        direct.upload(f"controls/topic-{number}.yaml", control(f"Topic {number}"))
        direct.discard_messages()
        body = json.dumps(event(f"controls/topic-{number}.yaml"))
        direct.send({"Type": "Notification", "TopicArn": direct.topic, "Message": body})
        assert direct.drain().sent_back == set()
    assert set(direct.controls()) == {"Bare 0", "Topic 0", "Bare 1", "Topic 1"}


def test_uploading_the_same_bytes_writes_and_reports_nothing(world):
    files = {"controls/backup.yaml": control("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])}
    world.put(files)
    world.mail(), world.event(), world.forget_requests()
    world.put(files)
    assert world.written() == []
    world.assert_silent()


def test_an_equivalent_text_writes_and_reports_nothing(world):
    world.put({"controls/backup.yaml": control("Backup")})
    world.mail(), world.event(), world.forget_requests()
    world.put({"controls/backup.yaml": "# Reviewed by the owner.\n" + control("Backup")})
    assert world.written() == []
    world.assert_silent()


def test_an_edit_is_one_update_and_one_message(world):
    world.put({"controls/backup.yaml": control("Backup"), "controls/restore.yaml": control("Restore")})
    before = world.controls()
    world.mail(), world.event(), world.forget_requests()
    world.put({"controls/backup.yaml": control("Backup", "Backups exist and are new")})
    assert world.written().count("UpdateControl") == 1
    assert {*world.written()} <= {"UpdateControl", "TagResource"}
    after = world.controls()
    assert after["Backup"]["id"] == before["Backup"]["id"]
    assert after["Backup"]["description"].startswith("Backups exist and are new")
    assert after["Restore"] == before["Restore"]
    assert "1 updated" in world.mail().subject
    [change] = world.event()["changes"]
    assert (change["kind"], change["changedBy"], change["result"]) == ("update", "file", "applied")
    assert [field["pointer"] for field in change["fields"]] == ["/description"]


def test_a_framework_uploaded_before_its_controls_waits_for_them(world):
    world.put({"frameworks/all.yaml": framework("All", ["Backup"])})
    assert world.frameworks() == {}
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete"
    assert "frameworks/all.yaml:6:9" in mail.text and "Backup" in mail.text
    world.events()

    world.put({"controls/backup.yaml": control("Backup")})
    assert set(world.frameworks()) == {"All"} and set(world.controls()) == {"Backup"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "2 created" in mail.subject
    assert "resolved" in {notice["status"] for notice in world.event()["notices"]}


def test_a_rename_keeps_the_id(world):
    world.put({"controls/backup.yaml": control("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])})
    before = world.controls()["Backup"]["id"]
    world.mail(), world.event()
    world.put(
        {
            "controls/backup.yaml": control("Backups exist", renamed_from="Backup"),
            "frameworks/all.yaml": framework("All", ["Backups exist"]),
        }
    )
    assert {name: one["id"] for name, one in world.controls().items()} == {"Backups exist": before}
    [control_set] = world.frameworks()["All"]["controlSets"]
    assert [one["id"] for one in control_set["controls"]] == [before]
    assert "1 renamed" in world.mail().subject


@pytest.mark.parametrize("wiring", ["event-bridge", "direct"])
def test_special_characters_in_keys_are_preserved(world, wiring):
    if wiring == "direct":
        world.bypass_event_bridge()
    for number, name in enumerate(NAMES):
        world.put({f"controls/{name}": as_json(f"Control {number}")})
        assert f"Control {number}" in world.controls(), name
        assert [upload["path"] for upload in world.event()["uploads"]] == [f"controls/{name}"]
    assert len(world.mails()) == len(NAMES)


def test_third_party_file_names_are_preserved(world):
    names = corpus_names()
    if not names:
        pytest.skip("CONTROLSYNC_CORPORA does not name the directory with third-party definitions")
    assert any(character in name for name in names for character in "' ")
    assert any(not unicodedata.is_normalized("NFC", name) or not name.isascii() for name in names)
    for number, name in enumerate(names):
        world.upload(f"controls/{name}", as_json(f"Control {number}"))
    assert world.drain().sent_back == set()
    assert set(world.controls()) == {f"Control {number}" for number in range(len(names))}
    world.mail(), world.event(), world.forget_requests()
    for name in names:
        world.announce(f"controls/{name}")
    assert world.drain().sent_back == set()
    assert world.requests() != [], "each of them is a file of the catalog"
    world.assert_silent()


def test_only_keys_below_the_prefix_are_read(world):
    world.set_rule(pattern(BUCKET, "teams/ours"))
    files = {"teams/ours/controls/backup.yaml": control("Backup"), "controls/other.yaml": control("Other")}
    world.put(files, PREFIX="teams/ours")
    assert set(world.controls()) == {"Backup"}
    assert [upload["path"] for upload in world.event()["uploads"]] == ["controls/backup.yaml"]
    assert world.controls()["Backup"]["tags"]["controlsync:source"] == "controls/backup.yaml"


def test_a_batch_of_many_events_is_one_run(world):
    for number in range(25):
        world.upload(f"controls/{number:02}.yaml", control(f"Control {number}"))
    event = world.next_batch()
    assert len(event["Records"]) == BATCH_SIZE
    assert world.invoke(event).sent_back == set()
    assert world.proxy.count("ListObjectsV2") == 1
    assert len(world.controls()) == 25
    assert "25 created" in world.mail().subject


def test_the_first_of_several_batches_applies_and_reports_everything(world):
    for number in range(25):
        world.upload(f"controls/{number:02}.yaml", control(f"Control {number}"))
    assert world.drain().sent_back == set()
    assert world.proxy.count("ListObjectsV2") == 3
    assert len(world.controls()) == 25 and world.written().count("CreateControl") == 25
    assert "25 created" in world.mail().subject
    assert world.event()["summary"]["create"] == 25


def test_repeated_and_late_events_change_nothing(world):
    world.upload("controls/backup.yaml", control("Backup", "First"))
    world.upload("controls/backup.yaml", control("Backup", "Second"))
    late = world.next_batch()
    assert world.invoke(late).sent_back == set()
    assert world.controls()["Backup"]["description"].startswith("Second"), "the current content of the bucket counts"
    world.mail(), world.event(), world.forget_requests()
    # The queue of the stack preserves the order, but runs must not depend on it.
    late["Records"] = late["Records"][::-1] * 2
    assert world.invoke(late).sent_back == set()
    assert world.written() == []
    world.assert_silent()


@pytest.mark.parametrize("wiring", ["event-bridge", "direct"])
def test_a_removal_event_for_an_existing_file_removes_nothing(world, wiring):
    world.put({"controls/backup.yaml": control("Backup")})
    world.mail(), world.event(), world.forget_requests()
    if wiring == "direct":
        world.bypass_event_bridge()
        world.send(notification("controls/backup.yaml", kind="ObjectRemoved:Delete"))
    else:
        world.announce("controls/backup.yaml", "Object Deleted")
    world.drain(ON_REMOVE="delete")
    assert world.written() == []
    world.assert_silent()


# The rule of the stack matches some of these; another rule may match all.
UNRELATED_EVENTS = [
    bridge("controls/a.yaml", bucket="another-bucket"),
    bridge("README.md"),
    bridge("controls/README.md"),
    bridge("other/controls/a.yaml"),
    bridge(".controlsync/state.json"),
    bridge("controls/.hidden/a.yaml"),
    bridge("controls%2Fa.yaml"),
]
UNRELATED_NOTIFICATIONS = [
    TEST_EVENT,
    notification("controls/a.yaml", bucket="another-bucket"),
    notification("README.md"),
    notification("controls/README.md"),
    notification("other/controls/a.yaml"),
    notification(".controlsync/state.json"),
]


def assert_only_acknowledged(world, events):
    world.upload("controls/a.yaml", control("Backup"))
    world.discard_messages()
    for event in events:
        world.send(event)
        assert world.drain().sent_back == set(), event
        assert world.requests() == [] and world.proxy.count() == 0, event
    assert world.state() is None
    world.assert_silent()


def test_events_outside_the_catalog_are_only_acknowledged(world):
    assert_only_acknowledged(world, UNRELATED_EVENTS)


def test_s3_notifications_outside_the_catalog_are_only_acknowledged(direct):
    assert_only_acknowledged(direct, UNRELATED_NOTIFICATIONS)


@pytest.mark.parametrize("wiring", ["event-bridge", "direct"])
def test_a_mixed_batch_triggers_a_run(world, wiring):
    if wiring == "direct":
        world.bypass_event_bridge()
        world.send(TEST_EVENT)
    world.upload("README.md", "# Not part of the catalog")
    world.upload("controls/backup.yaml", control("Backup"))
    world.upload("controls/README.md", "# Not part of the catalog")
    assert world.drain().sent_back == set()
    assert set(world.controls()) == {"Backup"}


def test_an_unsupported_event_does_not_block_others(world):
    world.upload("controls/backup.yaml", control("Backup"))
    world.send("not JSON")
    world.send({"hello": "world"})
    world.drain()
    assert set(world.controls()) == {"Backup"}


def test_the_mail_quotes_commit_and_author(world):
    metadata = {"controlsync_commit": "4f2c1e9", "controlsync_author": "The owner of backups"}
    world.upload("controls/backup.yaml", control("Backup"), **metadata)
    world.drain()
    mail = world.mail()
    assert "4f2c1e9" in mail.text and "The owner of backups" in mail.text
    [upload] = world.event()["uploads"]
    assert upload == {
        "path": "controls/backup.yaml",
        "removed": False,
        "commit": "4f2c1e9",
        "author": "The owner of backups",
    }


def test_unchanged_files_are_not_read_again(world):
    world.put({f"controls/{number}.yaml": control(f"Control {number}") for number in range(5)})
    world.proxy.reset()
    world.put({"controls/1.yaml": control("Control 1", "Edited")})
    read = [call.key for call in world.proxy.calls if call.operation == "GetObject" and call.key.endswith(".yaml")]
    assert read == ["controls/1.yaml"]


def test_without_an_events_topic_only_mails_are_sent(world):
    world.put({"controls/backup.yaml": control("Backup")}, EVENTS_TOPIC_ARN=None)
    assert len(world.mails()) == 1 and world.events() == []


def test_without_a_state_the_next_run_reads_everything_and_changes_nothing(world):
    world.put({"controls/backup.yaml": control("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])})
    world.mail(), world.event(), world.forget_requests()
    world.remove(".controlsync/state.json")
    world.discard_messages()
    assert world.invoke({"action": "reconcile"}).response["outcome"] == "in-sync"
    assert world.written() == []
