"""The wheel and the script that downloads a release, without Rust."""

import re
import shutil
import subprocess

import pytest

from jobs import ROOT, run
from release import environment, pip_settings, without_rust

DOWNLOAD = ROOT / "integrations/download.sh"


def test_the_wheel_lints_plans_and_applies_in_a_new_environment(tmp_path, release):
    programs = environment(tmp_path / "environment", "--no-index", release.wheel)
    installed = subprocess.run([programs / "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True).stdout
    assert f"controlsync=={release.version}\n" in installed
    code, output = run("sh", ROOT / "release/try.sh", release.version, programs / "controlsync", cwd=tmp_path, PATH=without_rust())
    assert code == 0, output
    assert "Applied: 38 created." in output
    assert output.endswith("No changes. 34 controls and 4 frameworks match the catalog.\n")
    # What the page on PyPI shows first.
    for arguments in (["init", "--yes"], ["lint"], ["apply", "--local", "--yes"]):
        code, output = run(programs / "controlsync", *arguments, cwd=tmp_path, PATH=without_rust())
        assert code == 0, output
    page = (ROOT / "crates/cli/README.md").read_text(encoding="utf-8")
    assert "no findings in 3 files\n" in page
    assert run(programs / "controlsync", "lint", cwd=tmp_path)[1] == "no findings in 3 files\n"


def test_the_quick_start_installs_it(tmp_path, release):
    """docs/quick-start.md, with the wheel on an index."""
    page = (ROOT / "docs/quick-start.md").read_text(encoding="utf-8")
    [script] = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    programs = environment(tmp_path / "environment")
    path = f"{programs}:{without_rust()}"
    code, output = run("bash", "-ec", script, cwd=tmp_path, PATH=path, PIP_FIND_LINKS=release.files, **pip_settings())
    assert code == 0, output
    assert run("controlsync", "--version", cwd=tmp_path, PATH=path)[1].split()[1] == release.version


def test_the_program_of_this_machine_is_downloaded(tmp_path, release):
    code, output = run(DOWNLOAD, "program", f"v{release.version}", tmp_path / "bin", cwd=tmp_path, CONTROLSYNC_RELEASES=release.url)
    assert (code, output) == (0, f"{tmp_path}/bin/controlsync\n")
    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["controlsync"]
    shown = subprocess.run([tmp_path / "bin/controlsync", "--version"], capture_output=True, text=True, check=True).stdout
    assert shown.split()[1] == release.version


def test_another_sum_or_none_is_an_error_that_leaves_nothing(tmp_path, release):
    broken = release.broken(tmp_path / "broken")
    code, output = run(DOWNLOAD, "program", release.version, tmp_path / "bin", cwd=tmp_path, CONTROLSYNC_RELEASES=broken)
    assert code == 1 and output.startswith(f"error: {release.archive.name} has the SHA-256 "), output
    sums = tmp_path / f"broken/v{release.version}/SHA256SUMS"
    sums.write_text("")
    code, output = run(DOWNLOAD, "program", release.version, tmp_path / "bin", cwd=tmp_path, CONTROLSYNC_RELEASES=broken)
    assert (code, output) == (1, f"error: SHA256SUMS of version {release.version} does not name {release.archive.name}\n")
    assert list((tmp_path / "bin").iterdir()) == []


def test_what_is_not_there_is_said_with_its_address(tmp_path, release):
    code, output = run(DOWNLOAD, "function", "9.9.9", "arm64", tmp_path / "zip", cwd=tmp_path, CONTROLSYNC_RELEASES=release.url)
    assert code == 3 and output.startswith(f"error: cannot download {release.url}/v9.9.9/SHA256SUMS: ") and "404" in output, output
    address = "http://127.0.0.1:1"
    code, output = run(DOWNLOAD, "program", release.version, tmp_path / "bin", cwd=tmp_path, CONTROLSYNC_RELEASES=address)
    assert code == 3 and output.startswith(f"error: cannot download {address}/v{release.version}/SHA256SUMS: "), output


@pytest.mark.parametrize(
    ("system", "processor", "musl", "expected"),
    [
        ("Linux", "x86_64", False, "x86_64-unknown-linux-gnu.tar.gz"),
        ("Linux", "aarch64", True, "aarch64-unknown-linux-musl.tar.gz"),
        ("Darwin", "arm64", False, "aarch64-apple-darwin.tar.gz"),
        ("Darwin", "x86_64", False, "x86_64-apple-darwin.tar.gz"),
        ("MINGW64_NT-10.0-26100", "x86_64", False, "x86_64-pc-windows-msvc.zip"),
        ("SunOS", "x86_64", False, None),
        ("Linux", "riscv64", False, None),
    ],
)
def test_every_system_gets_its_archive(tmp_path, release, system, processor, musl, expected):
    tools = tmp_path / "tools"
    tools.mkdir()
    library = "musl libc (x86_64)" if musl else "ldd (GNU libc) 2.41"
    for name, text in (("uname", f'if [ "$1" = -m ]; then echo {processor}; else echo {system}; fi'), ("ldd", f'echo "{library}" >&2; exit 1')):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    releases = (tmp_path / "none").as_uri()
    (tmp_path / f"none/v{release.version}").mkdir(parents=True)
    shutil.copy(release.files / "SHA256SUMS", tmp_path / f"none/v{release.version}")
    path = f"{tools}:{without_rust()}"
    code, output = run(DOWNLOAD, "program", release.version, tmp_path / "bin", cwd=tmp_path, PATH=path, CONTROLSYNC_RELEASES=releases)
    assert code == 3, output
    if expected:
        assert f"/v{release.version}/controlsync-v{release.version}-{expected}: " in output
    else:
        assert output in ("error: there is no release for SunOS\n", "error: there is no release for riscv64\n")


@pytest.mark.parametrize("arguments", [[], ["program", "0.1.0"], ["function", "0.1.0", "x86_64"], ["evidence", "0.1.0", "arm64"], ["other", "0.1.0", "bin"]])
def test_wrong_arguments_print_the_usage(tmp_path, arguments):
    code, output = run(DOWNLOAD, *arguments, cwd=tmp_path)
    assert code == 2 and "integrations/download.sh program VERSION DIR " in output
