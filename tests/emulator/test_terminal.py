"""Output that the program shows on a terminal only: progress bars, and the prompt before it writes."""

import os
import pty
import select
import subprocess
import time

import pytest

from program import CREDENTIALS, Boto3

BINARY = os.environ.get("CONTROLSYNC_BIN")
CONTROLS = 40


@pytest.fixture
def catalog(tmp_path):
    for number in range(CONTROLS):
        path = tmp_path / "controls" / f"{number:02}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"name: {tmp_path.name} {number:02}\n")
    return tmp_path


def environment(program):
    return os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL_AUDITMANAGER": program.endpoint, "TERM": "xterm"}


def on_terminal(program, directory, arguments, typed=b"", question=b"[y/N]"):
    """Runs with a terminal as standard input and error; returns exit code, standard output, and terminal output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BINARY, *arguments], cwd=directory, env=environment(program), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen, printed, deadline = b"", b"", time.monotonic() + 60
    # An answer that is typed too early would appear in the middle of a question.
    answers, answered = typed.splitlines(keepends=True), 0
    streams = [ours, process.stdout.fileno()]
    while streams and time.monotonic() < deadline:
        for stream in select.select(streams, [], [], 0.1)[0]:
            try:
                data = os.read(stream, 65536)
            except OSError:  # The other side of the terminal is closed.
                data = b""
            if not data:
                streams.remove(stream)
            elif stream == ours:
                seen += data
            else:
                printed += data
        if answers and question in seen and len(seen) > answered and seen.endswith((b": ", b"[y/N] ")):
            answered = len(seen)
            os.write(ours, answers.pop(0))
    code = process.wait(timeout=10)
    process.stdout.close()
    os.close(ours)
    return code, printed.decode(), seen.decode(errors="replace")


def test_progress_is_shown_on_a_terminal_only(program, catalog):
    code, printed, seen = on_terminal(program, catalog, ["apply", "--yes"])
    assert code == 0, seen
    assert "applying" in seen and f"/{CONTROLS}" in seen, seen
    assert "applying" not in printed
    assert printed.endswith(f"Applied: {CONTROLS} created.\n"), printed
    code, _, seen = on_terminal(program, catalog, ["plan", "--refresh"])
    assert code == 0 and "reading the account" in seen, seen
    piped = subprocess.run(
        [BINARY, "plan", "--refresh"], cwd=catalog, env=environment(program), capture_output=True, text=True, timeout=60
    )
    assert (piped.returncode, piped.stderr) == (0, "")


def test_nothing_is_written_unless_the_answer_is_yes(program, catalog):
    code, printed, seen = on_terminal(program, catalog, ["apply"], b"n\n")
    assert (code, "Apply these changes?" in seen) == (3, True), seen
    assert printed.endswith("Nothing was written.\n"), printed
    listed = Boto3(program)("ListControls", controlType="Custom", maxResults=1000)["controlMetadataList"]
    names = [item["name"] for item in listed]
    assert not any(name.startswith(catalog.name) for name in names)
    code, printed, _ = on_terminal(program, catalog, ["apply"], b"y\n")
    assert code == 0 and f"{CONTROLS} created" in printed, printed


def test_changes_made_during_the_prompt_are_not_overwritten(program, catalog):
    for path in sorted((catalog / "controls").iterdir())[1:]:
        path.unlink()
    assert on_terminal(program, catalog, ["apply"], b"y\n")[0] == 0
    (catalog / "controls" / "00.yaml").write_text(f"name: {catalog.name} 00\ndescription: new\n")
    client = Boto3(program)
    name = f"{catalog.name} 00"
    listed = client("ListControls", controlType="Custom", maxResults=1000)["controlMetadataList"]
    control = client("GetControl", controlId=next(item["id"] for item in listed if item["name"] == name))["control"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BINARY, "apply"], cwd=catalog, env=environment(program), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(ours, 65536)
    client(
        "UpdateControl", controlId=control["id"], name=name, description="clicked",
        controlMappingSources=control["controlMappingSources"],
    )
    os.write(ours, b"y\n")
    process.stdout.read()
    try:
        while data := os.read(ours, 65536):
            seen += data
    except OSError:
        pass
    assert process.wait(timeout=30) == 2, seen
    process.stdout.close()
    os.close(ours)
    assert b"the account changed since the plan was shown" in seen and name.encode() in seen, seen
    assert client("GetControl", controlId=control["id"])["control"]["description"] == "clicked"


def test_init_prompts_for_values_without_a_flag(program, tmp_path):
    typed = b"house\n\nteam-catalog\ngithub\n"
    code, printed, seen = on_terminal(program, tmp_path, ["init"], typed, question=b"set as a tag")
    assert code == 0, seen
    assert f"Catalog name, set as a tag on its objects [{tmp_path.name}]: " in seen
    assert "Region of Audit Manager (empty for the AWS default): " in seen
    assert "S3 bucket for `push` (empty for none): " in seen
    assert "CI system: github, gitlab or none [none]: " in seen
    assert "wrote .github/workflows/controlsync.yml" in printed
    configuration = (tmp_path / "controlsync.toml").read_text()
    assert 'catalog = "house"' in configuration and 'name = "team-catalog"' in configuration
    assert "[target]" not in configuration
    assert on_terminal(program, tmp_path, ["init", "--yes"])[2] == ""


def test_an_invalid_answer_is_reported(program, catalog, tmp_path):
    code, _, seen = on_terminal(program, catalog, ["apply"], b"\xff\n")
    message = "error: cannot read the answer: stream did not contain valid UTF-8; answer in UTF-8, or use --yes"
    assert code == 2 and message in seen, seen
    code, printed, seen = on_terminal(program, tmp_path, ["init"], b"house\n\n\njenkins\n", question=b"set as a tag")
    assert (code, printed) == (2, ""), seen
    assert 'error: "jenkins" is not a supported CI system: use github, gitlab or none' in seen, seen
