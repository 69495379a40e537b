"""What surrounds the function: a bucket, EventBridge and the queue, topics and who reads them, an account."""

import json
import re
import uuid
from dataclasses import dataclass

from botocore.exceptions import ClientError
from events import BUCKET, bridge, documented, scheduled
from program import Program
from queues import Queue
from services import account_client
from wiring import DEAD_LETTERS, QUEUE, TRIES, pattern

CATALOG = "house"
STATE = ".controlsync/state.json"

WRITES = re.compile("(Create|Update|Delete|Tag|Untag)")


@dataclass
class Message:
    """What a subscriber of a topic got."""

    subject: str | None
    text: str
    attributes: dict

    @property
    def document(self):
        return json.loads(self.text)


class World:
    """Made anew for each test; the function's processes and the servers live on."""

    def __init__(self, moto, proxy, account_proxy, start):
        self.proxy, self.account_proxy, self.start = proxy, account_proxy, start
        self.s3, self.sns, self.sqs, self.event_bridge = moto.s3, moto.sns, moto.sqs, moto.event_bridge
        self.dead_letters = Queue(self.sqs, "dead-letters.fifo", **DEAD_LETTERS)
        redrive = {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": str(TRIES)}
        self.queue = Queue(self.sqs, "uploads.fifo", RedrivePolicy=redrive, **QUEUE)
        # Where EventBridge leaves what its rule lets pass, until it is brought to the queue.
        self.passed = Queue(self.sqs, "passed")
        self.topic, self.mailbox = self.make_topic("people")
        self.events_topic, self.eventbox = self.make_topic("programs")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.notify(EventBridgeConfiguration={})
        self.let_pass(pattern(BUCKET))
        self.account = Program()
        self.audit_manager = account_client(self.account.endpoint)
        self.account_proxy.upstream = self.account.endpoint.removeprefix("http://")

    def close(self):
        self.account.kill()

    # What surrounds the function.

    def make_topic(self, name):
        """A topic, and the queue of its one subscriber."""
        topic, box = self.sns.create_topic(Name=name)["TopicArn"], Queue(self.sqs, f"{name}-box")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=box.arn)
        return topic, box

    def notify(self, **configuration):
        """Decides whom the bucket tells of its objects."""
        self.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)

    def let_pass(self, event_pattern):
        """Decides which events the rule of EventBridge takes."""
        self.event_bridge.put_rule(Name="uploads", EventPattern=json.dumps(event_pattern))
        self.event_bridge.put_targets(Rule="uploads", Targets=[{"Id": "passed", "Arn": self.passed.arn}])

    def bypass_event_bridge(self):
        """Wires the world as the stack does not: the bucket itself tells a standard queue of every object."""
        self.queue = Queue(self.sqs, "notifications", VisibilityTimeout=QUEUE["VisibilityTimeout"])
        events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        self.notify(QueueConfigurations=[{"QueueArn": self.queue.arn, "Events": events}])
        # S3 says hello with a test event, as moto does.
        self.queue.lose()

    # The bucket.

    def upload(self, key, text, **metadata):
        body = text if isinstance(text, bytes) else text.encode()
        metadata = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata)

    def remove(self, key):
        """Removes an object, as far as a list shows: its versions stay. moto tells nobody of that, so we do."""
        marker = self.s3.delete_object(Bucket=BUCKET, Key=key)
        self.announce(key, "Object Deleted", marker.get("VersionId"))

    def announce(self, key, kind="Object Created", version=None):
        """Lets EventBridge hear of an object, whatever the bucket holds."""
        event = bridge(key, kind=kind, version=version)
        entry = {"Source": event["source"], "DetailType": kind, "Detail": json.dumps(event["detail"])}
        answer = self.event_bridge.put_events(Entries=[{**entry, "Resources": event["resources"]}])
        assert answer["FailedEntryCount"] == 0

    def state(self):
        """What the function left for its next run; none where there is no such object."""
        try:
            return json.loads(self.s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"
            return None

    # The queue.

    def bring(self):
        """Does the last step of EventBridge: what its rule has let pass goes into the queue, as AWS documents it."""
        while messages := self.passed.receive():
            for message in messages:
                self.queue.send(documented(json.loads(message["Body"])))
            self.passed.forget(messages)

    def send(self, event, identity=None):
        """Puts a message into the queue, behind what has happened before."""
        self.bring()
        self.queue.send(event, identity)

    def next_batch(self, receives=None):
        """The event of what Lambda receives next: the messages stay in the queue, hidden, and hold up the others."""
        self.bring()
        messages = self.queue.receive()
        assert messages, "nothing is in the queue, or it is held up"
        return self.queue.batch(messages, receives)

    def show_again(self):
        """Lets the time pass after which messages that were not deleted come again."""
        self.queue.show_again()

    def lose_messages(self):
        """Forgets all that would wake the function, as if nobody had told it."""
        self.bring()
        self.queue.lose()

    # The function.

    def environment(self, **variables):
        """The function's variables: those of CONTROLSYNC_ by the rest of their names, one that is None not at all."""
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
            # The waits before the SDK tries again are of no interest but to one test.
            "AWS_MAX_ATTEMPTS": "1",
        }
        environment |= {f"AWS_ENDPOINT_URL_{service}": self.proxy.endpoint for service in ("S3", "SNS", "SQS")}
        return environment | {f"CONTROLSYNC_{name}": value for name, value in ours.items() if value is not None}

    def function(self, fresh=False, **variables):
        """A process of the function with these variables; one of an earlier test, unless it is to be `fresh`: that one
        ends with the test."""
        return self.start(self.environment(**variables), fresh)

    def invoke(self, event, seconds=300, **variables):
        """Its answer to an event."""
        return self.function(**variables).invoke(event, seconds)

    def wake(self, seconds=300, **variables):
        """Lets it work through all that is in the queue and all that comes again, batch by batch, as Lambda does, until
        something is sent back; gives its last answer."""
        self.show_again()
        event = self.next_batch()
        while True:
            answer = self.invoke(event, seconds, **variables)
            self.queue.settle(event, answer)
            self.bring()
            messages = [] if self.queue.under_way else self.queue.receive()
            if not messages:
                return answer
            event = self.queue.batch(messages)

    def retry(self, event, seconds=300, **variables):
        """Lets the messages of an event come again, in the batch that Lambda makes of them then; gives the answer."""
        self.show_again()
        again = self.next_batch()
        assert {one["messageId"] for one in event["Records"]} <= {one["messageId"] for one in again["Records"]}
        answer = self.invoke(again, seconds, **variables)
        self.queue.settle(again, answer)
        return answer

    def put(self, files, seconds=300, **variables):
        """Uploads files and lets the function work through it: nothing may come back."""
        for key, text in files.items():
            self.upload(key, text)
        answer = self.wake(seconds, **variables)
        assert answer.sent_back == set()
        return answer

    def schedule(self, **variables):
        """The daily run, as it comes through the queue."""
        answer = self.again(**variables)
        assert answer.sent_back == set()
        return answer

    def again(self, **variables):
        """The daily run, whatever becomes of it."""
        self.send(scheduled())
        return self.wake(**variables)

    def ask(self, action, **variables):
        """What somebody asks for through the queue, as often as they like: so it has an identity of its own."""
        self.send({"action": action}, identity=str(uuid.uuid4()))
        return self.wake(**variables)

    # Who reads the topics.

    def messages(self, box):
        """What a subscriber got since the last call, the oldest first."""
        found = []
        while messages := box.receive():
            for message in messages:
                told = json.loads(message["Body"])
                attributes = {name: value["Value"] for name, value in told.get("MessageAttributes", {}).items()}
                found.append(Message(told.get("Subject"), told["Message"], attributes))
            box.forget(messages)
        return found

    def mails(self):
        return self.messages(self.mailbox)

    def events(self):
        return self.messages(self.eventbox)

    def mail(self):
        """The one mail since the last look."""
        [mail] = self.mails()
        return mail

    def event(self):
        """The one document since the last look."""
        [event] = self.events()
        return event.document

    def silence(self):
        """Nobody was told anything since the last look."""
        assert [mail.subject for mail in self.mails()] == []
        assert [event.text for event in self.events()] == []

    # The account.

    def controls(self):
        """The custom controls of the account, in full, by name; no two have one name."""
        listed = self.listed("list_controls", "controlMetadataList", controlType="Custom")
        return self.by_name(self.audit_manager.get_control(controlId=item["id"])["control"] for item in listed)

    def frameworks(self):
        """The custom frameworks of the account, in full, by name; no two have one name."""
        listed = self.listed("list_assessment_frameworks", "frameworkMetadataList", frameworkType="Custom")
        get = self.audit_manager.get_assessment_framework
        return self.by_name(get(frameworkId=item["id"])["framework"] for item in listed)

    def listed(self, operation, member, **arguments):
        found, token = [], {}
        while True:
            page = getattr(self.audit_manager, operation)(**arguments, **token)
            found += page[member]
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
        """What the account was asked for, by whomever."""
        return self.account.admin("GET", "requests")

    def forget_requests(self):
        self.account.admin("DELETE", "requests")

    def written(self):
        """The operations that wrote to the account since the last `forget_requests`."""
        return [request["operation"] for request in self.requests() if WRITES.match(request["operation"] or "")]
