"""The environment of the function `evidence`: the bucket, the topics, and an organization whose accounts are in an assessment."""

import datetime
import json
import uuid

from events import BUCKET, scheduled
from program import ACCOUNT
from world import Queue, World

EVIDENCE_STATE = ".controlsync/evidence.json"
ROLE = "audit/controlsync-evidence"
EXTERNAL_ID = "a1b2c3d4"
MEMBERS = [f"{number:012}" for number in range(200_000_000_001, 200_000_000_006)]
ASSESSMENT = "33333333-0000-4000-8000-000000000001"
IDS = {
    "Volumes": "11111111-0000-4000-8000-000000000001",
    "Root": "11111111-0000-4000-8000-000000000002",
    "Events": "11111111-0000-4000-8000-000000000003",
}
SOURCES = {
    "Volumes": ("AWS_Config", "ENCRYPTED_VOLUMES"),
    "Root": ("AWS_Security_Hub", "IAM.6"),
    "Events": ("AWS_Cloudtrail", "iam_CreateUser"),
}


def control(name, of, keyword):
    return f"""name: {name}
datasources:
  - sourceName: {name} of the account
    sourceType: {of}
    sourceKeyword: {{keywordValue: {keyword}}}
"""


FILES = {f"controls/{name.lower()}.yaml": control(name, *source) for name, source in SOURCES.items()}
FILES["frameworks/baseline.yaml"] = (
    "name: Baseline\ncontrolSets:\n  - name: All\n    controls: [Events, Root, Volumes]\n"
)

RULE = {"ConfigRuleName": "volumes", "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}}


def services():
    """An account in which everything is set up."""
    return {
        "config": {
            "recorders": [
                {
                    "name": "default",
                    "recording": True,
                    "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
                }
            ],
            "rules": [RULE],
            "resourceCounts": {"AWS::EC2::Volume": 3},
        },
        "securityHub": {"enabled": True, "standards": [{"standard": "FSBP"}]},
    }


class Organization(World):
    """All accounts are set up at first, and a month old."""

    def __init__(self, *arguments, members=MEMBERS):
        super().__init__(*arguments)
        self.queue = Queue(self.sqs, "evidence.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="1800")
        for key, text in FILES.items():
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        roles = {"roles": {ROLE: {"externalId": EXTERNAL_ID}}}
        self.seed(
            **services(),
            controls=[{"id": id, "name": name} for name, id in IDS.items()],
            frameworks=[
                {
                    "id": "22222222-0000-4000-8000-000000000001",
                    "name": "Baseline",
                    "controlSets": [{"name": "All", "controls": list(IDS.values())}],
                }
            ],
            assessments=[
                {
                    "id": ASSESSMENT,
                    "name": "2026",
                    "frameworkId": "22222222-0000-4000-8000-000000000001",
                    "accounts": [ACCOUNT, *members],
                }
            ],
            accounts={account: services() | roles for account in members},
        )
        self.account.admin("POST", "time", {"passHours": 30 * 24})
        self.collect(*IDS)

    def cover(self, *names):
        """Puts controls into an assessment of their own, with the same accounts."""
        ids = {name: f"11111111-0000-4000-8000-1000000000{number:02}" for number, name in enumerate(names)}
        framework = "22222222-0000-4000-8000-000000000002"
        self.seed(
            controls=[{"id": id, "name": name} for name, id in ids.items()],
            frameworks=[{"id": framework, "name": "More", "controlSets": [{"name": "All", "controls": list(ids.values())}]}],
            assessments=[{"name": "More", "frameworkId": framework, "accounts": [ACCOUNT, *MEMBERS]}],
        )

    def collect(self, *names):
        """Gives controls new evidence, of today."""
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        found = {"assessment": ASSESSMENT, "dataSource": "AWS Config", "date": today, "count": 3}
        self.seed(evidence=[found | {"control": IDS[name]} for name in names])

    def seed(self, **seed):
        self.account.admin("POST", "seed", seed)

    def client(self, service, account=ACCOUNT):
        """A client of a service in an account."""
        if account == ACCOUNT:
            return self.account.boto3(service)
        arn = f"arn:aws:iam::{account}:role/{ROLE}"
        assumed = self.account.boto3("sts").assume_role(RoleArn=arn, RoleSessionName="test", ExternalId=EXTERNAL_ID)
        return self.account.boto3(service, credentials=assumed["Credentials"])

    def fault(self, effect, operation, account=None, times=1000, skip=0):
        fault = {"effect": effect, "operation": operation, "account": account, "times": times, "skip": skip}
        self.account.admin("POST", "faults", fault)

    def clear_faults(self):
        self.account.admin("DELETE", "faults")

    def environment(self, **variables):
        ours = {
            "BUCKET": BUCKET,
            "TOPIC_ARN": self.topic,
            "EVENTS_TOPIC_ARN": self.events_topic,
            "CATALOG": "house",
            "MEMBER_ROLE": ROLE,
            "EXTERNAL_ID": EXTERNAL_ID,
            **variables,
        }
        environment = {"AWS_MAX_ATTEMPTS": "1"}
        services = {
            self.account_proxy: ("AUDITMANAGER", "CLOUDTRAIL", "CONFIG_SERVICE", "EVENTBRIDGE", "SECURITYHUB", "STS"),
            self.proxy: ("S3", "SNS"),
        }
        for proxy, names in services.items():
            environment |= {f"AWS_ENDPOINT_URL_{name}": proxy.endpoint for name in names}
        return environment | {f"CONTROLSYNC_{name}": value for name, value in ours.items() if value is not None}

    def function(self, fresh=False, **variables):
        return self.start(self.environment(**variables), fresh, "evidence")

    def saved(self):
        """The state that the function saved, or None if there is none."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=EVIDENCE_STATE).get("Contents")
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=EVIDENCE_STATE)["Body"].read()) if found else None

    def run(self, seconds=300, **variables):
        """The daily run, through the queue. Nothing may be sent back. Returns the only mail, or None."""
        self.send_schedule()
        answer = self.drain(seconds, **variables)
        assert answer.sent_back == set()
        mails = self.mails()
        assert len(mails) <= 1, [mail.subject for mail in mails]
        return mails[0] if mails else None

    def send_schedule(self):
        self.send(scheduled(), identity=str(uuid.uuid4()))
