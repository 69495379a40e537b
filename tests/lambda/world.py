"""What surrounds the function: a bucket, the queue of its notifications, topics and who reads them, an account."""

import json
import re
import urllib.parse
from dataclasses import dataclass

from botocore.exceptions import ClientError
from program import Program
from services import account_client

BUCKET = "catalogue"
CATALOG = "house"
ACCOUNT = "000000000000"
REGION = "us-east-1"
STATE = ".controlsync/state.json"
# Receives before a message goes to the dead-letter queue.
TRIES = 5

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
        self.s3, self.sns, self.sqs = moto.s3, moto.sns, moto.sqs
        self.dead_letters = self.make_queue("dead-letters")
        redrive = {"deadLetterTargetArn": self.arn_of(self.dead_letters), "maxReceiveCount": str(TRIES)}
        self.queue = self.make_queue("uploads", RedrivePolicy=json.dumps(redrive), VisibilityTimeout="300")
        self.queue_arn = self.arn_of(self.queue)
        self.topic, self.mailbox = self.make_topic("people")
        self.events_topic, self.eventbox = self.make_topic("programs")
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.notify_of(BUCKET)
        self.account = Program()
        self.audit_manager = account_client(self.account.endpoint)
        self.account_proxy.upstream = self.account.endpoint.removeprefix("http://")

    def close(self):
        self.account.kill()

    # What surrounds the function.

    def make_queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def arn_of(self, queue):
        return self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def make_topic(self, name):
        """A topic, and the queue of its one subscriber."""
        topic, box = self.sns.create_topic(Name=name)["TopicArn"], self.make_queue(f"{name}-box")
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn_of(box))
        return topic, box

    def notify_of(self, bucket):
        """Lets a bucket tell the queue of every object, as the stack does."""
        events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
        target = {"QueueArn": self.queue_arn, "Events": events}
        self.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [target]}
        )
        # S3 says hello with a test event, as moto does.
        self.drain(empty=True)

    # The bucket.

    def upload(self, key, text, bucket=BUCKET, **metadata):
        body = text if isinstance(text, bytes) else text.encode()
        metadata = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata)

    def remove(self, key):
        """Removes an object, as far as a list shows: its versions stay. moto tells nobody of that, so we do."""
        self.s3.delete_object(Bucket=BUCKET, Key=key)
        self.send(notification(key, kind="ObjectRemoved:DeleteMarkerCreated"))

    def state(self):
        """What the function left for its next pass; none where there is no such object."""
        try:
            return json.loads(self.s3.get_object(Bucket=BUCKET, Key=STATE)["Body"].read())
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchKey"
            return None

    # The queue.

    def send(self, event):
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=event if isinstance(event, str) else json.dumps(event))

    def received(self, queue):
        """All messages of a queue that are not hidden."""
        found = []
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"], WaitTimeSeconds=0
            )
            if not answer.get("Messages"):
                return found
            found += answer["Messages"]

    def drain(self, empty=False, receives=None):
        """The event that Lambda makes of all messages in the queue: they stay in it, hidden, until they are deleted."""
        messages = self.received(self.queue)
        # The stack's rule lets none of these pass.
        own = [message for message in messages if quoted(STATE) in message["Body"]]
        self.forget(messages if empty else own)
        if empty:
            return None
        messages = [message for message in messages if message not in own]
        assert messages, "nothing is in the queue"
        return self.batch(messages, receives)

    def batch(self, messages, receives=None):
        """The event of some messages, https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
        return {
            "Records": [
                {
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": {
                        **message.get("Attributes", {}),
                        "ApproximateReceiveCount": str(receives or message["Attributes"]["ApproximateReceiveCount"]),
                    },
                    "messageAttributes": {},
                    "md5OfBody": message["MD5OfBody"],
                    "eventSource": "aws:sqs",
                    "eventSourceARN": self.queue_arn,
                    "awsRegion": REGION,
                }
                for message in messages
            ]
        }

    def forget(self, messages):
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def settle(self, event, answer):
        """Does what Lambda does with an answer: all messages that are not sent back are deleted."""
        kept = answer.sent_back if answer.kind == "response" else {record["messageId"] for record in event["Records"]}
        for record in event["Records"]:
            if record["messageId"] not in kept:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=record["receiptHandle"])

    # The function.

    def environment(self, **variables):
        """The function's variables: those of CONTROLSYNC_ by the rest of their names, one that is None not at all."""
        ours = {
            "BUCKET": BUCKET,
            "TOPIC_ARN": self.topic,
            "EVENTS_TOPIC_ARN": self.events_topic,
            "QUEUE_URL": self.queue,
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
        """Lets it work through all messages in the queue, as Lambda does; gives its answer."""
        event = self.drain()
        answer = self.invoke(event, seconds, **variables)
        self.settle(event, answer)
        return answer

    def put(self, files, seconds=300, **variables):
        """Uploads files and lets the function work through it: nothing may come back."""
        for key, text in files.items():
            self.upload(key, text)
        answer = self.wake(seconds, **variables)
        assert answer.sent_back == set()
        return answer

    def schedule(self, **variables):
        """The daily pass, as it comes through the queue."""
        answer = self.again(**variables)
        assert answer.sent_back == set()
        return answer

    def again(self, **variables):
        """The daily pass, whatever becomes of it."""
        self.send(SCHEDULE)
        return self.wake(**variables)

    # Who reads the topics.

    def messages(self, box):
        """What a subscriber got since the last call, the oldest first."""
        found = []
        for message in self.received(box):
            self.sqs.delete_message(QueueUrl=box, ReceiptHandle=message["ReceiptHandle"])
            told = json.loads(message["Body"])
            attributes = {name: value["Value"] for name, value in told.get("MessageAttributes", {}).items()}
            found.append(Message(told.get("Subject"), told["Message"], attributes))
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


SCHEDULE = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": ACCOUNT,
    "time": "2026-11-21T06:00:00Z",
    "region": REGION,
    "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/daily"],
    "detail": {},
}


def quoted(key):
    """A key as moto writes it in a notification."""
    return urllib.parse.quote(key, safe="")


def notification(*keys, bucket=BUCKET, kind="ObjectCreated:Put"):
    """What S3 sends to a queue: keys are encoded as in the query of a URL.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": "2026-11-21T06:00:00.000Z",
                "eventName": kind,
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {
                        "key": urllib.parse.quote_plus(key, safe="/"),
                        "size": 1,
                        "sequencer": f"0055AED6DCD902{number:02}",
                    },
                },
            }
            for number, key in enumerate(keys)
        ]
    }


def bridge(key, bucket=BUCKET, kind="Object Created"):
    """What EventBridge makes of an object: its key as it stands.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": "2026-11-21T06:00:00Z",
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {
                "key": key,
                "size": 1,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "sequencer": "00617F08299329D189",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": ACCOUNT,
            "source-ip-address": "192.0.2.1",
            "reason": "PutObject",
        },
    }
