use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::rules::SourceMember;

pub(crate) static RULE: Rule = Rule {
    id: "several-keywords",
    severity: Severity::Error,
    hard: false,
    since: "0.1.0",
    summary: "A keyword holds several.",
    why: "",
};

pub(super) fn check(source: &SourceMember<'_>, found: &mut Vec<Diagnostic>) {
    let parts = source.several();
    if parts.is_empty() {
        return;
    }
    let message = format!("the keyword holds {} keywords; Audit Manager takes the whole text for one", parts.len());
    let shown: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    let help = format!("give each a data source of its own: {}", shown.join(", "));
    found.push(source.keyword_finding(&RULE, message).help(help));
}
