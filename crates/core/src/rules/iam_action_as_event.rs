use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "iam-action-as-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A keyword is an IAM action; CloudTrail records another name.",
    why: "CloudTrail records the name of the operation. For some operations, the IAM action that allows them has another \
          name: `s3:PutEncryptionConfiguration` allows [`PutBucketEncryption` and `DeleteBucketEncryption`](\
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html), and Lambda adds \
          the version of its API, as in [`CreateFunction20150331`](\
          https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html). AWS documents that an incorrect \
          keyword [might collect no evidence](\
          https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_SourceKeyword.html), without an error.\n\n\
          Write the name of the event, with one data source for each event. There is no fix: one action can stand for \
          several events. In CloudTrail, `eventName` of such an event is the name.\n\n\
          `keywords/AWS_Cloudtrail.txt` in the catalog replaces the built-in list.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Renamed(events)))) =
        (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` is an IAM action; CloudTrail records its events under other names");
    let shown: Vec<String> = events.iter().map(|event| format!("`{event}`")).collect();
    found.push(source.keyword_finding(&RULE, message).help(format!("use {}", shown.join(" or "))));
}
