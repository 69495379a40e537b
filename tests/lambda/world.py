"""The environment of the function: a bucket, EventBridge, the queue, topics with subscribers, and an account."""

import json
import re
import uuid
from dataclasses import dataclass

from botocore.exceptions import ClientError
from events import BUCKET, bridge, documented, scheduled
from program import Program
from queues import Queue
from services import account_client
from wiring import DEAD_LETTERS, MAX_RECEIVES, QUEUE, pattern

CATALOG = "house"
STATE = ".controlsync/state.json"

WRITES = re.compile("(Create|Update|Delete|Tag|Untag)")


@dataclass
class Message:
    """A message that a subscriber of a topic received."""

    subject: str | None
    text: str
    attributes: dict

    @property
    def document(self):
        return json.loads(self.text)


class World:
    """New for each test. The processes of the function and the servers are shared."""

    def __init__(self, moto, proxy, account_proxy, start):
        self.proxy, self.account_proxy, self.start = proxy, account_proxy, start
        self.s3, self.sns, self.sqs, self.event_bridge = moto.s3, moto.sns, moto.sqs, moto.event_bridge
        self.dead_letters = Queue(self.sqs, "dead-letters.fifo", **DEAD_LETTERS)
        redrive = {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": str(MAX_RECEIVES)}
        self.queue = Queue(self.sqs, "uploads.fifo", RedrivePolicy=redrive, **QUEUE)
        # Events that match the EventBridge rule, until they are delivered to the queue.
        self.matched = Queue(self.sqs, "matched")
        self.topic, self.mailbox = self.make_topic("reports-mail")
        self.events_topic, self.eventbox = self.make_topic("reports-json")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.notify(EventBridgeConfiguration={})
        self.set_rule(pattern(BUCKET))
        self.account = Program()
        self.audit_manager = account_client(self.account.endpoint)
        self.account_proxy.upstream = self.account.endpoint.removeprefix("http://")

    def close(self):
        self.account.kill()

    # The resources.

    def make_topic(self, name):
        """A topic, and the queue that subscribes to it."""
        topic, box = self.sns.create_topic(Name=name)["TopicArn"], Queue(self.sqs, f"{name}-box")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=box.arn)
        return topic, box

    def notify(self, **configuration):
        """Sets the notification configuration of the bucket."""
        self.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)

    def set_rule(self, event_pattern):
        """Sets the event pattern of the EventBridge rule."""
        self.event_bridge.put_rule(Name="uploads", EventPattern=json.dumps(event_pattern))
        self.event_bridge.put_targets(Rule="uploads", Targets=[{"Id": "matched", "Arn": self.matched.arn}])

    def bypass_event_bridge(self):
        """Uses another wiring than the stack: the bucket notifies a standard queue of every object."""
        self.queue = Queue(self.sqs, "notifications", VisibilityTimeout=QUEUE["VisibilityTimeout"])
        events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        self.notify(QueueConfigurations=[{"QueueArn": self.queue.arn, "Events": events}])
        # S3 sends a test event, and so does moto.
        self.queue.discard()

    # The bucket.

    def upload(self, key, text, **metadata):
        body = text if isinstance(text, bytes) else text.encode()
        metadata = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)

    def remove(self, key):
        """Removes an object; its versions stay. moto sends no event for that, so this does."""
        marker = self.s3.delete_object(Bucket=BUCKET, Key=key)
        self.announce(key, "Object Deleted", marker.get("VersionId"))

    def announce(self, key, kind="Object Created", version=None):
        """Sends an EventBridge event about an object, which need not exist."""
        event = bridge(key, kind=kind, version=version)
        entry = {"Source": event["source"], "DetailType": kind, "Detail": json.dumps(event["detail"])}
        answer = self.event_bridge.put_events(Entries=[{**entry, "Resources": event["resources"]}])
        assert answer["FailedEntryCount"] == 0

    def state(self, prefix=""):
        """The state that the function saved, or None if there is none."""
        try:
            return json.loads(self.s3.get_object(Bucket=BUCKET, Key=prefix + STATE)["Body"].read())
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"
            return None

    # The queue.

    def deliver_events(self):
        """Delivers the events that match the rule to the queue, in the form that AWS documents."""
        while messages := self.matched.receive():
            for message in messages:
                self.queue.send(documented(json.loads(message["Body"])))
            self.matched.forget(messages)

    def send(self, event, identity=None):
        """Adds a message to the queue, after all earlier events."""
        self.deliver_events()
        self.queue.send(event, identity)

    def next_batch(self, receives=None):
        """The event of the next batch. Its messages stay in the queue, hidden, and block the others."""
        self.deliver_events()
        messages = self.queue.receive()
        assert messages, "the queue is empty or blocked"
        return self.queue.batch(messages, receives)

    def show_again(self):
        """Ends the visibility timeout of the messages in flight."""
        self.queue.show_again()

    def discard_messages(self):
        """Deletes all pending messages, as if they had never been sent."""
        self.deliver_events()
        self.queue.discard()

    # The function.

    def environment(self, **variables):
        """The environment variables of the function. Names are without CONTROLSYNC_; None leaves a variable unset."""
        ours = {
            "BUCKET": BUCKET,
            "TOPIC_ARN": self.topic,
            "EVENTS_TOPIC_ARN": self.events_topic,
            "QUEUE_URL": self.queue.url,
            "CATALOG": CATALOG,
            "MODE": "apply",
            "RATE": "20",
            **variables,
        }
        environment = {
            "AWS_ENDPOINT_URL_AUDITMANAGER": self.account_proxy.endpoint,
            # Only one test is about the retries of the SDK.
            "AWS_MAX_ATTEMPTS": "1",
        }
        environment |= {f"AWS_ENDPOINT_URL_{service}": self.proxy.endpoint for service in ("S3", "SNS", "SQS")}
        return environment | {f"CONTROLSYNC_{name}": value for name, value in ours.items() if value is not None}

    def function(self, fresh=False, **variables):
        """A process of the function with these variables. It may be shared with other tests, unless it is `fresh`: then
        it ends with the test."""
        return self.start(self.environment(**variables), fresh)

    def invoke(self, event, seconds=300, **variables):
        """The response of the function to an event."""
        return self.function(**variables).invoke(event, seconds)

    def drain(self, seconds=300, **variables):
        """Processes the queue batch by batch, as Lambda does, until it is empty or something is sent back. Returns the
        last response."""
        self.show_again()
        event = self.next_batch()
        while True:
            answer = self.invoke(event, seconds, **variables)
            self.queue.settle(event, answer)
            self.deliver_events()
            messages = [] if self.queue.in_flight else self.queue.receive()
            if not messages:
                return answer
            event = self.queue.batch(messages)

    def retry(self, event, seconds=300, **variables):
        """Redelivers the messages of an event in a new batch. Returns the response."""
        self.show_again()
        batch = self.next_batch()
        assert {one["messageId"] for one in event["Records"]} <= {one["messageId"] for one in batch["Records"]}
        answer = self.invoke(batch, seconds, **variables)
        self.queue.settle(batch, answer)
        return answer

    def put(self, files, seconds=300, **variables):
        """Uploads files and processes the queue. Nothing may be sent back."""
        for key, text in files.items():
            self.upload(key, text)
        answer = self.drain(seconds, **variables)
        assert answer.sent_back == set()
        return answer

    def schedule(self, **variables):
        """The daily run, through the queue. Nothing may be sent back."""
        answer = self.run_schedule(**variables)
        assert answer.sent_back == set()
        return answer

    def run_schedule(self, **variables):
        """The daily run, through the queue. It may fail."""
        self.send(scheduled())
        return self.drain(**variables)

    def ask(self, action, **variables):
        """Requests an action through the queue, with a unique deduplication id."""
        self.send({"action": action}, identity=str(uuid.uuid4()))
        return self.drain(**variables)

    # The subscribers.

    def messages(self, box):
        """The messages that a subscriber received since the last call, the oldest first."""
        found = []
        while messages := box.receive():
            for message in messages:
                body = json.loads(message["Body"])
                attributes = {name: value["Value"] for name, value in body.get("MessageAttributes", {}).items()}
                found.append(Message(body.get("Subject"), body["Message"], attributes))
            box.forget(messages)
        return found

    def mails(self):
        return self.messages(self.mailbox)

    def events(self):
        return self.messages(self.eventbox)

    def mail(self):
        """The only mail since the last call."""
        [mail] = self.mails()
        return mail

    def event(self):
        """The only JSON document since the last call."""
        [event] = self.events()
        return event.document

    def assert_silent(self):
        """Checks that nothing was sent since the last call."""
        assert [mail.subject for mail in self.mails()] == []
        assert [event.text for event in self.events()] == []

    # The account.

    def controls(self):
        """The custom controls of the account, with all details, by name. Names must be unique."""
        listed = self.listed("list_controls", "controlMetadataList", controlType="Custom")
        return self.by_name(self.audit_manager.get_control(controlId=item["id"])["control"] for item in listed)

    def frameworks(self):
        """The custom frameworks of the account, with all details, by name. Names must be unique."""
        listed = self.listed("list_assessment_frameworks", "frameworkMetadataList", frameworkType="Custom")
        get = self.audit_manager.get_assessment_framework
        return self.by_name(get(frameworkId=item["id"])["framework"] for item in listed)

    def listed(self, operation, key, **arguments):
        found, token = [], {}
        while True:
            page = getattr(self.audit_manager, operation)(**arguments, **token)
            found += page[key]
            if not page.get("nextToken"):
                return found
            token = {"nextToken": page["nextToken"]}

    @staticmethod
    def by_name(objects):
        objects = list(objects)
        named = {one["name"]: one for one in objects}
        assert len(named) == len(objects), sorted(one["name"] for one in objects)
        return named

    def requests(self):
        """All requests that the account received."""
        return self.account.requests()

    def forget_requests(self):
        self.account.admin("DELETE", "requests")

    def written(self):
        """The operations that wrote to the account since the last `forget_requests`."""
        return [request["operation"] for request in self.requests() if WRITES.match(request["operation"] or "")]
