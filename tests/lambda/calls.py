"""Names the operation of each request, and records the calls of the function, which its permissions follow from."""

import functools
import json
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from services import SESSION


@dataclass
class Call:
    """A request with the name of its operation and, for S3, the key of the object."""

    service: str
    operation: str
    key: str | None
    body: bytes
    # Whether it is sent with the credentials of a role in a member account.
    member: bool = False


def read_call(method, target, headers, body):
    """The operation of a request to S3, SNS or SQS. An unknown one is named after its method and path."""
    path, _, query = target.partition("?")
    parameters = urllib.parse.parse_qs(query, keep_blank_values=True)
    aws_json = headers.get("X-Amz-Target")
    if aws_json:
        return Call("sqs", aws_json.rpartition(".")[2], None, body)
    if found := re.match(rb"(?:.*&)?Action=(\w+)", body):
        return Call("sns", found.group(1).decode(), None, body)
    bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
    if bucket and not key:
        operation = {"GET": "ListObjectsV2" if "list-type" in parameters else "ListObjects"}.get(method)
    else:
        operation = {"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}.get(method)
    return Call("s3", operation or f"{method} {path}", key or None, body)


@functools.cache
def operations_by_path(service):
    """Methods, path patterns and names of the operations of a service, from its model."""
    model = SESSION.client(service, endpoint_url="http://127.0.0.1").meta.service_model
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        # Of all path parameters, only an ARN contains a slash, encoded or not.
        path = re.sub(r"\{(\w+)[+]?\}", lambda label: ".+" if "Arn" in label[1] else "[^/]+", http["requestUri"])
        found.append((http["method"], re.compile(path.partition("?")[0]), name))
    return found


# Key, date and Region of the credentials, and the service that a request is signed for.
SIGNED = re.compile(r"Credential=(\w+)/\d+/[\w-]+/(\w+)/aws4_request")


def read_account_call(method, target, headers, body):
    """The operation of a request to a service of the emulator, which has its own account and others."""
    key, service = SIGNED.search(headers["Authorization"]).groups()
    # The emulator gives out keys that begin like this.
    member = key.startswith("ASIA")
    if aws_json := headers.get("X-Amz-Target"):
        return Call(service, aws_json.rpartition(".")[2], None, body, member)
    if found := re.match(rb"(?:.*&)?Action=(\w+)", body):
        return Call(service, found.group(1).decode(), None, body, member)
    path = target.partition("?")[0]
    named = [name for verb, paths, name in operations_by_path(service) if verb == method and paths.fullmatch(path)]
    return Call(service, named[0] if len(named) == 1 else f"{method} {path}", None, body, member)


class Record:
    """The calls of tests in plan mode, of tests in which at least one function is in apply mode, of the function `evidence`, and of
    that in member accounts."""

    def __init__(self):
        self.called = {"plan": set(), "apply": set(), "evidence": set(), "member": set()}

    def add(self, modes, calls):
        """Adds the calls of a test whose functions had these modes. Without a mode, a function is in plan mode."""
        if modes == {"evidence"}:
            mode = "evidence"
        else:
            mode = "plan" if {mode or "plan" for mode in modes} <= {"plan"} else "apply"
        for call in calls:
            self.called["member" if call.member else mode].add((call.service, call.operation))

    def write(self, folder, process):
        """Writes one file per test process."""
        text = json.dumps({mode: sorted(called) for mode, called in self.called.items()}, indent=2)
        Path(folder, f"{process}.json").write_text(f"{text}\n")


def remove_earlier(folder):
    """Creates the directory, and removes the records of earlier tests."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
