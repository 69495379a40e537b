"""Consistency of the stack and the function: variables, actions, metrics, times and wiring."""

import json
import os
import re
from pathlib import Path

import pytest
import wiring
from permissions import PERMISSIONS
from template import listed

ROOT = Path(__file__).parent.parent.parent

# Actions that the role needs but no test can observe, with reasons.
NOT_SEEN = {
    "sqs:ReceiveMessage": "the event source mapping takes messages, with the role of the function",
    "sqs:DeleteMessage": "the event source mapping deletes processed messages",
    "logs:CreateLogStream": "the runtime creates a stream for each process",
    "logs:PutLogEvents": "the runtime sends the output of the function",
    "kms:Decrypt": "SNS and S3 use their keys with the permissions of the caller",
    "kms:GenerateDataKey": "SNS and S3 use their keys with the permissions of the caller",
}


def observed(mode):
    """The actions of functions of a mode that the tests of the function recorded."""
    folder = Path(os.environ["CONTROLSYNC_CALLS"])
    files = sorted(folder.glob("*.json"))
    assert files, f"no calls are recorded in {folder}: run tests/run.sh lambda first"
    calls = {tuple(call) for path in files for call in json.loads(path.read_text()).get(mode, [])}
    return {PERMISSIONS.get(call, ":".join(call)) for call in calls}


def test_the_role_allows_exactly_the_observed_actions(full):
    assert full.actions() - NOT_SEEN.keys() == observed("apply") | observed("plan")


def test_in_plan_mode_the_role_allows_exactly_the_observed_actions(synth):
    allowed = synth(mode="plan").actions() - NOT_SEEN.keys()
    assert allowed == observed("plan")
    assert not any(re.match("auditmanager:(?!Get|List)", action) for action in allowed)


def test_every_exception_is_allowed_and_not_observed(full):
    assert NOT_SEEN.keys() <= full.actions()
    assert not NOT_SEEN.keys() & (observed("apply") | observed("plan"))


def test_the_role_of_the_evidence_function_allows_exactly_the_observed_actions(with_evidence):
    allowed = with_evidence.actions("EvidenceRole")
    # The event source mapping reads them; the function does not know its queue.
    not_seen = NOT_SEEN.keys() | {"sqs:GetQueueAttributes"}
    assert allowed - not_seen == observed("evidence")
    assert not_seen <= allowed and not not_seen & observed("evidence")


def test_without_reports_the_evidence_function_may_neither_read_results_nor_write_reports(with_evidence, without_reports):
    reading = {
        "config:DescribeAggregateComplianceByConfigRules",
        "config:DescribeComplianceByConfigRule",
        "config:DescribeConfigurationAggregatorSourcesStatus",
        "config:DescribeConfigurationAggregators",
        "config:GetAggregateComplianceDetailsByConfigRule",
        "config:GetComplianceDetailsByConfigRule",
        "securityhub:GetFindings",
    }
    assert with_evidence.actions("EvidenceRole") - without_reports.actions("EvidenceRole") == reading
    # What it may write is its state in both.
    assert writable(without_reports) == {"/teams/audit/.controlsync/evidence.json"}
    assert writable(with_evidence) == writable(without_reports) | {"/teams/audit/reports/compliance-*"}
    assert with_evidence.variables("EvidenceFunction")["CONTROLSYNC_REPORTS"] == "teams/audit/reports/"


def writable(template):
    """The objects that the evidence function may write, after the ARN of the bucket."""
    statements = [one for one in template.statements("EvidenceRole") if "s3:PutObject" in listed(one["Action"])]
    return {resource["Fn::Join"][1][-1] for one in statements for resource in listed(one["Resource"])}


