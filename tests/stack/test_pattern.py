"""The rule of the stack, evaluated by moto for events that S3 sends to EventBridge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import json

import pytest
from aws import Aws

BUCKET = "team-catalog"


def event(key, kind="Object Created", bucket=BUCKET, source="aws.s3", **detail):
    return {
        "Source": source,
        "DetailType": kind,
        "Resources": [f"arn:aws:s3:::{bucket}"],
        "Detail": json.dumps(
            {
                "version": "0",
                "bucket": {"name": bucket},
                "object": {
                    "key": key,
                    "size": 5,
                    "etag": "b1946ac92492d2347c6235b4d2611184",
                    "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                    "sequencer": "617f08299329d189",
                },
                "request-id": "N4N7GDK58NMKJ12R",
                "requester": "111122223333",
                "source-ip-address": "192.0.2.1",
                "reason": "PutObject",
                **detail,
            }
        ),
    }


DELETED = {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"}
EXPIRED = {"reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted"}

WITHOUT_PREFIX = {
    "a control is uploaded": (event("controls/a.yaml"), True),
    "multipart upload": (event("controls/a.yaml", reason="CompleteMultipartUpload"), True),
    "copy": (event("controls/a.yaml", reason="CopyObject"), True),
    "form upload": (event("frameworks/a.yaml", reason="POST Object"), True),
    "spaces and special characters": (event("controls/équipe sécurité/a + b.yaml"), True),
    "the configuration is uploaded": (event("controlsync.toml"), True),
    "a control is removed": (event("controls/a.yaml", "Object Deleted", **DELETED), True),
    "a control expires": (event("controls/a.yaml", "Object Deleted", **EXPIRED), True),
    "an exception is uploaded": (event("exceptions/a.yaml"), True),
    "a Guard rule is uploaded": (event("rules/a.guard"), True),
    "a keyword list is uploaded": (event("keywords/AWS_Config.txt"), True),
    "a page about the catalog": (event("README.md"), False),
    "another directory": (event("reports/controls/a.yaml"), False),
    "a copy of the configuration": (event("controlsync.toml.bak"), False),
    "the function writes its state": (event(".controlsync/state.json"), False),
    "an old state expires": (event(".controlsync/state.json", "Object Deleted", **EXPIRED), False),
    "the evidence function writes a report": (event("reports/compliance-2026-11-27.json"), False),
    "an old report expires": (event("reports/compliance-2026-11-27.html", "Object Deleted", **EXPIRED), False),
    "another bucket": (event("controls/a.yaml", bucket="team-catalog-2"), False),
    "tags are added": (event("controls/a.yaml", "Object Tags Added"), False),
    "the ACL changes": (event("controls/a.yaml", "Object ACL Updated"), False),
    "the access tier changes": (event("controls/a.yaml", "Object Access Tier Changed"), False),
    "it is restored from the archive": (event("controls/a.yaml", "Object Restore Completed"), False),
    "the storage class changes": (event("controls/a.yaml", "Object Storage Class Changed"), False),
    "another source": (event("controls/a.yaml", source="team.app"), False),
}
WITH_PREFIX = {
    "a control is uploaded": (event("teams/audit/controls/a.yaml"), True),
    "a control is removed": (event("teams/audit/controls/a.yaml", "Object Deleted", **DELETED), True),
    "the configuration is uploaded": (event("teams/audit/controlsync.toml"), True),
    "another file below the prefix": (event("teams/audit/README.md"), False),
    "a similar prefix": (event("teams/audits/controls/a.yaml"), False),
    "outside the prefix": (event("controls/a.yaml"), False),
    "the function writes its state": (event(".controlsync/state.json"), False),
    "the evidence function writes a report": (event("teams/audit/reports/compliance-2026-11-27.json"), False),
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    aws = Aws(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.kill()


@pytest.mark.parametrize(
    "prefix, cases", [("", WITHOUT_PREFIX), ("teams/audit", WITH_PREFIX)], ids=["bucket", "prefix"]
)
def test_the_rule_matches_events_of_the_catalog(aws, synth, prefix, cases):
    settings = {"existingBucket": BUCKET} | ({"prefix": prefix} if prefix else {})
    pattern = synth(**settings).of("AWS::Events::Rule", "Uploads")["EventPattern"]
    events, sqs = aws.client("events"), aws.client("sqs")
    name = f"pattern{len(prefix)}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "Queue", "Arn": arn}])
    matched = {}
    for case, (body, _) in cases.items():
        assert events.put_events(Entries=[body])["FailedEntryCount"] == 0
        found = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        matched[case] = len(found) == 1
        for message in found:
            assert json.loads(message["Body"])["detail"] == json.loads(body["Detail"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert matched == {case: expected for case, (_, expected) in cases.items()}
