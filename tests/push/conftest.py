"""CONTROLSYNC_BIN=path/to/controlsync python -m pytest tests/push

All tests share one moto server for S3. Each test has its own bucket and directory."""

import os
import pty
import select
import subprocess
import uuid

import boto3
import pytest
from moto.server import ThreadedMotoServer

from proxy import Proxy

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def proxy():
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Proxy(f"http://{host}:{port}")
    server.stop()


class Result:
    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def __repr__(self):
        return f"exit code {self.code}\n-- stdout\n{self.stdout}-- stderr\n{self.stderr}"


class World:
    """A directory with a catalog, a bucket, and `controlsync push` from one to the other."""

    def __init__(self, folder, proxy):
        self.folder, self.proxy = folder / "work", proxy
        self.folder.mkdir()
        self.bucket = f"catalog-{uuid.uuid4()}"
        self.s3 = boto3.client(
            "s3", REGION, endpoint_url=proxy.endpoint, aws_access_key_id="any", aws_secret_access_key="any"
        )
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AWS_ENDPOINT_URL_S3": proxy.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_EC2_METADATA_DISABLED": "true",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "CONTROLSYNC_BUCKET": self.bucket,
            "TERM": "xterm",
        }
        proxy.reset()

    def write(self, path, text):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def command(self, *arguments):
        return [os.environ["CONTROLSYNC_BIN"], "push", *arguments]

    def push(self, *arguments, **variables):
        """Runs without a terminal."""
        self.proxy.reset_requests()
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment | variables, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def push_on_terminal(self, *arguments, typed):
        """Runs with a terminal as standard input and error, and answers the prompt."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.command(*arguments), cwd=self.folder, env=self.environment, stdin=theirs, stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        shown, printed, answered = b"", b"", False
        streams = [ours, process.stdout.fileno()]
        while streams:
            ready = select.select(streams, [], [], 60)[0]
            assert ready, shown
            for stream in ready:
                try:
                    data = os.read(stream, 65536)
                except OSError:  # The other side of the terminal is closed.
                    data = b""
                if not data:
                    streams.remove(stream)
                elif stream == ours:
                    shown += data
                else:
                    printed += data
            if not answered and b"[y/N]" in shown:
                os.write(ours, typed)
                answered = True
        code = process.wait(timeout=10)
        process.stdout.close()
        os.close(ours)
        return Result(code, printed.decode(), shown.decode())

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True)

    def keys(self):
        return sorted(item["Key"] for item in self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", []))

    def head(self, key):
        return self.s3.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")

    def content(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()


CATALOG = {
    "controlsync.toml": 'catalog = "team"\n',
    "keywords/AWS_Config.txt": "ACCESS_KEYS_ROTATED\n",
    "controls/a.yaml": "name: A\n",
    "controls/b.yaml": "name: B\n",
    "frameworks/f.yaml": "name: F\ncontrolSets:\n  - name: S\n    controls: [A, B]\n",
}


@pytest.fixture
def empty(tmp_path, proxy):
    return World(tmp_path, proxy)


@pytest.fixture
def world(empty):
    for path, text in CATALOG.items():
        empty.write(path, text)
    return empty
