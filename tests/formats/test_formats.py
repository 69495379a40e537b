"""Reports, read like the programs that use them."""

import json
import os
import re
import urllib.parse

import jsonschema
import pytest
from lxml import etree

import schemas

FORMATS = ["text", "concise", "json", "sarif", "github", "junit", "gitlab"]


def diagnostics(catalog):
    return json.loads(catalog.lint("json"))["diagnostics"]


def validate(document, schema):
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema, format_checker=validator.FORMAT_CHECKER).validate(document)


def explained(diagnostic):
    help = diagnostic["help"]
    return diagnostic["message"] + (f"\nhelp: {help}" if help else "")


@pytest.mark.parametrize("format", FORMATS)
def test_reports_are_deterministic(catalog, format):
    assert catalog.lint(format) == catalog.lint(format)


def test_the_catalogs_have_all_kinds_of_findings(catalog):
    found = diagnostics(catalog)
    if "invalid" in str(catalog.repository):
        assert len({one["rule"] for one in found}) > 25
        assert {one["level"] for one in found} == {"error", "warning", "info"}
        assert any(one["span"] is None for one in found) and any(one["fix"] for one in found)
        assert any(related["path"] != one["path"] for one in found for related in one["related"])
    if "clean" in str(catalog.repository):
        assert found == []


# SARIF


@pytest.fixture
def sarif(catalog):
    return json.loads(catalog.lint("sarif"))["runs"][0]


def test_sarif_is_valid(catalog):
    schema = json.loads(schemas.from_crate("sarif").read_text(encoding="utf-8"))
    validate(json.loads(catalog.lint("sarif")), schema)


def test_sarif_has_the_findings_and_their_rules(catalog, sarif):
    rules = sarif["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert ids == sorted(set(ids))
    for rule in rules:
        # The maximum that code scanning accepts.
        assert len(rule["shortDescription"]["text"]) <= 1024 and len(rule["fullDescription"]["text"]) <= 1024, rule
    found = diagnostics(catalog)
    assert len(sarif["results"]) == len(found)
    for result, one in zip(sarif["results"], found):
        assert ids[result["ruleIndex"]] == result["ruleId"] == one["rule"]
        assert result["level"] == {"info": "note"}.get(one["level"], one["level"])
        assert result["message"]["text"] == explained(one)


def test_sarif_fingerprints_are_unique(sarif):
    fingerprints = [result["partialFingerprints"]["controlsync/v1"] for result in sarif["results"]]
    assert len(fingerprints) == len(set(fingerprints))


def path_of(artifact):
    assert artifact["uriBaseId"] == "%SRCROOT%"
    return urllib.parse.unquote(artifact["uri"], errors="strict")


def text_of(catalog, path):
    """Returns the text as SARIF counts it, without the byte order mark."""
    return (catalog.repository / path).read_bytes().decode("utf-8").removeprefix("\ufeff")


def offsets(text, region):
    """Lines end with a line feed and columns are code points, as in `newlineSequences` and `columnKind`."""
    lines = text.split("\n")

    def offset(line, column):
        return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1

    start = offset(region["startLine"], region["startColumn"])
    end = offset(region["endLine"], region["endColumn"])
    assert 0 <= start <= end <= len(text)
    return start, end


def check_location(catalog, location, path, span):
    """Checks that lines and columns of SARIF and byte offsets of JSON refer to the same text."""
    physical = location["physicalLocation"]
    assert path_of(physical["artifactLocation"]) == path
    if span is None:
        assert "region" not in physical
        return
    text = text_of(catalog, path)
    start, end = offsets(text, physical["region"])
    content = (catalog.repository / path).read_bytes()
    mark = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    before = content[: span["start"]["offset"]].decode("utf-8").removeprefix("\ufeff")
    assert text[:start] == before
    claimed = content[max(span["start"]["offset"], mark) : max(span["end"]["offset"], mark)]
    assert text[start:end] == claimed.decode("utf-8")


def test_sarif_regions_match_the_spans_of_json(catalog, sarif):
    for result, one in zip(sarif["results"], diagnostics(catalog), strict=True):
        (location,) = result["locations"]
        check_location(catalog, location, one["path"], one["span"])
        for location, related in zip(result.get("relatedLocations", []), one["related"], strict=True):
            check_location(catalog, location, related["path"], related["span"])
            assert location["message"]["text"] == related["message"]


def test_sarif_regions_contain_the_keys_in_the_messages(catalog, sarif):
    """Checks locations independently of JSON."""
    checked = 0
    for result in sarif["results"]:
        named = re.search(r"^unknown key `([^`\\]+)` in (?:control|framework)", result["message"]["text"])
        if named:
            physical = result["locations"][0]["physicalLocation"]
            text = text_of(catalog, path_of(physical["artifactLocation"]))
            start, end = offsets(text, physical["region"])
            assert text[start:end].strip("\"'") == named.group(1)
            checked += 1
    assert checked > 0 or "invalid" not in str(catalog.repository)


def test_sarif_fixes_match_json_fixes(catalog, sarif):
    for result, one in zip(sarif["results"], diagnostics(catalog), strict=True):
        assert ("fixes" in result) == (one["fix"] is not None)
        for fix in result.get("fixes", []):
            assert fix["description"]["text"] == one["fix"]["title"]
            assert fix["properties"]["safe"] == one["fix"]["safe"]
            (change,) = fix["artifactChanges"]
            path = path_of(change["artifactLocation"])
            text = text_of(catalog, path)
            content = (catalog.repository / path).read_bytes()
            # Edits do not overlap. Applied from last to first, the offsets stay valid.
            ranges = [offsets(text, each["deletedRegion"]) for each in change["replacements"]]
            texts = [each["insertedContent"]["text"] for each in change["replacements"]]
            for (start, end), inserted in sorted(zip(ranges, texts), reverse=True):
                text = text[:start] + inserted + text[end:]
            for edit in sorted(one["fix"]["edits"], key=lambda edit: edit["span"]["start"]["offset"], reverse=True):
                start, end = (edit["span"][side]["offset"] for side in ("start", "end"))
                content = content[:start] + edit["text"].encode() + content[end:]
            assert text == content.decode("utf-8").removeprefix("\ufeff")


# JUnit


@pytest.mark.parametrize("schema", ["junit-4", "junit-10"])
def test_junit_is_valid(catalog, schema):
    path = schemas.junit_10() if schema == "junit-10" else schemas.from_crate(schema)
    report = etree.fromstring(catalog.lint("junit"))
    etree.XMLSchema(etree.parse(path)).assertValid(report)


def test_junit_has_the_findings(catalog):
    report = etree.fromstring(catalog.lint("junit"))
    found = diagnostics(catalog)
    cases = report.findall("testsuite/testcase")
    if not found:
        (case,) = cases
        assert case.findall("failure") == []
        return
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(found)
    for case, one in zip(cases, found, strict=True):
        failed = one["level"] != "info"
        assert case.getparent().get("name") == one["path"]
        assert len(case.findall("failure")) == failed and len(case.findall("system-out")) == (not failed)
    for element in [report, *report.findall("testsuite")]:
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        assert int(element.get("failures")) == sum(case.find("failure") is not None for case in cases)


# GitLab


def test_gitlab_is_valid_and_has_the_findings(catalog):
    issues = json.loads(catalog.lint("gitlab"))
    validate(issues, schemas.CODE_QUALITY)
    found = diagnostics(catalog)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(found)
    for issue, one in zip(issues, found):
        assert (issue["check_name"], issue["location"]["path"]) == (one["rule"], one["path"])
        lines = issue["location"]["lines"]
        assert lines["begin"] == (one["span"]["start"]["line"] if one["span"] else 1) <= lines["end"]


# GitHub


def unescaped(text, property):
    pairs = [("%0D", "\r"), ("%0A", "\n")] + ([("%3A", ":"), ("%2C", ",")] if property else [])
    for escape, character in [*pairs, ("%25", "%")]:
        text = text.replace(escape, character)
    return text


def read_command(line):
    """Reads a command like ActionCommand of the runner, which ignores columns that fail its check."""
    command, properties, data = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line).groups()
    properties = dict(each.split("=", 1) for each in properties.split(","))
    properties = {key: unescaped(value, True) for key, value in properties.items()}
    line, end_line = properties.get("line"), properties.get("endLine")
    if line is None:
        assert properties.keys() == {"file", "title"}
    else:
        assert int(line) <= int(end_line)
    if "col" in properties:
        assert line == end_line and int(properties["col"]) <= int(properties["endColumn"])
    return command, properties, unescaped(data, False)


