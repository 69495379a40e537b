use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::api_call::Verdict as ApiCall;
use crate::keywords::cloudtrail::Verdict as Cloudtrail;
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "read-only-cloudtrail-event",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "By its name the CloudTrail event only reads; Audit Manager collects no such events.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Cloudtrail(Cloudtrail::ReadOnly))) = (source.keyword, &source.verdict) else {
        return;
    };
    let message = format!("`{keyword}` only reads, by its name; Audit Manager collects no such events since May 2023");
    let call = match source.parsed.keywords.verdict(SourceType::ApiCall, keyword) {
        Some(Verdict::ApiCall(ApiCall::Known)) => Some(keyword),
        Some(Verdict::ApiCall(ApiCall::Misspelt(meant))) => Some(meant),
        _ => None,
    };
    let help = match call {
        Some(call) => format!("to collect what the call answers, use the source type `AWS_API_Call` with `{call}`"),
        None => "choose an event that changes something".to_owned(),
    };
    found.push(source.keyword_finding(&RULE, message).help(help));
}
