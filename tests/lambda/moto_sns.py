"""moto, with subscriptions by email that someone must confirm, as in Amazon SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html

The token that confirms a subscription is its address.
"""

from moto.core.responses import ActionResult
from moto.server import main
from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

PENDING = "PendingConfirmation"


def is_pending(subscription):
    return subscription.protocol == "email" and not subscription.confirmed


def subscriptions_of(topic):
    everything = models.sns_backends[topic.account_id][topic.arn.split(":")[3]].subscriptions.values()
    return [one for one in everything if one.topic.arn == topic.arn]


def confirm_subscription(response):
    """moto confirms anything, and remembers nothing."""
    topic, token = response.backend.get_topic(response._get_param("TopicArn")), response._get_param("Token")
    for subscription in subscriptions_of(topic):
        if subscription.endpoint == token:
            subscription.confirmed = True
            return ActionResult({"SubscriptionArn": subscription.arn})
    raise SNSInvalidParameter("Invalid token")


def count(pending):
    def counted(topic):
        return sum(is_pending(one) == pending for one in subscriptions_of(topic))

    # moto sets the numbers to 0 when it creates a topic.
    return property(counted, lambda topic, value: None)


models.Topic.subscriptions_pending = count(pending=True)
# The misspelling is moto's.
models.Topic.subscriptions_confimed = count(pending=False)
models.Subscription.subscription_arn = property(lambda one: PENDING if is_pending(one) else one.arn)
responses.SNSResponse.confirm_subscription = confirm_subscription

if __name__ == "__main__":
    main()
