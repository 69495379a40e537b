"""EventBridge: rules of the default event bus."""

import botocore.exceptions
import pytest

RECEIVER = "AuditManagerSecurityHubFindingsReceiver"
PATTERN = '{"source": ["aws.ec2"]}'


def test_rules_are_put_changed_and_deleted(peer):
    events = peer("events")
    arn = events.put_rule(Name="ours", EventPattern=PATTERN)["RuleArn"]
    assert arn.endswith(":rule/ours")
    rule = events.describe_rule(Name="ours")
    assert (rule["Arn"], rule["State"], rule["EventPattern"]) == (arn, "ENABLED", PATTERN)
    events.disable_rule(Name="ours")
    assert events.describe_rule(Name="ours")["State"] == "DISABLED"
    events.enable_rule(Name="ours")
    assert [rule["State"] for rule in events.list_rules(NamePrefix="our")["Rules"]] == ["ENABLED"]
    events.delete_rule(Name="ours")
    events.delete_rule(Name="ours")
    for call in (events.describe_rule, events.disable_rule, events.enable_rule):
        with pytest.raises(events.exceptions.ResourceNotFoundException):
            call(Name="ours")


def test_a_rule_needs_a_pattern_that_is_json(peer):
    events = peer("events")
    with pytest.raises(events.exceptions.InvalidEventPatternException):
        events.put_rule(Name="ours", EventPattern="{")


def test_lists_have_pages(peer):
    events = peer("events")
    for number in range(5):
        events.put_rule(Name=f"rule-{number}", EventPattern=PATTERN)
    names, token = [], {}
    while True:
        page = events.list_rules(NamePrefix="rule-", Limit=2, **token)
        assert len(page["Rules"]) <= 2
        names += [rule["Name"] for rule in page["Rules"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [f"rule-{number}" for number in range(5)]


def test_a_new_account_has_the_receiver_of_audit_manager(program):
    events = program.boto3("events")
    rule = events.describe_rule(Name=RECEIVER)
    assert rule["State"] == "ENABLED" and "Security Hub Findings" in rule["EventPattern"]
    assert rule["Arn"] == f"arn:aws:events:us-east-1:000000000000:rule/{RECEIVER}"
    with pytest.raises(events.exceptions.ResourceNotFoundException):
        events.describe_rule(Name=RECEIVER, EventBusName="other")
    with pytest.raises(botocore.exceptions.ClientError, match="must be specified"):
        events.put_rule(Name="ours")
