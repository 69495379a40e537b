"""The emulator as a program, and the two third-party clients that use it."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree

import boto3
import botocore.config
from botocore import xform_name

import model

REGION = "us-east-1"
PREFIX = "auditmanager:"
ACCOUNT = "000000000000"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "anything",
    "AWS_SECRET_ACCESS_KEY": "anything",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Program:
    """A running emulator: `$CONTROLSYNC_BIN emulator --port 0 [--state FILE] [--behavior FILE]`."""

    def __init__(self, state=None, behavior=None):
        binary = os.environ.get("CONTROLSYNC_BIN")
        if not binary:
            raise RuntimeError("CONTROLSYNC_BIN must be the path of the program with the subcommand `emulator`")
        arguments = [binary, "emulator", "--port", "0"]
        if state is not None:
            arguments += ["--state", str(state)]
        if behavior is not None:
            arguments += ["--behavior", str(behavior)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if not found:
            self.kill()
            raise RuntimeError(f"the emulator printed {line!r} instead of its URL")
        self.endpoint = found.group()

    def kill(self):
        """Kills it (SIGKILL)."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def http(self, method, path, body=None):
        """Sends a raw request; returns status, headers, and the body as text."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(self.endpoint + path, data=body, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def admin(self, method, path, body=None):
        """Calls a path under `/_emulator/`, which must succeed."""
        status, _, response = self.http(method, f"/_emulator/{path}", body)
        assert status == 200, response
        return json.loads(response)

    def requests(self):
        """The requests so far, with the names of operations without the service."""
        requests = self.admin("GET", "requests")
        return [request | {"operation": request["operation"].removeprefix(PREFIX)} for request in requests]

    def configure(self, **options):
        """Changes options of Audit Manager."""
        self.admin("POST", "options", {"auditManager": options})

    def switch(self, **switches):
        self.configure(switches=switches)

    def fault(self, effect, operation=None, times=1, skip=0):
        operation = operation and PREFIX + operation
        fault = {"effect": effect, "operation": operation, "times": times, "skip": skip}
        self.admin("POST", "faults", fault)

    def boto3(self, service="auditmanager", retries=0, credentials=None, region=REGION, **config):
        """A boto3 client. Every response is checked against the service model. `credentials` are those of AssumeRole."""
        config = botocore.config.Config(retries={"total_max_attempts": retries + 1, "mode": "standard"}, **config)
        session = session_of(credentials)
        client = session.client(service, region_name=region, endpoint_url=self.endpoint, config=config)
        client.meta.events.register(f"before-parse.{client.meta.service_model.service_id.hyphenize()}", check_against_model)
        return client


def session_of(credentials=None):
    """A boto3 session of the home account, or with the credentials of AssumeRole."""
    keys = [credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")] if credentials else ["anything"] * 2
    return boto3.Session(*keys, region_name=REGION)


def check_xml_against_model(operation_model, response_dict):
    """Fails if a response in XML does not match the model."""
    status, text = response_dict["status_code"], response_dict["body"].decode()
    namespace = operation_model.service_model.metadata["xmlNamespace"]
    root = xml.etree.ElementTree.fromstring(text)
    assert all(element.tag.startswith(f"{{{namespace}}}") for element in root.iter()), text
    value = {root.tag.split("}")[1]: of_element(root)}
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    assert headers["content-type"] == "text/xml"
    if status < 300:
        content = value[f"{operation_model.name}Response"]
        assert content.pop("ResponseMetadata") == {"RequestId": headers["x-amzn-requestid"]}
        result = content.pop(f"{operation_model.name}Result")
        assert content == {}
        model.check_output(operation_model.output_shape, result)
        return
    content = value["ErrorResponse"]
    assert content.pop("RequestId") == headers["x-amzn-requestid"]
    assert set(content) == {"Error"} and set(content["Error"]) == {"Type", "Code", "Message"}
    assert content["Error"]["Type"] == ("Sender" if status < 500 else "Receiver")


def of_element(element):
    """The members of an element, or its text."""
    return {child.tag.split("}")[1]: of_element(child) for child in element} or (element.text or "")


def check_against_model(operation_model, response_dict, **_):
    """Fails if a response does not match the model."""
    if operation_model.service_model.metadata["protocol"] == "query":
        check_xml_against_model(operation_model, response_dict)
        return
    status, body = response_dict["status_code"], response_dict["body"]
    body = json.loads(body) if body else {}
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    assert "x-amzn-requestid" in headers
    service_model = operation_model.service_model
    if status < 300:
        assert "x-amzn-errortype" not in headers
        model.check_output(operation_model.output_shape, body)
        return
    in_body = service_model.metadata["protocol"] == "json"
    assert ("x-amzn-errortype" not in headers) if in_body else ("__type" not in body)
    name = body.pop("__type") if in_body else headers["x-amzn-errortype"]
    shapes = {shape.name: shape for shape in service_model.error_shapes}
    if name in shapes:
        # Some models have no member for the message.
        model.check_output(shapes[name], {member: body[member] for member in body if member != "message" or "message" in shapes[name].members})
        # The model says 429, the page of common errors says 400: a switch.
        if name not in ("ThrottlingException", "InternalServerException"):
            assert status == shapes[name].metadata.get("error", {}).get("httpStatusCode", 400)


class Boto3:
    """Calls operations by their model names through boto3."""

    name = "boto3"

    def __init__(self, program):
        self.client = program.boto3()

    def __call__(self, operation, **members):
        response = getattr(self.client, xform_name(operation))(**members)
        response.pop("ResponseMetadata")
        return response


class Cli:
    """Calls operations by their model names through the AWS CLI. `service` is the name of the service there."""

    name = "cli"

    def __init__(self, program, service="auditmanager"):
        self.environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": program.endpoint}
        self.service = service

    def run(self, operation, **members):
        arguments = [sys.executable, "-m", "awscli", self.service, xform_name(operation, "-"), "--output", "json"]
        for name, value in members.items():
            arguments += ["--" + xform_name(name, "-"), value if isinstance(value, str) else json.dumps(value)]
        return subprocess.run(arguments, env=self.environment, capture_output=True, text=True, timeout=60)

    def __call__(self, operation, **members):
        result = self.run(operation, **members)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout) if result.stdout.strip() else {}
