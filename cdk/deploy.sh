#!/usr/bin/env bash
# Deploys the function that keeps AWS Audit Manager as a catalog in a bucket says, into the account and Region of the
# current AWS credentials. It can be run again at any time: only what differs is changed.
#
#   cdk/deploy.sh                    in plan mode: the function mails what it would do, and writes nothing
#   cdk/deploy.sh --mode apply       the function brings Audit Manager to what the files say
#
#   --settings FILE      settings, as a JSON file: docs/guide/deploy.md lists them
#   --set NAME=VALUE     one setting; beats the file; may be repeated
#   --mode plan|apply    the same as --set mode=...
#   --catalog-dir DIR    upload this catalog, once its plan was shown and you have said yes
#   --with-sample        upload the sample catalog of this repository, likewise
#   --stack NAME         name of the stack, for a second catalog in the account; otherwise "controlsync"
#   --yes                ask nothing
#
# With --catalog-dir and --with-sample it builds the program controlsync, unless CONTROLSYNC_BIN names one.
#
# Exit codes: 0 done, 1 the catalog has errors or no report came, 2 it could not run, 3 the answer was no.
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
        *) fail "--set $2 is no NAME=VALUE" ;;
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
    *) fail "unknown argument $1" "cdk/deploy.sh --help says what there is" ;;
  esac
  shift
done

# Everything that may stop it comes before anything is built or changed.

need aws node npm cargo rustc python3
if ((BASH_VERSINFO[0] < 4)); then fail "bash $BASH_VERSION is too old: 4 is needed"; fi
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
  fail "Node.js $(node --version) is too old: 20 is needed"
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
  fail "Rust cannot build for $triple here; where rustup manages it: rustup target add $triple"
fi

find_account
status="$(aws auditmanager get-account-status --query status --output text)" ||
  fail "the state of Audit Manager in account $account, $AWS_REGION cannot be read"
if [ "$status" != ACTIVE ]; then
  fail "Audit Manager is $status in account $account, $AWS_REGION: controlsync works in an account and Region where it is ACTIVE" \
    "is that the Region in which you use it? set AWS_REGION"
fi

bucket="${setting[existingBucket]:-}"
if [ -n "$bucket" ]; then
  told="$(aws s3api get-bucket-notification-configuration --bucket "$bucket" --expected-bucket-owner "$account" \
    --query 'EventBridgeConfiguration != null' --output text)" ||
    fail "the bucket $bucket cannot be read, or is not of account $account"
  place="$(aws s3api get-bucket-location --bucket "$bucket" --query LocationConstraint --output text | sed 's/^None$/us-east-1/')"
  if [ "$place" != "$AWS_REGION" ]; then fail "the bucket $bucket is in $place: it tells of uploads there, not in $AWS_REGION"; fi
  if [ "$told" != True ]; then
    fail "the bucket $bucket does not tell EventBridge of uploads" \
      "switch that on in its properties (Amazon EventBridge: on), or add \"EventBridgeConfiguration\": {} to its" \
      "notification configuration with aws s3api put-bucket-notification-configuration, which replaces it as a whole"
  fi
fi
look_at_stack

unset CONTROLSYNC_CATALOG CONTROLSYNC_BUCKET CONTROLSYNC_PREFIX
if [ -n "$catalog_dir" ]; then
  if ! [ -d "$catalog_dir" ]; then fail "there is no folder $catalog_dir"; fi
  catalog_dir="$(absolute "$catalog_dir")"
  controlsync="${CONTROLSYNC_BIN:-}"
  if [ -z "$controlsync" ]; then
    say "Building controlsync; the first time takes some minutes."
    cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml"
    controlsync="$target/release/controlsync"
  fi
  if [ -n "${setting[catalog]:-}" ]; then export CONTROLSYNC_CATALOG="${setting[catalog]}"; fi
  say "What the catalog in $catalog_dir would do:"
  say ""
  code=0
  plan="$("$controlsync" plan --catalog-dir "$catalog_dir" --region "$AWS_REGION" ${setting[adopt]:+--adopt "${setting[adopt]}"})" || code=$?
  say "$plan"
  say ""
  case "$code" in
    0 | 3) ;;
    *)
      say "The catalog is not uploaded as it is, and nothing was deployed. Mend what stands above, then run this again."
      exit "$code"
      ;;
  esac
  # controlsync.toml may name a role in another account; the function does not go there.
  if [[ "$plan" =~ ,\ account\ ([0-9]{12}), ]] && [ "${BASH_REMATCH[1]}" != "$account" ]; then
    fail "that is the plan for account ${BASH_REMATCH[1]}, as [target] in controlsync.toml says; the function would work in $account"
  fi
fi

say "Account    $account, $AWS_REGION"
if [ "$deployed" = true ]; then
  running="$(aws lambda get-function-configuration --function-name "$(output Function)" \
    --query Environment.Variables.CONTROLSYNC_MODE --output text)"
  say "Stack      $stack, is updated"
else
  running=""
  say "Stack      $stack, is new"
fi
if [ "${setting[mode]}" = apply ]; then
  say "Mode       apply: the function brings Audit Manager to what the files say"
else
  say "Mode       plan: the function mails what it would do, and writes nothing"
