use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-source-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Two data sources of a control have the same name.",
    why: "People tell pieces of evidence apart by the name of their source, and so does controlsync when it finds \
          out which source of the account a changed one is. AWS does not document that the names within a control \
          must differ; one public project reports that they must.\n\n\
          Name each source after what it collects.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        let mut seen = BTreeMap::new();
        for (index, source) in list.items.iter().enumerate() {
            let Some((name, node)) = source.get("sourceName").and_then(|node| Some((node.as_str()?, node))) else {
                continue;
            };
            let Some((first, place)) = seen.get(name) else {
                seen.insert(name, (source, node.span));
                continue;
            };
            // Wholly equal ones have a finding of their own.
            if source.same(first) {
                continue;
            }
            let message = format!("a data source named `{name}` is there twice");
            let fault = parsed.finding(&RULE, &format!("/{}/{index}/sourceName", list.key), message);
            let fault = fault.related(parsed.file, *place, "first here");
            found.push(fault.help("name each after what it collects: people tell evidence by it"));
        }
    }
}
