"""An invalid variable prevents the start, and the message names it."""

import pytest

TOPIC = "arn:aws:sns:us-east-1:123456789012:people"

INVALID = [
    ("BUCKET", None),
    ("BUCKET", ""),
    ("TOPIC_ARN", None),
    ("TOPIC_ARN", "people"),
    ("TOPIC_ARN", "arn:aws:sqs:us-east-1:123456789012:people"),
    ("EVENTS_TOPIC_ARN", "programs"),
    ("QUEUE_URL", "uploads"),
    ("CATALOG", "x" * 300),
    ("MODE", "aply"),
    ("MODE", "APPLY"),
    ("ADOPT", "yes"),
    ("NOTIFY", "some"),
    ("ON_REMOVE", "remove"),
    ("MAX_DELETES", "-1"),
    ("MAX_DELETES", "many"),
    ("DRIFT", "fix"),
    ("RATE", "0"),
    ("RATE", "fast"),
    ("RATE", "NaN"),
    ("RATE", "50"),
    ("QUOTAS", "controls=1"),
    ("MOED", "apply"),
]


def startup_error(functions, **variables):
    """The log line that says why the function does not start."""
    ours = {"BUCKET": "catalog", "TOPIC_ARN": TOPIC, **variables}
    environment = {f"CONTROLSYNC_{name}": value for name, value in ours.items() if value is not None}
    function = functions(environment, fresh=True)
    assert function.process.wait(timeout=20) != 0
    [line] = [line for line in function.lines() if line["level"].upper() in ("ERROR", "FATAL")]
    assert function.api.waiting.empty() and not function.api.open
    return str(line)


@pytest.mark.parametrize(("name", "value"), INVALID, ids=[f"{name}={value and value[:20]}" for name, value in INVALID])
def test_an_invalid_variable_prevents_the_start_and_is_named(functions, name, value):
    assert f"CONTROLSYNC_{name}" in startup_error(functions, **{name: value})


def test_a_misspelled_name_is_corrected(functions):
    assert "CONTROLSYNC_MODE" in startup_error(functions, MOED="apply")


def test_all_invalid_variables_are_named(functions):
    error = startup_error(functions, MODE="aply", DRIFT="fix", BUCKET=None)
    assert all(f"CONTROLSYNC_{name}" in error for name in ("MODE", "DRIFT", "BUCKET"))


def test_without_a_region_it_does_not_start(functions):
    environment = {"CONTROLSYNC_BUCKET": "catalog", "CONTROLSYNC_TOPIC_ARN": TOPIC}
    function = functions({**environment, "AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, fresh=True)
    assert function.process.wait(timeout=20) != 0
    assert "Region" in str(function.lines())


def test_empty_variables_count_as_unset(world):
    """Stacks set all variables, including those without a value."""
    unset = ["PREFIX", "EVENTS_TOPIC_ARN", "CATALOG", "ADOPT", "NOTIFY", "ON_REMOVE", "MAX_DELETES", "DRIFT"]
    world.put({"controls/backup.yaml": "name: Backup\n"}, **dict.fromkeys(unset, ""))
    assert set(world.controls()) == {"Backup"}
