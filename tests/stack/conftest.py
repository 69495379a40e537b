"""Tests of the stack: templates from the real CDK, deployments to moto, and consistency with the function.

    CONTROLSYNC_LAMBDA=target/lambda/sync/bootstrap CONTROLSYNC_BIN=target/debug/controlsync \\
        CONTROLSYNC_CALLS=target/calls python -m pytest tests/stack
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CDK = ROOT / "cdk"
# The emulator as a program; the function as a process; a PATH without some programs.
sys.path += [str(ROOT / "tests" / name) for name in ("emulator", "lambda", "integrations")]

from deployment import Deployment, package
from template import Template

# Every setting except `existingBucket` and those of the evidence function.
EVERYTHING = {
    "catalog": "house",
    "mode": "apply",
    "prefix": "teams/audit",
    "adopt": "all",
    "drift": "repair",
    "onRemove": "delete",
    "maxDeletes": "3",
    "notify": "changes",
    "emails": "owners@example.com",
    "eventsTopic": "true",
    "schedule": "rate(6 hours)",
    "rate": "5",
    "quotas": "custom_controls=800",
    "retention": "365",
    "kmsKey": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}
# Every setting of the evidence function.
EVIDENCE = {"evidence": "true", "evidenceSchedule": "rate(12 hours)", "memberRole": "audit/evidence", "externalId": "house:evidence"}
# With which it writes reports.
REPORTS = {"evidenceReports": "true", "reportDays": "800", "aggregator": "organization"}


@pytest.fixture(scope="session")
def synth(tmp_path_factory):
    """Templates from `cdk synth`, by settings."""
    templates = {}

    def synth(**settings):
        key = json.dumps(settings)
        if key not in templates:
            folder = tmp_path_factory.mktemp("synth")
            context = [f"controlsync:{name}={value}" for name, value in settings.items()]
            command = ["node_modules/.bin/cdk", "synth", "--quiet", "--output", str(folder)]
            for one in [f"package={package()}", f"evidencePackage={package('evidence')}", *context]:
                command += ["-c", one]
            # The rules of the CDK take seconds. The tests of the templates have them.
            environment = os.environ | {"CDK_VALIDATION": "false"}
            done = subprocess.run(command, cwd=CDK, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            templates[key] = Template(json.loads((folder / "controlsync.template.json").read_text()))
        return templates[key]

    return synth


@pytest.fixture(scope="session")
def full(synth):
    return synth(**EVERYTHING)


@pytest.fixture(scope="session")
def with_evidence(synth):
    return synth(**EVERYTHING, **EVIDENCE, **REPORTS)


@pytest.fixture(scope="session")
def without_reports(synth):
    return synth(**EVERYTHING, **EVIDENCE)


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """An account of its own for each file, to which the scripts deploy."""
    aws = Deployment(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.kill()
