use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "missing-frequency",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "An API call does not say how often it is made.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type != Some(SourceType::ApiCall) || source.node.entry("sourceFrequency").is_some() {
        return;
    }
    let message = "the source does not say how often the API call is made";
    let fault = source.finding(&RULE, "sourceType", message);
    found.push(fault.help("add `sourceFrequency: DAILY`, `WEEKLY` or `MONTHLY`"));
}
