#!/usr/bin/env bash
# Every check of the project. Needs Rust and Python 3.11; what else a check needs is installed into target/.
#
# tests/run.sh            all checks
# tests/run.sh rust       formatting, lints and all Rust tests
set -euo pipefail
cd "$(dirname "$0")/.."

# The checks must see neither an account nor the settings of whoever runs them.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
  AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_AUDITMANAGER CONTROLSYNC_CATALOG INSTA_UPDATE
export AWS_EC2_METADATA_DISABLED=true CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
# Snapshots are compared, never written.
export INSTA_UPDATE=no

ran=()
current=""

step() {
  current="$1"
  printf '\n== %s\n' "$current"
  shift
  "$@"
  ran+=("$current")
}

finish() {
  local status=$?
  printf '\n'
  for name in ${ran[@]+"${ran[@]}"}; do printf 'passed: %s\n' "$name"; done
  if [ "$status" -ne 0 ]; then printf 'FAILED: %s\n' "$current"; fi
  printf 'checks took %d s\n' "$SECONDS"
}
trap finish EXIT

documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked; }

licences() {
  # cargo-deny is no part of the toolchain; its advisory database is not asked.
  if command -v cargo-deny >/dev/null; then
    cargo deny --locked check bans licenses sources
  else
    echo "cargo-deny is not installed: licences and sources of dependencies are not checked"
  fi
}

rust() {
  step "formatting" cargo fmt --all --check
  step "lints" cargo clippy --workspace --all-targets --locked -- -D warnings
  step "documentation builds" documentation
  step "licences" licences
  step "Rust tests" cargo test --workspace --locked
}

case "${1:-all}" in
  rust) rust ;;
  all)
    rust
    ;;
  *)
    sed -n 's/^# \(tests\/run.sh.*\)/\1/p' "$0" >&2
    exit 2
    ;;
esac
