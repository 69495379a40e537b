use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Fix, Level, Rule};
use crate::document::Node;
use crate::rules::Parsed;
use crate::rules::subject::SourceList;

pub(crate) static RULE: Rule = Rule {
    id: "duplicate-source-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Two data sources of a control have the same name.",
    why: "Reviewers identify evidence by the name of its data source, and controlsync matches the data sources of a \
          file and of the account by name. AWS does not document that names must be unique within a control; one \
          public project reports that they must.\n\n\
          Name each data source after what it collects. The fix appends the keyword to each name that repeats another; it \
          is not a safe fix, because auditors read the name.",
};

pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for list in parsed.source_lists() {
        found.extend(of_list(parsed, &list));
    }
}

/// Reports all data sources of a control together: most controls that repeat a name repeat it often.
fn of_list(parsed: &Parsed<'_>, list: &SourceList<'_>) -> Option<Diagnostic> {
    let named = list.items.iter().enumerate();
    let named: Vec<Named<'_>> = named
        .filter_map(|(index, node)| Some(Named { index, name: node.get("sourceName")?.as_str()?, node }))
        .collect();
    let mut used: BTreeSet<String> = named.iter().map(|source| source.name.to_owned()).collect();
    let mut seen: BTreeMap<&str, &Named<'_>> = BTreeMap::new();
    let mut repeated: Vec<(&Named<'_>, &Named<'_>)> = Vec::new();
    for source in &named {
        match seen.get(source.name) {
            // `duplicate-source` reports identical sources.
            Some(first) if !source.node.same(first.node) => repeated.push((source, *first)),
            Some(_) => {}
            None => {
                seen.insert(source.name, source);
            }
        }
    }
    let (source, first) = repeated.first()?;
    let message = match repeated.len() {
        1 => format!("two data sources are named `{}`", source.name),
        others => format!("{others} data sources repeat the names of others; the first is `{}`", source.name),
    };
    let pointer = |source: &Named<'_>| format!("/{}/{}/sourceName", list.key, source.index);
    let finding = parsed.finding(&RULE, &pointer(source), message);
    let span = first.node.get("sourceName").map_or(first.node.span, |name| name.span);
    let finding = finding.related(parsed.file, span, "first defined here");
    let finding = finding.help("name each after what it collects: reviewers identify evidence by this name");
    let rename = |source: &Named<'_>, used: &mut BTreeSet<String>| {
        parsed.editor().replace_string(&pointer(source), &other_name(source, used)?, false)
    };
    let fixes: Option<Vec<Fix>> = repeated.iter().map(|(source, _)| rename(source, &mut used)).collect();
    Some(finding.fix(fixes.map(|fixes| all_of(fixes, "append the keyword to the name"))))
}

/// A data source with a name.
struct Named<'a> {
    index: usize,
    name: &'a str,
    node: &'a Node,
}

/// Returns a name that no other data source of the control has: the name with the keyword or, without one, with a number.
fn other_name(source: &Named<'_>, used: &mut BTreeSet<String>) -> Option<String> {
    let keyword =
        source.node.get("sourceKeyword").and_then(|keyword| keyword.get("keywordValue")).and_then(Node::as_str);
    let with_keyword = keyword.map(|keyword| format!("{} ({})", source.name, keyword.trim()));
    let with_numbers = (2..=MAX_NUMBER).map(|number| format!("{} ({number})", source.name));
    let is_free = |name: &String| name.chars().count() <= MAX_LENGTH && used.insert(name.clone());
    with_keyword.into_iter().chain(with_numbers).find(is_free)
}

/// Joins fixes into one.
fn all_of(fixes: Vec<Fix>, title: &str) -> Fix {
    let mut all = Fix { title: title.to_owned(), safe: false, edits: Vec::new(), scope: Vec::new() };
    for fix in fixes {
        all.edits.extend(fix.edits);
        all.scope.extend(fix.scope);
    }
    all
}

/// Maximum number of characters in a name of a data source.
const MAX_LENGTH: usize = 300;
/// Maximum number of data sources that a number can tell apart.
const MAX_NUMBER: usize = 100;
