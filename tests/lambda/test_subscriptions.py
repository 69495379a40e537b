"""Emails while their topic has no confirmed subscription: Amazon SNS drops what is published to it then."""

import pytest
from definitions import control
from proxy import DENIED
from retries import ALWAYS

ADDRESS = "owners@example.com"


@pytest.fixture
def unconfirmed(world):
    """The topic of a new stack: the only address has not confirmed yet."""
    [subscription] = world.sns.list_subscriptions_by_topic(TopicArn=world.topic)["Subscriptions"]
    world.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    world.sns.subscribe(TopicArn=world.topic, Protocol="email", Endpoint=ADDRESS)
    return world


def confirm(world):
    """The address confirms, and a queue shows what it gets."""
    world.sns.confirm_subscription(TopicArn=world.topic, Token=ADDRESS)
    world.sns.subscribe(TopicArn=world.topic, Protocol="sqs", Endpoint=world.mailbox.arn)


def logged(world, message, **variables):
    return [line for line in world.function(**variables).new_lines() if line.get("message") == message]


def test_an_email_is_kept_until_a_subscription_is_confirmed(unconfirmed):
    world = unconfirmed
    world.put({"controls/backup.yaml": control("Backup")}, MODE="plan")
    assert world.proxy.count("Publish") == 1, "only the JSON notification"
    assert world.event()["outcome"] == "planned"
    [line] = logged(world, "the email topic has no confirmed subscription: emails are kept", MODE="plan")
    assert line["level"] == "WARN"
    state = world.state()
    assert state["held"] is True
    [entry] = state["outbox"]
    assert entry["mail"]["subject"].startswith("controlsync planned: 1 to create") and entry["event"] is None
    # Another run without subscribers adds its own email, and is not retried.
    world.put({"controls/restore.yaml": control("Restore")}, MODE="plan")
    assert len(world.state()["outbox"]) == 2
    confirm(world)
    world.schedule(MODE="plan")
    assert [mail.subject.split(" (")[0] for mail in world.mails()] == [
        "controlsync planned: 1 to create",
        "controlsync planned: 2 to create",
    ]
    assert world.state()["outbox"] == [] and world.state()["held"] is False
    world.schedule(MODE="plan")
    assert world.mails() == []


def test_the_newest_twenty_emails_are_kept(unconfirmed):
    world = unconfirmed
    for number in range(22):
        world.put({"controls/backup.yaml": control("Backup", f"Version {number}")})
    assert [line["count"] for line in logged(world, "the oldest unsent reports were dropped")] == [1, 1]
    assert len(world.state()["outbox"]) == 20
    confirm(world)
    world.schedule()
    mails = world.mails()
    assert len(mails) == 20 and "Version 21" in mails[-1].text and "Version 2," in mails[0].text


def test_an_email_is_sent_if_the_subscriptions_cannot_be_read(world):
    world.proxy.on("GetTopicAttributes", DENIED, times=ALWAYS)
    world.put({"controls/backup.yaml": control("Backup")})
    assert world.mail().subject.startswith("controlsync applied: 1 created")
    [line] = logged(world, "cannot read the subscriptions to the email topic")
    assert line["code"] == "AccessDenied"


def test_subscriptions_are_counted_only_for_an_email(world):
    world.put({"controls/backup.yaml": control("Backup")})
    assert world.proxy.count("GetTopicAttributes") == 1
    world.schedule()
    assert world.proxy.count("GetTopicAttributes") == 1
