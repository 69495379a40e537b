# What deploy.sh checks before it builds or changes anything. It sets the variables that are used here.
# shellcheck shell=bash disable=SC2034,SC2154

check_audit_manager() {
  local status
  status="$(aws auditmanager get-account-status --query status --output text)" ||
    fail "cannot read the status of Audit Manager in account $account, $AWS_REGION"
  if [ "$status" != ACTIVE ]; then
    fail "Audit Manager is $status in account $account, $AWS_REGION: controlsync needs an account and Region where it is ACTIVE" \
      "if you use Audit Manager in another Region, set AWS_REGION"
  fi
}

# Two functions with one catalog take each other's objects for their own, and two with the same files share their state.
check_other_stacks() {
  local others name catalog used prefix
  others="$(aws cloudformation describe-stacks --output text --query "Stacks[?Description=='$DESCRIPTION' && StackName!='$stack'].[StackName,
    Outputs[?OutputKey=='Catalog'].OutputValue | [0], Outputs[?OutputKey=='Bucket'].OutputValue | [0],
    Outputs[?OutputKey=='Prefix'].OutputValue | [0]]")"
  while IFS=$'\t' read -r name catalog used prefix; do
    # What an absent output is in text. A prefix ends with a slash.
    if [ "$prefix" = None ]; then prefix=""; fi
    if [ -n "${setting[catalog]:-}" ] && [ "$catalog" = "${setting[catalog]}" ]; then
      fail "the stack $name in account $account, $AWS_REGION has the catalog $catalog already" \
        "to change that stack, pass --stack $name; for another catalog, choose another name with --set catalog=NAME"
    fi
    if [ -n "$bucket" ] && [ "$used" = "$bucket" ] && [ "$prefix" = "${setting[prefix]}" ]; then
      fail "the stack $name uses the same files, in s3://$bucket/${setting[prefix]}: choose another prefix with --set prefix=PREFIX"
    fi
  done <<<"$others"
}

# Checks a zip against its SHA-256, which a flag may give, and the architecture. Prints the SHA-256.
check_package() {
  local package="$1" expected="$2" flag="$3" sum machine
  if ! [ -f "$package" ]; then fail "the package $package does not exist"; fi
  read -r sum machine < <(python3 - "$package" <<'PYTHON'
import hashlib
import sys
import zipfile

path = sys.argv[1]
try:
    with zipfile.ZipFile(path) as archive:
        binary = archive.read("bootstrap")
except (zipfile.BadZipFile, KeyError):
    binary = b""
# The machine in the header of the executable.
machines = {62: "x86_64", 183: "arm64"}
machine = machines.get(int.from_bytes(binary[18:20], "little")) if binary[:4] == b"\x7fELF" else None
print(hashlib.sha256(open(path, "rb").read()).hexdigest(), machine or "unknown")
PYTHON
  )
  if [ -z "$expected" ] && [ -f "$(dirname "$package")/SHA256SUMS" ]; then
    expected="$(awk -v name="$(basename "$package")" '{ sub(/^\*/, "", $2) } $2 == name { print $1 }' "$(dirname "$package")/SHA256SUMS")"
  fi
  if [ -z "$expected" ]; then
    fail "nothing says which SHA-256 the package $package must have: pass $flag SUM, or put SHA256SUMS of its release beside it"
  fi
  if [ "${expected,,}" != "$sum" ]; then fail "the package $package has the SHA-256 $sum, not ${expected,,}: download it again"; fi
  if [ "$machine" != "${setting[architecture]}" ]; then
    fail "the package $package is for the architecture $machine, but the setting architecture is ${setting[architecture]}"
  fi
  say "$sum"
}
