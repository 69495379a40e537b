"""AWS Config: what rules found, in one account and through aggregators. Tests with `peer` hold moto to the same expectations."""

import collections
import datetime
import json
import re
from pathlib import Path

import botocore.exceptions
import pytest

from program import ACCOUNT

FIRST, SECOND, MISSING = "222222222222", "333333333333", "444444444444"
HERE, THERE = "us-east-1", "eu-west-1"
RULE = {"ConfigRuleName": "logging", "Source": {"Owner": "AWS", "SourceIdentifier": "CLOUD_TRAIL_ENABLED"}}
OWN = {
    "ConfigRuleName": "own",
    "Source": {
        "Owner": "CUSTOM_LAMBDA", "SourceIdentifier": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}],
    },
}
PACK = """
Resources:
  Trails:
    Type: AWS::Config::ConfigRule
    Controls: [Logs are kept, AU-2]
    Properties:
      ConfigRuleName: trails
      Source: {Owner: AWS, SourceIdentifier: CLOUD_TRAIL_ENABLED}
  Reviews:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: reviews
      Source: {Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK}
"""
AT = "2026-11-20T08:00:00Z"


@pytest.fixture
def config(emulator):
    return emulator.boto3("config")


@pytest.fixture
def seed(emulator):
    return lambda **parts: emulator.admin("POST", "seed", parts)


def pages(call, member, **members):
    """Returns all items of a list, and the sizes of its pages."""
    items, sizes, token = [], [], {}
    while True:
        page = call(**members, **token)
        items += page[member]
        sizes.append(len(page[member]))
        if "NextToken" not in page:
            return items, sizes
        token = {"NextToken": page["NextToken"]}


