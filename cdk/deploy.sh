#!/usr/bin/env bash
# Deploys the function that applies a catalog in a bucket to AWS Audit Manager, to the account and Region of the
# current AWS credentials. Run it again at any time: the stack keeps its settings, and only what is given changes.
#
#   cdk/deploy.sh                      create the stack, or update it with the settings that it has
#   cdk/deploy.sh --mode apply         go live: the function applies the catalog to Audit Manager
#   cdk/deploy.sh --set NAME=VALUE     change one setting; an empty value returns to the default
#
#   --settings FILE      read settings from a JSON file; docs/guide/deploy.md lists them
#   --set NAME=VALUE     set one setting; overrides the file; can be repeated
#   --mode plan|apply    the same as --set mode=...
#   --qualifier TEXT     the same as --set qualifier=...
#   --catalog-dir DIR    upload this catalog, after showing its plan and asking for confirmation
#   --with-sample        upload the sample catalog of this repository in the same way
#   --version VERSION    deploy the function of this release instead of building it, without Rust
#   --package FILE       the same with its zip in a file
#   --sha256 SUM         the SHA-256 of that file [default: from SHA256SUMS beside it]
#   --evidence-package FILE, --evidence-sha256 SUM
#                        the same for the evidence function, if the stack has it
#   --stack NAME         name of the stack, for a second catalog in the account [default: controlsync]
#   --no-wait            do not wait until email addresses confirm their subscriptions
#   --yes                do not ask for confirmation
#
# With --catalog-dir or --with-sample, it downloads or builds the program too, unless CONTROLSYNC_BIN names it. CONTROLSYNC_RELEASES
# is where releases are [default: on GitHub].
#
# Exit codes: 0 done, 1 the catalog has errors or no report arrived, 2 could not run, 3 not confirmed.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
root="$(dirname "$folder")"
# shellcheck source=common.sh
. "$folder/common.sh"
# shellcheck source=app.sh
. "$folder/app.sh"
# shellcheck source=bucket.sh
. "$folder/bucket.sh"
# shellcheck source=checks.sh
. "$folder/checks.sh"
# shellcheck source=subscriptions.sh
. "$folder/subscriptions.sh"
# shellcheck source=members.sh
. "$folder/members.sh"

stack=controlsync
yes=false
catalog_dir=""
file=""
given=()
version=""
package=""
sum=""
evidence_package=""
evidence_sum=""
no_wait=false
while [ $# -gt 0 ]; do
  case "$1" in
    --settings | --set | --mode | --qualifier | --catalog-dir | --version | --package | --sha256 | --evidence-package | \
      --evidence-sha256 | --stack)
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
    --mode | --qualifier) given+=("${1#--}=$2") && shift ;;
    --catalog-dir) catalog_dir="$2" && shift ;;
    --with-sample) catalog_dir="$root" ;;
    --version) version="${2#v}" && shift ;;
    --package) package="$2" && shift ;;
    --sha256) sum="$2" && shift ;;
    --evidence-package) evidence_package="$2" && shift ;;
    --evidence-sha256) evidence_sum="$2" && shift ;;
    --stack) stack="$2" && shift ;;
    --no-wait) no_wait=true ;;
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

need aws node npm python3
own_version="$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)"
if [ -n "$version" ]; then
  need curl
  if [ -n "$package" ]; then fail "--version and --package exclude each other"; fi
elif [ -z "$package" ] || { [ -n "$catalog_dir" ] && [ -z "${CONTROLSYNC_BIN:-}" ]; }; then
  for program in cargo rustc; do
    command -v "$program" >/dev/null || fail "$program is not installed: install Rust, or deploy a release with --version $own_version"
  done
fi
if [ -n "$sum" ] && [ -z "$package" ]; then fail "--sha256 needs --package"; fi
if [ -n "$evidence_sum" ] && [ -z "$evidence_package" ]; then fail "--evidence-sha256 needs --evidence-package"; fi
if [ -n "$evidence_package" ] && [ -z "$package" ]; then fail "--evidence-package needs --package"; fi
check_versions
target="$(absolute "${CARGO_TARGET_DIR:-$root/target}")"
export CARGO_TARGET_DIR="$target"
if [ -n "$file" ]; then file="$(absolute "$file")"; fi
if [ -n "$package" ]; then package="$(absolute "$package")"; fi
if [ -n "$evidence_package" ]; then evidence_package="$(absolute "$evidence_package")"; fi
prepare_cdk
patience="${CONTROLSYNC_PATIENCE:-600}"

