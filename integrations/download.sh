#!/usr/bin/env bash
# Downloads a part of a release of controlsync, checks its SHA-256, and prints its path.
#
# integrations/download.sh program VERSION DIR                  the program for this machine
# integrations/download.sh function VERSION x86_64|arm64 DIR    the zip of the function, with SHA256SUMS beside it
# integrations/download.sh evidence VERSION x86_64|arm64 DIR    the same of the evidence function
#
# CONTROLSYNC_RELEASES is where releases are, as in CONTROLSYNC_RELEASES/vVERSION/FILE [default: on GitHub]. Requires curl.
#
# Exit codes: 0 done, 1 the file is not the one of the release, 2 could not run, 3 the release or the file cannot be downloaded.
set -euo pipefail

usage() { sed -n 's/^# \{0,1\}//; 2,/^set /{/^set /!p}' "$0"; }

fail() {
  local code="$1"
  shift
  printf 'error: %s\n' "$1" >&2
  exit "$code"
}

# The Rust target of this machine.
machine() {
  local processor
  case "$(uname -m)" in
    x86_64 | amd64) processor=x86_64 ;;
    aarch64 | arm64) processor=aarch64 ;;
    *) fail 3 "there is no release for $(uname -m)" ;;
  esac
  case "$(uname -s)" in
    Linux)
      # The `ldd` of musl fails.
      case "$(ldd --version 2>&1 || true)" in
        *musl*) printf '%s-unknown-linux-musl' "$processor" ;;
        *) printf '%s-unknown-linux-gnu' "$processor" ;;
      esac
      ;;
    Darwin) printf '%s-apple-darwin' "$processor" ;;
    # Windows for Arm runs programs for x86_64.
    MINGW* | MSYS* | CYGWIN*) printf 'x86_64-pc-windows-msvc' ;;
    *) fail 3 "there is no release for $(uname -s)" ;;
  esac
}

case "${1:-}" in
  -h | --help)
    usage
    exit
    ;;
  program) if [ $# -ne 3 ]; then usage >&2 && exit 2; fi ;;
  function | evidence) if [ $# -ne 4 ]; then usage >&2 && exit 2; fi ;;
  *) usage >&2 && exit 2 ;;
esac
if ! command -v curl >/dev/null; then fail 2 "curl is not installed"; fi

part="$1"
version="${2#v}"
folder="${*: -1}"
case "$part" in
  function) file="controlsync-lambda-v$version-$3.zip" ;;
  evidence) file="controlsync-lambda-evidence-v$version-$3.zip" ;;
  program)
    triple="$(machine)" || exit
    file="controlsync-v$version-$triple.tar.gz"
    if [[ "$triple" == *windows* ]]; then file="${file%.tar.gz}.zip"; fi
    ;;
esac
releases="${CONTROLSYNC_RELEASES:-$(sed -n 's/^repository = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml")/releases/download}"

mkdir -p "$folder"
folder="$(cd "$folder" && pwd -P)"
scratch="$(mktemp -d "$folder/download.XXXXXX")"
trap 'rm -rf "$scratch"' EXIT
for name in SHA256SUMS "$file"; do
  url="${releases%/}/v$version/$name"
  if ! reason="$(curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --output "$scratch/$name" "$url" 2>&1)"; then
    fail 3 "cannot download $url: ${reason#curl: }"
  fi
done
expected="$(awk -v name="$file" '{ sub(/^\*/, "", $2) } $2 == name { print $1 }' "$scratch/SHA256SUMS")"
if [ -z "$expected" ]; then fail 1 "SHA256SUMS of version $version does not name $file"; fi
if command -v sha256sum >/dev/null; then sum="$(sha256sum "$scratch/$file")"; else sum="$(shasum -a 256 "$scratch/$file")"; fi
# The output starts with a backslash if the path has one.
sum="${sum#\\}"
if [ "${sum%% *}" != "$expected" ]; then
  fail 1 "$file has the SHA-256 ${sum%% *}, but its release names $expected: it is not used"
fi

if [ "$part" != program ]; then
  mv "$scratch/$file" "$scratch/SHA256SUMS" "$folder"
  printf '%s\n' "$folder/$file"
  exit
fi
program=controlsync
case "$file" in
  *.zip)
    program=controlsync.exe
    unzip -q -j "$scratch/$file" "*/$program" -d "$scratch"
    ;;
  *) tar -xzf "$scratch/$file" -C "$scratch" --strip-components 1 "${file%.tar.gz}/$program" ;;
esac
mv "$scratch/$program" "$folder/$program"
printf '%s\n' "$folder/$program"
