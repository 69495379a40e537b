#!/usr/bin/env python3
"""Prepares a release: writes its version to every file that names it, and dates its section of the changelog. Commits nothing."""

import argparse
import datetime
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What stands before the version where a file names the current one.
NAMED_AFTER = ["/controlsync@v", "@COMMIT # v", "rev: v", "ref: v", "CONTROLSYNC_VERSION: ", "controlsync==", "controlsync "]
PLACEHOLDER = "OWNER"


def files():
    """The text files of the repository. Those of a release have placeholders and patterns of their own, the changelog is history."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in listed.split("\0"):
        if name and name != "CHANGELOG.md" and not name.startswith("release/"):
            try:
                yield ROOT / name, (ROOT / name).read_bytes().decode()
            except UnicodeDecodeError:
                continue


def with_version(path, text, before, version):
    for named in NAMED_AFTER:
        text = re.sub(f"({re.escape(named)}){re.escape(before)}(?![0-9.])", rf"\g<1>{version}", text)
    # Of a manifest, only the version of the package itself.
    if path.relative_to(ROOT).as_posix() in ("Cargo.toml", "integrations/pre-commit/pyproject.toml"):
        text = re.sub(f'^version = "{re.escape(before)}"$', f'version = "{version}"', text, count=1, flags=re.MULTILINE)
    return text


def with_owner(text, owner):
    # Templates have a comment on the placeholder.
    text = re.sub(rf"^# Replace {PLACEHOLDER} with .*\n", "", text, flags=re.MULTILINE)
    return text.replace(f"{PLACEHOLDER}/controlsync", f"{owner}/controlsync")


def dated(changelog, version, today):
    if f"\n## [{version}]" in changelog:
        return changelog
    return changelog.replace("\n## [Unreleased]\n", f"\n## [Unreleased]\n\n## [{version}] - {today}\n", 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="such as 1.2.3")
    parser.add_argument("--owner", help="who owns the repository, in place of the placeholder; needed once, before the first release")
    arguments = parser.parse_args()
    version = arguments.version.removeprefix("v")
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        parser.error(f"{version} is not a version: use one such as 1.2.3")
    if arguments.owner is not None and not re.fullmatch(r"[A-Za-z0-9-]+", arguments.owner):
        parser.error(f"{arguments.owner} is not the name of a GitHub user or organization")
    [before] = re.findall(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    for path, text in files():
        new = with_version(path, text, before, version)
        if arguments.owner is not None:
            new = with_owner(new, arguments.owner)
        if new != text:
            path.write_bytes(new.encode())
            print(path.relative_to(ROOT))
    # The lock file names the packages of the workspace.
    subprocess.run(["cargo", "update", "--workspace", "--offline", "--quiet"], cwd=ROOT, check=True)
    changelog = ROOT / "CHANGELOG.md"
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    changelog.write_text(dated(changelog.read_text(encoding="utf-8"), version, today), encoding="utf-8")


if __name__ == "__main__":
    main()
