"""What stands in for AWS while a stack is deployed: moto with its CloudFormation, and the emulator of Audit Manager."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from program import ACCOUNT, CREDENTIALS, Program
from services import CONFIG, REGION, SESSION

HERE = Path(__file__).parent


class Aws:
    """An account with nothing in it."""

    def __init__(self, folder):
        self.folder, self.clients = folder, {}
        log = (folder / "moto.log").open("wb")
        arguments = [sys.executable, str(HERE / "moto_server.py"), "-H", "127.0.0.1", "-p", "0"]
        # The account of the emulator.
        self.moto = subprocess.Popen(arguments, stdout=log, stderr=log, env=os.environ | {"MOTO_ACCOUNT_ID": ACCOUNT})
        log.close()
        self.endpoint = f"http://127.0.0.1:{self.port()}"
        self.audit_manager = Program()
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME") if name in os.environ},
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_AUDITMANAGER": self.audit_manager.endpoint,
        }

    def port(self, patience=60):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.moto.poll() is None:
            if found := re.search(r"Running on http://127\.0\.0\.1:(\d+)", (self.folder / "moto.log").read_text()):
                return found.group(1)
            time.sleep(0.02)
        raise RuntimeError(f"moto did not say where it listens, but {(self.folder / 'moto.log').read_text()!r}")

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = SESSION.client(service, endpoint_url=self.endpoint, config=CONFIG)
        return self.clients[service]

    def kill(self):
        self.moto.kill()
        self.moto.wait()
        self.audit_manager.kill()