find_account
look_at_stack
read_kept
if [ "$deployed" = true ]; then
  if [ "$(cat "$scratch/kept.json")" = null ] && [ -z "$file" ] && [ ${#given[@]} -eq 0 ]; then
    fail "the stack $stack keeps no settings, because an earlier version deployed it: pass all of its settings this once"
  fi
  # Someone may have protected it in the console: then it is so until a setting says otherwise.
  if [ "$protected" = True ]; then
    kept="$(python3 -c 'import json, sys; print(json.dumps((json.load(sys.stdin) or {}) | {"terminationProtection": True}))' \
      <"$scratch/kept.json")"
    printf '%s' "$kept" >"$scratch/kept.json"
  fi
fi

# Reads the settings of the next deployment.
declare -A setting=()
read_settings() {
  local lines
  lines="$(cd "$folder" && node --import tsx bin/settings.ts --kept "$scratch/kept.json" --write "$scratch/settings.json" \
    --region "$AWS_REGION" ${file:+--settings "$file"} -- ${given[@]+"${given[@]}"})" || exit 2
  take_settings "$lines"
}
read_settings
if [ -z "${setting[mode]:-}" ]; then
  if [ "$yes" = true ] || ! [ -t 0 ]; then
    fail "the stack keeps no decision yet: decide with --mode whether the function writes to Audit Manager" \
      "--mode plan     it emails its plan and writes nothing, until you go live with --mode apply" \
      "--mode apply    it applies the catalog after each upload"
  fi
  say "Should the function write to Audit Manager? The stack keeps your decision."
  say "  plan     it emails its plan and writes nothing, until you go live with: cdk/deploy.sh --mode apply"
  say "  apply    it applies the catalog after each upload"
  read -r -p "Mode [plan] " answer || answer=""
  given+=("mode=${answer:-plan}")
  read_settings
fi
evidence="${setting[evidence]:-false}"
if [ -n "$version" ]; then
  say "Downloading version $version."
  package="$("$root/integrations/download.sh" function "$version" "${setting[architecture]}" "$scratch")" || exit 2
  if [ "$evidence" = true ]; then
    evidence_package="$("$root/integrations/download.sh" evidence "$version" "${setting[architecture]}" "$scratch")" || exit 2
  fi
elif [ "$evidence" = true ] && [ -n "$package" ] && [ -z "$evidence_package" ]; then
  fail "the setting evidence is true, but only the package of the other function is given: pass --evidence-package too"
elif [ "$evidence" != true ] && [ -n "$evidence_package" ]; then
  fail "--evidence-package needs the setting evidence: pass --set evidence=true"
fi
if [ -n "$package" ]; then
  sum="$(check_package "$package" "$sum" --sha256)" || exit 2
  if [ "$evidence" = true ]; then
    evidence_sum="$(check_package "$evidence_package" "$evidence_sum" --evidence-sha256)" || exit 2
  fi
else
  triple=x86_64-unknown-linux-gnu
  if [ "${setting[architecture]}" = arm64 ]; then triple=aarch64-unknown-linux-gnu; fi
  if ! [ -d "$(rustc --print target-libdir --target "$triple")" ]; then
    fail "the Rust target $triple is not installed; with rustup: rustup target add $triple"
  fi
fi
check_audit_manager
bucket="${setting[existingBucket]:-}"
warnings=()
if [ -n "$version" ] && [ "$version" != "$own_version" ]; then
  warnings+=("this is the stack of version $own_version, and the function of version $version may need another one: check out the tag v$version")
fi
if [ -n "$bucket" ]; then check_bucket; fi
check_other_stacks
check_bootstrap

unset CONTROLSYNC_CATALOG CONTROLSYNC_BUCKET CONTROLSYNC_PREFIX
if [ -n "$catalog_dir" ]; then
  if ! [ -d "$catalog_dir" ]; then fail "the directory $catalog_dir does not exist"; fi
  catalog_dir="$(absolute "$catalog_dir")"
  controlsync="${CONTROLSYNC_BIN:-}"
  if [ -z "$controlsync" ] && [ -n "$version" ]; then
    controlsync="$("$root/integrations/download.sh" program "$version" "$scratch")" || exit 2
  elif [ -z "$controlsync" ]; then
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
own=""
if [ "$deployed" = true ]; then
  own="$(own_bucket)"
  say "Stack      $stack will be updated"
else
  say "Stack      $stack will be created"
fi
if [ "${setting[mode]}" = apply ]; then
  say "Mode       apply: the function applies the catalog to Audit Manager"
else
  say "Mode       plan: the function emails its plan and writes nothing"
fi
say "Bucket     ${bucket:-${own:-a new bucket}}"
used="${output[Bucket]:-}"
if [ -n "$used" ] && [ "$used" != "${bucket:-$own}" ]; then say "           currently $used, which is kept but no longer used"; fi
say "Emails     ${setting[emails]:-no recipients: set emails, or subscribe to the topic later}"
if [ "$evidence" = true ]; then
  if [ -n "${setting[memberRole]:-}" ]; then
    say "Evidence   read once a day, in other accounts with the role ${setting[memberRole]}"
  else
    say "Evidence   read once a day, in this account only"
  fi
  if [ "${setting[evidenceReports]:-false}" = true ]; then
    say "Reports    compliance reports in the bucket, below ${setting[prefix]}reports/"
  fi
fi
if [ -n "$catalog_dir" ]; then say "Catalog    $catalog_dir will be uploaded"; else say "Catalog    no upload"; fi
if [ -n "$package" ]; then say "Package    $package, SHA-256 $sum"; fi
if [ -n "$evidence_package" ]; then say "           $evidence_package, SHA-256 $evidence_sum"; fi
show_bootstrap
show_changes
for warning in ${warnings[@]+"${warnings[@]}"}; do say "Warning    $warning"; done

if [ -z "$package" ]; then
  say "Building the function; the first build takes a few minutes."
  build=()
  if [ "${setting[architecture]}" = arm64 ]; then build=(--arm64); fi
  "$root/crates/lambda/package.sh" ${build[@]+"${build[@]}"} </dev/null
  package="$target/lambda/sync/bootstrap.zip"
  evidence_package="$target/lambda/evidence/bootstrap.zip"
fi

synthesize -c "package=$package" -c "evidencePackage=$evidence_package" -c "controlsync:settings=$scratch/settings.json"
show_difference
confirm "Deploy this?"

# From here on, changes are made.

deploy_stack

look_at_stack
bucket="${output[Bucket]}"
queue="${output[Queue]}"
topic="${output[Topic]}"
log="${output[Log]}"

paused=false
if [ "$(aws lambda get-event-source-mapping --uuid "${output[Source]}" --query State --output text)" = Disabled ]; then paused=true; fi
subscribe_again
unsubscribe_removed
if [ "$paused" = false ]; then wait_for_confirmations; fi

# Where the function keeps its state.
state_key="${setting[prefix]}.controlsync/state.json"

# Sets `report` to the last run that had something to report, `outcome` to its outcome, and `held` to whether its email waits for
# a confirmed subscription. All are empty if there is none, or if its report is not sent yet.
look_for_report() {
  local state errors
  report="" outcome="" held=""
  errors="$scratch/errors"
  if state="$(aws s3 cp --only-show-errors "s3://$bucket/$state_key" - 2>"$errors")"; then
    read -r report outcome held < <(python3 -c '
import json, sys
state = json.load(sys.stdin)
report = state.get("last_report")
if report and (state.get("held") or not state["outbox"]):
    print(report["run"], report["outcome"], state.get("held", False))
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
# Going live is the decision: the function applies the plan now, also if an earlier attempt was interrupted.
for one in ${given[@]+"${given[@]}"} ${changes[@]+"${changes[@]}"}; do
  case "$one" in "mode=apply" | "mode: "*" -> apply") requested=reconcile ;; esac
done
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

if [ "$paused" = true ]; then
  say "The function is paused: the request waits in the queue."
else
  say "Waiting for the report, at most $((patience / 60)) minutes."
  end=$((SECONDS + patience))
  later=$((SECONDS + 120))
  while look_for_report && { [ -z "$report" ] || [ "$report" = "$before" ]; }; do
    if [ "$SECONDS" -ge "$end" ]; then
      printf 'error: the stack is deployed, but no report arrived within %s s\n' "$patience" >&2
      printf '  after an interrupted run, the queue waits for ten minutes; read the log of the function:\n' >&2
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
  if [ "$held" = True ]; then
    say "The function keeps its report until a subscription to its topic is confirmed. Outcome: $outcome"
  else
    say "The function has sent its report. Outcome: $outcome"
  fi
fi

say ""
say "Bucket        $bucket"
say "Topic         $topic"
if [ -n "${output[EventsTopic]:-}" ]; then say "Events topic  ${output[EventsTopic]}"; fi
say "Alarms topic  ${output[AlarmsTopic]}"
say "Queue         $queue"
say "Function      ${output[Function]}"
say "Log           $log"
if [ "$evidence" = true ]; then
  say "Evidence      ${output[EvidenceFunction]}, whose log is ${output[EvidenceLog]}"
  if [ -n "${output[Reports]:-}" ]; then say "Reports       ${output[Reports]}"; fi
fi
say ""
say "Subscribe another address:"
say "  aws sns subscribe --topic-arn $topic --protocol email --notification-endpoint NAME@EXAMPLE.COM"
say "Request the report again:"
say "  aws sqs send-message --queue-url $queue --message-group-id catalog --message-deduplication-id \"\$(date +%s%N)\" \\"
say "    --message-body '{\"action\": \"report\"}'"
command=cdk/deploy.sh
if [ "$stack" != controlsync ]; then command+=" --stack $stack"; fi
if [ -n "${setting[memberRole]:-}" ]; then show_members; fi
if [ "$outcome" = empty ] || [ -z "$outcome" ]; then
  say "Next, upload a catalog:"
  say "  controlsync push --bucket $bucket${setting[prefix]:+ --prefix ${setting[prefix]}}"
elif [ "${setting[mode]}" != apply ]; then
  if [ -z "${setting[catalog]:-}" ]; then command+=" --set catalog=NAME"; fi
  say "Next, read the report. If its plan is right, go live:"
  say "  $command --mode apply"
else
  say "Next, change the catalog and upload it:"
  say "  controlsync push --bucket $bucket${setting[prefix]:+ --prefix ${setting[prefix]}}"
fi
