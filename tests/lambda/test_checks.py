"""The checks that run after every test fail when they should."""

import copy
import json

import pytest

import calls
import logs

GOOD = {
    "_aws": {
        "Timestamp": 1_795_000_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "controlsync",
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": "Files", "Unit": "Count"}, {"Name": "Duration", "Unit": "Milliseconds"}],
            }
        ],
    },
    "FunctionName": "controlsync",
    "Files": 3,
    "Duration": [1, 2.5],
}


def directive(line):
    return line["_aws"]["CloudWatchMetrics"][0]


DEFECTS = {
    "no time": lambda line: line["_aws"].pop("Timestamp"),
    "seconds": lambda line: line["_aws"].update(Timestamp=1_795_000_000),
    "no metrics": lambda line: directive(line).update(Metrics=[]),
    "unknown unit": lambda line: directive(line)["Metrics"][0].update(Unit="Pieces"),
    "no value": lambda line: line.pop("Files"),
    "string as value": lambda line: line.update(Files="3"),
    "boolean as value": lambda line: line.update(Files=True),
    "no dimension": lambda line: line.pop("FunctionName"),
    "number as dimension": lambda line: line.update(FunctionName=3),
    "flat dimensions": lambda line: directive(line).update(Dimensions=["FunctionName"]),
    "duplicate metric": lambda line: directive(line)["Metrics"].append({"Name": "Files"}),
}


def test_good_metrics_pass():
    logs.check(json.dumps(GOOD), [])


@pytest.mark.parametrize("defect", DEFECTS)
def test_bad_metrics_fail(defect):
    line = copy.deepcopy(GOOD)
    DEFECTS[defect](line)
    with pytest.raises((AssertionError, KeyError)):
        logs.check(json.dumps(line), [])


@pytest.mark.parametrize(
    "line",
    [
        "thread 'main' panicked",
        "[1]",
        '{"level": "INFO", "message": "no request"}',
        '{"level": "LOUD", "message": "m", "requestId": ""}',
        '{"level": "INFO", "message": "a secret", "requestId": ""}',
    ],
)
def test_bad_lines_fail(line):
    with pytest.raises((AssertionError, KeyError)):
        logs.check(line, ["secret"])


def test_calls_are_recorded_per_mode_and_earlier_records_are_removed(tmp_path):
    (tmp_path / "of-an-earlier-run.json").write_text("{}")
    calls.remove_earlier(tmp_path)
    record = calls.Record()
    def signed(service, key="AKIDANY"):
        return {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20261127/us-east-1/{service}/aws4_request, Signature=0"}

    ours = signed("auditmanager")
    read = [calls.read_account_call("GET", f"/controls{rest}", ours, b"") for rest in ["?maxResults=7", "/7c3f5a9e", ""]]
    tag = calls.read_account_call("POST", "/tags/arn%3Aaws%2Fx", ours, b"{}")
    target = {"X-Amz-Target": "StarlingDoveService.DescribeConfigRules"}
    config = calls.read_account_call("POST", "/", signed("config", "ASIA222222222222AAAA") | target, b"{}")
    hub = calls.read_account_call("GET", "/configurationPolicy/get/a%2Fb", signed("securityhub"), b"")
    assumed = calls.read_account_call("POST", "/", signed("sts"), b"Action=AssumeRole&Version=2011-06-15")
    record.add({"plan", None}, read)
    record.add({"plan", "apply"}, [tag])
    record.add(set(), [])
    record.add({"evidence"}, [config, hub, assumed])
    record.write(tmp_path, "gw0")
    [written] = tmp_path.iterdir()
    assert json.loads(written.read_text()) == {
        "plan": [["auditmanager", "GetControl"], ["auditmanager", "ListControls"]],
        "apply": [["auditmanager", "TagResource"]],
        "evidence": [["securityhub", "GetConfigurationPolicy"], ["sts", "AssumeRole"]],
        "member": [["config", "DescribeConfigRules"]],
    }
