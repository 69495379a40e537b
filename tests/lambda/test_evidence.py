"""The function `evidence`: what it reports, once, and what keeps it from reading."""

import json

import logs
import pytest
from organization import EVIDENCE_STATE, IDS, MEMBERS, ROLE, RULE, control
from program import ACCOUNT
from proxy import cut, hang, refuse
from retries import wait_for
from world import BUCKET

DAY = 24 * 60 * 60


def test_a_change_in_one_account_is_reported_once_and_so_is_its_end(organization):
    baseline = organization.run()
    assert "evidence ready: baseline" in baseline.subject
    assert "read 6 of 6 accounts" in baseline.text and "3 controls: 3 ready" in baseline.text
    assert baseline.attributes["function"] == "evidence" and baseline.attributes["outcome"] == "ready"
    assert organization.event()["baseline"] is True
    assert organization.run() is None
    organization.assert_silent()

    config = organization.client("config", MEMBERS[2])
    config.delete_config_rule(ConfigRuleName="volumes")
    mail = organization.run()
    assert "evidence not-ready: 1 stopped" in mail.subject
    assert "error[config-rule-not-deployed]: no managed rule `ENCRYPTED_VOLUMES` is deployed" in mail.text
    assert f"accounts: {MEMBERS[2]}\n" in mail.text and "controls/volumes.yaml:5:" in mail.text
    [change] = organization.event()["changes"]
    assert (change["status"], change["rule"], change["accounts"]) == ("stopped", "config-rule-not-deployed", [MEMBERS[2]])
    assert organization.run() is None

    config.put_config_rule(ConfigRule=RULE)
    organization.account.admin("POST", "time", {"passHours": 1})
    mail = organization.run()
    assert "evidence ready: 1 resolved" in mail.subject and "Resolved (1)" in mail.text
    assert [change["status"] for change in organization.event()["changes"]] == ["fixed"]
    assert organization.run() is None
    organization.assert_silent()


def test_nothing_is_written_to_any_account(organization):
    organization.client("config", MEMBERS[0]).delete_config_rule(ConfigRuleName="volumes")
    organization.account.admin("DELETE", "requests")
    organization.run()
    names = {request["operation"].rpartition(":")[2] for request in organization.account.requests()}
    assert len(names) > 10
    assert all(name.startswith(("Describe", "Get", "List", "BatchGet", "AssumeRole")) for name in names), names


def test_a_lost_state_is_one_mail_and_right_again(organization):
    for account in MEMBERS[1:4]:
        organization.client("config", account).stop_configuration_recorder(ConfigurationRecorderName="default")
    first = organization.run()
    organization.events()
    assert organization.run() is None
    for damage in [None, b"{", b'{"version": 99}']:
        if damage is None:
            organization.s3.delete_object(Bucket=BUCKET, Key=EVIDENCE_STATE)
        else:
            organization.s3.put_object(Bucket=BUCKET, Key=EVIDENCE_STATE, Body=damage)
        again = organization.run()
        assert (again.subject, again.text) == (first.subject, first.text)
        assert organization.event()["baseline"] is True
        assert organization.run() is None
    organization.assert_silent()


def test_what_a_run_has_no_time_for_the_next_one_reads_first(organization):
    slow = MEMBERS[:3]
    for account in slow:
        organization.client("config", account).stop_configuration_recorder(ConfigurationRecorderName="default")
        organization.fault({"delay": {"millis": 60_000}}, "config:DescribeConfigRules", account)
    mail = organization.run(seconds=12)
    assert "read 3 of 6 accounts; the next run reads 3 more" in mail.text, mail.text
    assert "evidence unknown: baseline" in mail.subject
    accounts = organization.saved()["memory"]["accounts"]
    assert {account for account, seen in accounts.items() if seen["triedAt"] == 0} == set(slow)

    organization.clear_faults()
    organization.account.admin("DELETE", "requests")
    mail = organization.run()
    read = [one["account"] for one in organization.account.requests() if one["operation"] == "config:DescribeConfigRules"]
    assert set(read) == {ACCOUNT, *MEMBERS}
    assert "read 6 of 6 accounts" in mail.text and "Found where no run has looked before (1)" in mail.text
    assert f"accounts: {', '.join(slow)}\n" in mail.text
    assert organization.run() is None


