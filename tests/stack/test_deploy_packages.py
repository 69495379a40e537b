"""What cdk/deploy.sh checks of the packages of functions and of releases before it deploys."""

import hashlib
import shutil

import deployment
from deployment import rejected
from hidden import without
from manifest import version


def test_a_package(aws):
    folder = aws.folder / "release"
    folder.mkdir()
    package = folder / "sync.zip"
    assert f"error: the package {package} does not exist" in rejected(aws, "--package", str(package))
    shutil.copy(deployment.package(), package)
    right, wrong = hashlib.sha256(package.read_bytes()).hexdigest(), "0" * 64
    output = rejected(aws, "--package", str(package))
    assert f"error: nothing says which SHA-256 the package {package} must have: pass --sha256 SUM" in output
    output = rejected(aws, "--package", str(package), "--sha256", wrong)
    assert f"error: the package {package} has the SHA-256 {right}, not {wrong}: download it again" in output
    sums = folder / "SHA256SUMS"
    sums.write_text(f"{right}  other.zip\n{wrong} *sync.zip\n")
    assert "download it again" in rejected(aws, "--package", str(package))
    sums.write_text(f"{wrong}  other.zip\n{right}  sync.zip\n")
    output = rejected(aws, "--package", str(package), "--set", "architecture=arm64")
    assert "is for the architecture x86_64, but the setting architecture is arm64" in output
    # With the right sum it gets as far as the question, without Rust.
    path = aws.program("cargo", "echo cargo must not run; exit 9", "false")
    code, output = aws.run("deploy.sh", "--mode", "plan", "--package", str(package), PATH=path)
    assert code == 2 and f"Package    {package}, SHA-256 {right}" in output, output
    assert 'error: cannot ask "Deploy this?"' in output and "cargo must not run" not in output
    (folder / "text.zip").write_text("no zip")
    output = rejected(aws, "--package", str(folder / "text.zip"), "--sha256", hashlib.sha256(b"no zip").hexdigest())
    assert "is for the architecture unknown" in output


def test_the_packages_of_both_functions(aws):
    releases, package, sums = deployment.released(aws.folder / "both")
    evidence = package.with_name(package.name.replace("lambda-", "lambda-evidence-"))
    with_both = ("--package", str(package), "--evidence-package", str(evidence))
    output = rejected(aws, "--set", "evidence=true", "--package", str(package))
    assert "error: the setting evidence is true, but only the package of the other function is given: pass --evidence-package" in output
    assert "error: --evidence-package needs the setting evidence: pass --set evidence=true" in rejected(aws, *with_both)
    output = rejected(aws, "--set", "evidence=true", *with_both, "--evidence-sha256", "0" * 64)
    right = hashlib.sha256(evidence.read_bytes()).hexdigest()
    assert f"error: the package {evidence} has the SHA-256 {right}, not {'0' * 64}: download it again" in output
    code, output = aws.run("deploy.sh", "--mode", "plan", "--set", "evidence=true", *with_both)
    assert code == 2 and f"           {evidence}, SHA-256 {right}\n" in output, output
    # The sums beside the first name both.
    sums.write_text("".join(line for line in sums.read_text().splitlines(keepends=True) if "evidence" not in line))
    output = rejected(aws, "--set", "evidence=true", *with_both)
    assert f"error: nothing says which SHA-256 the package {evidence} must have: pass --evidence-sha256 SUM" in output


def test_a_release(aws):
    releases, path, sums = deployment.released(aws.folder / "releases")
    assert "error: --version and --package exclude each other" in rejected(aws, "--version", version(), "--package", str(path))
    output = rejected(aws, "--version", "9.9.9", CONTROLSYNC_RELEASES=releases)
    assert f"error: cannot download {releases}/v9.9.9/SHA256SUMS: " in output
    right = sums.read_text()
    sums.write_text(f"{'0' * 64}  {path.name}\n")
    output = rejected(aws, "--version", version(), CONTROLSYNC_RELEASES=releases)
    assert f"error: {path.name} has the SHA-256 {right.split()[0]}, but its release names {'0' * 64}: it is not used" in output
    # With the right sum it gets as far as the question. A stack of another version may not fit.
    other = path.parent.with_name("v9.9.9")
    other.mkdir()
    shutil.copy(path, other / path.name.replace(version(), "9.9.9"))
    (other / "SHA256SUMS").write_text(right.replace(version(), "9.9.9"))
    code, output = aws.run("deploy.sh", "--mode", "plan", "--version", "v9.9.9", CONTROLSYNC_RELEASES=releases)
    assert code == 2 and 'error: cannot ask "Deploy this?"' in output, output
    assert f"Warning    this is the stack of version {version()}, and the function of version 9.9.9 may need another one: check out" in output


def test_without_rust_a_release_is_named(aws):
    output = rejected(aws, PATH=f"{aws.programs}:{without('cargo')}")
    assert f"error: cargo is not installed: install Rust, or deploy a release with --version {version()}" in output
