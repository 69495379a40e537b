"""An account to which the scripts in cdk/ deploy, with stand-ins for the services around the stack."""

import contextlib
import hashlib
import itertools
import json
import os
import pty
import shutil
import subprocess
import sys
import time
from pathlib import Path

from aws import Aws
from event_source import EventSource
from manifest import version
from services import account_client

ROOT = Path(__file__).parent.parent.parent
DESCRIPTION = "AWS Audit Manager controls as code (controlsync)"


def package(program="sync"):
    """The zip of a function."""
    return Path(os.environ["CONTROLSYNC_LAMBDA"]).parent.with_name(program) / "bootstrap.zip"


def released(folder):
    """A release with the zips of the functions. Returns the URL of its releases, the zip of the first and SHA256SUMS."""
    files = folder / f"v{version()}"
    files.mkdir(parents=True)
    paths = [files / f"controlsync-lambda-{name}v{version()}-x86_64.zip" for name in ("", "evidence-")]
    for path, program in zip(paths, ("sync", "evidence")):
        shutil.copy(package(program), path)
    sums = files / "SHA256SUMS"
    sums.write_text("".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths))
    return folder.as_uri(), paths[0], sums


class Deployment(Aws):
    def __init__(self, folder):
        super().__init__(folder)
        self.numbers = itertools.count()
        # Version 1 of the AWS CLI ignores AWS_ENDPOINT_URL for SQS.
        use_moto = 'if [ "$1" = sqs ]; then set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@"; fi'
        self.programs = folder / "bin"
        self.program("aws", use_moto, Path(sys.executable).with_name("aws"), self.programs)
        self.environment |= {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            # Not the user's.
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
            # The CDK caches account ids there.
            "CDK_HOME": str(folder),
            # Deployments that run at the same time must not share it.
            "CDK_OUTPUT": str(folder / "cdk.out"),
            # The rules of the CDK take seconds each time. A deployment has them if this is None.
            "CDK_VALIDATION": "false",
            "CONTROLSYNC_BIN": os.environ["CONTROLSYNC_BIN"],
            "CONTROLSYNC_PATIENCE": "120",
        }
        if "CARGO_TARGET_DIR" in os.environ:
            self.environment["CARGO_TARGET_DIR"] = str(Path(os.environ["CARGO_TARGET_DIR"]).resolve())

    def program(self, name, first, then, folder=None):
        """Creates a program that wraps another one. Returns a PATH on which it comes first."""
        folder = folder or self.folder / f"bin{next(self.numbers)}"
        folder.mkdir()
        (folder / name).write_text(f'#!/usr/bin/env bash\n{first}\nexec {then} "$@"\n')
        (folder / name).chmod(0o755)
        return f"{folder}:{self.environment['PATH']}"

    @contextlib.contextmanager
    def stack_of_another(self, name, description=None, **arguments):
        """A stack that the scripts did not deploy, for a while."""
        template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
        if description:
            template["Description"] = description
        if parameters := arguments.get("Parameters"):
            template["Parameters"] = {one["ParameterKey"]: {"Type": "String"} for one in parameters}
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), **arguments)
        try:
            yield
        finally:
            cloudformation.delete_stack(StackName=name)

    def start(self, script, *arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **variables):
        environment = {name: value for name, value in (self.environment | variables).items() if value is not None}
        return subprocess.Popen(
            [ROOT / "cdk" / script, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, script, *arguments, **variables):
        """Runs a script. Returns its exit code and its output."""
        process = self.start(script, *arguments, **variables)
        output, _ = process.communicate(timeout=600)
        return process.returncode, output

    @contextlib.contextmanager
    def terminal(self, typed):
        """A terminal on which something was typed."""
        ours, theirs = pty.openpty()
        os.write(ours, typed)
        yield theirs
        os.close(ours)
        os.close(theirs)

    def answer(self, script, *arguments, typed):
        """Runs a script on a terminal, and answers its prompts."""
        with self.terminal(typed) as terminal:
            process = self.start(script, *arguments, stdin=terminal)
            output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def deploy(self, *arguments, stack="controlsync", typed=None, owner=None, **variables):
        """Deploys a stack, and runs its function until the script is done. The answers to its prompts are typed, or it asks
        nothing. Until the script waits for the function, the owner gets what it has printed, again and again. Without one, every
        address confirms its subscriptions at once."""
        owner = owner or (lambda _: self.confirm(stack))
        output = self.folder / f"output{next(self.numbers)}"
        with self.terminal(typed or b"") as terminal, output.open("w") as stdout:
            flags = ["--yes"] if typed is None else []
            process = self.start("deploy.sh", *arguments, *flags, stdin=terminal, stdout=stdout, **variables)
            source = None
            try:
                while source is None and process.poll() is None:
                    time.sleep(0.5)
                    printed = output.read_text()
                    owner(printed)
                    # All files are uploaded. The delay of the queue lets the function wait for them, but here there is none.
                    if "Waiting for the report" in printed and process.poll() is None:
                        source = self.event_source(stack)
                        source.start()
                process.wait(timeout=300)
            finally:
                process.kill()
                if source:
                    source.stop()
        return process.returncode, output.read_text(), source

    def subscriptions(self, output="Topic", stack="controlsync"):
        """The subscriptions to a topic of the stack, by address."""
        topic = self.outputs(stack)[output]
        found = self.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        return {one["Endpoint"]: one["SubscriptionArn"] for one in found if one["SubscriptionArn"] != "Deleted"}

    def confirm(self, stack="controlsync"):
        """Every address confirms its subscriptions. Returns how many."""
        outputs, confirmed = self.outputs(stack), 0
        for output in ("Topic", "AlarmsTopic"):
            for address, arn in (self.subscriptions(output, stack) if output in outputs else {}).items():
                if arn == "PendingConfirmation":
                    self.client("sns").confirm_subscription(TopicArn=outputs[output], Token=address)
                    confirmed += 1
        return confirmed

    def waiting(self, stack="controlsync"):
        """The number of messages in the queue of the stack, if there is one."""
        outputs = self.outputs(stack)
        if not outputs:
            return 0
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=outputs["Queue"], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def event_source(self, stack="controlsync"):
        endpoints = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_AUDITMANAGER": self.audit_manager.endpoint,
        }
        return EventSource(self.client, self.outputs(stack), endpoints, self.folder / f"function{next(self.numbers)}")

    def outputs(self, stack="controlsync"):
        cloudformation = self.client("cloudformation")
        stacks = [one for one in cloudformation.describe_stacks()["Stacks"] if one["StackName"] == stack]
        return {one["OutputKey"]: one["OutputValue"] for found in stacks for one in found.get("Outputs", [])}

    def has_no_stacks(self):
        return self.client("cloudformation").describe_stacks()["Stacks"] == []

    def buckets(self):
        return [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]]

    def subscribe(self, topic, **attributes):
        """Creates a queue that receives what is published to a topic."""
        sqs = self.client("sqs")
        box = sqs.create_queue(QueueName=f"mailbox{next(self.numbers)}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=box, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return box

    def mails(self, box):
        sqs, found = self.client("sqs"), []
        for message in sqs.receive_message(QueueUrl=box, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=box, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
        return found

    def permissions(self):
        """The policy of the deployed function's role, as a string, because moto does not return JSON."""
        iam = self.client("iam")
        role = self.client("lambda").get_function_configuration(FunctionName=self.outputs()["Function"])["Role"]
        name = role.rpartition("/")[2]
        [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
        return str(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])

    def counts(self):
        """The number of custom controls and frameworks in Audit Manager."""
        client = account_client(self.audit_manager.endpoint)
        controls = client.list_controls(controlType="Custom", maxResults=1000)["controlMetadataList"]
        frameworks = client.list_assessment_frameworks(frameworkType="Custom", maxResults=1000)["frameworkMetadataList"]
        return len(controls), len(frameworks)


def rejected(aws, *arguments, code=2, decided=True, **variables):
    """The output of deploy.sh for a new stack, with a decision about its mode, which must change nothing."""
    mode = ["--set", "mode=plan"] if decided else []
    found, output = aws.run("deploy.sh", *mode, *arguments, **variables)
    assert found == code, output
    assert aws.has_no_stacks()
    assert "Building the function" not in output
    return output
