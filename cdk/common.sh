# Shared by deploy.sh, destroy.sh and packs.sh, which set `yes` and `stack`. Sets `account` and AWS_REGION.
# shellcheck shell=bash disable=SC2034,SC2154

# The description of our stacks, from lib/stack.ts, and what they are called.
DESCRIPTION="AWS Audit Manager controls as code (controlsync)"
KIND="controlsync stack"

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 2
}

# Prints the comment at the top of the script as its help.
usage() { awk 'NR == 1 { next } /^set / { exit } { sub(/^# ?/, ""); print }' "$0"; }

# Prints an absolute path.
absolute() { python3 -c 'import os, sys; print(os.path.realpath(sys.argv[1]))' "$1"; }

need() {
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is not installed; docs/guide/deploy.md lists the prerequisites"
  done
}

# Asks for confirmation. Without a terminal, --yes is required.
confirm() {
  if [ "$yes" = true ]; then return; fi
  if ! [ -t 0 ]; then fail "cannot ask \"$1\" without a terminal: review the output above, then pass --yes"; fi
  local answer
  read -r -p "$1 [y/N] " answer || answer=""
  case "$answer" in
    y | Y | yes) ;;
    *)
      say "Nothing was changed."
      exit 3
      ;;
  esac
}

# Sets account and AWS_REGION, and checks that there are credentials.
find_account() {
  AWS_REGION="${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}"
  if [ -z "$AWS_REGION" ]; then fail "no Region is set: set AWS_REGION to the Region in which you use Audit Manager"; fi
  export AWS_REGION AWS_DEFAULT_REGION="$AWS_REGION" AWS_PAGER=""
  if ! account="$(aws sts get-caller-identity --query Account --output text)"; then
    fail "no valid AWS credentials: sign in, or set AWS_PROFILE"
  fi
}

# Sets `deployed` to whether the stack exists, `protected` to whether it is protected against deletion, and `output` to its
# outputs. Exits if it is not ours or cannot be read.
declare -A output=()
look_at_stack() {
  local found name value status description
  deployed=false protected=False output=()
  if found="$(aws cloudformation describe-stacks --stack-name "$stack" --output text --query \
    'Stacks[0].[[StackStatus,Description,EnableTerminationProtection],Outputs[].[OutputKey,OutputValue]][]' 2>&1)"; then
    IFS=$'\t' read -r status description protected <<<"$found"
    # Left over from a failed first deployment; the CDK removes it.
    case "$status" in ROLLBACK_COMPLETE | REVIEW_IN_PROGRESS) return ;; esac
    if [ "$description" != "$DESCRIPTION" ]; then
      fail "the stack $stack in account $account, $AWS_REGION is not a $KIND: choose another name with --stack"
    fi
    deployed=true
    while IFS=$'\t' read -r name value; do output["$name"]="$value"; done < <(tail -n +2 <<<"$found")
  elif [[ "$found" != *"does not exist"* ]]; then
    fail "cannot read the stack $stack" "$found"
  fi
}
