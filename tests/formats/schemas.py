"""Published schemas, from exact versions of packages that contain them. None is copied into the repository."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DIRECTORY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "schemas"

# Crate, version, file. Their dependencies are downloaded too; nothing is compiled.
CRATES = {
    # The schema of OASIS.
    "sarif": ("serde-sarif", "0.8.0", "src/schema.json"),
    # The schema of Jenkins' older model, in which the elements of a test case are ordered.
    "junit-4": ("junit-report", "0.9.1", "tests/JUnit.xsd"),
}

# The schema with which Jenkins' xUnit plugin validates reports.
JUNIT_10 = "testing/example_scripts/junit-10.xsd"

# GitLab does not publish a schema in a package. This one is from its documentation:
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
    """Returns the path of a schema in the source of a crate, which cargo downloads if necessary."""
    crate, version, file = CRATES[name]
    directory = DIRECTORY / crate
    (directory / "src").mkdir(parents=True, exist_ok=True)
    (directory / "src/lib.rs").touch()
    (directory / "Cargo.toml").write_text(
        f'[package]\nname = "schemas"\nedition = "2024"\n[dependencies]\n{crate} = "={version}"\n[workspace]\n'
    )
    command = ["cargo", "metadata", "--quiet", "--format-version=1", f"--manifest-path={directory / 'Cargo.toml'}"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    (manifest,) = [package["manifest_path"] for package in metadata["packages"] if package["name"] == crate]
    return Path(manifest).parent / file


def junit_10():
    """Returns the path of a schema in the source of the installed version of pytest."""
    version = importlib.metadata.version("pytest")
    schema = DIRECTORY / f"pytest-{version}" / JUNIT_10
    if not schema.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        source = ["--no-deps", "--no-binary=:all:", f"--dest={DIRECTORY}", f"pytest=={version}"]
        subprocess.run(pip + source, check=True)
        with tarfile.open(DIRECTORY / f"pytest-{version}.tar.gz") as archive:
            archive.extract(f"pytest-{version}/{JUNIT_10}", DIRECTORY, filter="data")
    return schema
