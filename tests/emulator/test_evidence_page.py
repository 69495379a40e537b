"""Pages of docs/guide that are transcripts: their commands run in order, and the pages show the output. `<!-- catalog: sample -->` is for those
that are run in a checkout of the repository.

Run with UPDATE_PAGES=1 to write the output into the page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from program import Program

PAGES = {
    "docs/guide/compliance.md": ["Sample DataSecurity Framework  50% (4 of 8)", "34 controls, "],
    "docs/guide/packs.md": ["error[config-rule-not-deployed]", "Gaps: 1 data source (1 cloudtrail-event)", "Wrote 5 files.", "2 controls: 2 ready"],
    "docs/guide/evidence.md": ["recorder-off", "2 waiting", "2 ready", "collecting, ", "error[weaker-parameter]"],
    "docs/guide/organization.md": ["read 3 of 4 accounts", "cannot be assumed", "not-ready 2, unknown 1, ready 1", "ready 2, excepted 2"],
}
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_shows_what_its_commands_print(name, tmp_path):
    root = Path(__file__).parent.parent.parent
    path = root / name
    page = path.read_text(encoding="utf-8")
    if "<!-- catalog: sample -->" in page:
        for folder in ("controls", "frameworks"):
            shutil.copytree(root / folder, tmp_path / folder)
        (tmp_path / "docs/guide").mkdir(parents=True)
        shutil.copy(root / "docs/guide/sample-account.json", tmp_path / "docs/guide")
    programs = f"{Path(os.environ['CONTROLSYNC_BIN']).parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": programs, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    program = None
    shell = subprocess.Popen(
        ["bash", "-eu"], cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )
    outputs = []

    def run(script):
        shell.stdin.write(f"{{ {script}\n}} || true\necho; echo END-OF-OUTPUT\n")
        shell.stdin.flush()
        lines = []
        while (line := shell.stdout.readline()) not in ("END-OF-OUTPUT\n", ""):
            lines.append(line)
        return "".join(lines)[:-1]

    def shown(block):
        nonlocal program
        language, file, body = block.groups()
        if file:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(body)
        elif language == "sh" and body.startswith("controlsync emulator"):
            state = re.search(r"--state (\S+)", body)
            program = Program(state and tmp_path / state[1])
        elif language == "sh":
            # Commands with `--local` need the state that the emulator keeps.
            if program and " --local" in body:
                program.kill()
                program = None
            outputs.append(run(body.replace("http://127.0.0.1:4571", program.endpoint if program else "http://127.0.0.1:1")))
        elif language == "text":
            return f"```text\n{outputs.pop()}```"
        return block.group()

    try:
        updated = BLOCK.sub(shown, page)
    finally:
        shell.kill()
        shell.wait()
        if program:
            program.kill()
    if os.environ.get("UPDATE_PAGES"):
        path.write_text(updated, encoding="utf-8")
    assert updated == path.read_text(encoding="utf-8"), "UPDATE_PAGES=1 writes the output into the page"
    for expected in PAGES[name]:
        assert expected in updated, expected
