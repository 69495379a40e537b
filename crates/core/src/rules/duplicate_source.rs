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
    why: "The two sources look for the same, so the control shows the same evidence twice and people review it \
          twice. Most often somebody copied a source and did not change the keyword.\n\n\
          Give the copy the keyword that was meant, or remove it. The fix removes it; it is not a safe one, because \
          the copy may stand for a check that is now missing.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        // By what nearly always differs first: few sources are then compared as a whole.
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
            let fault = parsed.finding_at_start(&RULE, &format!("/{}/{index}", list.key), message);
            let fault = fault.related(parsed.file, parsed.start_of(&format!("/{}/{same}", list.key)), "the same");
            let fix = parsed.editor().remove_item(&format!("/{}", list.key), index, false);
            found.push(fault.help("remove one of the two").fix(fix));
        }
    }
}

/// Of sources that differ in other members only, so many are compared: more are no control that anybody wrote.
const MOST_COMPARED: usize = 100;
