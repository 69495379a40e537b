use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::keywords::Verdict;
use crate::keywords::cloudtrail::Verdict as Cloudtrail;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "excluded-cloudtrail-event",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "Audit Manager does not collect the CloudTrail event.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let (Some(keyword), Some(Verdict::Cloudtrail(Cloudtrail::Excluded))) = (source.keyword, &source.verdict) else {
        return;
    };
    let message = format!("`{keyword}` is one of the events that Audit Manager does not collect");
    found.push(source.keyword_finding(&RULE, message).help("choose another event, or a manual source"));
}
