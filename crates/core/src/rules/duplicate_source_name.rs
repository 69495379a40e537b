use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-source-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Two data sources of a control have the same name.",
    why: "Reviewers identify evidence by the name of its data source, and controlsync matches the data sources of a \
          file and of the account by name. AWS does not document that names must be unique within a control; one \
          public project reports that they must.\n\n\
          Name each data source after what it collects.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        let mut seen = BTreeMap::new();
        for (index, source) in list.items.iter().enumerate() {
            let Some((name, node)) = source.get("sourceName").and_then(|node| Some((node.as_str()?, node))) else {
                continue;
            };
            let Some((first, location)) = seen.get(name) else {
                seen.insert(name, (source, node.span));
                continue;
            };
            // `duplicate-source` reports identical sources.
            if source.same(first) {
                continue;
            }
            let message = format!("two data sources are named `{name}`");
            let finding = parsed.finding(&RULE, &format!("/{}/{index}/sourceName", list.key), message);
            let finding = finding.related(parsed.file, *location, "first defined here");
            found.push(finding.help("name each after what it collects: reviewers identify evidence by this name"));
        }
    }
}
