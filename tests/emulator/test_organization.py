"""Two hundred accounts: every one is read, and the program stays small."""

from many_accounts import run, start

CONTROL = """name: Volumes are encrypted
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}
  - sourceName: Root user has MFA
    sourceType: AWS_Security_Hub
    sourceKeyword: {keywordValue: IAM.6}
"""


def test_two_hundred_accounts_need_little_memory(tmp_path):
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls/volumes.yaml").write_text(CONTROL)
    (tmp_path / "frameworks").mkdir()
    (tmp_path / "frameworks/all.yaml").write_text(
        "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Volumes are encrypted]\n"
    )
    program = start(tmp_path, 200)
    try:
        found, memory = run(tmp_path, program)
    finally:
        program.kill()
    assert len(found["accounts"]) == 200 and all(one["read"] for one in found["accounts"])
    [control] = found["controls"]

    def count(source, setup):
        return sum(one["setup"] == setup for one in source["accounts"])

    recorded, hub = control["sources"]
    assert (count(recorded, "not-ready"), count(recorded, "ready")) == (66, 134)
    assert (count(hub, "not-ready"), count(hub, "ready")) == (66, 134)
    assert memory < 200 * 1024 * 1024
