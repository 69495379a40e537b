//! Findings, plans and outcomes as people and programs read them; one file a format.

pub mod json;
pub mod plan_json;
pub mod plan_text;
pub mod text;

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// The findings of one catalogue, or of one file.
#[derive(Debug)]
pub struct Findings<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// What is shown, in order.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// How many files were looked at.
    pub files: usize,
    /// How their paths are shown.
    pub paths: Paths,
}

impl Findings<'_> {
    /// How many findings of a severity there are in several catalogues.
    pub fn count(all: &[Self], severity: Severity) -> usize {
        all.iter()
            .flat_map(|findings| &findings.diagnostics)
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// How many files were looked at in several catalogues.
    pub fn files(all: &[Self]) -> usize {
        all.iter().map(|findings| findings.files).sum()
    }
}

/// How paths are shown: the path of ROOT as the reader knows it, put before the path of the file.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    prefix: String,
}

impl Paths {
    /// Paths below a folder; empty for the folder that the reader stands in.
    pub fn below(folder: &str) -> Self {
        let folder = folder.trim_end_matches('/');
        let prefix = if folder.is_empty() || folder == "." { String::new() } else { format!("{folder}/") };
        Self { prefix }
    }

    /// A path from ROOT as it is shown; a file that stands elsewhere has an absolute path and keeps it.
    pub fn show(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}{path}", self.prefix) }
    }
}

/// A text without what could move the cursor, colour the terminal or hide: such characters as escapes.
pub fn printable(text: &str) -> Cow<'_, str> {
    let invisible = |c: char| {
        (c.is_control() && c != '\t')
            || (c.is_whitespace() && c != ' ' && c != '\t')
            || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if !text.contains(invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The same with blanks at its end as escapes too: for lines of values that are compared.
pub(crate) fn visible(text: &str) -> String {
    let text = printable(text);
    // Blanks before the first letter show themselves; those behind the last one do not.
    let shown = text.trim_end_matches([' ', '\t']);
    let escaped: String = text[shown.len()..].chars().flat_map(char::escape_unicode).collect();
    format!("{shown}{escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_escaped() {
        assert_eq!(printable("a\tb é"), "a\tb é");
        assert_eq!(printable("\u{1b}[31m\u{200b}\u{a0}"), "\\u{1b}[31m\\u{200b}\\u{a0}");
        assert_eq!(visible("  abc "), "  abc\\u{20}");
        assert_eq!(visible("abc"), "abc");
        assert_eq!(visible(" "), "\\u{20}");
    }
}
