#!/usr/bin/env bash
# Prints the notes of a release: its section of the changelog, how to install it, and how to verify it.
#
# release/notes.sh VERSION
set -euo pipefail
cd "$(dirname "$0")/.."

version="${1#v}"
repository="$(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)"
changes="$(awk -v heading="## [$version]" 'index($0, "## ") == 1 { found = index($0, heading) == 1; next } found' CHANGELOG.md)"
if [ -z "${changes//[[:space:]]/}" ]; then
  printf 'error: CHANGELOG.md has no section for version %s\n' "$version" >&2
  exit 1
fi
# Links of the changelog start at the root of the repository.
printf '%s\n' "$changes" | sed '/./,$!d' | sed -E "s#\]\(((docs|schemas|crates)/[^)]*)\)#](${repository}/blob/v$version/\1)#g"
cat <<NOTES

## Install

| with | command |
|---|---|
| uv | \`uvx controlsync@$version lint\` |
| pip | \`pip install controlsync==$version\` |
| cargo-binstall | \`cargo binstall --git $repository controlsync\` |
| Cargo | \`cargo install --locked --git $repository --tag v$version controlsync\` |
| an image | \`ghcr.io/${repository#https://github.com/}:$version\` |

The archives below have the program, its completions and its manual pages. \`cdk/deploy.sh --version $version\` deploys the function.

## Verify

\`\`\`sh
sha256sum --check --ignore-missing SHA256SUMS
gh attestation verify FILE --repo ${repository#https://github.com/}
\`\`\`
NOTES
