"""The service models of the installed botocore: their constraints, and validation of responses."""

import datetime
import functools
import re
import sys
import unicodedata

import botocore.session

AUDIT_MANAGER = [
    "CreateControl",
    "GetControl",
    "UpdateControl",
    "DeleteControl",
    "ListControls",
    "CreateAssessmentFramework",
    "GetAssessmentFramework",
    "UpdateAssessmentFramework",
    "DeleteAssessmentFramework",
    "ListAssessmentFrameworks",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "ListKeywordsForDataSource",
    "GetAccountStatus",
    "GetSettings",
    "ListAssessments",
    "GetAssessment",
    "CreateAssessment",
    "UpdateAssessmentStatus",
    "UpdateAssessmentControl",
    "GetOrganizationAdminAccount",
    "GetEvidenceFoldersByAssessment",
    "GetEvidenceFoldersByAssessmentControl",
    "ListAssessmentControlInsightsByControlDomain",
    "GetInsights",
    "GetInsightsByAssessment",
]

CONFIG = [
    "PutConfigurationRecorder",
    "DescribeConfigurationRecorders",
    "DescribeConfigurationRecorderStatus",
    "StartConfigurationRecorder",
    "StopConfigurationRecorder",
    "DeleteConfigurationRecorder",
    "PutDeliveryChannel",
    "DescribeDeliveryChannels",
    "PutConfigRule",
    "DescribeConfigRules",
    "DeleteConfigRule",
    "DescribeConfigRuleEvaluationStatus",
    "StartConfigRulesEvaluation",
    "GetDiscoveredResourceCounts",
    "PutConformancePack",
    "DescribeConformancePacks",
    "DescribeConformancePackStatus",
    "DeleteConformancePack",
    "DescribeComplianceByConfigRule",
    "GetComplianceDetailsByConfigRule",
    "PutEvaluations",
    "PutExternalEvaluation",
    "DescribeConformancePackCompliance",
    "GetConformancePackComplianceDetails",
    "PutConfigurationAggregator",
    "DescribeConfigurationAggregators",
    "DeleteConfigurationAggregator",
    "DescribeConfigurationAggregatorSourcesStatus",
    "DescribeAggregateComplianceByConfigRules",
    "GetAggregateComplianceDetailsByConfigRule",
    "GetAggregateConfigRuleComplianceSummary",
    "DescribeAggregateComplianceByConformancePacks",
]

SECURITY_HUB = [
    "EnableSecurityHub",
    "DisableSecurityHub",
    "DescribeHub",
    "UpdateSecurityHubConfiguration",
    "GetAdministratorAccount",
    "DescribeStandards",
    "GetEnabledStandards",
    "BatchEnableStandards",
    "BatchDisableStandards",
    "DescribeStandardsControls",
    "UpdateStandardsControl",
    "ListSecurityControlDefinitions",
    "BatchGetSecurityControls",
    "ListStandardsControlAssociations",
    "BatchGetStandardsControlAssociations",
    "BatchUpdateStandardsControlAssociations",
    "GetFindings",
    "DescribeOrganizationConfiguration",
    "ListConfigurationPolicyAssociations",
    "GetConfigurationPolicy",
]

EVENT_BRIDGE = ["DescribeRule", "ListRules", "EnableRule", "DisableRule", "PutRule", "DeleteRule"]

CLOUD_TRAIL = [
    "CreateTrail",
    "DescribeTrails",
    "GetTrailStatus",
    "GetEventSelectors",
    "PutEventSelectors",
    "StartLogging",
    "StopLogging",
    "DeleteTrail",
]

STS = ["AssumeRole", "GetCallerIdentity"]

# The operations that the emulator supports, by the name of the service in botocore.
SERVED = {
    "auditmanager": AUDIT_MANAGER,
    "config": CONFIG,
    "securityhub": SECURITY_HUB,
    "events": EVENT_BRIDGE,
    "cloudtrail": CLOUD_TRAIL,
    "sts": STS,
}


@functools.cache
def service(name):
    """The model of a service."""
    return botocore.session.get_session().get_service_model(name)

