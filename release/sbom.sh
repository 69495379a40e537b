#!/usr/bin/env bash
# Writes what the program and the function are made of, as CycloneDX: controlsync-vVERSION.cyclonedx.json and
# controlsync-lambda-vVERSION.cyclonedx.json in DIR.
#
# release/sbom.sh VERSION DIR
#
# Requires Rust. Installs cargo-cyclonedx from crates.io into target/.
set -euo pipefail

tool=cargo-cyclonedx@0.5.9

version="${1#v}"
mkdir -p "$2"
folder="$(cd "$2" && pwd -P)"
cd "$(dirname "$0")/.."
root="$(pwd -P)"
target="${CARGO_TARGET_DIR:-$root/target}"

tools="$target/tools"
if [ "$(cat "$tools/sbom.txt" 2>/dev/null)" != "$tool" ]; then
  # Its own folder, which is removed, because nothing else is built with these features.
  build="$(mktemp -d)"
  CARGO_TARGET_DIR="$build" cargo install --quiet --debug --locked --force --root "$tools" "$tool"
  rm -rf "$build"
  printf '%s\n' "$tool" >"$tools/sbom.txt"
fi

# It writes a file beside the manifest of every package of the workspace.
name="sbom-$$"
trap 'rm -f crates/*/"$name.json" tests/*/"$name.json"' EXIT
# The time of the commit, so that the same commit gives the same bytes.
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH
"$tools/bin/cargo-cyclonedx" cyclonedx -qq --format json --spec-version 1.5 --target all --no-build-deps --override-filename "$name"
for package in cli:controlsync lambda:controlsync-lambda; do
  file="$folder/${package#*:}-v$version.cyclonedx.json"
  sed "s#file://$root/#file:///#g" "crates/${package%%:*}/$name.json" >"$file"
  printf '%s\n' "$file"
done
