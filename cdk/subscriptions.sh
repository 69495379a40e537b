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

# Subscribes the addresses again that are not subscribed: someone, or a mail scanner, has unsubscribed them, or they have not
# confirmed for two days. CloudFormation does not notice either.
subscribe_again() {
  local topic address subscribed
  while read -r topic; do
    subscribed="$(email_subscriptions "$topic" | cut -f2)"
    while read -r address; do
      if [ -z "$address" ] || grep -qxF -- "$address" <<<"$subscribed"; then continue; fi
      aws sns subscribe --topic-arn "$topic" --protocol email --notification-endpoint "$address" </dev/null >/dev/null
      say "Subscribed $address again: it was not subscribed anymore."
    done < <(tr , '\n' <<<"${setting[emails]:-}")
  done < <(email_topics)
}

# Prints one line for each unconfirmed subscription.
pending_subscriptions() {
  local topic kind arn address
  while read -r topic; do
    kind=reports
    if [ "$topic" = "${output[AlarmsTopic]}" ]; then kind=alarms; fi
    while IFS=$'\t' read -r arn address; do
      if [ "$arn" = PendingConfirmation ]; then say "  $address for $kind"; fi
    done < <(email_subscriptions "$topic")
  done < <(email_topics)
}

# Waits until every subscription is confirmed, unless --no-wait is given: an unconfirmed one does not get the report.
wait_for_confirmations() {
  local pending shown="" end=$((SECONDS + patience))
  while pending="$(pending_subscriptions)" && [ -n "$pending" ]; do
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
  done
  if [ -n "$shown" ]; then say "All subscriptions are confirmed."; fi
}
