"""The plan as Markdown, read by an independent parser: strings of controls stay text."""

import json
import os
import re
import subprocess

import pytest
from markdown_it import MarkdownIt

BINARY = os.environ["CONTROLSYNC_BIN"]
OURS = re.compile(r"</?(details|summary|code|p)( open)?>|<!-- controlsync plan [^<>]* -->")
HOSTILE = [
    "</details><script>alert(1)</script>",
    "```\n</details>\n```",
    "````````\n# heading\n[link](https://example.org)",
    "@octo/team octo/controls#1 https://example.org www.example.org",
    "| a | b |\n|---|---|\n<img src=x onerror=y>",
    "<!-- --> ![x](y) *b* _i_ ~~s~~ `c` &lt;b&gt; \\<b>",
    "x" * 1000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_strings_of_controls_stay_text(tmp_path, text):
    name = text.replace("\n", " ").replace("\\", "/")[:300]
    control = {"name": name, "description": text, "tags": {"A": text.replace("\n", " ")[:255]}}
    framework = {"name": name, "controlSets": [{"name": "Set", "controls": [name, "missing " + name[:200]]}]}
    for kind, definition in (("controls", control), ("frameworks", framework)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.json").write_text(json.dumps(definition))
    (tmp_path / "controls" / "other.json").write_text(json.dumps({"name": "other", "description": "first"}))
    run = lambda *arguments: subprocess.run(
        [BINARY, *arguments, "--local"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    ).stdout
    run("apply")
    for path in tmp_path.glob("controls/*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"description": text, "testingInformation": text}))
    shown = run("plan", "--format", "markdown") + run("apply", "--format", "markdown")
    assert "testingInformation" in shown
    html, links = [], []
    pending = list(MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(shown))
    while pending:
        token = pending.pop()
        pending += token.children or []
        if token.type in ("html_block", "html_inline"):
            html.append(token.content)
        if token.type in ("link_open", "image"):
            links.append(token)
    assert not links
    for piece in html:
        left = OURS.sub("", piece)
        assert "<" not in left and ">" not in left, piece
        for inside in re.findall(r"<summary>(.*?)</summary>", piece, re.DOTALL):
            assert "@" not in inside, piece