# Traits of a shape that constrain its values. `test_limits.py` fails on an unknown trait.
CONSTRAINTS = {"enum", "min", "max", "pattern", "required"}

# Traits that are not constraints.
OTHER_TRAITS = {
    "type", "documentation", "sensitive", "members", "member", "key", "value", "shape", "exception", "error", "fault",
    "timestampFormat", "deprecated", "deprecatedMessage", "deprecatedSince", "location", "locationName",
    "resultWrapper",
}


class Step:
    """A step of the path to a part of an input."""

    def __init__(self, kind, name=None):
        self.kind, self.name = kind, name


def raw(shape):
    """The shape as it is in the model file."""
    return shape._shape_model


def constraints(shape, path=()):
    """Yields every constraint within a shape: (path, shape, trait, bound)."""
    traits = raw(shape)
    unknown = set(traits) - CONSTRAINTS - OTHER_TRAITS
    assert not unknown, f"the model has a new trait on {shape.name}: {unknown}"
    for trait in sorted(CONSTRAINTS & set(traits)):
        if trait == "required":
            for name in traits["required"]:
                yield (*path, Step("member", name)), shape.members[name], "required", True
        else:
            yield path, shape, trait, traits[trait]
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from constraints(member, (*path, Step("member", name)))
    elif shape.type_name == "list":
        yield from constraints(shape.member, (*path, Step("item")))
    elif shape.type_name == "map":
        yield from constraints(shape.key, (*path, Step("key")))
        yield from constraints(shape.value, (*path, Step("value")))


@functools.cache
def of_category(letter):
    """The characters of a category of Unicode, for a class in a pattern of Python, which has no `\\p`."""
    points = [point for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)).startswith(letter)]
    starts = [point for point, before in zip(points, [None, *points]) if before != point - 1]
    ends = [point for point, after in zip(points, [*points[1:], None]) if after != point + 1]
    return "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends))


def full_match(pattern, text):
    """Matches as the service does: the full text, and only ASCII whitespace."""
    pattern = re.sub(r"\\p\{(\w)\}", lambda found: of_category(found[1]), pattern)
    # In Java, a dash after a class is literal; in Python it must be escaped.
    pattern = pattern.replace(r"\s-", r"\s\-").replace("[$]", r"\$").replace("$", r"\Z").replace(r"\\Z", r"\$")
    return re.compile(pattern, re.ASCII).fullmatch(text) is not None


def check_output(shape, value, path="response"):
    """Fails unless a value parsed from JSON is valid for a shape of the model."""
    if shape is None:
        assert value == {}, f"{path}: the model has no response"
        return
    kind, traits = shape.type_name, raw(shape)
    if kind == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{path}: {unknown} is not in the model"
        missing = set(shape.required_members) - set(value)
        assert not missing, f"{path}: {missing} is missing"
        for name, member in value.items():
            check_output(shape.members[name], member, f"{path}.{name}")
        return
    in_text = traits.get("timestampFormat") == "iso8601" or isinstance(value, str)
    if kind == "timestamp" and in_text:
        assert datetime.datetime.fromisoformat(value).tzinfo, f"{path}: {value!r} is not a time"
        return
    expected = {
        "string": str, "long": int, "double": (int, float), "integer": int, "boolean": bool, "timestamp": (int, float), "list": list, "map": dict,
    }[kind]
    assert isinstance(value, expected), f"{path}: {value!r} is not a {kind}"
    if kind in ("string", "list", "map"):
        assert traits.get("min", 0) <= len(value) <= traits.get("max", len(value)), f"{path}: length {len(value)}"
    if "enum" in traits:
        assert value in traits["enum"], f"{path}: {value}"
    if "pattern" in traits:
        assert full_match(traits["pattern"], value), f"{path}: {value!r} does not match {traits['pattern']}"
    if kind == "list":
        for item in value:
            check_output(shape.member, item, f"{path}[]")
    elif kind == "map":
        for key, item in value.items():
            check_output(shape.key, key, f"{path} key")
            check_output(shape.value, item, f"{path}.{key}")
