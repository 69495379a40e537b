#!/usr/bin/env bash
# Deploys the function that applies a catalog in a bucket to AWS Audit Manager, to the account and Region of the
# current AWS credentials. Run it again at any time: it changes only what differs.
#
#   cdk/deploy.sh                    plan mode: the function emails its plan and writes nothing
#   cdk/deploy.sh --mode apply       apply mode: the function applies the catalog to Audit Manager
#
#   --settings FILE      read settings from a JSON file; docs/guide/deploy.md lists them
#   --set NAME=VALUE     set one setting; overrides the file; can be repeated
#   --mode plan|apply    the same as --set mode=...
#   --catalog-dir DIR    upload this catalog, after showing its plan and asking for confirmation
#   --with-sample        upload the sample catalog of this repository in the same way
#   --stack NAME         name of the stack, for a second catalog in the account [default: controlsync]
#   --yes                do not ask for confirmation
#
# With --catalog-dir or --with-sample, it builds controlsync, unless CONTROLSYNC_BIN names a binary.
#
# Exit codes: 0 done, 1 the catalog has errors or no report arrived, 2 could not run, 3 not confirmed.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(dirname "$folder")"
# shellcheck source=common.sh
. "$folder/common.sh"

stack=controlsync
yes=false
catalog_dir=""
file=""
given=()
while [ $# -gt 0 ]; do
  case "$1" in
    --settings | --set | --mode | --catalog-dir | --stack)
      if [ $# -lt 2 ]; then fail "$1 needs a value"; fi
      ;;
  esac
  case "$1" in
    --settings) file="$2" && shift ;;
    --set)
      case "$2" in
        ?*=*) given+=("$2") && shift ;;
        *) fail "invalid value $2 for --set: expected NAME=VALUE" ;;
      esac
      ;;
    --mode) given+=("mode=$2") && shift ;;
    --catalog-dir) catalog_dir="$2" && shift ;;
    --with-sample) catalog_dir="$root" ;;
    --stack) stack="$2" && shift ;;
    --yes) yes=true ;;
    -h | --help)
      usage
      exit
      ;;
    *) fail "unknown argument $1" "see cdk/deploy.sh --help" ;;
  esac
  shift
done

# All checks come before anything is built or changed.

need aws node npm cargo rustc python3
if ((BASH_VERSINFO[0] < 4)); then fail "bash $BASH_VERSION is too old: version 4 or later is required"; fi
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
  fail "Node.js $(node --version) is too old: version 20 or later is required"
fi
absolute() { python3 -c 'import os, sys; print(os.path.realpath(sys.argv[1]))' "$1"; }
target="$(absolute "${CARGO_TARGET_DIR:-$root/target}")"
export CARGO_TARGET_DIR="$target"
if [ -n "$file" ]; then file="$(absolute "$file")"; fi
if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
  npm ci --prefix "$folder" --no-audit --no-fund --silent
  cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
fi

declare -A setting=()
settings="$(cd "$folder" && node --import tsx bin/settings.ts ${file:+--settings "$file"} -- ${given[@]+"${given[@]}"})" || exit 2
while IFS='=' read -r name value; do setting["$name"]="$value"; done <<<"$settings"
triple=x86_64-unknown-linux-gnu
if [ "${setting[architecture]}" = arm64 ]; then triple=aarch64-unknown-linux-gnu; fi
if ! [ -d "$(rustc --print target-libdir --target "$triple")" ]; then
  fail "the Rust target $triple is not installed; with rustup: rustup target add $triple"
fi

find_account
status="$(aws auditmanager get-account-status --query status --output text)" ||
  fail "cannot read the status of Audit Manager in account $account, $AWS_REGION"
if [ "$status" != ACTIVE ]; then
  fail "Audit Manager is $status in account $account, $AWS_REGION: controlsync needs an account and Region where it is ACTIVE" \
    "if you use Audit Manager in another Region, set AWS_REGION"
fi

