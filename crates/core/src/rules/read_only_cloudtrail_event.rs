use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::keywords::KeywordMatch;
use crate::keywords::api_call::ApiCallMatch;
use crate::keywords::cloudtrail::CloudtrailMatch;
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "read-only-cloudtrail-event",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "By its name the CloudTrail event only reads; Audit Manager collects no such events.",
    why: "Since [11 May 2023](https://docs.aws.amazon.com/audit-manager/latest/userguide/doc-history.html) Audit \
          Manager collects no events that only read; AWS removed 3,135 such keywords. A source with one collects \
          nothing, and nothing reports it.\n\n\
          AWS prints no list of the events that it removed. That an event reads is a guess from its name: it starts \
          with `Describe`, `Get` or `List`. An event that `keywords/AWS_Cloudtrail.txt` in the catalog lists is \
          not reported.\n\n\
          To collect what the call answers, use the type `AWS_API_Call`, where Audit Manager [has the call](\
          https://docs.aws.amazon.com/audit-manager/latest/userguide/control-data-sources-api.html). To collect who \
          changes something, choose the event of the change.",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(KeywordMatch::Cloudtrail(CloudtrailMatch::ReadOnly))) = (source.keyword, &source.verdict)
    else {
        return;
    };
    let message = format!("`{keyword}` only reads, by its name; Audit Manager collects no such events since May 2023");
    let call = match source.parsed.keywords.verdict(SourceType::ApiCall, keyword) {
        Some(KeywordMatch::ApiCall(ApiCallMatch::Known)) => Some(keyword),
        Some(KeywordMatch::ApiCall(ApiCallMatch::Misspelled(meant))) => Some(meant),
        _ => None,
    };
    let help = match call {
        Some(call) => format!("to collect what the call answers, use the source type `AWS_API_Call` with `{call}`"),
        None => "choose an event that changes something".to_owned(),
    };
    found.push(source.keyword_finding(&RULE, message).help(help));
}
