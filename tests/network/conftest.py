"""CONTROLSYNC_BIN=path/to/controlsync python -m pytest tests/network

The program behind a proxy with its own CA. The proxy leads to the emulator and to moto's S3."""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

import networks

sys.path.append(str(Path(__file__).parents[1] / "emulator"))
from program import Program  # noqa: E402

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def buckets():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


class Network:
    def __init__(self, folder, buckets):
        self.folder, self.home = folder / "catalog", folder / "home"
        (self.folder / "controls").mkdir(parents=True)
        self.home.mkdir()
        (self.folder / "controls" / "backup.yaml").write_text("name: Backups are made\n")
        self.account = Program()
        account = urlsplit(self.account.endpoint)
        self.authority = networks.Authority(folder)
        self.proxy = networks.Proxy(
            self.authority, {"auditmanager.": (account.hostname, account.port), ".s3.": buckets}
        )
        bucket = f"catalog-{uuid.uuid4()}"
        endpoint = f"http://{buckets[0]}:{buckets[1]}"
        keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
        s3 = boto3.client("s3", REGION, endpoint_url=endpoint, **keys)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.authority.bundle),
            "HTTPS_PROXY": self.proxy.url,
            "CONTROLSYNC_BUCKET": bucket,
        }

    def run(self, *arguments, **variables):
        """Runs the program; a variable that is `None` is unset."""
        environment = {name: value for name, value in (self.environment | variables).items() if value is not None}
        return subprocess.run(
            [os.environ["CONTROLSYNC_BIN"], *arguments],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        )

    def close(self):
        self.proxy.close()
        self.account.kill()


@pytest.fixture
def network(tmp_path, buckets):
    network = Network(tmp_path, buckets)
    yield network
    network.close()