def test_facts_of_accounts_that_are_not_reached_grow_old(organization):
    organization.client("config", MEMBERS[4]).stop_configuration_recorder(ConfigurationRecorderName="default")
    organization.run()
    state = organization.saved()
    for seen in state["memory"]["accounts"].values():
        seen["triedAt"] -= 2 * DAY
        seen["readAt"] -= 2 * DAY
    organization.s3.put_object(Bucket=BUCKET, Key=EVIDENCE_STATE, Body=json.dumps(state).encode())
    organization.fault({"delay": {"millis": 60_000}}, "config:DescribeConfigRules", MEMBERS[4])
    organization.client("config", MEMBERS[1]).delete_config_rule(ConfigRuleName="volumes")
    mail = organization.run(seconds=12)
    assert "the oldest facts are from 2 days ago" in mail.text
    # The problem in the account that was not reached is still open.
    assert "Still open (1)" in mail.text and MEMBERS[4] in mail.text and "Resolved" not in mail.text


def killed_at(organization, proxy, request):
    """Kills the function at a request to a proxy. Returns whether it came that far."""
    organization.send_schedule()
    event = organization.next_batch()
    function = organization.function(fresh=True)
    reached = []

    def kill(*arguments):
        reached.append(True)
        function.kill()
        return cut(*arguments)

    proxy.on(None, kill, skip=request)
    invocation = function.start(event)
    wait_for(lambda: reached or not function.is_alive() or not invocation.answers.empty())
    proxy.rules.clear()
    if not reached:
        organization.queue.settle(event, function.wait(invocation))
    return bool(reached)


@pytest.mark.parametrize("which", ["proxy", "account_proxy"])
def test_killed_anywhere_the_next_run_tells_it(organization, which):
    proxy = getattr(organization, which)
    organization.run()
    organization.events()
    # Every request to S3 and SNS, and some of those to the services that are read.
    step = 1 if which == "proxy" else 11
    request, killed = 0, 0
    while True:
        stopped = request % 2 == 0
        config = organization.client("config", MEMBERS[0])
        if stopped:
            config.delete_config_rule(ConfigRuleName="volumes")
        else:
            config.put_config_rule(ConfigRule=RULE)
        if not killed_at(organization, proxy, request * step):
            break
        killed += 1
        organization.show_again()
        assert organization.drain().sent_back == set()
        texts = [mail.text for mail in organization.mails()]
        word = "Stopped being set up" if stopped else "Resolved"
        told = [text for text in texts if word in text and MEMBERS[0] in text]
        assert 1 <= len(told) <= 2 and len(texts) == len(told), (request, texts)
        assert organization.run() is None
        organization.events()
        request += 1
    assert killed >= 5


def test_an_account_that_cannot_be_read_is_reported_and_hides_nothing(organization):
    organization.client("config", MEMBERS[0]).stop_configuration_recorder(ConfigurationRecorderName="default")
    organization.run()
    organization.fault("deny", "config:DescribeConfigurationRecorders", MEMBERS[0])
    mail = organization.run()
    assert "Cannot be read (1)" in mail.text and "no permission for config:DescribeConfigurationRecorders" in mail.text
    assert "Resolved" not in mail.text and "Still open (1)" in mail.text
    assert organization.run() is None
    organization.clear_faults()
    mail = organization.run()
    assert "Read again (1)" in mail.text and "Still open (1)" in mail.text
    # A service that fails once is no news; the next run has read it.
    organization.fault({"fail": {"status": 500}}, "config:DescribeConfigRules", MEMBERS[1], times=3)
    assert organization.run() is None
    organization.clear_faults()
    assert organization.run() is None


def test_without_the_role_only_the_own_account_is_read(organization):
    mail = organization.run(MEMBER_ROLE=None, EXTERNAL_ID=None, STACK="controlsync")
    assert "read 1 of 6 accounts" in mail.text
    assert "Only the account of Audit Manager is read." in mail.text
    assert "`cdk/deploy.sh --set memberRole=NAME`" in mail.text
    mail = organization.run(EXTERNAL_ID="wrong")
    assert f"the role `{ROLE}` cannot be assumed" in mail.text
    assert organization.run(EXTERNAL_ID="wrong") is None


