#!/usr/bin/env bash
# Every check of the project. Needs Rust, Python 3.11, Node 20 and, for `page`, Chromium; what else a check needs is
# installed into target/ and into node_modules beside it.
#
# tests/run.sh            all checks
# tests/run.sh rust       formatting, lints and all Rust tests
# tests/run.sh foreign    the emulator, driven by boto3 and the AWS CLI
# tests/run.sh formats    reports against published schemas; the pre-commit hook, the GitHub action and the GitLab job
# tests/run.sh editors    the schemas for editors, through the YAML language server
# tests/run.sh page       the page of `controlsync show`, in Chromium
# tests/run.sh push       push, against a stand-in for Amazon S3
# tests/run.sh lambda     the function as it is packaged, with stand-ins for all that it talks to
# tests/run.sh stack      the stack, alone and against what `lambda` has seen the function do
set -euo pipefail
cd "$(dirname "$0")/.."

# The checks must see neither an account nor the settings of whoever runs them.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
  AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_AUDITMANAGER \
  AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_SNS AWS_ENDPOINT_URL_SQS CONTROLSYNC_CATALOG CONTROLSYNC_BUCKET CONTROLSYNC_PREFIX \
  INSTA_UPDATE
export AWS_EC2_METADATA_DISABLED=true CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
# Snapshots are compared, never written.
export INSTA_UPDATE=no

# Definitions that others wrote, beside the project where its developers have them.
if [ -z "${CONTROLSYNC_CORPORA:-}" ] && [ -d ../shared/corpora ]; then
  CONTROLSYNC_CORPORA="$(realpath ../shared/corpora)"
  export CONTROLSYNC_CORPORA
fi

target="${CARGO_TARGET_DIR:-target}"
ran=()
skipped=()
current=""

step() {
  local start=$SECONDS
  current="$1"
  printf '\n== %s\n' "$current"
  shift
  "$@"
  printf '== %s took %d s\n' "$current" $((SECONDS - start))
  ran+=("$current")
}

# Starts a step that mostly waits, and lets others go on; `together` waits for it and shows what it printed.
beside=false
meanwhile() {
  beside=true
  "$@" >"$target/beside.log" 2>&1 &
}

together() {
  local status=0
  wait "$!" || status=$?
  beside=false
  cat "$target/beside.log"
  return "$status"
}

finish() {
  local status=$?
  # Where something else has failed: its servers end with it.
  if "$beside"; then wait || true; fi
  printf '\n'
  for name in ${ran[@]+"${ran[@]}"}; do printf 'passed: %s\n' "$name"; done
  for reason in ${skipped[@]+"${skipped[@]}"}; do printf 'skipped: %s\n' "$reason"; done
  if [ "$status" -ne 0 ]; then printf 'FAILED: %s\n' "$current"; fi
  printf 'checks took %d s\n' "$SECONDS"
}
trap finish EXIT

# Names a missing program, or installs its Debian package where this is CI and root.
need() {
  local program="$1" package="$2"
  if command -v "$program" >/dev/null; then return; fi
  if [ "${CI:-}" = true ] && [ "$(id -u)" -eq 0 ]; then
    apt-get update -q && apt-get install -y -q --no-install-recommends "$package"
  else
    printf 'error: %s is missing; install it (Debian: apt-get install %s)\n' "$program" "$package" >&2
    return 1
  fi
}

# Whether a program that is no part of the toolchain is there. Where CI cannot install it, those who have it check the part.
is_there() {
  if [ "${CI:-}" = true ]; then need "$1" "${1##*/}" || true; fi
  command -v "$1" >/dev/null
}

# A Python environment with what is pinned in a requirements file, made anew when that file changes.
venv() {
  local folder="$1" requirements="$2"
  if ! cmp -s "$requirements" "$folder/installed.txt"; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$folder/installed.txt"
  fi
}

# mdBook is no part of the toolchain; the links of the pages are checked by a Rust test.
book() { mdbook build; }

documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked; }

