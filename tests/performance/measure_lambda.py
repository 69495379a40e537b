"""Times the packaged function:

    crates/lambda/package.sh && cargo build && tests/run.sh lambda
    target/venv-lambda/bin/python tests/performance/measure_lambda.py

Prints medians for docs/performance.md: time from the start of the process to its first request for an event, memory, size, and
the time and calls of runs over 500 controls and 20 frameworks. The account allows 20 requests a second, with 20 ms before each
response. CONTROLSYNC_LAMBDA and CONTROLSYNC_BIN select other programs.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / directory) for directory in ("lambda", "emulator", "performance")]
PACKAGE = ROOT / "target/lambda/sync/bootstrap.zip"
os.environ.setdefault("CONTROLSYNC_LAMBDA", str(PACKAGE.with_suffix("")))
os.environ.setdefault("CONTROLSYNC_BIN", str(ROOT / "target/debug/controlsync"))

from events import scheduled
from function import Function, base_environment
from measure import control, framework
from services import Moto
from world import World

STARTS = 21
LATENCY = 20
CONTROLS, FRAMEWORKS, MORE = 450, 18, 50


class Direct:
    """In place of a proxy: requests go directly to the service."""

    upstream = None

    @property
    def endpoint(self):
        return f"http://{self.upstream}"


class Runs:
    """A new process of the function for each run."""

    def __init__(self, directory):
        self.directory, self.count, self.function = directory, 0, None

    def __call__(self, environment, fresh=False):
        self.count += 1
        self.function = Function(base_environment(**environment), self.directory / str(self.count))
        return self.function


def memory(process, key):
    """Returns memory in MB from the kernel: VmRSS is the current, VmHWM the peak."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the kernel does not report {key}")


def run(title, world, runs, event):
    """Measures one run of a new process."""
    response = world.function(EVENTS_TOPIC_ARN=None, RATE=None).invoke(event)
    assert response.kind == "response", response.body
    [metrics] = [line for line in runs.function.lines() if "_aws" in line]
    process = runs.function.process
    figures = {name: metrics[name] for name in ("Files", "Created", "Unchanged", "AuditManagerCalls", "S3Calls", "Duration")}
    print(
        f"{title}: {response.body['outcome']}, {figures['Duration'] / 1000:.2f} s,"
        f" {figures['AuditManagerCalls']} calls to Audit Manager, {figures['S3Calls']} to S3,"
        f" {figures['Files']} files, {figures['Created']} created, {figures['Unchanged']} unchanged,"
        f" {memory(process, 'VmRSS:'):.1f} MB after it, {memory(process, 'VmHWM:'):.1f} MB peak"
    )
    runs.function.kill()


def upload(world, controls, frameworks):
    for number in controls:
        world.upload(f"controls/{number:05}.yaml", control(number))
    for number in frameworks:
        world.upload(f"frameworks/{number:05}.yaml", framework(number))


def main():
    print(f"package: {PACKAGE.stat().st_size / 1e6:.2f} MB, unpacked {PACKAGE.with_suffix('').stat().st_size / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        moto, direct, runs = Moto(directory, [str(ROOT / "tests/lambda/moto_sns.py")]), (Direct(), Direct()), Runs(directory)
        direct[0].upstream = moto.address
        world = World(moto, *direct, runs)
        try:
            starts, resident = [], []
            for _ in range(STARTS):
                function = world.function()
                starts.append(function.api.first_poll.get(timeout=10) - function.started)
                resident.append(memory(function.process, "VmRSS:"))
                function.kill()
            print(f"start to first poll: {statistics.median(starts) * 1000:.1f} ms, {statistics.median(resident):.1f} MB")
            world.account.configure(rate=20)
            slow = {"times": 1_000_000, "effect": {"delay": {"millis": LATENCY}}}
            world.account.admin("POST", "faults", slow)
            upload(world, range(CONTROLS), range(FRAMEWORKS))
            run(f"{CONTROLS} new controls, {FRAMEWORKS} new frameworks", world, runs, scheduled())
            upload(world, range(CONTROLS, CONTROLS + MORE), range(FRAMEWORKS, FRAMEWORKS + 2))
            run(f"{MORE} new controls and 2 new frameworks, {CONTROLS + FRAMEWORKS} existing objects", world, runs, scheduled())
            run("nothing changed", world, runs, scheduled())
            world.close()
            moto.reset()
            world = World(moto, *direct, runs)
            world.account.configure(rate=20)
            world.account.admin("POST", "faults", slow)
            upload(world, range(CONTROLS + MORE), range(FRAMEWORKS + 2))
            run(f"{CONTROLS + MORE} new controls, {FRAMEWORKS + 2} new frameworks", world, runs, scheduled())
            run("nothing changed", world, runs, scheduled())
        finally:
            world.close()
            moto.kill()


if __name__ == "__main__":
    main()
