"""Published schemas, from packages of exact versions that carry them; none is copied into the project."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "schemas"

# crate, version, file. Their own dependencies are downloaded with them, and nothing is compiled.
CRATES = {
    # The schema of OASIS.
    "sarif": ("serde-sarif", "0.8.0", "src/schema.json"),
    # The schema of Jenkins' older model, which lists the elements of a test case in order.
    "junit-4": ("junit-report", "0.9.1", "tests/JUnit.xsd"),
}

# The schema that Jenkins' xUnit plugin holds reports to.
JUNIT_10 = "testing/example_scripts/junit-10.xsd"

# GitLab publishes none in a package. This one is from its documentation:
# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
CODE_QUALITY = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    # Relative to the root of the repository, without `./`.
                    "path": {"type": "string", "pattern": r"^(?!\./|/)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                    },
                },
            },
        },
    },
}


def from_crate(name):
    """The path of a schema in the source of a crate, which cargo downloads where it is not there yet."""
    crate, version, file = CRATES[name]
    folder = FOLDER / crate
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src/lib.rs").touch()
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "schemas"\nedition = "2024"\n[dependencies]\n{crate} = "={version}"\n[workspace]\n'
    )
    command = ["cargo", "metadata", "--quiet", "--format-version=1", f"--manifest-path={folder / 'Cargo.toml'}"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    (manifest,) = [package["manifest_path"] for package in metadata["packages"] if package["name"] == crate]
    return Path(manifest).parent / file


def junit_10():
    """The path of a schema in the source of pytest, of the version that is installed."""
    version = importlib.metadata.version("pytest")
    schema = FOLDER / f"pytest-{version}" / JUNIT_10
    if not schema.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        source = ["--no-deps", "--no-binary=:all:", f"--dest={FOLDER}", f"pytest=={version}"]
        subprocess.run(pip + source, check=True)
        with tarfile.open(FOLDER / f"pytest-{version}.tar.gz") as archive:
            archive.extract(f"pytest-{version}/{JUNIT_10}", FOLDER, filter="data")
    return schema
