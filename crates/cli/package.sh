#!/usr/bin/env bash
# Packages the program: a wheel, and an archive with the program, its completions and its manual pages.
#
# crates/cli/package.sh                    for this machine
# crates/cli/package.sh --target TRIPLE    for another target that is installed and whose programs run here
#
#   --profile NAME     the Cargo profile [default: dist]
#   --portable         link against an old glibc, so that the program runs on older systems
#
# Writes controlsync-*.whl and controlsync-vVERSION-TRIPLE.tar.gz, or .zip for Windows, to program/TRIPLE/ below target/ or
# CARGO_TARGET_DIR. Requires Rust and Python 3.9. Installs maturin, with a linker for --portable, from PyPI into target/.
set -euo pipefail

tools=(maturin==1.16.0 ziglang==0.17.1)

usage() { sed -n 's/^# \{0,1\}//; 2,/^set /{/^set /!p}' "$0"; }

profile=dist
triple=""
portable=()
while [ $# -gt 0 ]; do
  case "$1" in
    --target | --profile)
      if [ $# -lt 2 ]; then
        printf 'error: %s needs a value\n' "$1" >&2
        exit 2
      fi
      ;;
  esac
  case "$1" in
    --target) triple="$2" && shift ;;
    --profile) profile="$2" && shift ;;
    # The oldest glibc that Rust supports (https://doc.rust-lang.org/rustc/platform-support.html).
    --portable) portable=(--zig --compatibility manylinux_2_17) ;;
    -h | --help)
      usage
      exit
      ;;
    *)
      printf 'error: unknown argument %s\n\n' "$1" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done

python="$(command -v python3 || command -v python)" || {
  printf 'error: python3 is not installed\n' >&2
  exit 1
}
for program in cargo rustc; do
  if ! command -v "$program" >/dev/null; then
    printf 'error: %s is not installed\n' "$program" >&2
    exit 1
  fi
done
root="$(cd "$(dirname "$0")/../.." && pwd -P)"
target="${CARGO_TARGET_DIR:-$root/target}"
mkdir -p "$target"
target="$(cd "$target" && pwd -P)"
export CARGO_TARGET_DIR="$target"
cd "$root"
host="$(rustc -vV | sed -n 's/^host: //p')"
# Without --target, Cargo uses the folder of other builds for this machine.
build=(--profile "$profile" --locked ${triple:+--target "$triple"} ${portable[@]+"${portable[@]}"})
triple="${triple:-$host}"

environment="$target/venv-wheel"
# On Windows, the programs of an environment have another place.
programs() { if [ -d "$environment/Scripts" ]; then printf '%s/Scripts' "$environment"; else printf '%s/bin' "$environment"; fi; }
if [ "$(cat "$environment/installed.txt" 2>/dev/null)" != "${tools[*]}" ]; then
  rm -rf "$environment"
  "$python" -m venv "$environment"
  "$(programs)/python" -m pip install --quiet --disable-pip-version-check "${tools[@]}"
  printf '%s\n' "${tools[*]}" >"$environment/installed.txt"
fi
PATH="$(programs):$PATH"
export PATH

folder="$target/program/$triple"
mkdir -p "$folder"
# Built beside the destination and moved into place, so that a concurrent reader sees complete files.
built="$(mktemp -d "$target/program/build.XXXXXX")"
trap 'rm -rf "$built"' EXIT
maturin build --manifest-path crates/cli/Cargo.toml --quiet --out "$built" "${build[@]}"

python - "$built" "$folder" "$root" <<'PYTHON'
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

built, folder, root = map(Path, sys.argv[1:])
[wheel] = built.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    names = {Path(name).name: name for name in archive.namelist()}
    program = "controlsync.exe" if "controlsync.exe" in names else "controlsync"
    binary = archive.read(names[program])
path = built / program
path.write_bytes(binary)
path.chmod(0o755)


def output(*arguments):
    return subprocess.run([path, *arguments], stdout=subprocess.PIPE, check=True).stdout


version = output("--version").decode().split()[1]
files = {program: binary} | {name: (root / name).read_bytes() for name in ("README.md", "LICENSE", "CHANGELOG.md")}
for shell in ("bash", "elvish", "fish", "powershell", "zsh"):
    files[f"completions/controlsync.{shell}"] = output("completions", shell)
output("man", "--out", str(built / "man"))
files |= {f"man/{page.name}": page.read_bytes() for page in (built / "man").iterdir()}

# Times, owners and the order of files are fixed, so that the same program gives the same bytes.
name = f"controlsync-v{version}-{folder.name}"
result = built / (name + (".zip" if program.endswith(".exe") else ".tar.gz"))
if result.suffix == ".zip":
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for member, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{name}/{member}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
else:
    with open(result, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed:
        with tarfile.open(fileobj=compressed, mode="w") as archive:
            for member, content in sorted(files.items()):
                entry = tarfile.TarInfo(f"{name}/{member}")
                entry.size, entry.mode = len(content), 0o755 if member == program else 0o644
                archive.addfile(entry, io.BytesIO(content))

for old in folder.iterdir():
    old.unlink()
for one in (wheel, result):
    path = folder / one.name
    os.replace(one, path)
    size = path.stat().st_size
    print(path)
    print(f"size: {size} bytes ({size / 1e6:.1f} MB), SHA-256: {hashlib.sha256(path.read_bytes()).hexdigest()}")
PYTHON
