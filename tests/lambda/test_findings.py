"""Errors in files: valid files are applied, and each error is reported once with its location, until it is resolved."""

import pytest

from definitions import ERROR_LOCATION, control, framework, invalid

BAD = {"controls/bad.yaml": invalid("Bad")}


def statuses(document):
    return [(notice["status"], notice["kind"], notice["location"]) for notice in document["notices"]]


def test_an_invalid_file_stops_no_valid_one_and_is_reported_with_location_and_fix(world):
    world.put({"controls/good.yaml": control("Good"), **BAD})
    assert set(world.controls()) == {"Good"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "incomplete"
    assert "1 created" in mail.subject and "1 error" in mail.subject
    for word in [f"controls/bad.yaml:{ERROR_LOCATION}", "unknown-key", "descripton", "description", "Good"]:
        assert word in mail.text
    document = world.event()
    assert statuses(document) == [("new", "finding", f"controls/bad.yaml:{ERROR_LOCATION}")]
    [finding] = [notice["finding"] for notice in document["notices"]]
    assert (finding["rule"], finding["level"], finding["path"]) == ("unknown-key", "error", "controls/bad.yaml")
    assert finding["span"]["start"]["line"] == 2 and finding["span"]["start"]["column"] == 1


def test_a_fixed_file_is_reported_as_resolved(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/bad.yaml": control("Bad")})
    assert set(world.controls()) == {"Bad"}
    mail = world.mail()
    assert mail.attributes["outcome"] == "applied" and "1 resolved" in mail.subject
    assert f"controls/bad.yaml:{ERROR_LOCATION}" in mail.text
    assert statuses(world.event()) == [("resolved", "finding", f"controls/bad.yaml:{ERROR_LOCATION}")]


def test_a_removed_file_is_reported_as_resolved(world):
    world.put({**BAD, "controls/good.yaml": control("Good")})
    world.mail(), world.event()
    world.remove("controls/bad.yaml")
    world.drain()
    assert statuses(world.event()) == [("resolved", "finding", f"controls/bad.yaml:{ERROR_LOCATION}")]
    assert "resolved" in world.mail().subject


def test_known_findings_are_not_reported_again(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put(BAD)
    world.schedule()
    world.assert_silent()


def test_known_findings_are_listed_after_new_ones(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/worse.yaml": invalid("Worse")})
    mail = world.mail()
    assert mail.text.index("controls/worse.yaml") < mail.text.index("controls/bad.yaml")
    assert "Still open (1)" in mail.text
    assert set(statuses(world.event())) == {
        ("new", "finding", f"controls/worse.yaml:{ERROR_LOCATION}"),
        ("known", "finding", f"controls/bad.yaml:{ERROR_LOCATION}"),
    }


def test_a_finding_on_another_line_is_reported_as_moved(world):
    world.put(BAD)
    world.mail(), world.event()
    world.put({"controls/bad.yaml": "# A line above.\n" + invalid("Bad")})
    assert "controls/bad.yaml:3:1" in world.mail().text
    assert statuses(world.event()) == [("moved", "finding", "controls/bad.yaml:3:1")]


def test_an_object_is_unchanged_while_its_file_is_invalid(world):
    world.put({"controls/backup.yaml": control("Backup")})
    before = world.controls()
    world.forget_requests()
    world.put({"controls/backup.yaml": invalid("Backup")}, ON_REMOVE="delete")
    world.schedule(ON_REMOVE="delete")
    assert world.controls() == before and world.written() == []


def test_two_files_with_the_same_name_are_both_skipped(world):
    world.put({"controls/one.yaml": control("Backup", "One"), "controls/two.yaml": control("Backup", "Two")})
    assert world.controls() == {}
    text = world.mail().text
    assert "controls/one.yaml" in text and "controls/two.yaml" in text and "duplicate-control-name" in text


def test_a_framework_can_use_a_control_that_exists_only_in_the_account(world):
    world.put({"controls/backup.yaml": control("Backup")})
    world.mail(), world.event()
    # The file is invalid now, but the control exists in the account.
    world.put({"controls/backup.yaml": invalid("Backup"), "frameworks/all.yaml": framework("All", ["Backup"])})
    assert set(world.frameworks()) == {"All"}
    assert world.mail().attributes["outcome"] == "incomplete"


def test_a_configuration_with_errors_stops_everything(world):
    world.put({"controls/backup.yaml": control("Backup"), "controlsync.toml": "catalogs = 'house'\n"})
    assert world.controls() == {}
    mail = world.mail()
    assert mail.attributes["outcome"] == "failed" and "controlsync.toml:1:1" in mail.text
    world.put({"controlsync.toml": "[tags]\nTeam = 'Operations'\n"})
    assert world.controls()["Backup"]["tags"]["Team"] == "Operations"
    assert "resolved" in world.mail().subject


def test_the_configuration_file_is_used(world):
    settings = 'catalog = "from the file"\n[target]\nregion = "eu-west-1"\n'
    world.put({"controls/backup.yaml": control("Backup"), "controlsync.toml": settings}, CATALOG=None)
    assert world.controls()["Backup"]["tags"]["controlsync:catalog"] == "from the file"
    assert world.mail().attributes["catalog"] == "from the file"


GOOD = {"controls/good.yaml": control("Good")}
# The same control, with a comment that suppresses nothing.
SUSPICIOUS = {"controls/good.yaml": "# controlsync: ignore placeholder-text nothing to ignore\n" + control("Good")}


@pytest.mark.parametrize(
    ("notify", "expected"),
    [("all", [True, True, True, True]), ("changes", [True, False, True, True]), ("errors", [False, False, True, True])],
)
def test_notify_selects_the_runs_that_are_mailed(world, notify, expected):
    """A change, a warning, an error and its fix. The JSON topic gets all of them."""
    mailed = []
    for files in [GOOD, SUSPICIOUS, BAD, {"controls/bad.yaml": control("Bad")}]:
        world.put(files, NOTIFY=notify)
        mailed.append(bool(world.mails()))
        assert len(world.events()) == 1
    assert mailed == expected


def test_a_long_report_is_truncated_with_a_count(world):
    sources = "".join(f"  - sourceName: S{n}\n    sourceTyp: MANUAL\n" for n in range(60))
    files = {f"controls/{number:02}.yaml": f"name: Control {number}\ndatasources:\n{sources}" for number in range(12)}
    world.put(files)
    mail = world.mail()
    assert 16_000 < len(mail.text.encode()) <= 32 * 1024
    assert " not shown. For more, run `controlsync plan` or see the events topic." in mail.text
    assert "more" in mail.text.splitlines()[-1] and "line" in mail.text.splitlines()[-1]
    assert len(world.events()) == 1


KEYS_OF_FILES = """datasources:
  - sourceName: Keys
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}
    requiredParameters: {maxAccessKeyAge: {atMost: 90}}
  - sourceName: House rule
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_keys-conformance-pack}
    customRule: {guard: rules/keys.guard, resourceTypes: [AWS::IAM::User]}
severity: high
"""


def exception(until):
    return f"check: ACCESS_KEYS_ROTATED\nreason: Migration\nuntil: {until}\n"


def test_keys_that_only_files_have_are_accepted_and_an_exception_that_has_ended_is_reported(world):
    world.put(
        {
            "rules/keys.guard": "rule keys {}\n",
            "exceptions/valid.yaml": exception("9999-12-31"),
            "controls/keys.yaml": control("Keys", more=KEYS_OF_FILES),
        }
    )
    assert set(world.controls()) == {"Keys"}
    assert world.event()["notices"] == []
    world.mail()
    world.put({"exceptions/ended.yaml": exception("2020-03-31")})
    [notice] = world.event()["notices"]
    assert (notice["finding"]["rule"], notice["finding"]["path"]) == ("expired-exception", "exceptions/ended.yaml")
    assert "expired-exception" in world.mail().text
