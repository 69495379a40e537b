"""The rule of the stack against events as S3 sends them to EventBridge, judged by moto.

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

WHOLE_BUCKET = {
    "a control is uploaded": (event("controls/a.yaml"), True),
    "in parts": (event("controls/a.yaml", reason="CompleteMultipartUpload"), True),
    "by a copy": (event("controls/a.yaml", reason="CopyObject"), True),
    "by a form": (event("frameworks/a.yaml", reason="POST Object"), True),
    "with blanks and other letters": (event("controls/équipe sécurité/a + b.yaml"), True),
    "the configuration": (event("controlsync.toml"), True),
    "a control is removed": (event("controls/a.yaml", "Object Deleted", **DELETED), True),
    "a control has expired": (event("controls/a.yaml", "Object Deleted", **EXPIRED), True),
    # The function passes over it.
    "a page about the catalog": (event("README.md"), True),
    "the function writes its state": (event(".controlsync/state.json"), False),
    "an old state has expired": (event(".controlsync/state.json", "Object Deleted", **EXPIRED), False),
    "another bucket": (event("controls/a.yaml", bucket="team-catalog-2"), False),
    "tags": (event("controls/a.yaml", "Object Tags Added"), False),
    "access": (event("controls/a.yaml", "Object ACL Updated"), False),
    "another tier": (event("controls/a.yaml", "Object Access Tier Changed"), False),
    "it comes back from the archive": (event("controls/a.yaml", "Object Restore Completed"), False),
    "another class of storage": (event("controls/a.yaml", "Object Storage Class Changed"), False),
    "somebody else's event": (event("controls/a.yaml", source="team.app"), False),
}
BELOW_A_PREFIX = {
    "a control is uploaded": (event("teams/audit/controls/a.yaml"), True),
    "a control is removed": (event("teams/audit/controls/a.yaml", "Object Deleted", **DELETED), True),
    "a control of others": (event("teams/audits/controls/a.yaml"), False),
    "a control of nobody": (event("controls/a.yaml"), False),
    "the function writes its state": (event(".controlsync/state.json"), False),
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    aws = Aws(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.kill()


@pytest.mark.parametrize(
    "prefix, cases", [("", WHOLE_BUCKET), ("teams/audit", BELOW_A_PREFIX)], ids=["bucket", "prefix"]
)
def test_what_wakes_the_function(aws, synth, prefix, cases):
    settings = {"existingBucket": BUCKET} | ({"prefix": prefix} if prefix else {})
    pattern = synth(**settings).of("AWS::Events::Rule", "Uploads")["EventPattern"]
    events, sqs = aws.client("events"), aws.client("sqs")
    name = f"pattern{len(prefix)}"
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "Queue", "Arn": arn}])
    verdicts = {}
    for case, (body, _) in cases.items():
        assert events.put_events(Entries=[body])["FailedEntryCount"] == 0
        found = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        verdicts[case] = len(found) == 1
        for message in found:
            assert json.loads(message["Body"])["detail"] == json.loads(body["Detail"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert verdicts == {case: wakes for case, (_, wakes) in cases.items()}
