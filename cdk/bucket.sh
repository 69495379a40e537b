# The bucket of a stack, for deploy.sh and destroy.sh, which set what is used here.
# shellcheck shell=bash disable=SC2034,SC2154

# Prints the bucket that the deployed stack created, or nothing if it uses an existing one.
own_bucket() {
  aws cloudformation describe-stack-resources --stack-name "$stack" \
    --query "StackResources[?ResourceType=='AWS::S3::Bucket'].PhysicalResourceId | [0]" --output text | sed 's/^None$//'
}

# Prints what Amazon S3 answers about the bucket, or null if it has no such configuration.
about_bucket() {
  local found
  if found="$(aws s3api "$1" --bucket "$bucket" --expected-bucket-owner "$account" --output json 2>&1)"; then
    say "${found:-null}"
  elif [[ "$found" =~ NoSuch(LifecycleConfiguration|BucketPolicy)|ServerSideEncryptionConfigurationNotFound ]]; then
    say null
  else
    fail "cannot read the bucket $bucket, or it is not in account $account" "$found"
  fi
}

# Sets `warnings`.
check_bucket() {
  local part answer kind text errors=() separator="{"
  for part in location notification-configuration encryption versioning lifecycle-configuration policy; do
    answer="$(about_bucket "get-bucket-$part")" || exit 2
    printf '%s "%s": %s' "$separator" "${part%-configuration}" "$answer"
    separator=,
  done >"$scratch/bucket.json"
  printf '}' >>"$scratch/bucket.json"
  (cd "$folder" && node --import tsx bin/existing-bucket.ts "$bucket" "$AWS_REGION" "$scratch/settings.json" "$scratch/bucket.json") \
    >"$scratch/verdict"
  while read -r kind text; do
    case "$kind" in
      error) errors+=("$text") ;;
      warning) warnings+=("$text") ;;
    esac
  done <"$scratch/verdict"
  if [ ${#errors[@]} -gt 0 ]; then fail "${errors[@]}"; fi
}
