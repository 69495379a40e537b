#!/usr/bin/env bash
# Checks that this commit can be released under a tag, and prints its version.
#
# release/check.sh TAG
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

tag="$1"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)"
if [ "$tag" != "v$version" ]; then fail "the tag is $tag, but the version in Cargo.toml is $version; run release/prepare.py ${tag#v}"; fi
if ! grep -qE "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md; then
  fail "CHANGELOG.md has no dated section for version $version; run release/prepare.py $version"
fi
if grep -q '^repository = .*/OWNER/' Cargo.toml; then
  fail "the repository in Cargo.toml is a placeholder; run release/prepare.py $version --owner NAME"
fi
printf '%s\n' "$version"
