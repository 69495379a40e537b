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
    why: "`[lint] ignore` holds the paths whose findings are not shown. A pattern that cannot be read matches no \
          path, so the findings that it was to hide come back.\n\n\
          `*` and `?` stay within a folder, `**` does not, `[a-m]` is one of these characters, and `{a,b}` one of \
          these texts. A path also stands for everything below it.",
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
