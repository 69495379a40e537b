use std::collections::BTreeMap;

use crate::characters::is_hidden;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::AllFiles;
use crate::source::FileKind;
use unicode_normalization::UnicodeNormalization as _;

pub(crate) static RULE: Rule = Rule {
    id: "confusable-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Two names differ only in case, whitespace or Unicode form.",
    why: "controlsync identifies objects by their exact names, so these are two objects. AWS does not document whether \
          Audit Manager tells them apart. Users do not: they select one from a list and change the wrong control.\n\n\
          If both are the same object, remove one of the files; if the account has the object under the removed name, \
          add that name to `renamedFrom` in the other file. If they differ, make the names show how.",
};

pub(super) fn check(all: &AllFiles<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(FileKind, String), (&str, crate::source::FileId)> = BTreeMap::new();
    for ((kind, name), files) in &all.catalog.files_of_name {
        let Some(file) = files.first() else { continue };
        let Some((other, first)) = seen.get(&(*kind, folded(name))) else {
            seen.insert((*kind, folded(name)), (name, *file));
            continue;
        };
        let message =
            format!("the {} `{name}` differs from `{other}` only in {}", kind.noun(), difference(name, other));
        let location = all.catalog.span(all.sources, *first, "/name");
        let finding = all.finding(&RULE, *file, "/name", message).related(*first, location, "the other one");
        found.push(finding.help("if they are the same object, remove one file; if not, rename one of them"));
    }
}

/// The hard-to-see difference between two names.
fn difference(a: &str, b: &str) -> &'static str {
    if a.to_lowercase() == b.to_lowercase() {
        "case"
    } else if a.split_whitespace().eq(b.split_whitespace()) {
        "whitespace"
    } else if a.nfkc().eq(b.nfkc()) {
        "Unicode form"
    } else {
        "details that are hard to see"
    }
}

/// A name without differences that are hard to see: case, amount of whitespace, invisible characters, composed or
/// decomposed, wide or narrow characters.
fn folded(name: &str) -> String {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_ascii() {
        return words(name.to_ascii_lowercase());
    }
    let shown = |c: &char| c.is_whitespace() || !is_hidden(*c);
    words(name.nfkc().filter(shown).flat_map(char::to_lowercase).nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_to_see_differences_are_named() {
        for (a, b, expected) in [
            ("Access", "access", Some("case")),
            ("PR\u{dc}FUNG", "Pr\u{fc}fung", Some("case")),
            ("a  b", "a b", Some("whitespace")),
            ("a b ", "a\u{a0}b", Some("whitespace")),
            ("\u{fc}", "u\u{308}", Some("Unicode form")),
            ("\u{ff21}1", "A1", Some("Unicode form")),
            ("a\u{200b}b", "ab", Some("details that are hard to see")),
            ("A  b", "a b", Some("details that are hard to see")),
            ("Access-1", "Access-2", None),
            ("Access-Keys", "AccessKeys", None),
            ("\u{410}", "A", None),
        ] {
            let found = (folded(a) == folded(b)).then(|| difference(a, b));
            assert_eq!(found, expected, "{a:?} {b:?}");
        }
    }
}
