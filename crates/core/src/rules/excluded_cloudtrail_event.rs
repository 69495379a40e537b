use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "excluded-cloudtrail-event",
    level: Level::Error,
    hard: false,
    since: "0.1.0",
    summary: "Audit Manager does not collect the CloudTrail event.",
    why: "AWS [names seven events](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-cloudtrail.html) that \
          Audit Manager does not collect: `kms_Decrypt`, `kms_GenerateDataKey`, `sts_AssumeRole` and four of \
          Kinesis Video Streams. A source with one of them collects nothing, and nothing reports it.\n\n\
          Choose the event of a change that matters, such as `kms_ScheduleKeyDeletion`, or a manual source for \
          which people add the evidence. An event that `keywords/AWS_Cloudtrail.txt` in the catalog lists is not \
          reported.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::Excluded))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` is one of the events that Audit Manager does not collect");
    found.push(source.keyword_finding(&RULE, message).help("choose another event, or a manual source"));
}
