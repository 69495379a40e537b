"""A queue, and what Lambda does with it for the function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import hashlib
import json

from events import REGION
from wiring import BATCH_SIZE, MESSAGE_GROUP

# What a message of a FIFO queue has besides.
FIFO_ATTRIBUTES = {"MessageGroupId", "MessageDeduplicationId", "SequenceNumber"}


def as_text(value):
    """An attribute as the API takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def record(message, arn, receives=None):
    """What Lambda hands over of a message; as if it had been received that often, if a test says so."""
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
    """Messages come in batches. What is not deleted stays, hidden; of a FIFO queue nothing else comes meanwhile."""

    def __init__(self, sqs, name, **attributes):
        self.sqs, self.is_fifo = sqs, name.endswith(".fifo")
        attributes = {name: as_text(value) for name, value in attributes.items()}
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.identities = set()
        # Receipt handles by the ids of messages that were handed over and not deleted.
        self.under_way = {}

    def send(self, body, identity=None):
        """Takes a message; one of a FIFO queue under an identity of its own, else that of its content."""
        body = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        if not self.is_fifo:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)
            return
        # As content-based deduplication does it; moto numbers only what comes with an identity.
        identity = identity or hashlib.sha256(body.encode()).hexdigest()
        # SQS keeps them for five minutes, and moto only those of the messages that it still has.
        assert identity not in self.identities, f"SQS drops what it has seen a moment ago: {body}"
        self.identities.add(identity)
        self.sqs.send_message(
            QueueUrl=self.url, MessageBody=body, MessageGroupId=MESSAGE_GROUP, MessageDeduplicationId=identity
        )

    def receive(self):
        """The messages of the next batch; none where there are none, or where others of their group are under way."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=BATCH_SIZE, AttributeNames=["All"], WaitTimeSeconds=0
        )
        messages = answer.get("Messages", [])
        self.under_way |= {message["MessageId"]: message["ReceiptHandle"] for message in messages}
        return messages

    def batch(self, messages, receives=None):
        """The event of some messages; as if they had been received that often, if a test says so."""
        for message in messages if self.is_fifo else []:
            assert FIFO_ATTRIBUTES <= message["Attributes"].keys()
        return {"Records": [record(message, self.arn, receives) for message in messages]}

    def forget(self, messages):
        """Deletes messages that have been handed over."""
        entries = [{"Id": message["MessageId"], "ReceiptHandle": message["ReceiptHandle"]} for message in messages]
        self.delete(entries)

    def settle(self, event, answer):
        """Does what Lambda does with an answer: all messages that are not sent back are deleted."""
        sent = {record["messageId"]: record["receiptHandle"] for record in event["Records"]}
        kept = answer.sent_back if answer.kind == "response" else sent.keys()
        assert kept <= sent.keys(), "else Lambda takes the whole batch as failed"
        self.delete([{"Id": id, "ReceiptHandle": receipt} for id, receipt in sent.items() if id not in kept])

    def delete(self, entries):
        if entries:
            answer = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)
            assert not answer.get("Failed"), answer
        for entry in entries:
            self.under_way.pop(entry["Id"], None)

    def show_again(self):
        """Lets the time pass after which what was not deleted can be received once more."""
        for receipt in self.under_way.values():
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=receipt, VisibilityTimeout=0)
        self.under_way = {}

    def lose(self):
        """Deletes all messages, as if they had never come."""
        self.show_again()
        while messages := self.receive():
            self.forget(messages)
