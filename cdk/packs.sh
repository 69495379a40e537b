#!/usr/bin/env bash
# Deploys the conformance packs in a directory, which `controlsync export conformance-pack` wrote, to the account and Region of the
# current AWS credentials. Run it again after each export: the stack keeps its settings, and only what is given changes. A pack that
# is no longer in the directory is deleted, with its rules and their results; this is shown first.
#
#   cdk/packs.sh DIR                   create the packs, or change those that are deployed
#
#   --organization          deploy to all accounts of the organization; process checks stay in this account
#   --no-organization       deploy to this account only, after --organization
#   --exclude ACCOUNT       an account of the organization that gets no packs; can be repeated, and replaces those that the stack
#                           keeps; an empty one is for none
#   --parameter NAME=VALUE  set a parameter of all packs that have it; can be repeated; an empty value returns to that of the pack
#   --bucket NAME           where AWS Config stores templates while it deploys them; for an organization, the name must begin with
#                           awsconfigconforms; an empty name is for none
#   --qualifier TEXT        qualifier of the CDK bootstrap stack, if the account has one of its own
#   --stack NAME            name of the stack [default: controlsync-packs]
#   --dry-run               show what would change, and change nothing
#   --yes                   do not ask for confirmation, not even if packs or rules are deleted
#
# Exit codes: 0 done, 2 could not run, 3 not confirmed.
set -euo pipefail

folder="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
# shellcheck source=common.sh
. "$folder/common.sh"
# shellcheck source=app.sh
. "$folder/app.sh"
# From lib/packs.ts.
DESCRIPTION="AWS Config conformance packs of a catalog (controlsync)"
KIND="stack of conformance packs"

stack=controlsync-packs
yes=false
dry_run=false
packs=""
given=()
while [ $# -gt 0 ]; do
  case "$1" in
    --exclude | --parameter | --bucket | --qualifier | --stack)
      if [ $# -lt 2 ]; then fail "$1 needs a value"; fi
      ;;
  esac
  case "$1" in
    --organization) given+=(organization=true) ;;
    --no-organization) given+=(organization=false) ;;
    --parameter)
      case "$2" in
        ?*=*) given+=("parameter=$2") && shift ;;
        *) fail "invalid value $2 for --parameter: expected NAME=VALUE" ;;
      esac
      ;;
    --exclude | --bucket | --qualifier) given+=("${1#--}=$2") && shift ;;
    --stack) stack="$2" && shift ;;
    --dry-run) dry_run=true ;;
    --yes) yes=true ;;
    -h | --help)
      usage
      exit
      ;;
    -*) fail "unknown argument $1" "see cdk/packs.sh --help" ;;
    *)
      if [ -n "$packs" ]; then fail "there are two directories, $packs and $1: pass one"; fi
      packs="$1"
      ;;
  esac
  shift
done
if [ -z "$packs" ]; then fail "no directory is given: pass the one that controlsync export conformance-pack wrote, such as packs"; fi

# All checks come before anything is changed.

need aws node npm python3
check_versions
packs="$(absolute "$packs")"
prepare_cdk
find_account
look_at_stack
read_kept

declare -A setting=()
lines="$(cd "$folder" && node --import tsx bin/pack-settings.ts --packs "$packs" --kept "$scratch/kept.json" \
  --write "$scratch/settings.json" -- ${given[@]+"${given[@]}"})" || exit 2
take_settings "$lines"
check_bootstrap
synthesize --app "node --import tsx bin/packs.ts" -c "packs=$packs" -c "settings=$scratch/settings.json"

say "Account    $account, $AWS_REGION"
if [ "$deployed" = true ]; then say "Stack      $stack will be updated"; else say "Stack      $stack will be created"; fi
show_bootstrap
show_changes
say "Packs      from $packs"
lines="$(cd "$folder" && node --import tsx bin/pack-changes.ts "$scratch/deployed.json" "$scratch/cdk.out/$stack.template.json")" || exit 2
none=false deleted=0 lost=0
while read -r kind text; do
  case "$kind" in
    pack) say "           $text" ;;
    deleted) deleted="$text" ;;
    lost) lost="$text" ;;
    none) none=true ;;
  esac
done <<<"$lines"
if [ "$none" = true ]; then
  say "No changes. The stack has these packs and settings."
  exit
fi
question="Deploy this?"
if [ "$deleted" -gt 0 ] || [ "$lost" -gt 0 ]; then
  say "Warning    results are lost: packs that are deleted or replaced: $deleted, rules that are deleted from other packs: $lost"
  question="Delete these packs and rules with their results, and deploy this?"
fi
show_difference
if [ "$dry_run" = true ]; then
  say "Nothing was changed."
  exit
fi
confirm "$question"

# From here on, changes are made.

deploy_stack
say ""
say "The packs are deployed. AWS Config evaluates their rules in the next minutes or, if periodic, within a day."
say "Next, see whether your controls can collect evidence:"
say "  controlsync evidence"