bucket="${setting[existingBucket]:-}"
if [ -n "$bucket" ]; then
  notifies="$(aws s3api get-bucket-notification-configuration --bucket "$bucket" --expected-bucket-owner "$account" \
    --query 'EventBridgeConfiguration != null' --output text)" ||
    fail "cannot read the bucket $bucket, or it is not in account $account"
  location="$(aws s3api get-bucket-location --bucket "$bucket" --query LocationConstraint --output text | sed 's/^None$/us-east-1/')"
  if [ "$location" != "$AWS_REGION" ]; then fail "the bucket $bucket is in $location: it sends its events there, not to $AWS_REGION"; fi
  if [ "$notifies" != True ]; then
    fail "the bucket $bucket does not send its events to EventBridge" \
      "turn that on in its properties (Amazon EventBridge: On), or add \"EventBridgeConfiguration\": {} to its" \
      "notification configuration with aws s3api put-bucket-notification-configuration, which replaces all of it"
  fi
fi
look_at_stack

unset CONTROLSYNC_CATALOG CONTROLSYNC_BUCKET CONTROLSYNC_PREFIX
if [ -n "$catalog_dir" ]; then
  if ! [ -d "$catalog_dir" ]; then fail "the directory $catalog_dir does not exist"; fi
  catalog_dir="$(absolute "$catalog_dir")"
  controlsync="${CONTROLSYNC_BIN:-}"
  if [ -z "$controlsync" ]; then
    say "Building controlsync; the first build takes a few minutes."
    cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml"
    controlsync="$target/release/controlsync"
  fi
  if [ -n "${setting[catalog]:-}" ]; then export CONTROLSYNC_CATALOG="${setting[catalog]}"; fi
  say "Plan for the catalog in $catalog_dir:"
  say ""
  code=0
  plan="$("$controlsync" plan --catalog-dir "$catalog_dir" --region "$AWS_REGION" ${setting[adopt]:+--adopt "${setting[adopt]}"})" || code=$?
  say "$plan"
  say ""
  case "$code" in
    0 | 3) ;;
    *)
      say "The catalog was not uploaded, and nothing was deployed. Fix the errors above, then run this again."
      exit "$code"
      ;;
  esac
  # controlsync.toml may name a role in another account, but the function works in its own account.
  if [[ "$plan" =~ ,\ account\ ([0-9]{12}), ]] && [ "${BASH_REMATCH[1]}" != "$account" ]; then
    fail "the plan is for account ${BASH_REMATCH[1]}, set by [target] in controlsync.toml, but the function would work in $account"
  fi
fi

say "Account    $account, $AWS_REGION"
if [ "$deployed" = true ]; then
  running="$(aws lambda get-function-configuration --function-name "$(output Function)" \
    --query Environment.Variables.CONTROLSYNC_MODE --output text)"
  say "Stack      $stack will be updated"
else
  running=""
  say "Stack      $stack will be created"
fi
if [ "${setting[mode]}" = apply ]; then
  say "Mode       apply: the function applies the catalog to Audit Manager"
else
  say "Mode       plan: the function emails its plan and writes nothing"
fi
if [ -n "$running" ] && [ "$running" != "${setting[mode]}" ]; then say "           currently $running"; fi
if [ "$deployed" = true ]; then used="$(output Bucket)" && own="$(own_bucket)"; else used="" && own=""; fi
say "Bucket     ${bucket:-${own:-a new bucket}}"
if [ -n "$used" ] && [ "$used" != "${bucket:-$own}" ]; then say "           currently $used, which is kept but no longer used"; fi
say "Emails     ${setting[emails]:-no recipients: set emails, or subscribe to the topic later}"
if [ "$deployed" = true ] && [ -n "$(output EventsTopic)" ] && [ "${setting[eventsTopic]:-}" != true ]; then
  say "Events     will no longer be published: eventsTopic is not true, so their topic is deleted"
fi
if [ -n "$catalog_dir" ]; then say "Catalog    $catalog_dir will be uploaded"; else say "Catalog    no upload"; fi
bootstrap=false
if ! found="$(aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version 2>&1)"; then
  if [[ "$found" != *ParameterNotFound* ]]; then
    fail "cannot read whether the CDK is bootstrapped in account $account, $AWS_REGION" "$found"
  fi
  bootstrap=true
  say "CDK        not bootstrapped: its stack CDKToolkit will be created first, with a role that has full access"
fi
confirm "Deploy this?"

# From here on, changes are made.

say "Building the function; the first build takes a few minutes."
build=()
if [ "${setting[architecture]}" = arm64 ]; then build=(--arm64); fi
"$root/crates/lambda/package.sh" ${build[@]+"${build[@]}"}
package="$target/lambda/sync/bootstrap.zip"

