"""Times complete runs of the program: python3 tests/performance/measure.py [PROGRAM]

Prints medians of wall time and peak memory of new processes, for docs/performance.md. PROGRAM defaults to
target/release/controlsync.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

RUNS = 11
SENTENCE = "The system owner keeps evidence for this control, with the reviewer and the date of review. "
SOURCES = [
    ("AWS_Config", "S3_BUCKET_VERSIONING_ENABLED"),
    ("AWS_Security_Hub", "PCI.IAM.1"),
    ("AWS_Cloudtrail", "iam_CreateUser"),
]


def control(number):
    """Returns a control of about 1.8 kB with four data sources, like real ones."""
    text = f"name: Family-Control{number:05}\ndescription: {(SENTENCE * 2).strip()}\n"
    text += f"testingInformation: >-\n  {(SENTENCE * 3).strip()}\n"
    text += f"actionPlanTitle: Fix problems\nactionPlanInstructions: |-\n  {(SENTENCE * 4).strip()}\n"
    text += "tags:\n  Family: Data security\n  ID: PRDS-1\n  NIST: NIST SP 800-53 Rev 4\ndatasources:\n"
    for source, (kind, keyword) in enumerate(SOURCES):
        text += f"  - sourceName: Source {source}\n    sourceDescription: The service checks each resource daily.\n"
        text += f"    sourceType: {kind}\n    sourceKeyword:\n      keywordInputType: SELECT_FROM_LIST\n"
        text += f"      keywordValue: {keyword}\n"
    return text + "  - sourceName: Report\n    sourceType: MANUAL\n    sourceDescription: The report of the quarter.\n"


def framework(number):
    """Returns a framework with five sets of five controls."""
    text = f"name: Framework {number}\ndescription: A part of the catalog.\ncontrolSets:\n"
    for part in range(5):
        text += f"  - name: Set {part}\n    controls:\n"
        text += "".join(f"      - Family-Control{number * 25 + part * 5 + item:05}\n" for item in range(5))
    return text


def catalog(directory, controls):
    """Writes a catalog; returns its size in bytes."""
    size = 0
    for kind, count, text in [("controls", controls, control), ("frameworks", controls // 25, framework)]:
        for number in range(count):
            path = Path(directory) / kind / f"part{number // 200:03}" / f"{number:05}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(number))
            size += path.stat().st_size
    return size


def invalid_catalog(directory):
    """Writes a catalog of 100 files with more than ten errors each."""
    for number in range(100):
        path = Path(directory) / "controls" / f"{number:03}.yaml"
        path.parent.mkdir(exist_ok=True)
        sources = "".join(
            f"  - sourceName: Source\n    sourceType: {kind}\n    sourceFrequency: DAILY\n    sourceKeyword:\n"
            f"      keywordInputType: INPUT_TEXT\n      keywordValue: {keyword}{number}\n"
            for kind, keyword in [("AWS_Config", "NO_SUCH_RULE_"), ("AWS_Cloudtrail", "ec2_NoSuchEvent"), ("AWS_API_Call", "x")]
        )
        path.write_text(f"name: Control {number}\ndescripton: TODO\ntags:\n  Version: 1.{number}0\ndatasources:\n{sources}")


def run(command, directory, expected=0):
    """Returns wall time in seconds and peak memory in bytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != expected:
        sys.exit(f"{command} failed")
    return elapsed, usage.ru_maxrss * 1024


def measure(name, command, directory, runs=RUNS, expected=0):
    """Prints the medians."""
    results = [run(command, directory, expected) for _ in range(runs)]
    seconds, memory = (statistics.median(values) for values in zip(*results))
    print(f"| {name} | {seconds * 1000:.0f} ms | {memory / 1e6:.0f} MB |", flush=True)


def ask(endpoint, method, path, body=None):
    """Returns the response of the emulator's test API."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{endpoint}/_emulator/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def timed(command, directory, environment, expected=0):
    """Returns the wall time in seconds of one process that uses an account."""
    start = time.perf_counter()
    code = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL).returncode
    elapsed = time.perf_counter() - start
    if code != expected:
        sys.exit(f"{command} exited with {code}")
    return elapsed


def account(program):
    """Measures runs against an account with 20 requests a second, as the real one."""
    emulator = subprocess.Popen([program, "emulator", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        endpoint = emulator.stdout.readline().split()[-1]
        environment = os.environ | {
            "AWS_ENDPOINT_URL_AUDITMANAGER": endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
        }
        ask(endpoint, "POST", "options", {"auditManager": {"rate": 20}})
        with tempfile.TemporaryDirectory() as directory:
            catalog(directory, 500)
            print("\n| run | time | requests | throttled | requests / 10 s |\n|---|---|---|---|---|")
            for name, command, runs in [
                ("first `apply`", ["apply", "--yes"], 1),
                ("`plan`, empty cache", ["plan", "--refresh"], 1),
                ("`plan`, everything cached and nothing changed", ["plan"], RUNS),
            ]:
                times, requests = [], []
                for _ in range(runs):
                    ask(endpoint, "DELETE", "requests")
                    # An earlier run must not count against the rate limit of this run.
                    time.sleep(3)
                    times.append(timed([program, *command], directory, environment))
                    requests.append(ask(endpoint, "GET", "requests"))
                elapsed, calls = statistics.median(times), len(requests[-1])
                throttled = sum(request["status"] != 200 for request in requests[-1])
                print(f"| {name} | {elapsed:.2f} s | {calls} | {throttled} | {calls / 10:.2f} s |", flush=True)
    finally:
        emulator.terminate()
        emulator.wait()


def main():
    program = Path(sys.argv[1] if len(sys.argv) > 1 else "target/release/controlsync").resolve()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(f"{os.cpu_count()} cores, median of {RUNS} new processes\n\n| run | time | peak memory |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        measure("`controlsync --version`", [program, "--version"], directory)
    for controls in [500, 10_000]:
        with tempfile.TemporaryDirectory() as directory:
            size = catalog(directory, controls)
            measure(f"`lint` of {controls:,} controls ({size / 1e6:.1f} MB)", [program, "lint"], directory)
            if controls == 500:
                measure("`apply --local`, all to create", [program, "apply", "--local"], directory, runs=1)
                measure("`apply --local`, no changes", [program, "apply", "--local"], directory)
    with tempfile.TemporaryDirectory() as directory:
        invalid_catalog(directory)
        for format in ["text", "concise", "json", "sarif", "github", "junit", "gitlab"]:
            name = f"`lint --format {format}` of more than 1,000 errors in 100 files"
            measure(name, [program, "lint", "--format", format], directory, expected=1)
    account(program)


if __name__ == "__main__":
    main()
