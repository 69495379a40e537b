# What deploy.sh and destroy.sh share: they set `yes` and `stack`, and get `account` and AWS_REGION.
# shellcheck shell=bash disable=SC2034,SC2154

# The description that lib/stack.ts gives: what bears another one is none of ours.
DESCRIPTION="AWS Audit Manager controls as code (controlsync)"

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 2
}

# The comment at the top of the script is its help.
usage() { awk 'NR == 1 { next } /^set / { exit } { sub(/^# ?/, ""); print }' "$0"; }

need() {
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is missing; docs/guide/deploy.md says what is needed"
  done
}

# Yes or no; without a terminal only --yes is a yes.
confirm() {
  if [ "$yes" = true ]; then return; fi
  if ! [ -t 0 ]; then fail "there is no terminal to ask \"$1\" on: look at it, then say --yes"; fi
  local answer
  read -r -p "$1 [y/N] " answer || answer=""
  case "$answer" in
    y | Y | yes) ;;
    *)
      say "Nothing was done."
      exit 3
      ;;
  esac
}

# Sets account and AWS_REGION, and sees that there are credentials.
find_account() {
  AWS_REGION="${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}"
  if [ -z "$AWS_REGION" ]; then fail "no Region is set: set AWS_REGION to that in which you use Audit Manager"; fi
  export AWS_REGION AWS_DEFAULT_REGION="$AWS_REGION" AWS_PAGER=""
  if ! account="$(aws sts get-caller-identity --query Account --output text)"; then
    fail "AWS knows no credentials: sign in, or set AWS_PROFILE"
  fi
}

# Sets `deployed` to whether the stack is there. One that is not ours, or whose state cannot be read, ends the script.
look_at_stack() {
  local found
  deployed=false
  if found="$(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].[StackStatus,Description]' --output text 2>&1)"; then
    # What is left of a first deployment that failed; the CDK removes it.
    case "$found" in ROLLBACK_COMPLETE* | REVIEW_IN_PROGRESS*) return ;; esac
    if [ "${found#*$'\t'}" != "$DESCRIPTION" ]; then
      fail "the stack $stack in account $account, $AWS_REGION is none of controlsync; name another one with --stack"
    fi
    deployed=true
  elif [[ "$found" != *"does not exist"* ]]; then
    fail "the stack $stack cannot be looked at" "$found"
  fi
}

# An output of the deployed stack; nothing where it has none of that name.
output() {
  aws cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue | [0]" --output text | sed 's/^None$//'
}

# The bucket that the deployed stack has made; nothing where it uses one that was there before.
own_bucket() {
  aws cloudformation describe-stack-resources --stack-name "$stack" \
    --query "StackResources[?ResourceType=='AWS::S3::Bucket'].PhysicalResourceId | [0]" --output text | sed 's/^None$//'
}
