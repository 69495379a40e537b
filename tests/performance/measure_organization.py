"""Times `controlsync evidence` with the sample catalog in organizations of several sizes, and measures its memory.

    CONTROLSYNC_BIN=target/release/controlsync python tests/performance/measure_organization.py

Prints for each number of accounts: seconds, requests, and the most memory that the program had. Requires the emulator of the same
program, and nothing else.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.append(str(ROOT / "tests/emulator"))

from many_accounts import run, sample_catalog, start


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [50, 100, 200]
    print("accounts  seconds  requests  memory")
    for size in sizes:
        with sample_catalog() as folder:
            program = start(folder, size)
            try:
                program.admin("DELETE", "requests")
                started = time.perf_counter()
                found, memory = run(folder, program)
                took = time.perf_counter() - started
                assert sum(one["read"] for one in found["accounts"]) == size
                # The log has the last 10,000 requests.
                requests = len(program.admin("GET", "requests"))
                print(f"{size:8}  {took:7.1f}  {requests:8}  {memory / 1e6:5.0f} MB")
            finally:
                program.kill()


if __name__ == "__main__":
    main()
