"""Stand-ins for AWS while a stack is deployed: moto with its CloudFormation, and the emulator for Audit Manager."""

import functools
import os
from pathlib import Path

from program import ACCOUNT, CREDENTIALS, Program
from services import REGION, Moto

HERE = Path(__file__).parent


class Aws:
    """An empty account."""

    def __init__(self, folder):
        self.folder = folder
        self.audit_manager = Program()
        # The account id of the emulator, and where it is.
        variables = {"MOTO_ACCOUNT_ID": ACCOUNT, "CONTROLSYNC_EMULATOR": self.audit_manager.endpoint}
        self.moto = Moto(folder, [str(HERE / "moto_server.py")], **variables)
        self.endpoint = self.moto.endpoint
        # One client per service, because creating one is slow.
        self.client = functools.cache(self.moto.client)
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME") if name in os.environ},
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_AUDITMANAGER": self.audit_manager.endpoint,
        }

    def kill(self):
        self.moto.kill()
        self.audit_manager.kill()