def code(call, **members):
    """Returns the error code of a call that must fail."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**members)
    return caught.value.response["Error"]["Code"]


def evaluation(resource, compliance, ordered=AT, **members):
    return {
        "ComplianceResourceType": "AWS::S3::Bucket", "ComplianceResourceId": resource, "ComplianceType": compliance,
        "OrderingTimestamp": ordered, **members,
    }


def status(config, rule):
    (found,) = config.describe_compliance_by_config_rule(ConfigRuleNames=[rule])["ComplianceByConfigRules"]
    return found["Compliance"]


def test_a_rule_has_the_status_of_its_worst_resource(config, seed):
    names = ["good", "bad", "many", "none", "nowhere", "odd"]
    seed(config={
        "rules": [RULE | {"ConfigRuleName": name} for name in names],
        "results": {
            "good": {"compliant": 3, "notApplicable": 2},
            "bad": {"compliant": 200, "resources": [{"id": "b", "compliance": "NON_COMPLIANT"}]},
            "many": {"nonCompliant": 101},
            "nowhere": {"notApplicable": 1},
            "odd": {"compliant": 1, "status": "NOT_APPLICABLE"},
        },
    })
    found, _ = pages(config.describe_compliance_by_config_rule, "ComplianceByConfigRules")
    count = lambda number, exceeded: {"CappedCount": number, "CapExceeded": exceeded}
    assert {one["ConfigRuleName"]: one["Compliance"] for one in found} == {
        "good": {"ComplianceType": "COMPLIANT"},
        "bad": {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count(1, False)},
        "many": {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": count(100, True)},
        "none": {"ComplianceType": "INSUFFICIENT_DATA"},
        "nowhere": {"ComplianceType": "INSUFFICIENT_DATA"},
        "odd": {"ComplianceType": "NOT_APPLICABLE"},
    }
    found, _ = pages(config.describe_compliance_by_config_rule, "ComplianceByConfigRules", ComplianceTypes=["COMPLIANT", "NOT_APPLICABLE"])
    assert [one["ConfigRuleName"] for one in found] == ["good", "odd"]
    assert code(config.describe_compliance_by_config_rule, ConfigRuleNames=["other"]) == "NoSuchConfigRuleException"


def test_results_have_pages_and_filters(config, seed):
    resources = [{"id": "trail", "type": "AWS::CloudTrail::Trail", "compliance": "NON_COMPLIANT", "annotation": "It is off.", "time": AT}]
    seed(config={"rules": [RULE], "results": {"logging": {"compliant": 25, "nonCompliant": 5, "notApplicable": 1, "resources": resources}}})
    call = lambda **members: config.get_compliance_details_by_config_rule(ConfigRuleName="logging", **members)
    assert pages(call, "EvaluationResults")[1] == [10, 10, 10, 2]
    assert pages(call, "EvaluationResults", Limit=100)[1] == [32]
    found, _ = pages(call, "EvaluationResults", ComplianceTypes=["NON_COMPLIANT"], Limit=4)
    qualifiers = [one["EvaluationResultIdentifier"]["EvaluationResultQualifier"] for one in found]
    assert [one["ResourceId"] for one in qualifiers] == ["trail", *(f"bucket-{number:08}" for number in range(5))]
    assert qualifiers[0]["ResourceType"] == "AWS::CloudTrail::Trail"
    assert (found[0]["Annotation"], found[0]["ResultRecordedTime"].isoformat()[:19]) == ("It is off.", AT[:19])
    assert len(pages(call, "EvaluationResults", ComplianceTypes=["NOT_APPLICABLE"])[0]) == 1
    assert code(call, ComplianceTypes=["INSUFFICIENT_DATA"]) == "InvalidParameterValueException"
    assert code(config.get_compliance_details_by_config_rule, ConfigRuleName="other") == "NoSuchConfigRuleException"
    token = call(Limit=1)["NextToken"]
    assert code(call, NextToken=token, ComplianceTypes=["COMPLIANT"]) == "InvalidNextTokenException"


def test_results_become_older_and_mark_their_rule_as_evaluated(emulator, config, seed):
    seed(config={"rules": [RULE], "results": {"logging": {"compliant": 1, "time": AT}}})
    call = lambda: config.get_compliance_details_by_config_rule(ConfigRuleName="logging")["EvaluationResults"][0]
    before = call()["ResultRecordedTime"]
    emulator.admin("POST", "time", {"passHours": 3})
    assert before - call()["ResultRecordedTime"] == datetime.timedelta(hours=3)
    seed(config={"rules": [OWN | {"Source": {**OWN["Source"], "SourceDetails": []}}]})
    read = lambda: config.describe_config_rule_evaluation_status(ConfigRuleNames=["own"])["ConfigRulesEvaluationStatus"][0]
    assert not read()["FirstEvaluationStarted"]
    seed(config={"results": {"own": {"compliant": 1, "time": AT}}})
    assert read()["LastSuccessfulEvaluationTime"].isoformat()[:19] == AT[:19]


def test_a_test_of_evaluations_changes_nothing(peer):
    config = peer("config")
    sent = [evaluation("b", "NON_COMPLIANT")]
    assert config.put_evaluations(Evaluations=sent, ResultToken="any", TestMode=True)["FailedEvaluations"] == []
    assert code(config.put_evaluations, Evaluations=[], ResultToken="any", TestMode=True) == "InvalidParameterValueException"
    assert code(config.put_evaluations, Evaluations=sent, ResultToken="", TestMode=True) == "InvalidResultTokenException"


def test_functions_put_the_results_of_their_rules(config, seed):
    seed(config={"rules": [OWN, RULE]})
    rules = {rule["ConfigRuleName"]: rule["ConfigRuleArn"] for rule in config.describe_config_rules()["ConfigRules"]}
    put = lambda rule, *sent: config.put_evaluations(Evaluations=list(sent), ResultToken=rules[rule])
    put("own", evaluation("a", "COMPLIANT"), evaluation("b", "NON_COMPLIANT", Annotation="public"))
    assert status(config, "own")["ComplianceContributorCount"]["CappedCount"] == 1
    details = config.get_compliance_details_by_config_rule(ConfigRuleName="own", ComplianceTypes=["NON_COMPLIANT"])
    (result,) = details["EvaluationResults"]
    assert (result["Annotation"], result["ResultToken"]) == ("public", rules["own"])
    put("own", evaluation("b", "COMPLIANT", ordered="2026-11-19T08:00:00Z"))
    assert status(config, "own")["ComplianceType"] == "NON_COMPLIANT", "it is older than the evaluation before"
    put("own", evaluation("b", "NOT_APPLICABLE"))
    assert status(config, "own") == {"ComplianceType": "COMPLIANT"}
    assert code(put, rule="logging") == "InvalidParameterValueException"
    sent = {"Evaluations": [evaluation("a", "COMPLIANT")]}
    for token in ("any", rules["logging"]):
        assert code(config.put_evaluations, ResultToken=token, **sent) == "InvalidResultTokenException"
    sent = {"Evaluations": [evaluation("a", "INSUFFICIENT_DATA")]}
    assert code(config.put_evaluations, ResultToken=rules["own"], **sent) == "InvalidParameterValueException"
    config.delete_config_rule(ConfigRuleName="own")
    seed(config={"rules": [OWN]})
    assert status(config, "own") == {"ComplianceType": "INSUFFICIENT_DATA"}, "the results were deleted with the rule"


@pytest.fixture
def pack(config, seed):
    """A conformance pack; returns the names of its rules by their start."""
    seed(config={"recorders": [{"name": "default"}]})
    config.put_conformance_pack(ConformancePackName="baseline", TemplateBody=PACK)
    names = [rule["ConfigRuleName"] for rule in config.describe_config_rules()["ConfigRules"]]
    return {name.split("-")[0]: name for name in names}


def test_a_pack_has_the_controls_of_its_rules(config, seed, pack):
    read = lambda **filters: config.describe_conformance_pack_compliance(ConformancePackName="baseline", Filters=filters)
    found = {one["ConfigRuleName"]: one for one in read()["ConformancePackRuleComplianceList"]}
    assert {one["ComplianceType"] for one in found.values()} == {"INSUFFICIENT_DATA"}
    assert found[pack["trails"]]["Controls"] == ["Logs are kept", "AU-2"] and found[pack["reviews"]]["Controls"] == []
    seed(config={"results": {"trails-conformance-pack": {"nonCompliant": 120, "compliant": 1, "notApplicable": 1}}})
    (trails,) = read(ComplianceType="NON_COMPLIANT")["ConformancePackRuleComplianceList"]
    assert trails["ConfigRuleName"] == pack["trails"]
    attested = evaluation(ACCOUNT, "COMPLIANT", ComplianceResourceType="AWS::::Account")
    config.put_external_evaluation(ConfigRuleName=pack["reviews"], ExternalEvaluation=attested)
    (reviews,) = read(ConfigRuleNames=[pack["reviews"]])["ConformancePackRuleComplianceList"]
    assert reviews["ComplianceType"] == "COMPLIANT"
    external = config.put_external_evaluation
    assert code(external, ConfigRuleName=pack["trails"], ExternalEvaluation=attested) == "InvalidParameterValueException"
    assert code(external, ConfigRuleName="other", ExternalEvaluation=attested) == "NoSuchConfigRuleException"
    assert code(read, ConfigRuleNames=["other"]) == "NoSuchConfigRuleInConformancePackException"
    missing = {"ConformancePackName": "other"}
    assert code(config.describe_conformance_pack_compliance, **missing) == "NoSuchConformancePackException"


def test_a_pack_has_the_results_of_all_rules(config, seed, pack):
    seed(config={"results": {
        "trails-conformance-pack": {"nonCompliant": 120, "compliant": 1, "notApplicable": 1},
        "reviews-conformance-pack": {"resources": [{"id": ACCOUNT, "type": "AWS::::Account", "compliance": "COMPLIANT"}]},
    }})
    call = lambda **members: config.get_conformance_pack_compliance_details(ConformancePackName="baseline", **members)
    member = "ConformancePackRuleEvaluationResults"
    found, sizes = pages(call, member)
    assert sizes == [100, 22]
    ids = lambda found: [one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"] for one in found]
    assert len(set(ids(found))) == 122
    for size in (1, 7):
        assert ids(pages(call, member, Limit=size)[0]) == ids(found)
    assert len(pages(call, member, Filters={"ComplianceType": "COMPLIANT"})[0]) == 2
    one = {"ResourceType": "AWS::S3::Bucket", "ResourceIds": ["bucket-00000007"]}
    assert ids(pages(call, member, Filters=one)[0]) == one["ResourceIds"]
    assert code(call, Filters={"ResourceIds": ["a"]}) == "InvalidParameterValueException"
    assert code(call, Filters={"ComplianceType": "INSUFFICIENT_DATA"}) == "InvalidParameterValueException"


SOURCE = {"AccountIds": [ACCOUNT, FIRST], "AllAwsRegions": True}


def test_aggregators_are_put_described_and_deleted(peer):
    config = peer("config")
    put = lambda name, source=SOURCE: config.put_configuration_aggregator(
        ConfigurationAggregatorName=name, AccountAggregationSources=[source]
    )["ConfigurationAggregator"]
    created = put("all")
    assert re.fullmatch(
        rf"arn:aws:config:us-east-1:\d{{12}}:config-aggregator/config-aggregator-[a-z\d]+", created["ConfigurationAggregatorArn"]
    )
    for number in range(4):
        put(f"other-{number}")
    source = {"AccountIds": [FIRST], "AwsRegions": [HERE]}
    changed = put("all", source)
    assert changed["ConfigurationAggregatorArn"] == created["ConfigurationAggregatorArn"]
    (found,) = config.describe_configuration_aggregators(ConfigurationAggregatorNames=["all"])["ConfigurationAggregators"]
    (read,) = found["AccountAggregationSources"]
    assert read["AccountIds"] == [FIRST] and read["AwsRegions"] == [HERE]
    found, sizes = pages(config.describe_configuration_aggregators, "ConfigurationAggregators", Limit=2)
    assert sizes == [2, 2, 1] and [one["ConfigurationAggregatorName"] for one in found][:2] == ["all", "other-0"]
    config.delete_configuration_aggregator(ConfigurationAggregatorName="all")
    error = "NoSuchConfigurationAggregatorException"
    assert code(config.describe_configuration_aggregators, ConfigurationAggregatorNames=["all"]) == error
    assert code(config.delete_configuration_aggregator, ConfigurationAggregatorName="all") == error


ROLE = "arn:aws:iam::000000000000:role/aggregator"


@pytest.mark.parametrize("members", [
    {},
    {"AccountAggregationSources": [SOURCE], "OrganizationAggregationSource": {"RoleArn": ROLE, "AllAwsRegions": True}},
    {"AccountAggregationSources": [{"AccountIds": [FIRST]}]},
    {"AccountAggregationSources": [{**SOURCE, "AwsRegions": [HERE]}]},
    {"OrganizationAggregationSource": {"RoleArn": ROLE}},
    {"OrganizationAggregationSource": {"RoleArn": ROLE, "AllAwsRegions": True, "AwsRegions": [HERE]}},
])
def test_aggregators_that_the_service_does_not_accept(peer, members):
    put = peer("config").put_configuration_aggregator
    assert code(put, ConfigurationAggregatorName="a", **members) == "InvalidParameterValueException"


def aggregate(config, name="all", **source):
    config.put_configuration_aggregator(ConfigurationAggregatorName=name, AccountAggregationSources=[source])


def rows(config, name="all", **filters):
    """The rows of an aggregator: account, Region and rule with status and count."""
    call = config.describe_aggregate_compliance_by_config_rules
    found, _ = pages(call, "AggregateComplianceByConfigRules", ConfigurationAggregatorName=name, Filters=filters, Limit=3)
    compliance = lambda one: (one["Compliance"]["ComplianceType"], one["Compliance"]["ComplianceContributorCount"]["CappedCount"])
    return {(one["AccountId"], one["AwsRegion"], one["ConfigRuleName"]): compliance(one) for one in found}


@pytest.fixture
def organization(seed):
    """Three accounts in two Regions; each rule has results in some."""
    rule = lambda results: {"config": {"rules": [RULE, RULE | {"ConfigRuleName": "quiet"}], "results": {"logging": results}}}
    seed(
        **rule({"compliant": 2}), regions={THERE: rule({"nonCompliant": 1, "compliant": 7})},
        accounts={
            FIRST: {**rule({"nonCompliant": 300}), "regions": {THERE: rule({"notApplicable": 1})}},
            SECOND: {**rule({"compliant": 1}), "roles": {"reader": {}}},
        },
    )


def test_aggregators_have_the_rules_with_results_of_their_accounts(emulator, config, organization):
    aggregate(config, AccountIds=[ACCOUNT, FIRST, MISSING], AllAwsRegions=True)
    expected = {
        (ACCOUNT, THERE, "logging"): ("NON_COMPLIANT", 1),
        (ACCOUNT, HERE, "logging"): ("COMPLIANT", 2),
        (FIRST, HERE, "logging"): ("NON_COMPLIANT", 100),
    }
    assert rows(config) == expected
    aggregate(config, "one", AccountIds=[ACCOUNT, FIRST], AwsRegions=[HERE])
    assert rows(config, "one") == {place: of for place, of in expected.items() if place[1] == HERE}
    assert list(rows(config, ComplianceType="COMPLIANT")) == [(ACCOUNT, HERE, "logging")]
    assert list(rows(config, AccountId=FIRST, ConfigRuleName="logging")) == [(FIRST, HERE, "logging")]
    assert list(rows(config, AwsRegion=THERE)) == [(ACCOUNT, THERE, "logging")]
    assert rows(config, ConfigRuleName="quiet") == rows(config, AccountId=SECOND) == {}
    everyone = {"RoleArn": ROLE, "AllAwsRegions": True}
    config.put_configuration_aggregator(ConfigurationAggregatorName="everyone", OrganizationAggregationSource=everyone)
    assert set(rows(config, "everyone")) == {*expected, (SECOND, HERE, "logging")}
    arn = f"arn:aws:iam::{SECOND}:role/reader"
    credentials = emulator.boto3("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    other = emulator.boto3("config", credentials=credentials)
    put = other.put_configuration_aggregator
    refused = code(put, ConfigurationAggregatorName="a", OrganizationAggregationSource=everyone)
    assert refused == "OrganizationAccessDeniedException"
    error = "NoSuchConfigurationAggregatorException"
    for call in (other.describe_aggregate_compliance_by_config_rules, other.get_aggregate_config_rule_compliance_summary):
        assert code(call, ConfigurationAggregatorName="all") == error


def test_aggregators_say_which_sources_they_read(config, organization):
    aggregate(config, AccountIds=[ACCOUNT, MISSING], AllAwsRegions=True)
    call = config.describe_configuration_aggregator_sources_status
    found, _ = pages(call, "AggregatedSourceStatusList", ConfigurationAggregatorName="all", Limit=1)
    read = {(one["SourceId"], one["AwsRegion"]): one["LastUpdateStatus"] for one in found}
    assert read == {
        (ACCOUNT, HERE): "SUCCEEDED", (ACCOUNT, THERE): "SUCCEEDED", (MISSING, HERE): "FAILED", (MISSING, THERE): "FAILED",
    }
    failed = call(ConfigurationAggregatorName="all", UpdateStatus=["FAILED"])["AggregatedSourceStatusList"]
    assert {one["SourceId"] for one in failed} == {MISSING} and "LastErrorCode" in failed[0]


def test_aggregators_have_the_results_of_a_rule(config, organization):
    aggregate(config, AccountIds=[ACCOUNT, FIRST], AllAwsRegions=True)
    place = {"ConfigurationAggregatorName": "all", "ConfigRuleName": "logging"}
    call = config.get_aggregate_compliance_details_by_config_rule
    member = "AggregateEvaluationResults"
    found, sizes = pages(call, member, **place, AccountId=FIRST, AwsRegion=HERE)
    assert sizes == [50] * 6 and {(one["AccountId"], one["AwsRegion"]) for one in found} == {(FIRST, HERE)}
    assert pages(call, member, **place, AccountId=ACCOUNT, AwsRegion=THERE)[1] == [8]
    worst, _ = pages(call, member, **place, AccountId=ACCOUNT, AwsRegion=THERE, ComplianceType="NON_COMPLIANT")
    assert [one["ComplianceType"] for one in worst] == ["NON_COMPLIANT"]
    assert pages(call, member, **place, AccountId=SECOND, AwsRegion=HERE)[0] == []
    wrong = {"AccountId": FIRST, "AwsRegion": HERE, "ComplianceType": "NOT_APPLICABLE"}
    assert code(call, **place, **wrong) == "ValidationException"


def test_aggregators_count_rules(config, seed, organization):
    seed(accounts={FIRST: {"config": {"results": {f"rule-{number}": {"compliant": 1} for number in range(30)}}}})
    aggregate(config, AccountIds=[ACCOUNT, FIRST], AllAwsRegions=True)

    def summary(**members):
        call = config.get_aggregate_config_rule_compliance_summary
        found, _ = pages(call, "AggregateComplianceCounts", ConfigurationAggregatorName="all", Limit=1, **members)
        counts = lambda of: tuple(of["ComplianceSummary"][f"{kind}ResourceCount"]["CappedCount"] for kind in ("Compliant", "NonCompliant"))
        return {one.get("GroupName"): counts(one) for one in found}

    assert summary() == {None: (25, 2)}, "a count of rules stops at 25"
    assert summary(GroupByKey="ACCOUNT_ID") == {ACCOUNT: (1, 1), FIRST: (25, 1)}
    assert summary(GroupByKey="AWS_REGION") == {HERE: (25, 1), THERE: (0, 1)}
    assert summary(GroupByKey="AWS_REGION", Filters={"AccountId": ACCOUNT}) == {HERE: (1, 0), THERE: (0, 1)}


def test_rules_of_a_deleted_pack_linger_in_aggregators(config, seed, pack):
    seed(config={"results": {"trails-conformance-pack": {"nonCompliant": 1}}})
    aggregate(config, AccountIds=[ACCOUNT], AllAwsRegions=True)
    call = config.describe_aggregate_compliance_by_conformance_packs
    read = lambda: call(ConfigurationAggregatorName="all")["AggregateComplianceByConformancePacks"]
    assert read() == [{
        "ConformancePackName": "baseline", "AccountId": ACCOUNT, "AwsRegion": HERE,
        "Compliance": {
            "ComplianceType": "NON_COMPLIANT", "CompliantRuleCount": 0, "NonCompliantRuleCount": 1, "TotalRuleCount": 2,
        },
    }]
    before = rows(config)
    config.delete_conformance_pack(ConformancePackName="baseline")
    assert read() == [] and config.describe_compliance_by_config_rule()["ComplianceByConfigRules"] == []
    assert rows(config) == before == {(ACCOUNT, HERE, pack["trails"]): ("NON_COMPLIANT", 1)}
    seed(config={"results": {"never-deployed": {"compliant": 1}}})
    assert (ACCOUNT, HERE, "never-deployed") in rows(config)


def test_a_request_is_for_the_region_that_it_is_signed_for(emulator, config, organization):
    there = emulator.boto3("config", region=THERE)
    (rule,) = there.describe_config_rules(ConfigRuleNames=["logging"])["ConfigRules"]
    assert f":{THERE}:{ACCOUNT}:" in rule["ConfigRuleArn"]
    assert (status(there, "logging")["ComplianceType"], status(config, "logging")["ComplianceType"]) == ("NON_COMPLIANT", "COMPLIANT")
    unknown = emulator.boto3("config", region="ap-south-1")
    assert status(unknown, "logging") == status(config, "logging")


GENERATED = {
    "accounts": 20, "regions": [HERE, THERE], "rules": 50, "ruleNames": ["keys-conformance-pack"], "nonCompliantPerMille": 200,
    "resources": 60, "nonCompliantResources": 55, "pack": "baseline",
}


def test_generated_accounts_are_those_of_an_organization(emulator, config, seed, organization):
    seed(config={"generated": GENERATED})
    everyone = {"RoleArn": ROLE, "AllAwsRegions": True}
    config.put_configuration_aggregator(ConfigurationAggregatorName="all", OrganizationAggregationSource=everyone)
    call = config.describe_aggregate_compliance_by_config_rules
    found, sizes = pages(call, "AggregateComplianceByConfigRules", ConfigurationAggregatorName="all")
    assert sizes == [1000, 1000, 4]
    keys = [(one["AccountId"], one["AwsRegion"], one["ConfigRuleName"]) for one in found]
    assert len(set(keys)) == 2004
    worst = [one for one in found if one["Compliance"]["ComplianceType"] == "NON_COMPLIANT" and one["AccountId"] >= "3000"]
    assert 300 < len(worst) < 500
    place = {name: worst[0][name] for name in ("ConfigRuleName", "AccountId", "AwsRegion")}
    details = config.get_aggregate_compliance_details_by_config_rule
    results, sizes = pages(details, "AggregateEvaluationResults", ConfigurationAggregatorName="all", ComplianceType="NON_COMPLIANT", **place)
    assert sizes == [50, 5]
    filters = {"AccountId": "300000000019", "ConfigRuleName": next(rule for account, _, rule in keys if account == "300000000019")}
    assert filters["ConfigRuleName"].startswith("keys-conformance-pack-")
    assert len(rows(config, **filters)) == 1
    packs = config.describe_aggregate_compliance_by_conformance_packs
    found, _ = pages(packs, "AggregateComplianceByConformancePacks", ConfigurationAggregatorName="all")
    assert len(found) == 40 and sum(one["Compliance"]["NonCompliantRuleCount"] for one in found) == len(worst)
    status, _, body = emulator.http("POST", "/_emulator/seed", {"config": {"generated": GENERATED | {"rules": 0}}})
    assert status == 400 and "`generated` cannot have this value of `rules`" in body


@pytest.mark.parametrize("kind", ["RepeatEntries", "Overlap", "EmptyToken", "EmptyPages"])
def test_pages_that_are_not_as_they_should_be_have_the_same_rows(emulator, config, organization, kind):
    aggregate(config, AccountIds=[ACCOUNT, FIRST, SECOND], AllAwsRegions=True)
    expected = rows(config)
    emulator.admin("POST", "options", {"config": {"pages": kind}})
    call = config.describe_aggregate_compliance_by_config_rules
    found, token, empty = [], {}, 0
    while True:
        page = call(ConfigurationAggregatorName="all", Limit=2, **token)
        found += [(one["AccountId"], one["AwsRegion"], one["ConfigRuleName"]) for one in page["AggregateComplianceByConfigRules"]]
        empty += not page["AggregateComplianceByConfigRules"]
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    assert set(found) == set(expected) and (empty > 0) == (kind == "EmptyPages")


def test_what_cannot_be_read_is_denied_or_fails(emulator, config, organization):
    """A role that lacks one action, and a fault of one account: other accounts and operations are not concerned."""
    emulator.admin("POST", "seed", {"accounts": {SECOND: {"roles": {"reader": {"denied": ["config:DescribeComplianceByConfigRule"]}}}}})
    arn = f"arn:aws:iam::{SECOND}:role/reader"
    credentials = emulator.boto3("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    other = emulator.boto3("config", credentials=credentials)
    assert code(other.describe_compliance_by_config_rule) == "AccessDeniedException"
    assert len(other.get_compliance_details_by_config_rule(ConfigRuleName="logging")["EvaluationResults"]) == 1
    aggregate(config, AccountIds=[ACCOUNT, FIRST], AllAwsRegions=True)
    operation = "DescribeAggregateComplianceByConfigRules"
    emulator.admin("POST", "faults", {"operation": f"config:{operation}", "account": ACCOUNT, "skip": 1, "effect": "throttle"})
    call = config.describe_aggregate_compliance_by_config_rules
    token = call(ConfigurationAggregatorName="all", Limit=1)["NextToken"]
    assert code(call, ConfigurationAggregatorName="all", Limit=1, NextToken=token) == "ThrottlingException"
    assert len(call(ConfigurationAggregatorName="all", Limit=1, NextToken=token)["AggregateComplianceByConfigRules"]) == 1


def test_the_sample_account_has_something_of_everything(emulator, config, seed):
    """The seed that guides load into an account with the frameworks of the sample catalog."""
    sample = json.loads((Path(__file__).parents[2] / "docs/guide/sample-account.json").read_text())
    frameworks = [{"name": name} for name in sorted({assessment["framework"] for assessment in sample["assessments"]})]
    seed(frameworks=frameworks, **sample)
    found, _ = pages(config.describe_compliance_by_config_rule, "ComplianceByConfigRules")
    count = collections.Counter(one["Compliance"]["ComplianceType"] for one in found)
    assert count == {"COMPLIANT": 36, "NON_COMPLIANT": 6, "INSUFFICIENT_DATA": 3}
    findings = [one for page in emulator.boto3("securityhub").get_paginator("get_findings").paginate() for one in page["Findings"]]
    assert {one["Compliance"]["Status"] for one in findings} == {"PASSED", "FAILED", "WARNING", "NOT_AVAILABLE"}
    assert {"SUPPRESSED", "NEW"} == {one["Workflow"]["Status"] for one in findings}
    assert {one["Compliance"]["SecurityControlId"] for one in findings} == set(sample["securityHub"]["findings"])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="/proc is that of Linux")
def test_a_million_rows_need_no_memory(emulator, config, seed):
    seed(config={"generated": {"accounts": 1000, "regions": [HERE, THERE], "rules": 500, "nonCompliantPerMille": 100}})
    everyone = {"RoleArn": ROLE, "AllAwsRegions": True}
    config.put_configuration_aggregator(ConfigurationAggregatorName="all", OrganizationAggregationSource=everyone)
    found, _ = pages(config.get_aggregate_config_rule_compliance_summary, "AggregateComplianceCounts", ConfigurationAggregatorName="all", GroupByKey="ACCOUNT_ID")
    assert len(found) == 1001
    (last,) = rows(config, AccountId="300000000999", AwsRegion=THERE, ConfigRuleName="rule-00499")
    assert last == ("300000000999", THERE, "rule-00499")
    page, call = {}, config.describe_aggregate_compliance_by_config_rules
    for _ in range(10):
        page = call(ConfigurationAggregatorName="all", **({"NextToken": page["NextToken"]} if page else {}))
        assert len(page["AggregateComplianceByConfigRules"]) == 1000
    status = Path(f"/proc/{emulator.process.pid}/status").read_text()
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    assert int(peak) < 100_000