# cargo-deny is no part of the toolchain; its advisory database is not asked.
licences() { cargo deny --locked check bans licenses sources; }

# The debug build of the program, once a run, where no build of the Rust tests replaces it.
program=""
built_program() {
  if [ -n "$program" ]; then return; fi
  cargo build --locked
  mkdir -p "$target/bin"
  ln -f "$target/debug/controlsync" "$target/bin/controlsync"
  program="$(realpath "$target")/bin/controlsync"
}

# The Python tests of a folder, against that build.
python_tests() {
  local folder="$1" environment
  environment="$target/venv-$(basename "$folder")"
  need python3 python3
  venv "$environment" "$folder/requirements.txt"
  built_program
  CONTROLSYNC_BIN="$program" \
    "$environment/bin/python" -m pytest -q -p no:cacheprovider "$folder"
}

foreign_clients() { python_tests tests/emulator; }

formats() {
  need git git
  python_tests tests/formats
}

push() {
  need git git
  python_tests tests/push
}

# Packaging takes a build of its own; what comes out is what is tested.
lambda() {
  crates/lambda/package.sh
  CONTROLSYNC_LAMBDA="$(realpath "$target")/lambda/controlsync/bootstrap" \
    CONTROLSYNC_CALLS="$(realpath "$target")/calls" python_tests tests/lambda
}

# What is pinned in the lock file of a folder, installed anew when that file changes.
node_modules() {
  local folder="$1"
  need node nodejs
  need npm npm
  if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
    npm ci --prefix "$folder" --no-audit --no-fund --silent
    cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
  fi
}

editors() {
  node_modules tests/editor
  npm test --prefix tests/editor --silent
}

page() {
  need "${CHROMIUM:-chromium}" chromium
  CHROMIUM="$(command -v "${CHROMIUM:-chromium}")"
  node_modules tests/page
  built_program
  CHROMIUM="$CHROMIUM" CONTROLSYNC_BIN="$program" npm test --prefix tests/page --silent
}

stack() {
  local environment="$target/venv-stack"
  node_modules cdk
  venv "$environment" tests/stack/requirements.txt
  CFN_LINT="$(realpath "$environment")/bin/cfn-lint" npm test --prefix cdk --silent
  CONTROLSYNC_LAMBDA="$(realpath "$target")/lambda/controlsync/bootstrap" \
    CONTROLSYNC_CALLS="$(realpath "$target")/calls" python_tests tests/stack
}

scripts() { shellcheck --external-sources --source-path=SCRIPTDIR .ci/run tests/run.sh crates/lambda/package.sh cdk/*.sh; }

sources() {
  step "formatting" cargo fmt --all --check
  step "lints" cargo clippy --workspace --all-targets --locked -- -D warnings
  step "documentation builds" documentation
  if command -v cargo-deny >/dev/null; then
    step "licences" licences
  else
    skipped+=("licences: cargo-deny is not installed")
  fi
  if command -v mdbook >/dev/null; then
    step "book" book
  else
    skipped+=("book: mdbook is not installed")
  fi
}

rust_tests() { step "Rust tests" cargo test --workspace --locked; }

case "${1:-all}" in
  rust)
    sources
    rust_tests
    ;;
  foreign) step "foreign clients" foreign_clients ;;
  formats) step "formats and integrations" formats ;;
  editors) step "editors" editors ;;
  page) step "page" page ;;
  push) step "push" push ;;
  lambda) step "function" lambda ;;
  stack) step "stack" stack ;;
  all)
    if is_there shellcheck; then step "scripts" scripts; else skipped+=("scripts: shellcheck is not installed"); fi
    sources
    rust_tests
    step "function" lambda
    meanwhile stack
    step "foreign clients" foreign_clients
    step "formats and integrations" formats
    step "editors" editors
    if is_there "${CHROMIUM:-chromium}"; then step "page" page; else skipped+=("page: chromium is not installed"); fi
    step "push" push
    step "stack" together
    ;;
  *)
    sed -n 's/^# \(tests\/run.sh.*\)/\1/p' "$0" >&2
    exit 2
    ;;
esac
