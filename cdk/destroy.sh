#!/usr/bin/env bash
# Deletes what deploy.sh created. The bucket is kept, with all versions of its objects, unless --delete-bucket is given.
# The controls and frameworks in Audit Manager do not change.
#
#   --delete-bucket    also delete the bucket of the stack, with all versions of its objects
#   --stack NAME       name of the stack [default: controlsync]
#   --yes              do not ask for confirmation
#
# Exit codes: 0 done, 2 could not run, 3 not confirmed.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
# shellcheck source=common.sh
. "$folder/common.sh"
# shellcheck source=bucket.sh
. "$folder/bucket.sh"

stack=controlsync
yes=false
delete_bucket=false
while [ $# -gt 0 ]; do
  case "$1" in
    --delete-bucket) delete_bucket=true ;;
    --stack)
      if [ $# -lt 2 ]; then fail "$1 needs a value"; fi
      stack="$2" && shift
      ;;
    --yes) yes=true ;;
    -h | --help)
      usage
      exit
      ;;
    *) fail "unknown argument $1" "see cdk/destroy.sh --help" ;;
  esac
  shift
done

need aws python3
find_account
look_at_stack
if [ "$deployed" != true ]; then fail "the stack $stack does not exist in account $account, $AWS_REGION"; fi
if [ "$protected" = True ]; then
  fail "the stack $stack is protected against deletion: first run cdk/deploy.sh with --set terminationProtection=false"
fi
bucket="${output[Bucket]}"
own="$(own_bucket)"
if [ "$delete_bucket" = true ] && [ "$own" != "$bucket" ]; then
  fail "the bucket $bucket was not created by the stack $stack and is not deleted: leave out --delete-bucket"
fi

say "Account    $account, $AWS_REGION"
say "Stack      $stack will be deleted, with its queues and their messages, topics, subscriptions, alarms, logs and functions"
if [ "$delete_bucket" = true ]; then
  say "Bucket     $bucket will be deleted, with all versions of its objects"
else
  say "Bucket     $bucket is kept"
fi
if [ -n "${output[MemberRole]:-}" ]; then
  say "Role       ${output[MemberRole]} in other accounts is kept, and trusts a role that will not exist: delete its StackSet"
fi
say "Audit Manager keeps all controls and frameworks."
confirm "Delete this?"

# The policy of the bucket is kept with it: its statement about the state would name a role that does not exist anymore. It goes
# first, so that this can be run again whatever fails.
if [ -n "$own" ]; then
  if policy="$(aws s3api get-bucket-policy --bucket "$own" --query Policy --output text 2>&1)"; then
    policy="$(python3 -c '
import json, sys
policy = json.load(sys.stdin)
policy["Statement"] = [one for one in policy["Statement"] if one.get("Sid") != "OnlyTheFunctionWritesItsState"]
print(json.dumps(policy) if policy["Statement"] else "")
' <<<"$policy")"
    if [ -n "$policy" ]; then
      aws s3api put-bucket-policy --bucket "$own" --policy "$policy"
    else
      aws s3api delete-bucket-policy --bucket "$own"
    fi
  elif [[ "$policy" != *NoSuchBucketPolicy* ]]; then
    fail "nothing is deleted yet: cannot read the policy of the bucket $own" "$policy"
  fi
fi

aws cloudformation delete-stack --stack-name "$stack"
say "Deleting the stack; this takes a few minutes."
aws cloudformation wait stack-delete-complete --stack-name "$stack"
say "The stack is deleted."

if [ "$delete_bucket" != true ]; then
  say "The bucket is kept. A new stack can use it: cdk/deploy.sh --set existingBucket=$bucket"
  exit
fi
attempts=0
# A request deletes at most 1,000 versions, and a page of the list has as many.
while true; do
  batch="$(aws s3api list-object-versions --bucket "$bucket" --max-items 1000 --output json | python3 -c '
import json, sys
text = sys.stdin.read()
found = json.loads(text) if text.strip() else {}
versions = [*(found.get("Versions") or []), *(found.get("DeleteMarkers") or [])]
if versions:
    keys = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in versions]
    print(json.dumps({"Objects": keys, "Quiet": True}))
')"
  if [ -z "$batch" ]; then break; fi
  failed="$(aws s3api delete-objects --bucket "$bucket" --delete "file://"<(printf '%s' "$batch") --query 'Errors' --output text)"
  if [ -n "$failed" ] && [ "$failed" != None ]; then
    # A changed policy takes effect with a delay.
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 6 ]; then
      fail "the stack is deleted, but some objects of the bucket $bucket are not: delete them and the bucket in the console" "$failed"
    fi
    sleep 10
  fi
done
aws s3api delete-bucket --bucket "$bucket"
say "The bucket is deleted."
