"""AWS Config: recorders, rules and conformance packs. Tests with `peer` hold moto to the same expectations."""

import datetime
import json
import os
import re
from pathlib import Path

import botocore.exceptions
import pytest

ROLE = "arn:aws:iam::000000000000:role/config"
KEYS = {"Owner": "AWS", "SourceIdentifier": "ACCESS_KEYS_ROTATED"}
SSH = {"Owner": "AWS", "SourceIdentifier": "VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS"}
LOGGED = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_LOGGING_ENABLED"}
PACK = """
Parameters:
  Age: {Type: String, Default: '90'}
Conditions:
  hasAge: {'Fn::Not': [{'Fn::Equals': ['', {Ref: Age}]}]}
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: keys
      InputParameters: {maxAccessKeyAge: {'Fn::If': [hasAge, {Ref: Age}, {Ref: 'AWS::NoValue'}]}}
      Source: {Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}
"""


@pytest.fixture
def config(emulator):
    return emulator.boto3("config")


def record(config, group=None, start=True):
    recorder = {"name": "default", "roleARN": ROLE}
    config.put_configuration_recorder(ConfigurationRecorder=recorder | ({"recordingGroup": group} if group else {}))
    if start:
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "bucket"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")


def put(config, name, source, **members):
    config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source, **members})


