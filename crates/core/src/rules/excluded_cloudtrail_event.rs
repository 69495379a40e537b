use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceItem;

pub(crate) static RULE: Rule = Rule {
    id: "excluded-cloudtrail-event",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "Audit Manager does not collect the CloudTrail event.",
    why: "AWS [lists seven events](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html) that Audit \
          Manager does not collect: `kms_Decrypt`, `kms_GenerateDataKey`, `sts_AssumeRole` and four of Kinesis Video \
          Streams. A data source for one of them collects nothing, without an error.\n\n\
          Use an event for a relevant change, such as `kms_ScheduleKeyDeletion`, or a manual data source. An event \
          that is listed in `keywords/AWS_Cloudtrail.txt` in the catalog is not reported.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Excluded))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("Audit Manager does not collect the event `{keyword}`");
    found.push(source.keyword_finding(&RULE, message).help("use another event, or a manual data source"));
}
