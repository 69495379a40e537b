"""Validates the output of the function: lines of JSON, and metrics among them."""

import json

# Rules of the embedded metric format of CloudWatch:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
UNITS = {"Count", "Percent", "None", "Seconds", "Microseconds", "Milliseconds"}
UNITS |= {prefix + unit for prefix in ["", "Kilo", "Mega", "Giga", "Tera"] for unit in ["Bytes", "Bits"]}
UNITS |= {f"{unit}/Second" for unit in UNITS - {"Percent", "None", "Seconds", "Microseconds", "Milliseconds"}}

LEVELS = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_metrics(line):
    """Fails if CloudWatch would not extract metrics from a line."""
    metadata = line["_aws"]
    assert isinstance(metadata["Timestamp"], int) and metadata["Timestamp"] > 1_500_000_000_000, "milliseconds"
    directives = metadata["CloudWatchMetrics"]
    assert isinstance(directives, list) and directives
    for directive in directives:
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert isinstance(directive["Dimensions"], list) and directive["Dimensions"]
        for dimensions in directive["Dimensions"]:
            assert len(dimensions) <= 30
            for name in dimensions:
                assert 1 <= len(name) <= 250
                assert isinstance(line[name], str) and 1 <= len(line[name]) <= 1024, f"the dimension {name}"
        assert 1 <= len(directive["Metrics"]) <= 100
        names = [metric["Name"] for metric in directive["Metrics"]]
        assert len(set(names)) == len(names), names
        for metric in directive["Metrics"]:
            assert metric.get("Unit", "None") in UNITS, metric
            assert metric.get("StorageResolution", 60) in (1, 60), metric
            value = line[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100 and all(map(is_number, values)), metric


def check(text, forbidden):
    """Parses the lines. Fails if one is not a JSON object or contains a forbidden word."""
    lines = []
    for written in text.splitlines():
        for word in forbidden:
            assert word not in written, f"the log contains {word!r}: {written}"
        try:
            line = json.loads(written)
        except ValueError:
            raise AssertionError(f"not a line of JSON: {written!r}") from None
        assert isinstance(line, dict), written
        if "_aws" in line:
            check_metrics(line)
        else:
            assert line["level"].upper() in LEVELS and line["message"], written
            assert isinstance(line["requestId"], str), written
        lines.append(line)
    return lines


def metrics(lines):
    """The metrics of the last run: values by name, and the dimensions."""
    found = [line for line in lines if "_aws" in line]
    assert found, "no metrics were written"
    return found[-1]
