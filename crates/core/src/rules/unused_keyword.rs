use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::model::SourceType;
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "unused-keyword",
    severity: Severity::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A manual data source has a keyword.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    if source.source_type != Some(SourceType::Manual) || source.keyword.is_none() {
        return;
    }
    let message = "a manual source is collected by people; its keyword says nothing";
    let fault = source.keyword_finding(&RULE, message);
    let help = "remove it, or choose the type of the service that it belongs to";
    found.push(fault.help(help).fix(source.remove("sourceKeyword", "keywordValue", false)));
}
