"""A queue, and how Lambda polls it for the function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import hashlib
import json

from events import REGION
from wiring import BATCH_SIZE, MESSAGE_GROUP

# Additional attributes of messages in a FIFO queue.
FIFO_ATTRIBUTES = {"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"}


def as_text(value):
    """An attribute as the API expects it."""
    return value if isinstance(value, str) else json.dumps(value)


def record(message, arn, receives=None):
    """The record that Lambda passes for a message. `receives` overrides how often it was received."""
    attributes = message["Attributes"]
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {
            **attributes,
            "ApproximateReceiveCount": str(receives or attributes["ApproximateReceiveCount"]),
        },
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


class Queue:
    """Messages arrive in batches. Until they are deleted they stay hidden, and in a FIFO queue block all others."""

    def __init__(self, sqs, name, **attributes):
        self.sqs, self.is_fifo = sqs, name.endswith(".fifo")
        attributes = {name: as_text(value) for name, value in attributes.items()}
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.identities = set()
        # Receipt handles by message id, of messages that were received and not deleted.
        self.in_flight = {}

    def send(self, body, identity=None):
        """Adds a message. In a FIFO queue, its deduplication id is `identity` or else a hash of its content."""
        body = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        if not self.is_fifo:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)
            return
        # The same as content-based deduplication. moto numbers only messages with an explicit id.
        identity = identity or hashlib.sha256(body.encode()).hexdigest()
        # SQS remembers ids for five minutes, moto only while it has the message.
        assert identity not in self.identities, f"SQS would drop this as a duplicate: {body}"
        self.identities.add(identity)
        self.sqs.send_message(
            QueueUrl=self.url, MessageBody=body, MessageGroupId=MESSAGE_GROUP, MessageDeduplicationId=identity
        )

    def receive(self):
        """The messages of the next batch. Empty if there are none, or if others of their group are in flight."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=BATCH_SIZE, AttributeNames=["All"], WaitTimeSeconds=0
        )
        messages = answer.get("Messages", [])
        self.in_flight |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        return messages

    def batch(self, messages, receives=None):
        """The event for some messages. `receives` overrides how often they were received."""
        for message in messages if self.is_fifo else []:
            assert FIFO_ATTRIBUTES <= message["Attributes"].keys()
        return {"Records": [record(message, self.arn, receives) for message in messages]}

    def forget(self, messages):
        """Deletes received messages."""
        entries = [{"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
        self.delete(entries)

    def settle(self, event, answer):
        """Does what Lambda does with a response: deletes all messages that are not sent back."""
        sent = {record["messageId"]: record["receiptHandle"] for record in event["Records"]}
        kept = answer.sent_back if answer.kind == "response" else sent.keys()
        assert kept <= sent.keys(), "otherwise Lambda treats the entire batch as failed"
        self.delete([{"Id": id, "ReceiptHandle": receipt} for id, receipt in sent.items() if id not in kept])

    def delete(self, entries):
        if entries:
            answer = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            assert not answer.get("Failed"), answer
        for entry in entries:
            self.in_flight.pop(entry["Id"], None)

    def show_again(self):
        """Ends the visibility timeout of all messages in flight."""
        for receipt in self.in_flight.values():
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=0)
        self.in_flight = {}

    def discard(self):
        """Deletes all messages."""
        self.show_again()
        while messages := self.receive():
            self.forget(messages)
