#!/usr/bin/env bash
# Packages the function for AWS Lambda (runtime provided.al2023).
#
# crates/lambda/package.sh            for x86_64
# crates/lambda/package.sh --arm64    for arm64, where Rust has that target
#
# Writes lambda/controlsync/bootstrap.zip, and beside it what is in it, below target/ or CARGO_TARGET_DIR. Needs Rust and
# Python 3.9; cargo-lambda, and with it a linker that knows old versions of glibc, is installed into target/ from PyPI.
# The same sources make the same bytes, in whatever folder they are.
set -euo pipefail

# What compiles and links is part of what comes out: both are pinned.
tools=(cargo-lambda==1.9.2 ziglang==0.17.1)
# The newest glibc that the binary may need: that of Amazon Linux 2023
# (https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html).
glibc=2.34

usage() { sed -n 's/^# \{0,1\}//; 2,/^set /{/^set /!p}' "$0"; }

architecture=x86_64
for argument in "$@"; do
  case "$argument" in
    --arm64) architecture=aarch64 ;;
    -h | --help)
      usage
      exit
      ;;
    *)
      printf 'error: unknown argument %s\n\n' "$argument" >&2
      usage >&2
      exit 2
      ;;
  esac
done

for program in cargo rustc python3; do
  if ! command -v "$program" >/dev/null; then
    printf 'error: %s is missing\n' "$program" >&2
    exit 1
  fi
done

# Links are resolved, since the compiler writes down what it resolved; a relative folder is the caller's.
resolved() { python3 -c 'import os, sys; print(os.path.realpath(sys.argv[1]))' "$1"; }
root="$(resolved "$(dirname "$0")/../..")"
target="$(resolved "${CARGO_TARGET_DIR:-$root/target}")"
export CARGO_TARGET_DIR="$target"
cd "$root"

triple="$architecture-unknown-linux-gnu"
if ! [ -d "$(rustc --print target-libdir --target "$triple")" ]; then
  printf 'error: Rust lacks the target %s, and this script downloads none; where rustup manages Rust: rustup target add %s\n' \
    "$triple" "$triple" >&2
  exit 1
fi

# A cargo-lambda that happens to be on PATH may be another one.
environment="$target/venv-package"
if [ "$(cat "$environment/installed.txt" 2>/dev/null)" != "${tools[*]}" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check "${tools[@]}"
  printf '%s\n' "${tools[*]}" >"$environment/installed.txt"
fi
export PATH="$environment/bin:$PATH"
unset CARGO_LAMBDA_COMPILER CARGO_ENCODED_RUSTFLAGS

# Messages of panics name source files: not those of this machine, or the bytes would tell where they were made. Of several
# prefixes that fit, rustc takes the last; flags are parted by U+001F, since a folder may have blanks in its name.
sysroot="$(rustc --print sysroot)"
commit="$(rustc -vV | sed -n 's/^commit-hash: //p')"
home="$(resolved "${CARGO_HOME:-$HOME/.cargo}")"
# Nothing unwinds where a panic ends the process.
flags=(-Cforce-unwind-tables=no)
for prefix in "$home=/cargo" "$sysroot/lib/rustlib/src/rust=/rustc/$commit" "$root=/controlsync" "$target=/target"; do
  flags+=("--remap-path-prefix=$prefix")
done
CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f' && printf '%s' "${flags[*]}")"
export CARGO_ENCODED_RUSTFLAGS

# For size: a cold start loads the file, and the function waits for the network most of the time; see docs/performance.md.
# Alone, or other members of
# the workspace would add their features to its dependencies.
folder="$target/lambda/controlsync"
mkdir -p "$folder"
rm -f "$folder"/bootstrap "$folder"/bootstrap.zip
CARGO_PROFILE_DIST_OPT_LEVEL=z CARGO_PROFILE_DIST_LTO=fat cargo lambda build --profile dist --locked --package controlsync-lambda \
  --target "$triple.$glibc" --lambda-dir "$folder" --flatten bootstrap

python3 - "$folder" "$glibc" "$root" "$target" "$home" <<'PYTHON'
import hashlib
import re
import sys
import zipfile
from pathlib import Path

folder, newest, *private = sys.argv[1:]
binary = (Path(folder) / "bootstrap").read_bytes()

# Each symbol that the binary takes from glibc names the version that first had it.
needed = {tuple(map(int, version)) for version in re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)}
if not needed:
    sys.exit("error: the binary does not say which glibc it needs")
version = "{}.{}".format(*max(needed))
if max(needed) > tuple(map(int, newest.split("."))):
    sys.exit(f"error: the binary needs glibc {version}; Amazon Linux 2023 has {newest}")
for path in private:
    if path.encode() + b"/" in binary:
        sys.exit(f"error: the binary names a folder of this machine: {path}")

# All that could differ from one run to the next is fixed: time, mode, the system that made it, the way of packing.
entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
entry.create_system = 3
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
package = Path(folder) / "bootstrap.zip"
with zipfile.ZipFile(package, "w") as archive:
    archive.writestr(entry, binary, compresslevel=9)

size = package.stat().st_size
print(package)
print(f"size: {size} bytes ({size / 1e6:.1f} MB), unpacked {len(binary)} bytes ({len(binary) / 1e6:.1f} MB)")
print(f"SHA-256: {hashlib.sha256(package.read_bytes()).hexdigest()}")
print(f"glibc: needs {version}, may need {newest}")
PYTHON
