"""Exported conformance packs in the hands of others: PyYAML, boto3 with the emulator, and moto."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from program import Program, session_of

ROOT = Path(__file__).parent.parent.parent
HOUSE = """name: House rules
datasources:
  - sourceName: Volumes
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_house-rule-conformance-pack}
    customRule: {guard: rules/house.guard, resourceTypes: [AWS::EC2::Volume]}
    remediation:
      ssmDocument: AWS-PublishSNSNotification
      automationRole: arn:aws:iam::111122223333:role/Notify
      automatic: true
      parameters: {Message: RESOURCE_ID, TopicArn: "arn:aws:sns:us-east-1:111122223333:volumes"}
  - sourceName: "yes: a 'quoted' name # 1"
    sourceDescription: "on"
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: DESIRED_INSTANCE_TYPE}
    requiredParameters: {instanceType: "1e3"}
"""
FUNCTION = """name: Function
datasources:
  - sourceName: Periodic
    sourceType: AWS_Config
    sourceKeyword: {keywordValue: Custom_function-conformance-pack}
    customRule: {lambda: "arn:aws:lambda:us-east-1:111122223333:function:f", trigger: periodic}
"""
GUARD = 'rule house when resourceType == "AWS::EC2::Volume" {\n  configuration.encrypted == true\n}\n'
# moto has no custom rules of Guard, and refuses functions that it does not have.
OWNERS = {"AWS"}


def export(directory, *flags):
    command = [os.environ["CONTROLSYNC_BIN"], "export", "conformance-pack", *flags]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem: path.read_text() for path in sorted((directory / "packs").glob("*.yaml"))}


FLAGS = ["--manual", "process-check", "--security-hub", "map", "--allow-automatic-remediation"]


def exported(directory):
    """The templates and the lock."""
    return export(directory, *FLAGS), json.loads((directory / "packs/packs.lock.json").read_text())


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The packs of the sample catalog, and of what it does not have."""
    directory = tmp_path_factory.mktemp("catalog")
    for folder in ["controls", "frameworks", "rules"]:
        (directory / folder).mkdir()
    for folder in ["controls", "frameworks"]:
        for path in (ROOT / folder).rglob("*.yaml"):
            target = directory / path.relative_to(ROOT)
            target.parent.mkdir(exist_ok=True, parents=True)
            target.write_text(path.read_text())
    (directory / "controls/house.yaml").write_text(HOUSE)
    (directory / "controls/function.yaml").write_text(FUNCTION)
    (directory / "rules/house.guard").write_text(GUARD)
    return exported(directory)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The packs of a catalog that comes from published ones."""
    corpora = os.environ.get("CONTROLSYNC_CORPORA")
    if not corpora:
        pytest.skip("CONTROLSYNC_CORPORA does not name the directory with third-party definitions")
    directory = tmp_path_factory.mktemp("imported")
    (directory / "controls").mkdir()
    templates = sorted(Path(corpora, "conformance-packs").glob("*.y*ml"))
    command = [os.environ["CONTROLSYNC_BIN"], "import", "conformance-pack", *map(str, templates)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 1 and "Imported:" in done.stdout, done.stdout + done.stderr
    return exported(directory)


@pytest.fixture(scope="module", params=["sample", "imported"])
def packs(request):
    return request.getfixturevalue(request.param)


def rules_of(text):
    """The properties of the rules of a template, with its parameters filled in."""
    template = yaml.safe_load(text)
    defaults = {name: parameter["Default"] for name, parameter in template.get("Parameters", {}).items()}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Config::ConfigRule":
            inputs = resource["Properties"].get("InputParameters", {})
            values = {name: defaults[value["Ref"]] if isinstance(value, dict) else value for name, value in inputs.items()}
            yield resource["Properties"] | ({"InputParameters": json.dumps(values)} if values else {})


def test_pyyaml_reads_every_rule(packs):
    texts, lock = packs
    names = [rule["ConfigRuleName"] for text in texts.values() for rule in rules_of(text)]
    assert sorted(names) == sorted(check["ruleName"] for check in lock["checks"])


def test_pyyaml_reads_strings_as_strings(sample):
    texts, _ = sample
    template = yaml.safe_load(texts["default"])
    house = template["Resources"]["HouseRule"]["Properties"]
    assert house["Source"]["CustomPolicyDetails"]["PolicyText"] == GUARD
    desired = template["Resources"]["DesiredInstanceType"]
    assert (desired["Properties"]["Description"], desired["Controls"]) == ("on", ["House rules"])
    assert template["Parameters"]["DesiredInstanceTypeParamInstanceType"]["Default"] == "1e3"
    assert template["Resources"]["HouseRuleRemediation"]["Properties"]["Automatic"] is True


def test_the_emulator_deploys_every_pack(packs):
    texts, lock = packs
    program = Program()
    try:
        client = program.boto3("config")
        group = {"allSupported": True, "includeGlobalResourceTypes": True}
        recorder = {"name": "default", "roleARN": "arn:aws:iam::000000000000:role/config", "recordingGroup": group}
        client.put_configuration_recorder(ConfigurationRecorder=recorder)
        client.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "history"})
        client.start_configuration_recorder(ConfigurationRecorderName="default")
        for name, text in texts.items():
            client.put_conformance_pack(ConformancePackName=name, TemplateBody=text)
        pages = client.get_paginator("describe_config_rules").paginate()
        deployed = [rule["ConfigRuleName"] for page in pages for rule in page["ConfigRules"]]
    finally:
        program.kill()
    expected = sorted(f"{check['ruleName']}-conformance-pack" for check in lock["checks"])
    assert sorted(name.rsplit("-", 1)[0] for name in deployed) == expected


def test_moto_accepts_every_managed_rule(packs, moto):
    client = session_of(None).client("config", endpoint_url=moto)
    rules = [rule for text in packs[0].values() for rule in rules_of(text)]
    accepted = [rule for rule in rules if rule["Source"]["Owner"] in OWNERS and not is_process_check(rule)]
    for rule in accepted:
        client.put_config_rule(ConfigRule=rule)
        # moto has a lower limit than AWS Config.
        client.delete_config_rule(ConfigRuleName=rule["ConfigRuleName"])
    assert len(accepted) > 50


def test_moto_is_asked_for_all_managed_rules_of_the_sample(sample):
    rules = [rule for text in sample[0].values() for rule in rules_of(text)]
    others = [rule for rule in rules if rule["Source"]["Owner"] not in OWNERS or is_process_check(rule)]
    assert len(others) == 10, "8 process checks, a Guard rule and a function"


def is_process_check(rule):
    return rule["Source"].get("SourceIdentifier") == "AWS_CONFIG_PROCESS_CHECK"


def test_cfn_lint_finds_nothing(packs, tmp_path):
    """`Controls` is a key of conformance packs alone, so it is taken off."""
    for name, text in packs[0].items():
        template = yaml.safe_load(text)
        for resource in template["Resources"].values():
            resource.pop("Controls", None)
        (tmp_path / f"{name}.json").write_text(json.dumps(template))
    done = subprocess.run(["cfn-lint", *map(str, tmp_path.glob("*.json"))], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