def code(call, **members):
    """Returns the error code of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    return caught.value.response["Error"]["Code"]


def evaluated(config, name):
    (status,) = config.describe_config_rule_evaluation_status(ConfigRuleNames=[name])["ConfigRulesEvaluationStatus"]
    assert status["FirstEvaluationStarted"] == ("LastSuccessfulEvaluationTime" in status)
    return status["FirstEvaluationStarted"]


@pytest.mark.parametrize(("group", "expected"), [
    (None, {"allSupported": True, "includeGlobalResourceTypes": False}),
    ({"allSupported": True, "includeGlobalResourceTypes": True}, {"allSupported": True, "includeGlobalResourceTypes": True}),
    (
        {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]},
        {"allSupported": False, "includeGlobalResourceTypes": False, "resourceTypes": ["AWS::S3::Bucket"]},
    ),
    (
        {
            "exclusionByResourceTypes": {"resourceTypes": ["AWS::S3::Bucket"]},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
        {"allSupported": False, "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}},
    ),
])
def test_a_recorder_records_what_its_group_says(peer, group, expected):
    config = peer("config")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    record(config, group, start=False)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert (recorder["name"], recorder["roleARN"]) == ("default", ROLE)
    assert {key: recorder["recordingGroup"].get(key) for key in expected} == expected
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] is False


def test_recorders_and_channels_depend_on_each_other(peer):
    config = peer("config")
    channel = {"name": "default", "s3BucketName": "bucket"}
    assert code(config.put_delivery_channel, DeliveryChannel=channel) == "NoAvailableConfigurationRecorderException"
    start = {"ConfigurationRecorderName": "default"}
    assert code(config.start_configuration_recorder, **start) in ("NoSuchConfigurationRecorderException",)
    record(config, start=False)
    assert code(config.start_configuration_recorder, **start) == "NoAvailableDeliveryChannelException"
    record(config)
    assert config.describe_delivery_channels()["DeliveryChannels"] == [channel]
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] and isinstance(status["lastStartTime"], datetime.datetime)
    config.stop_configuration_recorder(**start)
    assert not config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"]
    other = {"name": "other", "roleARN": ROLE}
    error = "MaxNumberOfConfigurationRecordersExceededException"
    assert code(config.put_configuration_recorder, ConfigurationRecorder=other) == error
    config.delete_configuration_recorder(**start)
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []


def test_rules_are_put_listed_and_deleted(peer):
    config = peer("config")
    record(config)
    for number in range(30):
        put(config, f"rule-{number:02}", LOGGED)
    first = config.describe_config_rules()
    assert len(first["ConfigRules"]) == 25
    rest = config.describe_config_rules(NextToken=first["NextToken"])
    assert "NextToken" not in rest
    names = [rule["ConfigRuleName"] for rule in first["ConfigRules"] + rest["ConfigRules"]]
    assert names == [f"rule-{number:02}" for number in range(30)]
    config.delete_config_rule(ConfigRuleName="rule-00")
    assert code(config.describe_config_rules, ConfigRuleNames=["rule-00"]) == "NoSuchConfigRuleException"
    (rule,) = config.describe_config_rules(ConfigRuleNames=["rule-01"])["ConfigRules"]
    assert (rule["Source"], rule["ConfigRuleState"]) == (LOGGED, "ACTIVE")
    assert re.fullmatch(r"arn:aws:config:us-east-1:\d{12}:config-rule/config-rule-[a-z0-9]{6}", rule["ConfigRuleArn"])
    assert rule["ConfigRuleArn"].endswith(rule["ConfigRuleId"])


@pytest.mark.parametrize(("source", "parameters", "error"), [
    ({"Owner": "AWS", "SourceIdentifier": "NO_SUCH_RULE"}, None, "InvalidParameterValueException"),
    (KEYS, {"maximum": "90"}, "InvalidParameterValueException"),
    ({"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": "arn:aws:lambda:us-east-1:000000000000:function:f"}, None,
     "InvalidParameterValueException"),
])
def test_rules_that_the_service_does_not_accept(peer, source, parameters, error):
    config = peer("config")
    record(config)
    rule = {"ConfigRuleName": "r", "Source": source}
    if parameters is not None:
        rule["InputParameters"] = json.dumps(parameters)
    assert code(config.put_config_rule, ConfigRule=rule) == error


def test_a_missing_parameter_and_a_missing_recorder(config):
    error = "NoAvailableConfigurationRecorderException"
    assert code(config.put_config_rule, ConfigRule={"ConfigRuleName": "r", "Source": LOGGED}) == error
    record(config)
    assert code(config.put_config_rule, ConfigRule={"ConfigRuleName": "r", "Source": KEYS}) == "InvalidParameterValueException"
    put(config, "r", KEYS, InputParameters='{"maxAccessKeyAge": "90"}')


def test_rules_are_evaluated_once_they_can_be(emulator, config):
    record(config, {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]}, start=False)
    put(config, "periodic", KEYS, InputParameters='{"maxAccessKeyAge": "90"}')
    put(config, "changes", LOGGED)
    put(config, "proactive", LOGGED, EvaluationModes=[{"Mode": "PROACTIVE"}])
    assert evaluated(config, "periodic") and not evaluated(config, "changes")
    record(config, {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]})
    config.start_config_rules_evaluation(ConfigRuleNames=["changes", "proactive"])
    assert not evaluated(config, "changes")
    record(config)
    assert evaluated(config, "changes") and not evaluated(config, "proactive")
    (before,) = config.describe_config_rule_evaluation_status(ConfigRuleNames=["changes"])["ConfigRulesEvaluationStatus"]
    emulator.admin("POST", "time", {"passHours": 25})
    (after,) = config.describe_config_rule_evaluation_status(ConfigRuleNames=["changes"])["ConfigRulesEvaluationStatus"]
    for member in ("FirstActivatedTime", "LastSuccessfulEvaluationTime"):
        assert before[member] - after[member] == datetime.timedelta(hours=25)


def test_the_global_types_are_recorded_only_if_included(config):
    user = {"Owner": "AWS", "SourceIdentifier": "IAM_USER_NO_POLICIES_CHECK"}
    record(config)
    put(config, "users", user)
    assert not evaluated(config, "users")
    record(config, {"allSupported": True, "includeGlobalResourceTypes": True})
    assert evaluated(config, "users")


def test_a_seed_has_what_requests_cannot_create(emulator, config):
    emulator.admin("POST", "seed", {"config": {
        "recorders": [{"name": "of-a-service", "servicePrincipal": "guardduty.amazonaws.com"}],
        "rules": [
            {"ConfigRuleName": "theirs", "CreatedBy": "securityhub.amazonaws.com", "Source": LOGGED},
            {"ConfigRuleName": "failing", "Source": LOGGED, "evaluationStatus": {
                "LastFailedEvaluationTime": "2026-11-25T10:00:00Z", "LastErrorCode": "AccessDenied",
            }},
        ],
        "resourceCounts": {"AWS::IAM::User": 12, "AWS::S3::Bucket": 3},
    }})
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    linked = config.describe_configuration_recorders(ServicePrincipal="guardduty.amazonaws.com")
    assert linked["ConfigurationRecorders"][0]["name"] == "of-a-service"
    assert not evaluated(config, "theirs"), "service-linked recorders do not count"
    (rule,) = config.describe_config_rules(ConfigRuleNames=["theirs"])["ConfigRules"]
    assert ":config-rule/aws-service-rule/securityhub.amazonaws.com/config-rule-" in rule["ConfigRuleArn"]
    assert code(config.delete_config_rule, ConfigRuleName="theirs") == "AccessDeniedException"
    (failing,) = config.describe_config_rule_evaluation_status(ConfigRuleNames=["failing"])["ConfigRulesEvaluationStatus"]
    assert (failing["LastErrorCode"], "LastSuccessfulEvaluationTime" in failing) == ("AccessDenied", False)
    counts = config.get_discovered_resource_counts()
    assert counts["totalDiscoveredResources"] == 15
    assert [count["resourceType"] for count in counts["resourceCounts"]] == ["AWS::IAM::User", "AWS::S3::Bucket"]
    counts = config.get_discovered_resource_counts(resourceTypes=["AWS::S3::Bucket"])
    assert counts["resourceCounts"] == [{"resourceType": "AWS::S3::Bucket", "count": 3}]


def test_a_conformance_pack_has_its_own_rules(config):
    record(config)
    parameters = [{"ParameterName": "Age", "ParameterValue": "30"}]
    pack = {"ConformancePackName": "pack", "TemplateBody": PACK}
    config.put_conformance_pack(**pack, ConformancePackInputParameters=parameters)
    (status,) = config.describe_conformance_pack_status()["ConformancePackStatusDetails"]
    assert status["ConformancePackState"] == "CREATE_COMPLETE"
    (rule,) = config.describe_config_rules()["ConfigRules"]
    assert re.fullmatch("keys-conformance-pack-[a-z0-9]{9}", rule["ConfigRuleName"])
    assert rule["CreatedBy"] == "config-conforms.amazonaws.com"
    assert "config-rule/aws-service-rule/config-conforms.amazonaws.com/config-rule-" in rule["ConfigRuleArn"]
    assert json.loads(rule["InputParameters"]) == {"maxAccessKeyAge": "30"}
    config.put_conformance_pack(**pack)
    (again,) = config.describe_config_rules()["ConfigRules"]
    assert again["ConfigRuleName"] == rule["ConfigRuleName"]
    assert json.loads(again["InputParameters"]) == {"maxAccessKeyAge": "90"}
    config.delete_conformance_pack(ConformancePackName="pack")
    assert config.describe_config_rules()["ConfigRules"] == []
    assert code(config.describe_conformance_packs, ConformancePackNames=["pack"]) == "NoSuchConformancePackException"


def test_a_template_that_is_not_understood_names_the_resource(config):
    record(config)
    for wrong in (PACK.replace("AWS::Config::ConfigRule", "AWS::S3::Bucket"), PACK.replace("ROTATED", "TURNED")):
        with pytest.raises(config.exceptions.ConformancePackTemplateValidationException, match="Keys"):
            config.put_conformance_pack(ConformancePackName="pack", TemplateBody=wrong)
    assert config.describe_conformance_packs()["ConformancePackDetails"] == []


def test_a_pack_without_a_recorder_fails(config):
    config.put_conformance_pack(ConformancePackName="pack", TemplateBody=PACK)
    (status,) = config.describe_conformance_pack_status()["ConformancePackStatusDetails"]
    assert status["ConformancePackState"] == "CREATE_FAILED" and "Recorder" in status["ConformancePackStatusReason"]


CORPORA = os.environ.get("CONTROLSYNC_CORPORA")


@pytest.mark.skipif(not CORPORA, reason="CONTROLSYNC_CORPORA does not name the directory with third-party definitions")
def test_published_packs_are_understood(config):
    record(config)
    templates = [path.read_text(encoding="utf-8") for path in sorted(Path(CORPORA, "conformance-packs").glob("*.y*ml"))]
    counts = []
    for template in (text for text in templates if len(text) <= 51_200):
        pack = {"ConformancePackName": "pack", "TemplateBody": template}
        try:
            config.put_conformance_pack(**pack)
        except config.exceptions.ConformancePackTemplateValidationException as error:
            # Some parameters have no default.
            (name,) = re.findall(r"Parameters: \[(\w+)\] must have values", str(error))
            parameters = [{"ParameterName": name, "ParameterValue": "x"}]
            config.put_conformance_pack(**pack, ConformancePackInputParameters=parameters)
        counts.append(len(config.describe_config_rules()["ConfigRules"]))
        config.delete_conformance_pack(ConformancePackName="pack")
    # One pack has only rules that its parameters leave out.
    assert len(counts) > 20 and counts.count(0) <= 1
