"""Faults in files: what is good is carried out, what is not is told once, with its place, until it is resolved."""

import pytest

from definitions import FAULTY_PLACE, control, faulty, framework

BAD = {"controls/bad.yaml": faulty("Bad")}


def statuses(document):
    return [(notice["status"], notice["kind"], notice["location"]) for notice in document["notices"]]


def test_a_bad_file_stops_no_good_one_and_is_told_with_its_place_and_cure(world):
    world.put({"controls/good.yaml": control("Good"), **BAD})
    assert set(world.controls()) == {"Good"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete"
    assert "1 created" in mail.subject and "1 error" in mail.subject
    for word in [f"controls/bad.yaml:{FAULTY_PLACE}", "unknown-key", "descripton", "description", "Good"]:
        assert word in mail.text
    document = world.event()
    assert statuses(document) == [("new", "finding", f"controls/bad.yaml:{FAULTY_PLACE}")]
    [finding] = [notice["finding"] for notice in document["notices"]]
    assert (finding["rule"], finding["level"], finding["path"]) == ("unknown-key", "error", "controls/bad.yaml")
    assert finding["span"]["start"]["line"] == 2 and finding["span"]["start"]["column"] == 1


def test_what_was_wrong_is_told_as_resolved(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/bad.yaml": control("Bad")})
    assert set(world.controls()) == {"Bad"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "1 resolved" in mail.subject
    assert f"controls/bad.yaml:{FAULTY_PLACE}" in mail.text
    assert statuses(world.event()) == [("resolved", "finding", f"controls/bad.yaml:{FAULTY_PLACE}")]


def test_a_removed_file_is_resolved_too(world):
    world.put({**BAD, "controls/good.yaml": control("Good")})
    world.mail(), world.event()
    world.remove("controls/bad.yaml")
    world.wake()
    assert statuses(world.event()) == [("resolved", "finding", f"controls/bad.yaml:{FAULTY_PLACE}")]
    assert "resolved" in world.mail().subject


def test_what_is_known_wakes_nobody_again(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put(BAD)
    world.schedule()
    world.silence()


def test_what_is_known_stands_beside_what_is_new(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/worse.yaml": faulty("Worse")})
    mail = world.mail()
    assert mail.text.index("controls/worse.yaml") < mail.text.index("controls/bad.yaml")
    assert "Known (1)" in mail.text
    assert set(statuses(world.event())) == {
        ("new", "finding", f"controls/worse.yaml:{FAULTY_PLACE}"),
        ("known", "finding", f"controls/bad.yaml:{FAULTY_PLACE}"),
    }


def test_what_has_moved_is_told_as_moved(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/bad.yaml": "# A line above.\n" + faulty("Bad")})
    assert "controls/bad.yaml:3:1" in world.mail().text
    assert statuses(world.event()) == [("moved", "finding", "controls/bad.yaml:3:1")]


def test_an_object_whose_file_became_bad_stays_as_it_is(world):
    world.put({"controls/backup.yaml": control("Backup")})
    before = world.controls()
    world.forget_requests()
    world.put({"controls/backup.yaml": faulty("Backup")}, ON_REMOVE="delete")
    world.schedule(ON_REMOVE="delete")
    assert world.controls() == before and world.written() == []


def test_of_a_name_in_two_files_neither_counts(world):
    world.put({"controls/one.yaml": control("Backup", "One"), "controls/two.yaml": control("Backup", "Two")})
    assert world.controls() == {}
    text = world.mail().text
    assert "controls/one.yaml" in text and "controls/two.yaml" in text and "duplicate-control-name" in text


def test_what_a_framework_needs_may_be_in_the_account(world):
    world.put({"controls/backup.yaml": control("Backup")})
    world.mail(), world.event()
    # The file is bad now, but the account has the control.
    world.put({"controls/backup.yaml": faulty("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])})
    assert set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "incomplete"


def test_a_configuration_with_errors_stops_everything(world):
    world.put({"controls/backup.yaml": control("Backup"), "controlsync.toml": "catalog = 'house'\n"})
    assert world.controls() == {}
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "controlsync.toml:1:1" in mail.text
    world.put({"controlsync.toml": "[tags]\nTeam = 'Operations'\n"})
    assert world.controls()["Backup"]["tags"]["Team"] == "Operations"
    assert "resolved" in world.mail().subject


def test_the_configuration_of_the_catalog_counts(world):
    settings = 'catalog = "of the file"\n[target]\nregion = "eu-west-1"\n'
    world.put({"controls/backup.yaml": control("Backup"), "controlsync.toml": settings}, CATALOG=None)
    assert world.controls()["Backup"]["tags"]["controlsync:catalog"] == "of the file"
    assert world.mail().attributes["catalog"] == "of the file"


GOOD = {"controls/good.yaml": control("Good")}
# Means the same, but the comment suppresses nothing.
SUSPICIOUS = {"controls/good.yaml": "# controlsync: ignore placeholder-text it is none\n" + control("Good")}


@pytest.mark.parametrize(
    ("notify", "told"),
    [("all", [True, True, True, True]), ("changes", [True, False, True, True]), ("errors", [False, False, True, True])],
)
def test_people_hear_as_much_as_they_want(world, notify, told):
    """Of a change, a warning, an error, its cure; a program hears of all of them."""
    heard = []
    for files in [GOOD, SUSPICIOUS, BAD, {"controls/bad.yaml": control("Bad")}]:
        world.put(files, NOTIFY=notify)
        heard.append(bool(world.mails()))
        assert len(world.events()) == 1
    assert heard == told


def test_a_long_report_is_cut_with_a_count_and_stays_one_message(world):
    sources = "".join(f"  - sourceName: S{n}\n    sourceTyp: MANUAL\n" for n in range(60))
    files = {f"controls/{number:02}.yaml": f"name: Control {number}\ndatasources:\n{sources}" for number in range(12)}
    world.put(files)
    mail = world.mail()
    assert 16_000 < len(mail.text.encode()) <= 32 * 1024
    assert "more" in mail.text.splitlines()[-1] and "line" in mail.text.splitlines()[-1]
    assert len(world.events()) == 1
