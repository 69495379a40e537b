# The CDK app of a stack, for deploy.sh and packs.sh, which set `folder`, `stack` and `setting`.
# shellcheck shell=bash disable=SC2034,SC2154

check_versions() {
  if ((BASH_VERSINFO[0] < 4)); then fail "bash $BASH_VERSION is too old: version 4 or later is required"; fi
  if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
    fail "Node.js $(node --version) is too old: version 20 or later is required"
  fi
}

# Installs the locked packages of the CDK. Sets `scratch` to a directory that is removed at the end.
prepare_cdk() {
  if ! cmp -s "$folder/package-lock.json" "$folder/node_modules/installed.json"; then
    npm ci --prefix "$folder" --no-audit --no-fund --silent
    cp "$folder/package-lock.json" "$folder/node_modules/installed.json"
  fi
  scratch="$(mktemp -d)"
  trap 'rm -rf "$scratch"' EXIT
}

# Writes the resources of the deployed template to deployed.json, and the settings that their metadata keep to kept.json. Both are
# null if there are none.
read_kept() {
  printf null >"$scratch/deployed.json"
  printf null >"$scratch/kept.json"
  if [ "$deployed" != true ]; then return; fi
  aws cloudformation get-template --stack-name "$stack" --query TemplateBody.Resources --output json >"$scratch/deployed.json"
  python3 -c '
import json, sys
metadata = [one.get("Metadata") or {} for one in json.load(sys.stdin).values()]
json.dump(next((one["controlsync"] for one in metadata if "controlsync" in one), None), sys.stdout)
' <"$scratch/deployed.json" >"$scratch/kept.json"
}

# Sets `setting`, an associative array, to the settings of the next deployment, and `changes` to what differs from those that the stack
# keeps: the lines that bin/settings.ts or bin/pack-settings.ts printed.
take_settings() {
  local kind text
  setting=() changes=()
  while read -r kind text; do
    case "$kind" in
      setting) setting["${text%%=*}"]="${text#*=}" ;;
      change) changes+=("$text") ;;
    esac
  done <<<"$1"
}

# Says which settings of a deployed stack change.
show_changes() {
  local change
  if [ "$deployed" != true ]; then return; fi
  say "Settings   ${#changes[@]} changed, all others as they are"
  for change in ${changes[@]+"${changes[@]}"}; do say "           $change"; done
}

# Sets `bootstrap` to whether the CDK must be bootstrapped first.
check_bootstrap() {
  local found other
  bootstrap=false
  if found="$(aws ssm get-parameter --name "/cdk-bootstrap/${setting[qualifier]}/version" 2>&1)"; then return; fi
  if [[ "$found" != *ParameterNotFound* ]]; then
    fail "cannot read whether the CDK is bootstrapped in account $account, $AWS_REGION" "$found"
  fi
  # Bootstrapping again would replace the roles of others.
  if other="$(aws cloudformation describe-stacks --stack-name CDKToolkit --output text \
    --query "Stacks[0].Parameters[?ParameterKey=='Qualifier'].ParameterValue | [0]" 2>&1)"; then
    fail "the CDK is not bootstrapped with the qualifier ${setting[qualifier]} in account $account, $AWS_REGION, but with $other" \
      "pass --qualifier $other"
  elif [[ "$other" != *"does not exist"* ]]; then
    fail "cannot read the stack CDKToolkit" "$other"
  fi
  bootstrap=true
}

# Says whether the CDK will be bootstrapped.
show_bootstrap() {
  if [ "$bootstrap" = true ]; then
    say "CDK        not bootstrapped: its stack CDKToolkit will be created first, with a role that has full access"
  fi
}

# Runs the CDK, without npx, which takes a second longer each time.
cdk() { (cd "$folder" && node_modules/.bin/cdk "$@" </dev/null); }

# Synthesizes the stack. What is shown is what is deployed: both read the same directory. Sets `assembly`.
synthesize() {
  export CDK_DEFAULT_ACCOUNT="$account" CDK_DEFAULT_REGION="$AWS_REGION"
  cdk synth "$stack" --quiet --output "$scratch/cdk.out" -c "stack=$stack" "$@"
  assembly=(--app "$scratch/cdk.out")
}

# The template of a new stack differs in everything.
show_difference() {
  say ""
  say "Difference from the deployed stack:"
  cdk diff "$stack" "${assembly[@]}" --method template 2>&1
  say ""
}

deploy_stack() {
  if [ "$bootstrap" = true ]; then
    cdk bootstrap "aws://$account/$AWS_REGION" "${assembly[@]}" --qualifier "${setting[qualifier]}"
  fi
  cdk deploy "$stack" "${assembly[@]}" --require-approval never
}
