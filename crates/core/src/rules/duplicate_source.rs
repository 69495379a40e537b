use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-source",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "A control has the same data source twice.",
    why: "Both data sources collect the same evidence, so the control shows it twice and it is reviewed twice. Usually \
          a data source was copied and its keyword was not changed.\n\n\
          Change the keyword of the copy, or remove the copy. The fix removes it; it is not a safe fix, because the \
          copy may be an unfinished check that is still missing.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        // Grouped by what nearly always differs, so that few sources are compared completely.
        let mut alike: HashMap<[Option<&str>; 3], Vec<usize>> = HashMap::new();
        for (index, source) in list.items.iter().enumerate() {
            let keyword = source.get("sourceKeyword").and_then(|keyword| keyword.get("keywordValue"));
            let key = ["sourceName", "sourceDescription"].map(|key| source.get(key).and_then(Node::as_str));
            let first = alike.entry([key[0], key[1], keyword.and_then(Node::as_str)]).or_default();
            let Some(same) = first.iter().find(|first| list.items[**first].same(source)) else {
                if first.len() < MOST_COMPARED {
                    first.push(index);
                }
                continue;
            };
            let message = format!("data source {} is the same as data source {}", index + 1, same + 1);
            let finding = parsed.finding_at_start(&RULE, &format!("/{}/{index}", list.key), message);
            let finding = finding.related(parsed.file, parsed.start_of(&format!("/{}/{same}", list.key)), "the same");
            let fix = parsed.editor().remove_item(&format!("/{}", list.key), index, false);
            found.push(finding.help("remove one of the two").fix(fix));
        }
    }
}

/// The maximum number of sources in a group that are compared: no real control has more.
const MOST_COMPARED: usize = 100;
