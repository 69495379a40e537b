"""Events that trigger the function, with the keys and values that AWS documents."""

import itertools
import urllib.parse
import uuid

BUCKET = "catalog"
ACCOUNT = "000000000000"
REGION = "us-east-1"
TIME = "2026-11-21T06:00:00Z"
# MD5 of no bytes, the ETag of a delete marker.
EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"

# They increase with each change of an object.
SEQUENCERS = (f"{number:016x}" for number in itertools.count(0x617F08299329D189))


def bridge(key, bucket=BUCKET, kind="Object Created", size=1, etag=None, version=None, time=TIME):
    """An EventBridge event about an object. The key is not encoded, the id is unique.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    created = kind == "Object Created"
    etag = etag or ("b1946ac92492d2347c6235b4d2611184" if created else EMPTY_ETAG)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": time,
        "region": REGION,
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "event-version": "1.0",
            "bucket": {"name": bucket},
            "object": {
                "key": key,
                **({"size": size} if created else {}),
                "etag": etag,
                "version-id": version or "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                "sequencer": next(SEQUENCERS),
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": ACCOUNT,
            "source-ip-address": "192.0.2.1",
            # The ETag of a multipart upload ends with the number of parts. moto does not mark copies.
            "reason": ("CompleteMultipartUpload" if "-" in etag else "PutObject") if created else "DeleteObject",
            **({} if created else {"deletion-type": "Delete Marker Created"}),
        },
    }


def documented(event):
    """Converts an event of moto to the form that AWS documents. Events of moto share one id and have other keys."""
    detail = event["detail"]
    item = detail["object"]
    return bridge(
        item["key"],
        detail["bucket"]["name"],
        event["detail-type"],
        size=item.get("size"),
        etag=item.get("etag", item.get("eTag")),
        version=item["version-id"],
        time=event["time"],
    )


def scheduled():
    """The daily event of an EventBridge rule.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
    """
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": TIME,
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/daily"],
        "detail": {},
    }


def notification(*keys, bucket=BUCKET, kind="ObjectCreated:Put"):
    """The notification that S3 sends directly to a queue, without EventBridge. Keys are URL-encoded like a query.

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
                "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
                "requestParameters": {"sourceIPAddress": "192.0.2.1"},
                "responseElements": {"x-amz-request-id": "N4N7GDK58NMKJ12R"},
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


# The test event that S3 sends to a queue when notifications are set up.
TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2026-11-21T06:00:00.000Z",
    "Bucket": BUCKET,
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}
