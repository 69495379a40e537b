#!/usr/bin/env bash
# Packages the functions for AWS Lambda (runtime provided.al2023).
#
# crates/lambda/package.sh            for x86_64
# crates/lambda/package.sh --arm64    for arm64, if the Rust target is installed
#
# Writes lambda/NAME/bootstrap.zip for each program in src/bin, and its content beside it, below target/ or CARGO_TARGET_DIR.
# Requires Rust and Python 3.9. Installs cargo-lambda, with a linker that can target old versions of glibc, from PyPI into target/.
# The build is reproducible: the same sources give the same bytes in any directory.
set -euo pipefail

# The compiler wrapper and the linker affect the output: both are pinned.
tools=(cargo-lambda==1.9.2 ziglang==0.17.1 zopfli==0.4.3)
# The newest glibc that the binary may require: the one of Amazon Linux 2023
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
    printf 'error: %s is not installed\n' "$program" >&2
    exit 1
  fi
done

# Resolves symbolic links, because the compiler records resolved paths. Relative paths start at the caller's directory.
resolved() { python3 -c 'import os, sys; print(os.path.realpath(sys.argv[1]))' "$1"; }
root="$(resolved "$(dirname "$0")/../..")"
target="$(resolved "${CARGO_TARGET_DIR:-$root/target}")"
export CARGO_TARGET_DIR="$target"
cd "$root"

triple="$architecture-unknown-linux-gnu"
if ! [ -d "$(rustc --print target-libdir --target "$triple")" ]; then
  printf 'error: the Rust target %s is not installed; with rustup: rustup target add %s\n' \
    "$triple" "$triple" >&2
  exit 1
fi

# A cargo-lambda on PATH may be another version.
environment="$target/venv-package"
if [ "$(cat "$environment/installed.txt" 2>/dev/null)" != "${tools[*]}" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check "${tools[@]}"
  printf '%s\n' "${tools[*]}" >"$environment/installed.txt"
fi
export PATH="$environment/bin:$PATH"
unset CARGO_LAMBDA_COMPILER CARGO_ENCODED_RUSTFLAGS

# Panic messages contain source paths. They are remapped, so that the binary does not depend on the build machine. If
# several prefixes match, rustc uses the last. Flags are separated by U+001F, because a path may contain spaces.
sysroot="$(rustc --print sysroot)"
commit="$(rustc -vV | sed -n 's/^commit-hash: //p')"
home="$(resolved "${CARGO_HOME:-$HOME/.cargo}")"
# A panic ends the process, so nothing unwinds.
flags=(-Cforce-unwind-tables=no)
for prefix in "$home=/cargo" "$sysroot/lib/rustlib/src/rust=/rustc/$commit" "$root=/controlsync" "$target=/target"; do
  flags+=("--remap-path-prefix=$prefix")
done
CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f' && printf '%s' "${flags[*]}")"
export CARGO_ENCODED_RUSTFLAGS

# Optimized for size: a cold start loads the file, and the function mostly waits for the network; see docs/performance.md.
# Only this package is built: other members of the workspace would enable more features of its dependencies.
folder="$target/lambda"
mkdir -p "$folder"
# Built beside the destination and moved into place, so that a concurrent reader sees a complete package.
built="$(mktemp -d "$folder/build.XXXXXX")"
trap 'rm -rf "$built"' EXIT
CARGO_PROFILE_DIST_OPT_LEVEL=z CARGO_PROFILE_DIST_LTO=fat cargo lambda build --profile dist --locked --package controlsync-lambda \
  --target "$triple.$glibc" --lambda-dir "$built"

python3 - "$built" "$folder" "$glibc" "$root" "${tools[*]}" "$target" "$home" <<'PYTHON'
import hashlib
import os
import re
import shutil
import sys
import zipfile
import zopfli.zlib
from pathlib import Path


class Zopfli:
    """Deflates 3 % smaller than zlib. A zip entry has no header and no checksum of zlib."""

    def __init__(self):
        self.data = b""

    def compress(self, data):
        self.data += data
        return b""

    def flush(self):
        return zopfli.zlib.compress(self.data, numiterations=1)[2:-4]


# Without a public way to choose the compressor.
zipfile._get_compressor = lambda *_: Zopfli()

built, folder, newest, root, tools, *private = sys.argv[1:]
private.append(root)


def has(package, binary):
    """Whether a package was made of this binary, with these tools."""
    try:
        with zipfile.ZipFile(package) as archive:
            return archive.comment == tools.encode() and archive.read("bootstrap") == binary
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


# The build folder may also have other programs of the workspace.
sources = sorted(Path(root, "crates/lambda/src/bin").glob("*.rs"))
for program in (Path(built, source.stem, "bootstrap") for source in sources):
    binary = program.read_bytes()

    # Each symbol imported from glibc names the version that introduced it.
    needed = {tuple(map(int, version)) for version in re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)}
    if not needed:
        sys.exit(f"error: the binary of {program.parent.name} names no glibc version")
    version = "{}.{}".format(*max(needed))
    if max(needed) > tuple(map(int, newest.split("."))):
        sys.exit(f"error: the binary of {program.parent.name} requires glibc {version}; Amazon Linux 2023 has {newest}")
    for path in private:
        if path.encode() + b"/" in binary:
            sys.exit(f"error: the binary of {program.parent.name} contains a local path: {path}")

    # Everything that could differ between builds is fixed: time, mode, creating system and compression.
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    earlier = Path(folder, program.parent.name, "bootstrap.zip")
    if has(earlier, binary):
        # Compressing takes longer than all else if there is nothing to compile.
        shutil.copy(earlier, program.with_suffix(".zip"))
    else:
        with zipfile.ZipFile(program.with_suffix(".zip"), "w") as archive:
            archive.comment = tools.encode()
            archive.writestr(entry, binary)
    final = Path(folder) / program.parent.name
    final.mkdir(exist_ok=True)
    for name in ("bootstrap", "bootstrap.zip"):
        os.replace(program.with_name(name), final / name)
    package = final / "bootstrap.zip"

    size = package.stat().st_size
    print(package)
    print(f"size: {size} bytes ({size / 1e6:.1f} MB), unpacked {len(binary)} bytes ({len(binary) / 1e6:.1f} MB)")
    print(f"SHA-256: {hashlib.sha256(package.read_bytes()).hexdigest()}")
    print(f"glibc: requires {version}, at most {newest} allowed")
PYTHON