fi
if [ -n "$running" ] && [ "$running" != "${setting[mode]}" ]; then say "           so far its mode is $running"; fi
if [ "$deployed" = true ]; then used="$(output Bucket)" && own="$(own_bucket)"; else used="" && own=""; fi
say "Bucket     ${bucket:-${own:-a new one}}"
if [ -n "$used" ] && [ "$used" != "${bucket:-$own}" ]; then say "           so far it is $used, which is used no more and stays"; fi
say "Mails to   ${setting[emails]:-nobody: set emails, or subscribe to the topic later}"
if [ "$deployed" = true ] && [ -n "$(output EventsTopic)" ] && [ "${setting[eventsTopic]:-}" != true ]; then
  say "Programs   are told no more: eventsTopic is not true, so their topic is deleted"
fi
if [ -n "$catalog_dir" ]; then say "Catalog  $catalog_dir, is uploaded"; else say "Catalog  nothing is uploaded"; fi
bootstrap=false
if ! found="$(aws ssm get-parameter --name /cdk-bootstrap/hnb659fds/version 2>&1)"; then
  if [[ "$found" != *ParameterNotFound* ]]; then
    fail "whether the CDK was ever used in account $account, $AWS_REGION cannot be read" "$found"
  fi
  bootstrap=true
  say "CDK        was never used here: its own stack CDKToolkit comes first, with a role that may do everything"
fi
confirm "Deploy this?"

# From here on, things change.

say "Building the function; the first time takes some minutes."
build=()
if [ "${setting[architecture]}" = arm64 ]; then build=(--arm64); fi
"$root/crates/lambda/package.sh" ${build[@]+"${build[@]}"}
package="$target/lambda/controlsync/bootstrap.zip"

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

# Sets `report` to the last run that had something to tell, and `outcome` to what it came to. They are empty where there
# was none, and where its messages are not sent yet.
look_for_report() {
  local state errors
  report="" outcome=""
  errors="$scratch/errors"
  if state="$(aws s3 cp --only-show-errors "s3://$bucket/.controlsync/state.json" - 2>"$errors")"; then
    read -r report outcome < <(python3 -c '
import json, sys
state = json.load(sys.stdin)
told = state.get("last_report")
if told and not state["outbox"]:
    print(told["run"], told["outcome"])
' <<<"$state") || true
  elif ! grep -q -e '(404)' -e NoSuchKey "$errors"; then
    fail "the stack is deployed, but the state of the function in $bucket cannot be read" "$(cat "$errors")"
  fi
}

ask() {
  aws sqs send-message --queue-url "$queue" --message-group-id catalog \
    --message-deduplication-id "deploy-$1-$(date +%s)-$$" --message-body "{\"action\": \"$1\"}" >/dev/null
}

look_for_report
before="$report"
asked=report
if [ -n "$catalog_dir" ]; then
  code=0
  pushed="$("$controlsync" push --catalog-dir "$catalog_dir" --region "$AWS_REGION" --bucket "$bucket" --prefix "${setting[prefix]}")" || code=$?
  say "$pushed"
  if [ "$code" -ne 0 ]; then
    say "The stack is deployed, but the catalog is not uploaded as a whole. Run this again once the cause is gone."
    exit "$code"
  fi
  # A new bucket may not tell of uploads for some minutes; a run works from what the bucket holds, whoever asks for it.
  if grep -q '^uploaded ' <<<"$pushed"; then asked=reconcile; fi
fi
ask "$asked"

paused=false
if [ "$(aws lambda get-event-source-mapping --uuid "$(output Source)" --query State --output text)" = Disabled ]; then
  paused=true
  say "The function is paused: what was asked of it waits in the queue."
else
  patience="${CONTROLSYNC_PATIENCE:-600}"
  say "Waiting for the report, at most $((patience / 60)) minutes."
  end=$((SECONDS + patience))
  later=$((SECONDS + 120))
  while look_for_report && { [ -z "$report" ] || [ "$report" = "$before" ]; }; do
    if [ "$SECONDS" -ge "$end" ]; then
      printf 'error: the stack is deployed, but no report came in %s s\n' "$patience" >&2
      printf '  after a run that was broken off, the queue waits for half an hour; what the function says:\n' >&2
      printf '  aws logs tail %s --since 15m\n' "$log" >&2
      exit 1
    fi
    if [ "$asked" = reconcile ] && [ "$SECONDS" -ge "$later" ]; then
      # The upload has brought nothing that there is anything to tell about.
      asked=report
      ask report
    fi
    sleep 5
  done
  say ""
  say "The function has made its report. Its outcome: $outcome"
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
  say "Each new address has got a mail from AWS with a link to confirm the subscription; reports come once that is done."
fi
say "Others subscribe with"
say "  aws sns subscribe --topic-arn $topic --protocol email --notification-endpoint NAME@EXAMPLE.COM"
say "Upload a catalog with"
say "  controlsync push --bucket $bucket${setting[prefix]:+ --prefix ${setting[prefix]}}"
if [ "${setting[mode]}" != apply ] && [ "$paused" = false ]; then
  say "Read the report. Where it says what you want, go live with the same arguments and --mode apply."
fi