def test_the_role_in_member_accounts_allows_exactly_the_observed_actions():
    template = json.loads((ROOT / "cdk/member-role.json").read_text())
    [role] = [one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    statements = [one for policy in role["Properties"]["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    assert {action for one in statements for action in one["Action"]} == observed("member")


def test_the_evidence_function_changes_nothing_of_the_other(full, with_evidence):
    assert with_evidence.statements() == full.statements()
    assert with_evidence.variables() == full.variables()
    for kind, name in [("AWS::Lambda::EventSourceMapping", "Source"), ("AWS::SQS::Queue", "Queue"), ("AWS::Events::Rule", "Schedule")]:
        assert with_evidence.of(kind, name) == full.of(kind, name)


def test_the_evidence_function_has_times_that_fit(with_evidence):
    queue, function = with_evidence.of("AWS::SQS::Queue", "EvidenceQueue"), with_evidence.of("AWS::Lambda::Function", "Evidence")
    mapping = with_evidence.of("AWS::Lambda::EventSourceMapping", "Evidence")
    [target] = with_evidence.of("AWS::Events::Rule", "Evidence")["Targets"]
    # All attempts end before the next run of a daily schedule.
    attempts = queue["RedrivePolicy"]["maxReceiveCount"]
    assert attempts * queue["VisibilityTimeout"] < 24 * 60 * 60
    source = (ROOT / "crates/lambda/src/evidence/run.rs").read_text()
    assert f"pub const ATTEMPTS: u32 = {attempts};" in source
    assert function["Timeout"] < queue["VisibilityTimeout"]
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    assert target["SqsParameters"] == {"MessageGroupId": "evidence"}


def test_the_stack_sets_the_variables_that_the_function_reads(full):
    assert variables("crates/lambda/src/sync/environment.rs") == full.variables().keys()


def test_the_stack_sets_the_variables_that_the_evidence_function_reads(with_evidence):
    assert variables("crates/lambda/src/evidence/environment.rs") == with_evidence.variables("EvidenceFunction").keys()


def variables(path):
    """The variables that a function reads."""
    [names] = re.findall(r"pub const VARIABLES: \[&str; \d+\] =\s+\[(.*?)\];", (ROOT / path).read_text(), re.S)
    return {f"CONTROLSYNC_{name}" for name in re.findall(r'"(\w+)"', names)}


def test_the_scripts_recognize_the_stack_by_its_description(full):
    assert f'DESCRIPTION="{full.description}"' in (ROOT / "cdk/common.sh").read_text()


@pytest.mark.parametrize("function, sources", [("Function", ["log.rs", "trace.rs", "sync"]), ("EvidenceFunction", ["log.rs", "trace.rs", "evidence"])])
def test_the_alarms_watch_metrics_that_the_function_writes(with_evidence, function, sources):
    alarms = [alarm for alarm in with_evidence.all("AWS::CloudWatch::Alarm") if alarm["Namespace"] == "controlsync"]
    of_function = [alarm for alarm in alarms if alarm["Dimensions"][0]["Value"]["Ref"].startswith(f"Controlsync{function}")]
    watched = {alarm["MetricName"] for alarm in of_function}
    paths = [ROOT / "crates/lambda/src" / name for name in sources]
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.glob("*.rs")))]
    source = "".join(file.read_text() for file in files)
    assert watched
    for metric in watched:
        assert f'"{metric}"' in source, metric
    assert '"controlsync"' in source and '"FunctionName"' in source


def test_the_longest_wait_of_the_function_is_not_longer_than_that_of_the_queue(full):
    source = (ROOT / "crates/core/src/run/retry.rs").read_text()
    constants = {name: int(value) for name, value in re.findall(r"const (\w+): u32 = (\d+);", source)}
    queue = full.of("AWS::SQS::Queue", "Queue")
    assert constants["FIRST_WAIT"] < constants["LONGEST_WAIT"] <= queue["VisibilityTimeout"]
    assert constants["DEFAULT_ATTEMPTS"] == queue["RedrivePolicy"]["maxReceiveCount"]


def test_the_tests_of_the_function_use_the_wiring_of_the_stack(full, synth):
    queue = full.of("AWS::SQS::Queue", "Queue")
    assert {name: queue[name] for name in wiring.QUEUE} == wiring.QUEUE
    assert queue["DelaySeconds"] == wiring.DELAY
    assert queue["RedrivePolicy"]["maxReceiveCount"] == wiring.MAX_RECEIVES
    assert full.of("AWS::Lambda::EventSourceMapping")["BatchSize"] == wiring.BATCH_SIZE
    for template, prefix in [(full, "teams/audit"), (synth(mode="plan"), "")]:
        rule = template.of("AWS::Events::Rule", "Uploads")
        bucket = rule["EventPattern"]["detail"]["bucket"]["name"][0]
        assert rule["EventPattern"] == wiring.pattern(bucket, prefix)
        for name in ("Uploads", "Schedule"):
            [target] = template.of("AWS::Events::Rule", name)["Targets"]
            assert target["SqsParameters"] == {"MessageGroupId": wiring.MESSAGE_GROUP}
