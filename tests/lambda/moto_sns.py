"""moto, with subscriptions by email as they are in Amazon SNS: someone must confirm them, and they are listed for some days after
they were deleted. https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html

The token that confirms a subscription is its address.
"""

from moto.core.responses import ActionResult
from moto.server import main
from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

# What is listed instead of an ARN.
PENDING, DELETED = "PendingConfirmation", "Deleted"


def is_pending(subscription):
    return subscription.protocol == "email" and not subscription.confirmed


def is_deleted(subscription):
    return getattr(subscription, "deleted", False)


def listed_arn(subscription):
    if is_deleted(subscription):
        return DELETED
    return PENDING if is_pending(subscription) else subscription.arn


def subscriptions_of(topic):
    everything = models.sns_backends[topic.account_id][topic.arn.split(":")[3]].subscriptions.values()
    return [one for one in everything if one.topic.arn == topic.arn and not is_deleted(one)]


def confirm_subscription(response):
    """moto confirms anything, and remembers nothing."""
    topic, token = response.backend.get_topic(response._get_param("TopicArn")), response._get_param("Token")
    for subscription in subscriptions_of(topic):
        if subscription.endpoint == token:
            subscription.confirmed = True
            return ActionResult({"SubscriptionArn": subscription.arn})
    raise SNSInvalidParameter("Invalid token")


def unsubscribe(backend, arn):
    subscription = backend.subscriptions.get(arn)
    if subscription is not None and subscription.protocol == "email":
        subscription.deleted = True
    else:
        backend.subscriptions.pop(arn, None)


def find_subscription(backend, topic_arn, endpoint, protocol):
    existing = subscriptions_of(backend.get_topic(topic_arn))
    return next((one for one in existing if (one.endpoint, one.protocol) == (endpoint, protocol)), None)


def count(pending):
    def counted(topic):
        return sum(is_pending(one) == pending for one in subscriptions_of(topic))

    # moto sets the numbers to 0 when it creates a topic.
    return property(counted, lambda topic, value: None)


models.Topic.subscriptions_pending = count(pending=True)
# The misspelling is moto's.
models.Topic.subscriptions_confimed = count(pending=False)
models.Subscription.subscription_arn = property(listed_arn)
models.SNSBackend.unsubscribe = unsubscribe
models.SNSBackend._find_subscription = find_subscription
responses.SNSResponse.confirm_subscription = confirm_subscription

if __name__ == "__main__":
    main()
