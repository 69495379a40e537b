use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
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
    let calls = source.parsed.keywords.list(SourceType::ApiCall);
    let help = if calls.is_some_and(|calls| calls.contains(keyword)) {
        "to collect what the call answers, use the source type `AWS_API_Call`"
    } else {
        "choose an event that changes something"
    };
    found.push(source.keyword_finding(&RULE, message).help(help));
}
