//! A keyword list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::source::Span;

/// Origin of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListOrigin {
    /// It is built into the program.
    BuiltIn {
        /// The document that it was taken from.
        source: &'static str,
        /// The date of that document, `YYYY-MM-DD`.
        date: &'static str,
    },
    /// A file of the catalog; its path from ROOT.
    File(String),
}

/// Keywords, sorted by their bytes, without duplicates.
#[derive(Clone, Debug)]
pub struct List {
    text: Cow<'static, str>,
    words: Vec<Span>,
    origin: ListOrigin,
    /// Keywords `service_Action` by lowercase action, created on first use.
    actions: OnceLock<HashMap<String, Vec<Span>>>,
}

impl List {
    /// Reads a built-in list: its source and date as comments, then the data that `words` expands.
    pub(super) fn built_in(text: &'static str, words: impl FnOnce(&'static str) -> Cow<'static, str>) -> Self {
        let (source, date, body) = with_header(text);
        Self::new(words(body), ListOrigin::BuiltIn { source, date })
    }

    /// Reads a list with one keyword per line; empty lines and comments (`#`) are skipped.
    pub(super) fn from_file(path: &str, text: &str) -> Self {
        Self::new(Cow::Owned(text.to_owned()), ListOrigin::File(path.to_owned()))
    }

    fn new(text: Cow<'static, str>, origin: ListOrigin) -> Self {
        let mut words: Vec<Span> = lines(&text).map(|(span, _)| span).collect();
        let word = |span: &Span| &text[span.range()];
        if !words.is_sorted_by(|a, b| word(a) < word(b)) {
            words.sort_by(|a, b| word(a).cmp(word(b)));
            words.dedup_by(|a, b| word(a) == word(b));
        }
        Self { text, words, origin, actions: OnceLock::new() }
    }

    /// Returns the origin of the list.
    pub const fn origin(&self) -> &ListOrigin {
        &self.origin
    }

    /// Whether it contains exactly this keyword.
    pub fn contains(&self, keyword: &str) -> bool {
        self.words.binary_search_by(|span| self.word(*span).cmp(keyword)).is_ok()
    }

    /// Returns all keywords, sorted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(|span| self.word(*span))
    }

    /// Returns the keywords with a prefix, sorted.
    pub fn starting_with(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let start = self.words.partition_point(|span| self.word(*span) < prefix);
        self.words[start..].iter().map(|span| self.word(*span)).take_while(move |word| word.starts_with(prefix))
    }

    /// Returns the keyword that is equal except for case.
    pub(super) fn ignoring_case(&self, keyword: &str) -> Option<&str> {
        self.iter().find(|word| word.eq_ignore_ascii_case(keyword))
    }

    /// Returns the keywords `service_Action` of an action, ignoring case, sorted.
    pub(super) fn of_action(&self, action: &str) -> Vec<&str> {
        let actions = self.actions.get_or_init(|| {
            let mut actions: HashMap<String, Vec<Span>> = HashMap::new();
            for span in &self.words {
                if let Some((_, action)) = self.word(*span).split_once('_') {
                    actions.entry(action.to_ascii_lowercase()).or_default().push(*span);
                }
            }
            actions
        });
        actions.get(&action.to_ascii_lowercase()).into_iter().flatten().map(|span| self.word(*span)).collect()
    }

    fn word(&self, span: Span) -> &str {
        &self.text[span.range()]
    }
}

/// Splits built-in data into its source, its date and the rest.
pub(super) fn with_header(text: &'static str) -> (&'static str, &'static str, &'static str) {
    let mut lines = text.splitn(3, '\n');
    let mut next = || lines.next().unwrap_or_default();
    (next().trim_start_matches("# "), next().trim_start_matches("# "), next())
}

/// Returns the keywords of a text with their spans: one per line, without surrounding whitespace; comments and empty
/// lines are skipped.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (Span, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let word = line.trim().trim_start_matches('\u{feff}');
        let start = start + (line.trim().len() - word.len());
        (!word.is_empty() && !word.starts_with('#')).then(|| (Span::new(start, start + word.len()), word))
    })
}

/// Expands lines with a service and its actions, such as `iam ListGroups ListUsers`, to keywords.
pub(super) fn of_services(data: &'static str) -> Cow<'static, str> {
    let mut keywords = String::with_capacity(data.len() * 3 / 2);
    for line in data.lines() {
        let mut words = line.split(' ');
        let service = words.next().unwrap_or_default();
        for action in words {
            for part in [service, "_", action, "\n"] {
                keywords.push_str(part);
            }
        }
    }
    keywords.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_any_order_and_with_any_line_endings() {
        let text = "\u{feff}# from the account\r\n\r\nB_2\r\n  A_1 \nB_2\n# A_0\nA_2";
        let list = List::from_file("keywords/AWS_Config.txt", text);
        assert_eq!(list.iter().collect::<Vec<_>>(), ["A_1", "A_2", "B_2"]);
        assert_eq!(list.starting_with("A_").collect::<Vec<_>>(), ["A_1", "A_2"]);
        assert!(list.contains("B_2") && !list.contains("A_0"));
        for (span, word) in lines(text) {
            assert_eq!(&text[span.range()], word);
        }
    }
}