def test_a_failure_is_retried_and_reported_with_the_last_attempt(organization):
    organization.run()
    organization.events()
    organization.fault({"fail": {"status": 503}}, "auditmanager:ListControls")
    organization.send_schedule()
    event = organization.next_batch()
    answers = [organization.invoke(event)]
    organization.assert_silent()
    for _ in range(2):
        organization.show_again()
        answers.append(organization.invoke(organization.next_batch()))
    assert all(answer.sent_back for answer in answers)
    mail = organization.mail()
    assert "evidence failed" in mail.subject and "cannot read Audit Manager: ListControls" in mail.text
    assert organization.event()["failure"].startswith("cannot read Audit Manager")
    organization.discard_messages()
    organization.account_proxy.reset()
    organization.clear_faults()
    mail = organization.run()
    assert "Earlier runs had failed: cannot read Audit Manager" in mail.text


def test_a_missing_permission_is_reported_at_once(organization):
    organization.run()
    organization.events()
    organization.proxy.on("ListObjectsV2", refuse(403, "AccessDenied"), times=1000)
    mail = organization.run()
    assert "The run failed: cannot read the bucket" in mail.text
    assert organization.run() is None
    organization.proxy.reset()
    assert "Earlier runs had failed" in organization.run().text


def test_a_state_that_cannot_be_read_or_written_loses_nothing(organization):
    organization.run()
    organization.client("config", MEMBERS[0]).delete_config_rule(ConfigRuleName="volumes")
    organization.proxy.on("PutObject", refuse(503, "SlowDown"), times=1000)
    organization.send_schedule()
    event = organization.next_batch()
    answer = organization.invoke(event)
    assert answer.sent_back
    organization.proxy.reset()
    organization.show_again()
    organization.drain()
    # The next run cannot know what this one has sent.
    subjects = {mail.subject for mail in organization.mails()}
    assert len(subjects) == 1 and "1 stopped" in subjects.pop()
    organization.proxy.on("GetObject", refuse(503, "SlowDown"), key=EVIDENCE_STATE, times=1000)
    organization.send_schedule()
    event = organization.next_batch()
    assert organization.invoke(event).sent_back
    organization.proxy.reset()
    organization.show_again()
    organization.drain()
    assert organization.mails() == []


def test_a_report_that_cannot_be_sent_is_sent_by_the_next_run(organization):
    organization.proxy.on("Publish", refuse(503, "InternalFailure"), times=1000)
    organization.send_schedule()
    assert organization.invoke(organization.next_batch()).kind == "error"
    organization.proxy.reset()
    organization.show_again()
    organization.drain()
    assert "baseline" in organization.mail().subject
    assert organization.run() is None


def test_a_reminder_after_a_week_and_a_report_on_request(organization):
    organization.client("config", MEMBERS[0]).stop_configuration_recorder(ConfigurationRecorderName="default")
    organization.run()
    state = organization.saved()
    state["last_email"] -= 7 * DAY
    organization.s3.put_object(Bucket=BUCKET, Key=EVIDENCE_STATE, Body=json.dumps(state).encode())
    mail = organization.run()
    assert "reminder" in mail.subject and "Still open (1)" in mail.text
    assert organization.run() is None
    organization.events()
    organization.ask("report")
    assert "Still open (1)" in organization.mail().text
    assert [change["status"] for change in organization.event()["changes"]] == ["open"]


def test_an_exception_ends_a_problem(organization):
    organization.client("config", MEMBERS[0]).stop_configuration_recorder(ConfigurationRecorderName="default")
    organization.run()
    organization.upload(
        "exceptions/sandbox.yaml",
        f"check: ENCRYPTED_VOLUMES\naccounts: ['{MEMBERS[0]}']\nreason: No data.\nuntil: 2099-12-31\n",
    )
    organization.discard_messages()
    mail = organization.run()
    assert "Excepted until 2099-12-31 (1)" in mail.text
    assert "excepted 1" not in mail.subject and organization.run() is None


