"""Directories with conformance packs, as `controlsync export conformance-pack` writes them."""

import json
import os
import re
import subprocess

import boto3
from program import CREDENTIALS
from services import REGION, account_client

KEYS = """name: Keys are rotated
datasources:
  - sourceName: Keys are younger than the limit
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ACCESS_KEYS_ROTATED}
    requiredParameters:
      maxAccessKeyAge: {atMost: 90}
"""
VOLUMES = """name: Volumes are encrypted
datasources:
  - sourceName: Attached volumes are encrypted
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: ENCRYPTED_VOLUMES}
"""
REVIEWS = """name: Access is reviewed
datasources:
  - sourceName: Minutes of the review
    sourceType: MANUAL
"""
CONTROLS = {"keys": KEYS, "volumes": VOLUMES, "reviews": REVIEWS}


class Catalog:
    """A catalog with three controls, and its packs: `house` and `house-manual`."""

    def __init__(self, folder):
        self.folder, self.packs = folder, folder / "packs"
        self.write_all()

    def write_all(self):
        for name, text in CONTROLS.items():
            self.write(name, text)

    def read(self, name):
        return (self.folder / "controls" / f"{name}.yaml").read_text()

    def write(self, name, text):
        path = self.folder / "controls" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def remove(self, name):
        (self.folder / "controls" / f"{name}.yaml").unlink()

    def export(self, *flags):
        flags = flags or ("--manual", "process-check")
        command = [os.environ["CONTROLSYNC_BIN"], "export", "conformance-pack", "--name", "house", *flags]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.packs

    def assess(self, aws):
        """Applies the catalog, and creates an assessment of two of its controls."""
        (self.folder / "frameworks").mkdir()
        controls = "[Keys are rotated, Volumes are encrypted]"
        (self.folder / "frameworks" / "f.yaml").write_text(f"name: House\ncontrolSets:\n  - name: All\n    controls: {controls}\n")
        self.run(aws, "apply", "--yes", "--quiet")
        client = account_client(aws.audit_manager.endpoint)
        [framework] = client.list_assessment_frameworks(frameworkType="Custom")["frameworkMetadataList"]
        seed = {"assessments": [{"name": "This year", "frameworkId": framework["id"], "status": "ACTIVE"}]}
        aws.audit_manager.admin("POST", "seed", seed)

    def run(self, aws, *arguments):
        """Runs the program with the emulator for all services."""
        environment = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": aws.audit_manager.endpoint}
        command = [os.environ["CONTROLSYNC_BIN"], *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def lock(self, change):
        """Changes the lock file."""
        path = self.packs / "packs.lock.json"
        lock = json.loads(path.read_text())
        change(lock)
        path.write_text(json.dumps(lock))


def evidence(aws, catalog, *flags):
    """What `controlsync evidence` prints."""
    return catalog.run(aws, "evidence", *flags)


def config(aws):
    """AWS Config of the emulator."""
    endpoint = aws.audit_manager.endpoint
    return boto3.client("config", REGION, endpoint_url=endpoint, aws_access_key_id="any", aws_secret_access_key="any")


def deployed(aws):
    """The names of the packs in the account, and of their rules."""
    client = config(aws)
    packs = [one["ConformancePackName"] for one in client.describe_conformance_packs()["ConformancePackDetails"]]
    rules = [re.sub("-conformance-pack-.*", "", one["ConfigRuleName"]) for one in client.describe_config_rules()["ConfigRules"]]
    return sorted(packs), sorted(rules)


def of_organization(aws):
    """The packs of the organization."""
    client = aws.client("config")
    statuses = client.describe_organization_conformance_pack_statuses()["OrganizationConformancePackStatuses"]
    names = [one["OrganizationConformancePackName"] for one in statuses]
    found = client.describe_organization_conformance_packs(OrganizationConformancePackNames=names)
    return {one["OrganizationConformancePackName"]: one for one in found["OrganizationConformancePacks"]}


def record(aws):
    """Starts AWS Config of the emulator, which packs need."""
    client, role = config(aws), "arn:aws:iam::000000000000:role/config"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    client.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group})
    client.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
    client.start_configuration_recorder(ConfigurationRecorderName="default")
