use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::api_call::ApiCallMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::rules::SourceItem;
use crate::source_type::SourceType;

pub(crate) static RULE: Rule = Rule {
    id: "read-only-cloudtrail-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "The name of the CloudTrail event indicates a read-only event, which Audit Manager does not collect.",
    why: "Since [May 11, 2023](https://docs.aws.amazon.com/audit-manager/latest/userguide/doc-history.html), Audit \
          Manager does not collect read-only events; AWS removed 3,135 such keywords. A data source for one collects \
          nothing, without an error.\n\n\
          AWS does not publish a list of the removed events. controlsync infers from the name that an event is \
          read-only: it starts with `Describe`, `Get` or `List`. An event that is listed in \
          `keywords/AWS_Cloudtrail.txt` in the catalog is not reported.\n\n\
          To collect the response of the call, use the type `AWS_API_Call`, if Audit Manager [supports the call](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html). To collect who \
          changes something, use the event of that change.",
};

pub(super) fn check(source: &SourceItem<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::ReadOnly))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` looks like a read-only event, which Audit Manager does not collect");
    let call = match source.parsed.keywords.verdict(SourceType::ApiCall, keyword) {
        Some(KeywordMatch::ApiCall(ApiCallMatch::Known)) => Some(keyword),
        Some(KeywordMatch::ApiCall(ApiCallMatch::Misspelled(meant))) => Some(meant),
        _ => None,
    };
    let help = match call {
        Some(call) => format!("to collect the response of the call, use the type `AWS_API_Call` with `{call}`"),
        None => "use an event that changes something".to_owned(),
    };
    found.push(source.keyword_finding(&RULE, message).help(help));
}
