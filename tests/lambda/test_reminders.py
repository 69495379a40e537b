"""What is still open is repeated weekly, so that one email that is overlooked does not hide it for ever."""

import json
import time

from definitions import control, invalid
from events import BUCKET
from world import STATE

DAY = 24 * 60 * 60


def let_pass(world, days):
    """Moves the last email of the state into the past."""
    state = world.state()
    state["last_email"] -= days * DAY
    world.upload(STATE, json.dumps(state))
    world.discard_messages()


def test_open_errors_are_repeated_after_a_week(world):
    world.put({"controls/backup.yaml": control("Backup"), "controls/broken.yaml": invalid("Broken")}, NOTIFY="errors")
    assert "1 error" in world.mail().subject
    let_pass(world, 6)
    world.schedule(NOTIFY="errors")
    assert world.mails() == []
    let_pass(world, 1)
    # Only the schedule reminds: an upload of the same content is no reason for an email.
    world.put({"controls/backup.yaml": control("Backup")}, NOTIFY="errors")
    assert world.mails() == []
    world.schedule(NOTIFY="errors")
    mail = world.mail()
    assert mail.subject == "controlsync incomplete: 1 error, reminder (house, 000000000000 us-east-1)"
    assert "Reminder:  still open since the last email, 7 days ago" in mail.text
    assert "Still open (1):\n    controls/broken.yaml:2:1: error[unknown-key]" in mail.text
    world.events()
    world.schedule(NOTIFY="errors")
    world.assert_silent()
    # Once it is resolved, nothing is open.
    world.put({"controls/broken.yaml": control("Broken")}, NOTIFY="errors")
    assert "resolved" in world.mail().subject
    let_pass(world, 30)
    world.events()
    world.schedule(NOTIFY="errors")
    world.assert_silent()


def test_a_plan_that_waits_for_a_decision_is_repeated(world):
    world.put({"controls/backup.yaml": control("Backup")}, MODE="plan", STACK="controlsync")
    assert "go live: `cdk/deploy.sh --mode apply`" in world.mail().text
    let_pass(world, 8)
    world.schedule(MODE="plan", STACK="controlsync")
    mail = world.mail()
    assert mail.subject.startswith("controlsync planned: 1 to create, reminder")
    assert "8 days ago" in mail.text and "go live: `cdk/deploy.sh --mode apply`" in mail.text


def test_objects_that_are_retained_are_not_repeated(world):
    world.put({"controls/backup.yaml": control("Backup"), "controls/restore.yaml": control("Restore")})
    world.mails()
    world.remove("controls/restore.yaml")
    assert world.drain().sent_back == set()
    assert "the control Restore still exists" in world.mail().text
    let_pass(world, 8)
    world.schedule()
    assert world.mails() == []


def test_the_days_count_from_the_first_run_of_this_version(world):
    world.put({"controls/broken.yaml": invalid("Broken")})
    world.mails()
    state = world.state()
    del state["last_email"]
    world.upload(STATE, json.dumps(state))
    world.discard_messages()
    world.schedule()
    assert world.mails() == []
    assert abs(world.state()["last_email"] - time.time()) < DAY
    assert world.s3.get_object(Bucket=BUCKET, Key=STATE)
