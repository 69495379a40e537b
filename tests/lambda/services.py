"""Stand-ins for AWS: moto for S3, EventBridge, SNS and SQS; the emulator for Audit Manager."""

import os
import re
import subprocess
import sys
import time
import urllib.request

import boto3
import botocore.config
from program import check_against_model

REGION = "us-east-1"
# Shared by all clients, so that service models are loaded once.
SESSION = boto3.Session("anything", "anything", region_name=REGION)
CONFIG = botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"})


def account_client(endpoint):
    """A client of Audit Manager that validates every response against the service model."""
    client = SESSION.client("auditmanager", endpoint_url=endpoint, config=CONFIG)
    client.meta.events.register("before-parse.auditmanager", check_against_model)
    return client


class Moto:
    """A moto server on a free port, started by moto itself or by a script that patches it."""

    def __init__(self, folder, program=("-m", "moto.server"), **environment):
        self.log = folder / "moto.log"
        with self.log.open("wb") as log:
            arguments = [sys.executable, *program, "-H", "127.0.0.1", "-p", "0"]
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, env=os.environ | environment)
        self.address = self.wait_for_address()
        self.endpoint = f"http://{self.address}"
        self.s3, self.sns, self.sqs, self.event_bridge = map(self.client, ("s3", "sns", "sqs", "events"))

    def wait_for_address(self, patience=60):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.process.poll() is None:
            if found := re.search(r"Running on http://(127\.0\.0\.1:\d+)", self.log.read_text()):
                return found.group(1)
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"moto did not print its address, but {self.log.read_text()!r}")

    def reset(self):
        """Deletes all resources."""
        request = urllib.request.Request(f"{self.endpoint}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=30).close()

    def client(self, service):
        return SESSION.client(service, endpoint_url=self.endpoint, config=CONFIG)

    def kill(self):
        self.process.kill()
        self.process.wait()
