"""An organization of any size on the emulator, and the program that reads its evidence."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import ACCOUNT, CREDENTIALS, Program

ROLE = "controlsync-evidence"
# Rules of AWS Config in each account, besides those that no source needs.
IDENTIFIERS = ["ENCRYPTED_VOLUMES", "ACCESS_KEYS_ROTATED", "IAM_PASSWORD_POLICY", "ROOT_ACCOUNT_MFA_ENABLED", "S3_BUCKET_VERSIONING_ENABLED"]


@contextlib.contextmanager
def sample_catalog():
    """A directory with the sample catalog, for a while."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("controls", "frameworks"):
            shutil.copytree(Path(__file__).parent.parent.parent / part, Path(folder, part))
        yield Path(folder)


def services(number, rules):
    """An account; of three, one has no recorder that records, and one has Security Hub off."""
    many = [
        {"ConfigRuleName": f"rule-{index}", "Source": {"Owner": "AWS", "SourceIdentifier": IDENTIFIERS[index % len(IDENTIFIERS)]}}
        for index in range(rules)
    ]
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    return {
        "config": {
            "recorders": [{"name": "default", "recording": number % 3 != 1, "recordingGroup": group}],
            "rules": many,
        },
        "securityHub": {"enabled": number % 3 != 2, "standards": [{"standard": "FSBP"}] if number % 3 != 2 else []},
    }


def start(folder, size, rules=100):
    """An emulator with the catalog of a folder applied, and an assessment with this number of accounts."""
    program = Program()
    execute(folder, program, "apply", "--yes", "--adopt", "all")
    listed = program.boto3().list_assessment_frameworks(frameworkType="Custom")["frameworkMetadataList"]
    members = [f"{200_000_000_000 + number:012}" for number in range(1, size)]
    program.admin("POST", "seed", {
        **services(0, rules),
        "assessments": [
            {"name": framework["name"], "frameworkId": framework["id"], "accounts": [ACCOUNT, *members]} for framework in listed
        ],
    })
    for first in range(0, len(members), 50):
        accounts = {
            member: {"roles": {ROLE: {}}, **services(first + index, rules)}
            for index, member in enumerate(members[first : first + 50])
        }
        program.admin("POST", "seed", {"accounts": accounts})
    program.admin("POST", "time", {"passHours": 48})
    return program


# Starts a program, and writes the most memory that it had as the last line of its errors. A process starts with the figure of the one
# that forks it, so that a small one does.
LAUNCHER = """
import os, sys
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(usage.ru_maxrss * 1024, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def execute(folder, program, *arguments, timeout=300):
    """Runs the program; returns its output and the most memory that it had, in bytes."""
    environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": program.endpoint, "AWS_ACCOUNT_ID": ACCOUNT}
    command = [sys.executable, "-S", "-c", LAUNCHER, os.environ["CONTROLSYNC_BIN"], *arguments]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout, int(ran.stderr.splitlines()[-1])


def run(folder, program):
    """The evidence of all accounts, and the most memory that the program had, in bytes."""
    output, memory = execute(folder, program, "evidence", "--role", ROLE, "--refresh", "--format", "json")
    return json.loads(output), memory
