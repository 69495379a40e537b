#!/usr/bin/env bash
# Runs every check of the project. Requires Rust, Python 3.11, Node 20 and, for `page`, Chromium; everything else is installed
# into target/ and node_modules.
#
# tests/run.sh                all checks
# tests/run.sh rust           formatting, spelling, lints and all Rust tests
# tests/run.sh foreign        boto3 and the AWS CLI against the emulator
# tests/run.sh formats        reports against published schemas
# tests/run.sh integrations   the wheel, the hook for pre-commit, the GitHub action, the GitLab job, the steps of a release
# tests/run.sh editors        the editor schemas, through the YAML language server
# tests/run.sh page           the page of `controlsync show`, in Chromium
# tests/run.sh push           push, against moto's S3
# tests/run.sh network        proxies, certificates and all forms of credentials
# tests/run.sh lambda         the packaged function, with stand-ins for every service it calls
# tests/run.sh stack          the stack, alone and against what `lambda` saw the function do
set -euo pipefail
cd "$(dirname "$0")/.."

# The checks must see neither the account nor the settings of the user who runs them.
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
  AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_AUDITMANAGER \
  AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_SNS AWS_ENDPOINT_URL_SQS CONTROLSYNC_CATALOG CONTROLSYNC_BUCKET CONTROLSYNC_PREFIX \
  CONTROLSYNC_MEMBER_ROLE CONTROLSYNC_EXTERNAL_ID AWS_ENDPOINT_URL_CONFIG_SERVICE AWS_ENDPOINT_URL_SECURITYHUB \
  AWS_ENDPOINT_URL_EVENTBRIDGE AWS_ENDPOINT_URL_CLOUDTRAIL AWS_ENDPOINT_URL_STS \
  INSTA_UPDATE
export AWS_EC2_METADATA_DISABLED=true CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
# Snapshots are compared, never written.
export INSTA_UPDATE=no

# Third-party definitions, beside the project where its developers have them.
if [ -z "${CONTROLSYNC_CORPORA:-}" ] && [ -d ../shared/corpora ]; then
  CONTROLSYNC_CORPORA="$(realpath ../shared/corpora)"
  export CONTROLSYNC_CORPORA
fi

target="${CARGO_TARGET_DIR:-target}"
# What the steps of this run report: logs of lanes, names of steps that passed, failed or were skipped.
report="$target/checks"
rm -rf "$report"
mkdir -p "$report"
touch "$report/passed" "$report/failed" "$report/skipped"

# Runs a step: a name, then a command. `current` names it if it fails.
current=""
step() {
  local start=$SECONDS
  current="$1"
  printf '\n== %s\n' "$current"
  shift
  "$@"
  printf '== %s took %d s\n' "$current" $((SECONDS - start))
  printf '%s\n' "$current" >>"$report/passed"
  current=""
}

skip() { printf '%s\n' "$1" >>"$report/skipped"; }

# A lane is a function that runs steps in the background, `patient_lane` one whose steps yield to all others; `join` waits for it
# and prints what it printed.
declare -A lanes=()
lane() {
  (
    trap '[ $? -eq 0 ] || printf "%s\n" "$current" >>"$report/failed"' EXIT
    renice -n "${2:-0}" -p "$BASHPID" >/dev/null
    "$1"
  ) >"$report/$1.log" 2>&1 &
  lanes[$1]=$!
}

patient_lane() { lane "$1" 10; }

join() {
  local status=0
  wait "${lanes[$1]}" || status=$?
  unset "lanes[$1]"
  cat "$report/$1.log"
  return "$status"
}

finish() {
  local status=$?
  if [ "$status" -ne 0 ] && [ -n "$current" ]; then printf '%s\n' "$current" >>"$report/failed"; fi
  # After a failure elsewhere, lanes finish, and with them their servers.
  for name in "${!lanes[@]}"; do join "$name" || status=1; done
  printf '\n'
  sed 's/^/passed: /' "$report/passed"
  sed 's/^/skipped: /' "$report/skipped"
  sed 's/^/FAILED: /' "$report/failed"
  printf 'checks took %d s\n' "$SECONDS"
  exit "$status"
}
trap finish EXIT

# Requires a program. In CI, as root, installs its Debian package.
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

# Whether an optional program is installed, or CI could install it. Without it, the step is skipped and CI covers it.
available() {
  if [ "${CI:-}" = true ]; then need "$1" "${1##*/}" || true; fi
  command -v "$1" >/dev/null
}

# A Python environment with pinned requirements, created again when they change.
venv() {
  local folder="$1" requirements="$2"
  if ! cmp -s "$requirements" "$folder/installed.txt"; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$folder/installed.txt"
  fi
}

# The locked npm packages of a folder, installed again when the lock file changes.
node_modules() {
  local folder="$1"
  need node nodejs
  need npm npm
  if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
    npm ci --prefix "$folder" --no-audit --no-fund --silent
    cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
  fi
}

documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked; }

# cargo-deny is optional; its advisory database is not asked.
licenses() { cargo deny --locked check bans licenses sources; }

book() { mdbook build; }

