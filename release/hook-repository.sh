#!/usr/bin/env bash
# Publishes the hooks for pre-commit: writes integrations/pre-commit to a clone of their repository, commits it, tags it with the
# version, and pushes both.
#
# release/hook-repository.sh VERSION CLONE
set -euo pipefail

version="${1#v}"
clone="$(cd "$2" && pwd -P)"
cd "$(dirname "$0")/.."

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

if ! grep -q "\"controlsync==$version\"" integrations/pre-commit/pyproject.toml; then
  fail "integrations/pre-commit installs another version; run release/prepare.py $version"
fi
if [ -n "$(git -C "$clone" ls-remote --tags origin "v$version")" ]; then fail "the hooks of version $version are published already"; fi
# What earlier versions had and this one has not is removed.
git -C "$clone" rm -r --quiet --ignore-unmatch .
cp -R integrations/pre-commit/. "$clone"
cp LICENSE "$clone"
git -C "$clone" add --all
git -C "$clone" commit --quiet --message "Version $version"
git -C "$clone" tag "v$version"
git -C "$clone" push --quiet --atomic origin HEAD "v$version"
printf 'published the hooks of version %s\n' "$version"
