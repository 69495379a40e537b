"""The packaged function as a process, with a Runtime API of its own."""

import os
import queue
import subprocess
import threading
import time
from pathlib import Path

import logs
from runtime_api import RuntimeApi

# Given to the function as credentials: no line of its log may hold them.
ACCESS_KEY = "AKIDNOTFORLOGS"
SECRET_KEY = "secret-that-no-log-may-hold"
SESSION_TOKEN = "token-that-no-log-may-hold"
# Part of the texts of definitions: see definitions.py.
PRIVATE = "words that are between the file and Audit Manager"
FORBIDDEN = (SECRET_KEY, SESSION_TOKEN, PRIVATE)

# Longer than any test lets a run take.
PATIENCE = 60


def binary():
    path = os.environ.get("CONTROLSYNC_LAMBDA")
    if not path:
        raise RuntimeError("CONTROLSYNC_LAMBDA must name the function's program, as crates/lambda/package.sh makes it")
    return path


def base_environment(**variables):
    """What Lambda sets, and nothing of whoever runs the tests."""
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
    """A process of the function. What it writes goes to files, so that nothing is under way when it has answered."""

    def __init__(self, environment, folder: Path):
        folder.mkdir()
        self.api = RuntimeApi()
        self.written = [folder / "stdout", folder / "stderr"]
        self.read = [0, 0]
        streams = [path.open("wb") for path in self.written]
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        self.begun = time.perf_counter()
        self.process = subprocess.Popen([binary()], env=environment, stdout=streams[0], stderr=streams[1], cwd=folder)
        for stream in streams:
            stream.close()

    def is_alive(self):
        return self.process.poll() is None

    def begin(self, event, seconds=300):
        """Gives it an event, without waiting for the answer."""
        return self.api.give(event, seconds)

    def wait(self, invocation, patience=PATIENCE):
        """The answer to an event."""
        end = time.monotonic() + patience
        while True:
            try:
                return invocation.answers.get(timeout=0.2)
            except queue.Empty:
                assert self.is_alive(), f"the function ended with {self.process.returncode}: {self.unchecked()}"
                assert time.monotonic() < end, f"no answer in {patience} s: {self.unchecked()}"

    def invoke(self, event, seconds=300):
        return self.wait(self.begin(event, seconds))

    def unchecked(self):
        return "".join(path.read_text(errors="replace") for path in self.written)[-4000:]

    def lines(self, forbidden=FORBIDDEN):
        """All lines so far, each held against the promises."""
        return [line for path in self.written for line in logs.check(path.read_text(), forbidden)]

    def new_lines(self, forbidden=FORBIDDEN):
        """The lines since the last call, each held against the promises."""
        found = []
        for index, path in enumerate(self.written):
            written = path.read_bytes()[self.read[index] :]
            self.read[index] += len(written)
            found += logs.check(written.decode(), forbidden)
        return found

    def kill(self):
        """Ends it without any notice (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        # A request for the next event may still be open.
        threading.Thread(target=self.api.close, daemon=True).start()
