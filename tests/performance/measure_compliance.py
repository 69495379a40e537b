"""Times `controlsync compliance --aggregator` with the sample catalog and aggregators of several sizes, and measures its memory.

    CONTROLSYNC_BIN=target/release/controlsync python tests/performance/measure_compliance.py

Prints for each number of accounts: rows of the aggregator, seconds, and the most memory that the program had. Each account has 500 rules in
two Regions, of which one in a thousand is not compliant. The emulator of the same program makes the rows up.
"""

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.append(str(ROOT / "tests/emulator"))

from many_accounts import execute, sample_catalog
from program import Program

RULES = 500
REGIONS = ["us-east-1", "eu-west-1"]


def start(folder, size):
    """An emulator with an aggregator of this number of accounts, whose first rules are those of the exported packs."""
    program = Program()
    execute(folder, program, "apply", "--yes", "--adopt", "all")
    execute(folder, program, "export", "conformance-pack")
    lock = json.loads((folder / "packs/packs.lock.json").read_text())
    names = [f"{check['ruleName']}-conformance-pack" for check in lock["checks"]]
    generated = {"accounts": size, "regions": REGIONS, "rules": RULES, "ruleNames": names, "nonCompliantPerMille": 1}
    program.admin("POST", "seed", {"config": {"generated": generated}})
    organization = {"RoleArn": "arn:aws:iam::000000000000:role/aggregator", "AllAwsRegions": True}
    client = program.boto3("config")
    client.put_configuration_aggregator(ConfigurationAggregatorName="all", OrganizationAggregationSource=organization)
    return program


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [10, 100, 1000]
    print("accounts       rows  seconds  memory  score")
    for size in sizes:
        with sample_catalog() as folder:
            program = start(folder, size)
            try:
                started = time.perf_counter()
                found, memory = execute(folder, program, "compliance", "--aggregator", "all", "--format", "json", timeout=1200)
                took = time.perf_counter() - started
                rows = size * len(REGIONS) * RULES
                print(f"{size:8}  {rows:9,}  {took:7.1f}  {memory / 1e6:3.0f} MB  {json.loads(found)['score']}")
            finally:
                program.kill()


if __name__ == "__main__":
    main()
