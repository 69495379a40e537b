#!/bin/sh
# Tries a program of a release: it prints its version, lints the sample catalog, and applies it to the embedded emulator.
#
# release/try.sh VERSION PROGRAM
set -eu

version="${1#v}"
program="$2"
case "$program" in
  */*) program="$(cd "$(dirname "$program")" && pwd -P)/$(basename "$program")" ;;
esac
root="$(cd "$(dirname "$0")/.." && pwd -P)"
catalog="$(mktemp -d)"
trap 'rm -rf "$catalog"' EXIT
cp -R "$root/controls" "$root/frameworks" "$catalog"
cd "$catalog"

shown="$("$program" --version)"
case "$shown" in
  "controlsync $version" | "controlsync $version "*) printf '%s\n' "$shown" ;;
  *)
    printf 'error: %s is "%s", not version %s\n' "$program" "$shown" "$version" >&2
    exit 1
    ;;
esac
"$program" lint
"$program" apply --local --yes
# Exit code 3 would mean that changes are pending.
"$program" plan --local