scripts() { shellcheck --external-sources --source-path=SCRIPTDIR .ci/run tests/run.sh crates/*/package.sh cdk/*.sh integrations/*.sh release/*.sh; }

# American English and the words of typos.toml.
spelling() {
  venv "$target/venv-spelling" tests/spelling/requirements.txt
  "$target/venv-spelling/bin/typos"
}

sources() {
  step "spelling" spelling
  if available shellcheck; then step "scripts" scripts; else skip "scripts: shellcheck is not installed"; fi
  step "formatting" cargo fmt --all --check
  step "lints" cargo clippy --workspace --all-targets --locked -- -D warnings
  step "documentation builds" documentation
  if command -v cargo-deny >/dev/null; then step "licenses" licenses; else skip "licenses: cargo-deny is not installed"; fi
  if command -v mdbook >/dev/null; then step "book" book; else skip "book: mdbook is not installed"; fi
}

rust_tests() { cargo test --workspace --locked; }

# The debug build that all other tests run: kept apart, so that no later build replaces it.
program() { printf '%s/bin/controlsync' "$(realpath "$target")"; }
keep_program() {
  mkdir -p "$target/bin"
  ln -f "$target/debug/controlsync" "$target/bin/controlsync"
}
build_program() {
  cargo build --locked
  keep_program
}

# The function as it ships: a build of its own, of which the tests get the binary.
package() {
  local architecture=()
  if [ "$(uname -m)" = aarch64 ]; then architecture=(--arm64); fi
  crates/lambda/package.sh ${architecture[@]+"${architecture[@]}"}
}
function_binary() { printf '%s/lambda/sync/bootstrap' "$(realpath "$target")"; }

# Runs the Python tests of a folder.
python_tests() {
  local folder="$1" environment
  environment="$target/venv-$(basename "$folder")"
  need python3 python3
  venv "$environment" "$folder/requirements.txt"
  CONTROLSYNC_BIN="$(program)" CONTROLSYNC_LAMBDA="$(function_binary)" CONTROLSYNC_CALLS="$(realpath "$target")/calls" \
    CONTROLSYNC_PACKAGES="$(packages)" "$environment/bin/python" -m pytest -q -p no:cacheprovider "$folder"
}

foreign() { python_tests tests/emulator; }

formats() { python_tests tests/formats; }

# The program as it is released, but built like for the tests.
wheel() { crates/cli/package.sh --profile dev; }
packages() { printf '%s/program/%s' "$(realpath "$target")" "$(rustc -vV | sed -n 's/^host: //p')"; }

integrations() {
  need git git
  need curl curl
  python_tests tests/integrations
}

push() {
  need git git
  python_tests tests/push
}

network() { python_tests tests/network; }

lambda() { python_tests tests/lambda; }

editors() {
  node_modules tests/editor
  npm test --prefix tests/editor --silent
}

page() {
  local chromium="${CHROMIUM:-chromium}"
  need "$chromium" chromium
  node_modules tests/page
  CHROMIUM="$(command -v "$chromium")" CONTROLSYNC_BIN="$(program)" npm test --prefix tests/page --silent
}

templates() {
  local environment="$target/venv-stack"
  node_modules cdk
  venv "$environment" tests/stack/requirements.txt
  CFN_LINT="$(realpath "$environment")/bin/cfn-lint" npm test --prefix cdk --silent
}

stack() { python_tests tests/stack; }

# The lanes of a run of all checks: each builds or tests something apart from the others.
package_and_templates() {
  step "package" package
  step "templates" templates
}

function_and_stack() {
  step "function" lambda
  step "stack" stack
}

clients() {
  step "foreign clients" foreign
  step "formats" formats
  step "integrations" integrations
  step "editors" editors
  if available "${CHROMIUM:-chromium}"; then step "page" page; else skip "page: chromium is not installed"; fi
  step "push" push
  step "network" network
}

case "${1:-all}" in
  rust)
    sources
    step "Rust tests" rust_tests
    ;;
  foreign)
    build_program
    step "foreign clients" foreign
    ;;
  formats)
    build_program
    step "formats" formats
    ;;
  integrations)
    build_program
    step "wheel" wheel
    step "integrations" integrations
    ;;
  editors) step "editors" editors ;;
  page)
    build_program
    step "page" page
    ;;
  push)
    build_program
    step "push" push
    ;;
  network)
    build_program
    step "network" network
    ;;
  lambda)
    build_program
    step "package" package
    step "function" lambda
    ;;
  stack)
    build_program
    step "package" package
    step "templates" templates
    step "stack" stack
    ;;
  all)
    # First everything is built, once; then all tests run side by side, since most of them wait. The tests of the function have
    # deadlines in seconds, so the others yield to them.
    lane package_and_templates
    sources
    step "Rust tests build" cargo test --workspace --no-run --locked
    keep_program
    step "wheel" wheel
    patient_lane clients
    join package_and_templates
    lane function_and_stack
    step "Rust tests" nice -n 10 cargo test --workspace --locked
    join clients
    join function_and_stack
    ;;
  *)
    sed -n 's/^# \(tests\/run.sh.*\)/\1/p' "$0" >&2
    exit 2
    ;;
esac
