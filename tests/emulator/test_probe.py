"""`controlsync probe` against the emulator as a program, and its answers from outside: boto3 asks the same."""

import json
import os
import re
import subprocess
import time
import unicodedata
from pathlib import Path

import botocore.exceptions
import pytest

from program import ACCOUNT, CREDENTIALS, Program

NO_ID = "00000000-0000-4000-8000-000000000000"
PAGE = (Path(__file__).parent.parent.parent / "docs/guide/probe.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def emulator():
    emulator = Program()
    yield emulator
    emulator.kill()


@pytest.fixture(scope="module")
def report(emulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    emulator.admin("DELETE", "requests")
    command = [os.environ["CONTROLSYNC_BIN"], "probe", "--account", ACCOUNT, "--yes", "--format", "json"]
    environment = {**CREDENTIALS, "PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ACCOUNT_ID": ACCOUNT}
    environment |= {"AWS_REGION": CREDENTIALS["AWS_DEFAULT_REGION"], "AWS_ENDPOINT_URL_AUDITMANAGER": emulator.endpoint}
    start = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    seconds = time.monotonic() - start
    assert done.returncode == 0, done.stderr + done.stdout
    (folder / "account.json").write_text(done.stdout)
    return json.loads(done.stdout) | {"path": folder / "account.json", "log": emulator.admin("GET", "requests"), "seconds": seconds}


@pytest.fixture(scope="module")
def answers(report):
    return {answer["id"]: answer["answer"] for answer in report["answers"]}


@pytest.fixture
def client(emulator):
    """A client of an account without custom objects of other tests."""
    client = emulator.boto3()
    for listed in client.list_assessment_frameworks(frameworkType="Custom")["frameworkMetadataList"]:
        client.delete_assessment_framework(frameworkId=listed["id"])
    for listed in client.list_controls(controlType="Custom")["controlMetadataList"]:
        client.delete_control(controlId=listed["id"])
    return client


def manual(name="By hand", **more):
    return {"sourceName": name, "sourceType": "MANUAL", **more}


def created(client, name="Mine", sources=None, **more):
    control = client.create_control(name=name, controlMappingSources=sources or [manual()], **more)["control"]
    return client.get_control(controlId=control["id"])["control"]


def framework(client, sets, name="Framework", **more):
    made = client.create_assessment_framework(name=name, controlSets=sets, **more)["framework"]
    return client.get_assessment_framework(frameworkId=made["id"])["framework"]


def refused(call, *arguments, **more):
    """The error code of a request."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **more)
    return caught.value.response["Error"]["Code"]


def test_the_policy_of_the_page_has_the_actions_of_a_probe(report):
    [policy] = re.findall(r"^```json policy of probe\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    allowed = {action for statement in json.loads(policy)["Statement"] for action in statement["Action"]}
    assert allowed == {request["operation"] for request in report["log"]}


def test_a_probe_sends_fewer_than_five_requests_per_second(report):
    assert report["requests"] > 150
    assert len(report["log"]) / report["seconds"] < 5


def test_the_emulator_takes_the_report(report):
    program = Program(behavior=report["path"])
    try:
        switches = program.admin("GET", "options")["auditManager"]["switches"]
        assert report["behavior"].items() <= switches.items()
        assert set(switches) == set(report["behavior"]) | set(report["notProbed"])
    finally:
        program.kill()


def test_answers_about_data_sources(client, answers):
    control = created(client, sources=[manual("Manual"), {"sourceName": "Automated", "sourceType": "AWS_Config", "sourceKeyword": {"keywordValue": "X"}}])
    by_name = {source["sourceName"]: source for source in control["controlMappingSources"]}
    shown = [
        f"{name.lower()}: set-up option {source['sourceSetUpOption']}, input type {source['sourceKeyword']['keywordInputType']}"
        for name, source in sorted(by_name.items(), reverse=True)
    ]
    assert answers["filled-in"] == f"{shown[0]}, keyword nothing; {shown[1]}" and "keywordValue" not in by_name["Manual"]["sourceKeyword"]
    sent = by_name["Manual"]
    update = [{"sourceId": sent["sourceId"], **manual("Manual")}, by_name["Automated"] | {"sourceId": None}]
    del update[1]["sourceId"]
    client.update_control(controlId=control["id"], name="Mine", controlMappingSources=update)
    after = {source["sourceName"]: source["sourceId"] for source in client.get_control(controlId=control["id"])["control"]["controlMappingSources"]}
    assert after["Manual"] == sent["sourceId"] and after["Automated"] != by_name["Automated"]["sourceId"]
    assert answers["source-ids"] == "sent: kept; omitted, with the same name: new"
    other = [{"sourceId": NO_ID, **manual("Another")}]
    assert refused(client.update_control, controlId=control["id"], name="Mine", controlMappingSources=other) == "ValidationException"
    assert answers["unknown-source-id"] == "refused"
    many = [manual(f"Number {number}") for number in range(101)]
    assert refused(client.create_control, name="Many", controlMappingSources=many) == "ValidationException"
    assert answers["source-counts"] == "refused: 101 data sources; accepted: none"
    for source_type, keyword in (("Core_Control", NO_ID), ("Common_Control", "none")):
        source = {"sourceName": "Managed", "sourceType": source_type, "sourceKeyword": {"keywordValue": keyword}}
        assert refused(client.create_control, name="Managed", controlMappingSources=[source]) == "ValidationException"
    assert answers["managed-sources"].endswith("accepted: none")
    invalid = [{"sourceType": "MANUAL"}, {"sourceName": "A"}, manual(sourceFrequency="DAILY"), manual(sourceKeyword={"keywordValue": "X"})]
    for source in invalid:
        assert refused(client.create_control, name="Invalid", controlMappingSources=[source]) == "ValidationException"
    assert answers["source-fields"].endswith("accepted: none")


def test_answers_about_texts_and_tags(client, answers):
    control = created(client, description="  padded  ", testingInformation="e\u0301\r\n", tags={"Empty": "", "Free": "R&D, café"})
    assert (control["description"], control["testingInformation"]) == ("  padded  ", "e\u0301\r\n")
    assert answers["texts-as-stored"].startswith("as they were sent: yes") and not unicodedata.is_normalized("NFC", control["testingInformation"])
    assert control["tags"] == {"Empty": "", "Free": "R&D, café"}
    assert (answers["tags-at-create"], answers["empty-tag-values"], answers["tag-characters"]) == ("yes", "yes", "yes")
    created(client, name="\U0001d538" * 300, tags={"Wide": "\U0001d538" * 255})
    assert answers["lengths"] == "names: code points; tag values: code points"
    client.update_control(controlId=control["id"], name="Mine", controlMappingSources=[manual()])
    assert "description" not in client.get_control(controlId=control["id"])["control"]
    assert answers["omitted-fields"] == "cleared"
    assert refused(client.create_control, name="Mine", controlMappingSources=[manual()]) == "ValidationException"
    assert answers["control-names"] == "no"
    assert refused(client.create_control, name="x" * 301, controlMappingSources=[manual()]) == answers["invalid-fields"]


def test_answers_about_frameworks(emulator, client, answers):
    control = created(client)["id"]
    other = created(client, name="Other")["id"]
    first = {"name": "First", "controls": [{"id": control}]}
    second = {"name": "Second", "controls": [{"id": other}]}
    made = framework(client, [first, second])
    create = client.create_assessment_framework
    assert refused(create, name="Framework", controlSets=[first]) == "ValidationException"
    assert answers["framework-names"] == "no"
    assert refused(create, name="Twice", controlSets=[first, first]) == "ValidationException"
    assert refused(create, name="Twice", controlSets=[{"name": "A", "controls": [{"id": control}] * 2}]) == "ValidationException"
    assert answers["repeated-members"] == "two sets of one name: no; a control twice: no"
    assert refused(create, name="Unknown", controlSets=[{"name": "A", "controls": [{"id": NO_ID}]}]) == answers["unknown-controls"]
    core = client.list_controls(controlType="Core")["controlMetadataList"][0]["id"]
    framework(client, [{"name": "Core", "controls": [{"id": core}]}], name="With core")
    assert answers["core-controls"] == "yes"
    unchecked = emulator.boto3(parameter_validation=False).create_assessment_framework
    assert refused(unchecked, name="Empty", controlSets=[{"name": "A", "controls": []}]) == "ValidationException"
    assert answers["empty-sets"] == "no"
    ids = {one["name"]: one["id"] for one in made["controlSets"]}
    sets = [{"id": ids["First"], **first}, second]
    client.update_assessment_framework(frameworkId=made["id"], name="Framework", controlSets=sets)
    after = client.get_assessment_framework(frameworkId=made["id"])["framework"]
    now = {one["name"]: one["id"] for one in after["controlSets"]}
    assert now["First"] == ids["First"] and now["Second"] != ids["Second"]
    assert answers["set-ids"] == "sent: kept; omitted, with the same name: new"
    client.delete_control(controlId=control)
    last = client.get_assessment_framework(frameworkId=made["id"])["framework"]
    assert [one["name"] for one in last["controlSets"]] == ["Second"] and last["lastUpdatedAt"] == after["lastUpdatedAt"]
    assert answers["last-control"] == "it is removed"
    assert answers["control-in-use"] == "it loses the control; its update time does not change"


def test_answers_about_lists_times_and_errors(client, answers):
    controls = {created(client, name=f"Control {number}")["id"] for number in range(4)}
    pages, more = [], {}
    while not pages or more:
        page = client.list_controls(controlType="Custom", maxResults=1, **more)
        pages += page["controlMetadataList"]
        more = {"nextToken": page["nextToken"]} if "nextToken" in page else {}
    assert {item["id"] for item in pages} == controls and len(pages) == 4
    assert answers["pages"] == "yes"
    listed = client.list_controls(controlType="Custom")["controlMetadataList"]
    assert {item["id"] for item in listed} == controls
    assert answers["list-lag"].startswith("yes") and answers["reference-lag"].startswith("yes")
    control = client.get_control(controlId=listed[0]["id"])["control"]
    assert control["lastUpdatedAt"] == listed[0]["lastUpdatedAt"]
    assert answers["times"].startswith("the same")
    client.tag_resource(resourceArn=control["arn"], tags={"Further": "tag"})
    assert client.get_control(controlId=control["id"])["control"]["lastUpdatedAt"] == control["lastUpdatedAt"]
    assert answers["tags-and-times"] == "no"
    assert [refused(client.get_control, controlId=NO_ID)] * 2 == answers["missing-objects"].split(", ")
    standard = client.list_controls(controlType="Standard")["controlMetadataList"][0]
    assert refused(client.update_control, controlId=standard["id"], name=standard["name"], controlMappingSources=[manual()]) == answers["standard-controls"]
    sizes = [len(client.list_controls(controlType="Standard", **more)["controlMetadataList"]) for more in ({}, {"maxResults": 2}, {"maxResults": 1000})]
    assert [int(size) for size in re.findall(r": (\d+)", answers["page-sizes"])] == sizes
