use crate::config::glob;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "invalid-glob",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A pattern in `[lint] ignore` is none.",
    why: "`[lint] ignore` holds the paths whose findings are not shown. A pattern that cannot be read matches no \
          path, so the findings that it was to hide come back.\n\n\
          `*` and `?` stay within a folder, `**` does not, `[a-m]` is one of these characters, and `{a,b}` one of \
          these texts. Paths start in the folder of the catalog, without `./` or `/`, and stand for everything below \
          them too.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let patterns = parsed.document.root.get("lint").and_then(|lint| lint.get("ignore"));
    for (index, pattern) in patterns.map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some(text) = pattern.as_str() else { continue };
        let fault = |message: String| parsed.finding(&RULE, &format!("/lint/ignore/{index}"), message);
        let inside = text.trim_start_matches("./").trim_start_matches('/');
        if let Err(error) = glob(text) {
            let fault = fault(format!("`{text}` is no pattern: {}", error.kind()));
            found.push(fault.help("write a path, or a pattern such as `controls/legacy/**`"));
        } else if ["./", "../", "/"].iter().any(|start| text.starts_with(start)) {
            let fault = fault(format!("`{text}` matches nothing: paths start in the folder of the catalog"));
            found.push(match inside {
                "" => fault.help("write `**` for all paths"),
                _ if inside.starts_with("../") => fault.help("remove it: what is outside is not checked"),
                _ => fault.help(format!("write `{inside}`")),
            });
        }
    }
}
