"""Lines of `core`, `aws` and the program that the Rust tests cover: python3 tests/coverage/measure.py [--again] [--missing]

Requires cargo-tarpaulin (`cargo install cargo-tarpaulin --locked`). Builds everything from scratch in target/coverage,
including the AWS SDK. Includes programs that the tests start, except those that they kill. Prints the table of
docs/quality.md, and with --missing the uncovered lines; with --again, uses the data of the last run.
"""

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "target" / "coverage" / "tarpaulin-report.json"
CRATES = {"core": "controlsync-core", "aws": "controlsync-aws", "cli": "controlsync"}


def run():
    ours = ("AWS_", "CONTROLSYNC_", "INSTA_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "INSTA_UPDATE": "no", "CARGO_PROFILE_DEV_DEBUG": "0"}
    command = ["cargo", "tarpaulin", "--engine", "llvm", "--skip-clean", "--locked", "--target-dir", "target/coverage"]
    command += ["--lib", "--bins", "--tests", "--no-fail-fast", "--avoid-cfg-tarpaulin", "--follow-exec", "--timeout", "600"]
    # The coverage of a program that a test starts is only read if the program is named.
    command += ["--objects", str(REPORT.parent / "debug" / "controlsync"), "--out", "Json", "--output-dir", str(REPORT.parent)]
    for directory, crate in CRATES.items():
        command += ["-p", crate, "--include-files", f"crates/{directory}/src/*"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def measured():
    """Yields the lines of each file, and whether a test covers them."""
    for file in json.loads(REPORT.read_text())["files"]:
        path = Path(*file["path"]).relative_to(ROOT)
        yield path, {trace["line"]: any(trace["stats"].values()) for trace in file["traces"]}


def table(files):
    """Prints a row for each directory of a crate, and one for its top-level files."""
    rows = collections.defaultdict(lambda: [0, 0])
    for path, lines in files:
        _, crate, _, *inside = path.parts
        name = f"`{crate}/src/{inside[0]}/`" if len(inside) > 1 else f"`{crate}/src/*.rs`"
        for row in (name, f"`{crate}`, all"):
            rows[row][0] += len(lines)
            rows[row][1] += sum(lines.values())
    print("| part | lines | covered |\n|---|---|---|")
    for name, (all_lines, covered) in sorted(rows.items()):
        if all_lines:
            print(f"| {name} | {all_lines:,} | {100 * covered / all_lines:.1f} % |")


def missing(files):
    for path, lines in files:
        source = (ROOT / path).read_text().splitlines()
        for line in sorted(line for line, covered in lines.items() if not covered):
            print(f"{path}:{line}: {source[line - 1].strip()}")


if __name__ == "__main__":
    if "--again" not in sys.argv:
        run()
    files = sorted(measured())
    table(files)
    if "--missing" in sys.argv:
        missing(files)
