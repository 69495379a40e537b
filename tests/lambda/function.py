"""The packaged function as a process, with its own Runtime API."""

import os
import queue
import subprocess
import threading
import time
from pathlib import Path

import logs
from runtime_api import RuntimeApi

# Credentials of the function. They must not appear in its log.
ACCESS_KEY = "AKIDNOTFORLOGS"
SECRET_KEY = "secret-that-must-not-be-logged"
SESSION_TOKEN = "token-that-must-not-be-logged"
# Part of all texts in definitions.py. It must not appear in the log.
PRIVATE = "words that must not be logged"
FORBIDDEN = (SECRET_KEY, SESSION_TOKEN, PRIVATE)

# Longer than a run takes in any test.
PATIENCE = 60


def binary(program):
    path = os.environ.get("CONTROLSYNC_LAMBDA")
    if not path:
        raise RuntimeError("CONTROLSYNC_LAMBDA must name the bootstrap binary of sync that crates/lambda/package.sh builds")
    # The other functions are beside it.
    return Path(path).parent.parent / program / "bootstrap"


def base_environment(**variables):
    """The variables that Lambda sets, and none of the user's."""
    return {
        "AWS_LAMBDA_FUNCTION_NAME": "controlsync",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/controlsync",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        **variables,
    }


class Function:
    """A process of the function. Its output goes to files, so that all of it is readable once it has responded."""

    def __init__(self, environment, folder: Path, program="sync"):
        folder.mkdir()
        self.api = RuntimeApi()
        self.written = [folder / "stdout", folder / "stderr"]
        self.read = [0, 0]
        streams = [path.open("wb") for path in self.written]
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        self.started = time.perf_counter()
        self.process = subprocess.Popen([binary(program)], env=environment, stdout=streams[0], stderr=streams[1], cwd=folder)
        for stream in streams:
            stream.close()

    def is_alive(self):
        return self.process.poll() is None

    def start(self, event, seconds=300):
        """Sends an event without waiting for the response."""
        return self.api.give(event, seconds)

    def wait(self, invocation, patience=PATIENCE):
        """The response to an event."""
        end = time.monotonic() + patience
        while True:
            try:
                return invocation.answers.get(timeout=0.2)
            except queue.Empty:
                assert self.is_alive(), f"the function exited with {self.process.returncode}: {self.unchecked()}"
                assert time.monotonic() < end, f"no response within {patience} s: {self.unchecked()}"

    def invoke(self, event, seconds=300):
        return self.wait(self.start(event, seconds))

    def unchecked(self):
        return "".join(path.read_text(errors="replace") for path in self.written)[-4000:]

    def lines(self, forbidden=FORBIDDEN):
        """All lines so far, validated."""
        return [line for path in self.written for line in logs.check(path.read_text(), forbidden)]

    def new_lines(self, forbidden=FORBIDDEN):
        """The lines since the last call, validated."""
        found = []
        for index, path in enumerate(self.written):
            written = path.read_bytes()[self.read[index] :]
            self.read[index] += len(written)
            found += logs.check(written.decode(), forbidden)
        return found

    def kill(self):
        """Kills it without warning (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        # A request for the next event may still be open.
        threading.Thread(target=self.api.close, daemon=True).start()