def test_the_first_evidence_of_a_control_is_reported(organization):
    state = {"version": 1, "memory": {"controls": {name: name != "Volumes" for name in IDS}}}
    organization.s3.put_object(Bucket=BUCKET, Key=EVIDENCE_STATE, Body=json.dumps(state).encode())
    mail = organization.run()
    assert "Started to collect (1):\n    Volumes" in mail.text and "1 started to collect" in mail.subject
    assert organization.event()["started"] == ["Volumes"]
    assert organization.run() is None


def test_metrics_and_lines_name_what_was_read(organization):
    organization.client("config", MEMBERS[0]).stop_configuration_recorder(ConfigurationRecorderName="default")
    function = organization.function()
    function.new_lines()
    organization.run()
    lines = function.new_lines()
    found = logs.metrics(lines)
    assert (found["NotReady"], found["UnreadAccounts"], found["Failures"], found["CompletedRuns"]) == (1, 0, 0, 1)
    [read] = [line for line in lines if line["message"] == "read the accounts"]
    assert (read["read"], read["of"]) == (5, 5)
    organization.fault({"delay": {"millis": 60_000}}, "config:DescribeConfigRules", MEMBERS[1])
    organization.run(seconds=12)
    messages = [line["message"] for line in function.new_lines()]
    assert "the time is up: the next run reads the other accounts" in messages


def test_a_run_that_hangs_is_reported_before_its_deadline(organization):
    organization.run()
    organization.events()
    organization.account_proxy.on("ListAssessments", hang, times=1000)
    organization.send_schedule()
    event = organization.next_batch()
    assert organization.invoke(event, seconds=12).sent_back
    organization.account_proxy.reset()
    organization.show_again()
    organization.drain()
    organization.assert_silent()


def test_policies_of_the_administrator_are_read_first(organization):
    policy = "55555555-0000-4000-8000-000000000001"
    organization.seed(
        securityHub={
            "centralConfiguration": {
                "policies": {policy: {"name": "most", "enabled": True, "standards": ["FSBP"], "disabledControls": ["IAM.6"]}},
                "associations": {account: {"policy": policy, "status": "SUCCESS"} for account in MEMBERS},
            }
        }
    )
    organization.account.admin("DELETE", "requests")
    mail = organization.run()
    assert "error[security-hub-control-disabled]" in mail.text and f"accounts: {', '.join(MEMBERS)}\n" in mail.text
    asked = {one["account"] for one in organization.account.requests() if one["operation"] == "securityhub:DescribeHub"}
    assert asked == {ACCOUNT}


def test_everything_that_decides_is_read_in_every_account(organization):
    """Trails, controls of an older standard, and resources of a rule that was never evaluated."""
    organization.upload("controls/keys.yaml", control("Keys", "AWS_Security_Hub", "'1.13'"))
    organization.upload("controls/databases.yaml", control("Databases", "AWS_Config", "RDS_STORAGE_ENCRYPTED"))
    organization.discard_messages()
    source = {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}
    never = {"ConfigRuleName": "databases", "Source": source, "evaluationStatus": {"FirstActivatedTime": 1_700_000_000}}
    trail = {"Name": "all", "S3BucketName": "trails", "IsLogging": True, "EventSelectors": [{"ReadWriteType": "All"}]}
    more = {
        "config": {"rules": [never], "resourceCounts": {"AWS::RDS::DBInstance": 2}},
        "securityHub": {
            "enabled": True,
            "controlFindingGenerator": "STANDARD_CONTROL",
            "standards": [{"standard": "CIS", "disabledControls": ["IAM.9"]}],
        },
        "cloudTrail": {"trails": [trail]},
    }
    organization.seed(**more, accounts={account: more for account in MEMBERS})
    organization.cover("Databases", "Keys")
    mail = organization.run()
    everywhere = f"accounts: {', '.join([ACCOUNT, *MEMBERS])}\n"
    for rule in ("config-rule-never-evaluated", "security-hub-control-disabled"):
        [part] = [part for part in mail.text.split("\n\n") if part.startswith(f"error[{rule}]")]
        assert everywhere in part, part
