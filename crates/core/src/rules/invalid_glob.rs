use crate::config::glob;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "invalid-glob",
    severity: Severity::Error,
    hard: true,
    since: "0.1.0",
    summary: "A pattern in `[lint] ignore` is none.",
    why: "",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let patterns = parsed.document.root.get("lint").and_then(|lint| lint.get("ignore"));
    for (index, pattern) in patterns.map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some(text) = pattern.as_str() else { continue };
        if let Err(error) = glob(text) {
            let message = format!("`{text}` is no pattern: {}", error.kind());
            let fault = parsed.finding(&RULE, &format!("/lint/ignore/{index}"), message);
            found.push(fault.help("write a path, or a pattern such as `controls/legacy/**`"));
        }
    }
}
