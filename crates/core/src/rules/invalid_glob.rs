use crate::config::glob;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "invalid-glob",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A pattern in `[lint] ignore` is not valid.",
    why: "`[lint] ignore` lists the paths whose findings are not reported. An invalid pattern matches no path, so the \
          findings that it should hide are reported again.\n\n\
          `*` and `?` match within a directory, `**` matches across directories, `[a-m]` matches one of these \
          characters, and `{a,b}` one of these strings. Paths are relative to the catalog's root directory, without a \
          leading `./` or `/`, and include everything below them.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let patterns = parsed.document.root.get("lint").and_then(|lint| lint.get("ignore"));
    for (index, pattern) in patterns.map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some(text) = pattern.as_str() else { continue };
        let finding = |message: String| parsed.finding(&RULE, &format!("/lint/ignore/{index}"), message);
        let inside = text.trim_start_matches("./").trim_start_matches('/');
        if let Err(error) = glob(text) {
            let finding = finding(format!("`{text}` is not a valid pattern: {}", error.kind()));
            found.push(finding.help("write a path, or a pattern such as `controls/legacy/**`"));
        } else if ["./", "../", "/"].iter().any(|start| text.starts_with(start)) {
            let finding = finding(format!("`{text}` matches nothing: paths are relative to the catalog's root"));
            found.push(match inside {
                "" => finding.help("write `**` for all paths"),
                _ if inside.starts_with("../") => finding.help("remove it: files outside the catalog are not checked"),
                _ => finding.help(format!("write `{inside}`")),
            });
        }
    }
}
