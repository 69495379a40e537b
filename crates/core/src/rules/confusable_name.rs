use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::Whole;
use crate::source::FileKind;
use unicode_normalization::UnicodeNormalization as _;

pub(crate) static RULE: Rule = Rule {
    id: "confusable-name",
    level: Level::Warning,
    hard: false,
    since: "0.1.0",
    summary: "Two names differ only in case, blanks or the form of their characters.",
    why: "To controlsync a name is the identity of an object, letter by letter, so these are two objects. Whether \
          Audit Manager tells them apart is not documented. People do not: they pick one from a list and change the \
          wrong control.\n\n\
          Where both are the same, remove one of the files, and let the other name it in `renamedFrom` if the \
          account has it under the removed name. Where they differ, let the names say in what.",
};

pub(super) fn check(whole: &Whole<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<(FileKind, String), (&str, crate::source::FileId)> = BTreeMap::new();
    for ((kind, name), files) in &whole.catalog.files_of_name {
        let Some(file) = files.first() else { continue };
        let Some((other, first)) = seen.get(&(*kind, folded(name))) else {
            seen.insert((*kind, folded(name)), (name, *file));
            continue;
        };
        let message =
            format!("the {} `{name}` differs from `{other}` only in {}", kind.noun(), difference(name, other));
        let place = whole.catalog.span(whole.sources, *first, "/name");
        let fault = whole.finding(&RULE, *file, "/name", message).related(*first, place, "the other one");
        found.push(fault.help("if they are one, remove a file; if not, let the names say what differs"));
    }
}

/// What two names differ in that people hardly see.
fn difference(a: &str, b: &str) -> &'static str {
    if a.to_lowercase() == b.to_lowercase() {
        "case"
    } else if a.split_whitespace().eq(b.split_whitespace()) {
        "blanks"
    } else if a.nfkc().eq(b.nfkc()) {
        "the form of its characters"
    } else {
        "what is hardly seen"
    }
}

/// A name without what people do not see: case, how many blanks, composed or decomposed, wide or narrow characters.
fn folded(name: &str) -> String {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_ascii() {
        return words(name.to_ascii_lowercase());
    }
    let shown = |c: &char| !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    words(name.nfkc().filter(shown).flat_map(char::to_lowercase).nfkc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_hardly_see_is_told() {
        for (a, b, expected) in [
            ("Access", "access", Some("case")),
            ("PR\u{dc}FUNG", "Pr\u{fc}fung", Some("case")),
            ("a  b", "a b", Some("blanks")),
            ("a b ", "a\u{a0}b", Some("blanks")),
            ("\u{fc}", "u\u{308}", Some("the form of its characters")),
            ("\u{ff21}1", "A1", Some("the form of its characters")),
            ("a\u{200b}b", "ab", Some("what is hardly seen")),
            ("A  b", "a b", Some("what is hardly seen")),
            ("Access-1", "Access-2", None),
            ("Access-Keys", "AccessKeys", None),
            ("\u{410}", "A", None),
        ] {
            let found = (folded(a) == folded(b)).then(|| difference(a, b));
            assert_eq!(found, expected, "{a:?} {b:?}");
        }
    }
}