def test_github_has_one_command_per_finding(catalog):
    *commands, summary = catalog.lint("github").decode().splitlines()
    assert re.fullmatch(r"(no findings|\d+ .*) in \d+ files?( \(\d+ fixable with `controlsync lint --fix.*)?", summary)
    # Python splits lines at more characters than a log does.
    assert catalog.lint("github").decode().count("\n") == len(commands) + 1
    for line, one in zip(commands, diagnostics(catalog), strict=True):
        command, properties, message = read_command(line)
        assert command == {"info": "notice"}.get(one["level"], one["level"])
        assert (properties["file"], properties["title"]) == (one["path"], one["rule"])
        if one["span"]:
            assert int(properties["line"]) == one["span"]["start"]["line"]
        assert message.startswith(one["path"]) and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", message)
        if "\\u{" not in message:
            assert message.endswith(": " + explained(one))


def test_github_prints_only_commands_with_quiet(catalog):
    lines = catalog.lint("github", "--quiet").decode().splitlines()
    assert len(lines) == len(diagnostics(catalog)) and all(line.startswith("::") for line in lines)


# Concise


def test_concise_has_one_line_per_finding(catalog):
    lines = catalog.lint("concise", "--quiet").decode().splitlines()
    for line, one in zip(lines, diagnostics(catalog), strict=True):
        parts = re.fullmatch(r"(.+?)((?::\d+:\d+)?): (\w+)\[([a-z0-9-]+)\] (.+)", line)
        path, location, level, rule, message = parts.groups()
        start = one["span"]["start"] if one["span"] else None
        assert location == (f":{start['line']}:{start['column']}" if start else "")
        assert (level, rule) == (one["level"], one["rule"])
        # Relative to the working directory.
        assert os.path.lexists(catalog.directory / path) and f"team/audit/{path}" == one["path"]
        assert message == one["message"] or "\\u{" in message
