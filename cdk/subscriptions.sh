# The subscriptions to the email topics of a deployed stack, for deploy.sh, which sets `output`, `setting` and `patience`.
# shellcheck shell=bash disable=SC2154

# Prints the topics to which the addresses in the settings are subscribed.
email_topics() {
  say "${output[Topic]}"
  if [ -z "${setting[alarmsTopic]:-}" ]; then say "${output[AlarmsTopic]}"; fi
}

# Prints the ARN and the address of each subscription by email to a topic. SNS still lists those that were deleted for some days.
# The ARN of an unconfirmed one is PendingConfirmation.
email_subscriptions() {
  aws sns list-subscriptions-by-topic --topic-arn "$1" --output text \
    --query "Subscriptions[?Protocol=='email' && SubscriptionArn!='Deleted'].[SubscriptionArn,Endpoint]" </dev/null
}

# Prints the addresses in the settings, one per line.
addresses() { tr , '\n' <<<"${setting[emails]:-}"; }

# Sets `found` to the subscriptions to a topic, as email_subscriptions prints them.
find_subscriptions() {
  found="$(email_subscriptions "$1")" || fail "the stack is deployed, but cannot read the subscriptions to $1"
}

# Subscribes the addresses again that are not subscribed: someone, or a mail scanner, has unsubscribed them, or they have not
# confirmed for two days. CloudFormation does not notice either.
subscribe_again() {
  local topic address found
  for topic in $(email_topics); do
    find_subscriptions "$topic"
    while read -r address; do
      if [ -z "$address" ] || cut -f2 <<<"$found" | grep -qxF -- "$address"; then continue; fi
      aws sns subscribe --topic-arn "$topic" --protocol email --notification-endpoint "$address" </dev/null >/dev/null
      say "Subscribed $address again: it was not subscribed anymore."
    done < <(addresses)
  done
}

# Unsubscribes the addresses that are not among the settings anymore: CloudFormation does not know those that were subscribed again.
unsubscribe_removed() {
  local topic address arn endpoint found
  for topic in $(email_topics); do
    find_subscriptions "$topic"
    while read -r address; do
      if [ -z "$address" ] || addresses | grep -qxF -- "$address"; then continue; fi
      while IFS=$'\t' read -r arn endpoint; do
        if [ "$endpoint" != "$address" ] || [[ "$arn" != arn:* ]]; then continue; fi
        aws sns unsubscribe --subscription-arn "$arn" </dev/null
        say "Unsubscribed $address."
      done <<<"$found"
    done < <(python3 -c 'import json, sys; print("\n".join((json.load(open(sys.argv[1])) or {}).get("emails", [])))' "$scratch/kept.json")
  done
}

# Sets `pending` to one line for each unconfirmed subscription.
find_pending() {
  local topic kind arn address found
  pending=""
  for topic in $(email_topics); do
    kind=reports
    if [ "$topic" = "${output[AlarmsTopic]}" ]; then kind=alarms; fi
    find_subscriptions "$topic"
    while IFS=$'\t' read -r arn address; do
      if [ "$arn" = PendingConfirmation ]; then pending+="${pending:+$'\n'}  $address for $kind"; fi
    done <<<"$found"
  done
}

# Waits until every subscription is confirmed, unless --no-wait is given: an unconfirmed one does not get the report.
wait_for_confirmations() {
  local pending shown="" end=$((SECONDS + patience))
  find_pending
  while [ -n "$pending" ]; do
    if [ "$pending" != "$shown" ]; then
      say "Not confirmed yet; AWS has sent each address a link, which is valid for two days:"
      say "$pending"
      if [ "$no_wait" = true ]; then return; fi
      if [ -z "$shown" ]; then say "Waiting for the confirmations, at most $((patience / 60)) minutes. To go on without them: --no-wait."; fi
      shown="$pending"
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      say "Not waiting any longer."
      return
    fi
    sleep 5
    find_pending
  done
  if [ -n "$shown" ]; then say "All subscriptions are confirmed."; fi
}
