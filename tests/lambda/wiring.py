"""The wiring between the bucket and the function, as plain values. All tests take it from here.

The world uses these values, and a test compares them with the template of the stack.
"""

# All triggers of the function are one message group: no two batches are in flight at the same time.
MESSAGE_GROUP = "catalog"
# The most messages in a batch. FIFO queues allow at most ten.
BATCH_SIZE = 10
# Receives before a message moves to the dead-letter queue.
MAX_RECEIVES = 5
# Seconds before a message can be received, so that files uploaded together arrive together. The queue of the tests has
# no delay.
DELAY = 20

QUEUE = {
    "FifoQueue": True,
    "ContentBasedDeduplication": True,
    "VisibilityTimeout": 600,
    "MessageRetentionPeriod": 14 * 24 * 60 * 60,
}
DEAD_LETTERS = {
    "FifoQueue": True,
}


# Where a catalog has files: directories and the configuration.
PLACES = ["controls/", "frameworks/", "exceptions/", "rules/", "keywords/", "controlsync.toml"]


def pattern(bucket, prefix=""):
    """The EventBridge events that go to the queue: only those of files of a catalog."""
    folder = f"{prefix.strip('/')}/".removeprefix("/")
    key = [{"prefix": folder + place} if place.endswith("/") else folder + place for place in PLACES]
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": key}},
    }
