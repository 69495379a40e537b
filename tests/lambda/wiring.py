"""What the stack decides between the bucket and the function, as plain values: the one place of it in these tests.

The world is wired by them, and they are held against the template that the stack makes.
"""

# All that wakes the function is one group of messages: no two batches are under way at once.
MESSAGE_GROUP = "catalog"
# Messages that Lambda hands over at once, at most; of a FIFO queue there are never more than ten.
BATCH_SIZE = 10
# Receives before a message goes to the dead-letter queue.
TRIES = 5
# Seconds before a message can be received, so that files uploaded together come together. The queue of the tests has
# none: no test waits.
DELAY = 20

QUEUE = {
    "FifoQueue": True,
    "ContentBasedDeduplication": True,
    "VisibilityTimeout": 1800,
    "MessageRetentionPeriod": 14 * 24 * 60 * 60,
}
DEAD_LETTERS = {
    "FifoQueue": True,
}


def pattern(bucket, prefix=""):
    """Which events of EventBridge go into the queue; what the function itself writes wakes nobody."""
    folder = prefix.strip("/")
    key = {"prefix": f"{folder}/"} if folder else {"anything-but": {"prefix": ".controlsync/"}}
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [key]}},
    }