cd "$folder"
export CDK_DEFAULT_ACCOUNT="$account" CDK_DEFAULT_REGION="$AWS_REGION"
if [ "$bootstrap" = true ]; then npx --no-install cdk bootstrap "aws://$account/$AWS_REGION"; fi
context=(-c "stack=$stack" -c "package=$package")
if [ -n "$file" ]; then context+=(-c "controlsync:settings=$file"); fi
for one in ${given[@]+"${given[@]}"}; do context+=(-c "controlsync:$one"); done
approval=any-change
if [ "$yes" = true ]; then approval=never; fi
npx --no-install cdk deploy "$stack" "${context[@]}" --require-approval "$approval"

bucket="$(output Bucket)"
queue="$(output Queue)"
topic="$(output Topic)"
log="$(output Log)"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# Sets `report` to the last run that had something to report, and `outcome` to its outcome. Both are empty if there is none,
# or if its report is not sent yet.
look_for_report() {
  local state errors
  report="" outcome=""
  errors="$scratch/errors"
  if state="$(aws s3 cp --only-show-errors "s3://$bucket/.controlsync/state.json" - 2>"$errors")"; then
    read -r report outcome < <(python3 -c '
import json, sys
state = json.load(sys.stdin)
report = state.get("last_report")
if report and not state["outbox"]:
    print(report["run"], report["outcome"])
' <<<"$state") || true
  elif ! grep -q -e '(404)' -e NoSuchKey "$errors"; then
    fail "the stack is deployed, but cannot read the state of the function in $bucket" "$(cat "$errors")"
  fi
}

request_run() {
  aws sqs send-message --queue-url "$queue" --message-group-id catalog \
    --message-deduplication-id "deploy-$1-$(date +%s)-$$" --message-body "{\"action\": \"$1\"}" >/dev/null
}

look_for_report
before="$report"
requested=report
if [ -n "$catalog_dir" ]; then
  code=0
  pushed="$("$controlsync" push --catalog-dir "$catalog_dir" --region "$AWS_REGION" --bucket "$bucket" --prefix "${setting[prefix]}")" || code=$?
  say "$pushed"
  if [ "$code" -ne 0 ]; then
    say "The stack is deployed, but the catalog is not uploaded completely. Fix the cause, then run this again."
    exit "$code"
  fi
  # A new bucket may send no events for some minutes. A requested run reads the bucket in any case.
  if grep -q '^uploaded ' <<<"$pushed"; then requested=reconcile; fi
fi
request_run "$requested"

paused=false
if [ "$(aws lambda get-event-source-mapping --uuid "$(output Source)" --query State --output text)" = Disabled ]; then
  paused=true
  say "The function is paused: the request waits in the queue."
else
  patience="${CONTROLSYNC_PATIENCE:-600}"
  say "Waiting for the report, at most $((patience / 60)) minutes."
  end=$((SECONDS + patience))
  later=$((SECONDS + 120))
  while look_for_report && { [ -z "$report" ] || [ "$report" = "$before" ]; }; do
    if [ "$SECONDS" -ge "$end" ]; then
      printf 'error: the stack is deployed, but no report arrived within %s s\n' "$patience" >&2
      printf '  after an interrupted run, the queue waits for half an hour; read the log of the function:\n' >&2
      printf '  aws logs tail %s --since 15m\n' "$log" >&2
      exit 1
    fi
    if [ "$requested" = reconcile ] && [ "$SECONDS" -ge "$later" ]; then
      # The upload changed nothing that needs a report.
      requested=report
      request_run report
    fi
    sleep 5
  done
  say ""
  say "The function has sent its report. Outcome: $outcome"
fi

say ""
say "Bucket        $bucket"
say "Topic         $topic"
events="$(output EventsTopic)"
if [ -n "$events" ]; then say "Events topic  $events"; fi
say "Queue         $queue"
say "Function      $(output Function)"
say "Log           $log"
say ""
if [ -n "${setting[emails]:-}" ]; then
  say "AWS has emailed each new address a link to confirm its subscription. Confirm it to receive reports."
fi
say "Subscribe another address:"
say "  aws sns subscribe --topic-arn $topic --protocol email --notification-endpoint NAME@EXAMPLE.COM"
say "Upload a catalog:"
say "  controlsync push --bucket $bucket${setting[prefix]:+ --prefix ${setting[prefix]}}"
if [ "${setting[mode]}" != apply ] && [ "$paused" = false ]; then
  say "Read the report. If its plan is right, go live with the same arguments and --mode apply."
fi
