//! Findings, plans and outcomes as people and programs read them; one file a format.

pub mod concise;
pub mod editor_schema;
pub mod file_docs;
pub mod generated;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod keyword_lists;
pub mod plan_json;
pub mod plan_markdown;
pub mod plan_text;
pub mod pull_text;
pub mod push_text;
pub mod rule_docs;
pub mod sarif;
pub mod show;
pub mod text;
mod writer;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostic, Level, counted};
use crate::source::{FileId, Position, Sources, Span};

/// The findings of one catalog, or of one file.
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
    /// How many findings of a level there are in several catalogs.
    pub fn count(all: &[Self], level: Level) -> usize {
        all.iter().flat_map(|findings| &findings.diagnostics).filter(|diagnostic| diagnostic.level == level).count()
    }

    /// How many files were looked at in several catalogs.
    pub fn files(all: &[Self]) -> usize {
        all.iter().map(|findings| findings.files).sum()
    }

    /// All findings of several catalogs with their places, in order.
    fn each(all: &[Self]) -> impl Iterator<Item = (&Self, &Diagnostic, ReportLocation)> {
        all.iter().flat_map(|findings| {
            findings
                .diagnostics
                .iter()
                .map(move |diagnostic| (findings, *diagnostic, findings.place(diagnostic.file, diagnostic.span)))
        })
    }

    fn place(&self, file: FileId, span: Span) -> ReportLocation {
        let source = self.sources.get(file);
        let range = source.text().is_ok().then(|| (source.position(span.start), source.position(span.end)));
        ReportLocation { path: self.paths.show(source.path()), range }
    }
}

/// `1 error, 2 warnings`; empty where there is nothing.
fn by_level(count: impl Fn(Level) -> usize) -> String {
    let counts = Level::ALL.into_iter().map(|level| (count(level), level.name()));
    let parts = counts.filter(|(count, _)| *count > 0).map(|(count, name)| counted(count, name));
    parts.collect::<Vec<_>>().join(", ")
}

/// Where something is, as a report names it.
struct ReportLocation {
    path: String,
    /// Start and end, the end exclusive; none where the file has no text.
    range: Option<(Position, Position)>,
}

impl ReportLocation {
    /// The last line that something of it is on.
    fn last_line(&self) -> Option<usize> {
        self.range.map(|(start, end)| if end.column == 1 { (end.line - 1).max(start.line) } else { end.line })
    }
}

/// `path:line:column`, as people and terminals read it.
impl fmt::Display for ReportLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&printable(&self.path))?;
        match self.range {
            Some((start, _)) => write!(formatter, ":{}:{}", start.line, start.column),
            None => Ok(()),
        }
    }
}

/// Tells apart the findings of a report that are equal but for their places.
#[derive(Default)]
pub(crate) struct Identities {
    seen: HashMap<[u8; 32], u64>,
}

/// What stays of a finding while the lines around it move: rule, path, message, and which of the equal ones it is.
pub(crate) struct Identity {
    digest: [u8; 32],
    /// 1 for the first of its kind in the file.
    occurrence: u64,
}

impl Identities {
    /// The identity of the next finding.
    pub(crate) fn next(&mut self, path: &str, diagnostic: &Diagnostic) -> Identity {
        let mut hash = Sha256::new();
        for part in [diagnostic.rule.id, path, &diagnostic.message] {
            // The length keeps the parts apart.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize().into();
        let occurrence = self.seen.entry(digest).or_default();
        *occurrence += 1;
        Identity { digest, occurrence: *occurrence }
    }
}

impl Identity {
    /// SHA-256 in hexadecimal, unique within a report.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(self.digest).chain_update(self.occurrence.to_be_bytes()).finalize();
        digest
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnostic::Rule;
    use crate::source::{Content, FileKind, Source};

    fn fingerprint(identities: &mut Identities, path: &str, message: &str) -> String {
        static RULE: Rule = Rule { id: "rule", level: Level::Error, hard: false, since: "0.1.0", summary: "", why: "" };
        let source = Source::new(path, FileKind::Control, Content::Bytes(Vec::new()));
        let sources = Sources::new(vec![source]);
        let (file, _) = sources.iter().next().unwrap();
        identities.next(path, &Diagnostic::new(&RULE, file, Span::default(), message)).fingerprint()
    }

    #[test]
    fn fingerprints_tell_equal_findings_apart_and_stay() {
        let mut identities = Identities::default();
        let mut of = |path, message| fingerprint(&mut identities, path, message);
        let all = [of("a", "b"), of("a", "b"), of("a", "c"), of("ab", ""), of("a", "b")];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|fingerprint| fingerprint.len() == 64), "{all:?}");
        assert_eq!(all[0], fingerprint(&mut Identities::default(), "a", "b"));
        // Written down: users' baselines hold it.
        assert_eq!(all[0], "c76a0b27344672bc5ca3f49abd3010542b04eda9abb8d8e99eae891c31207471");
    }

    #[test]
    fn what_does_not_show_is_escaped() {
        assert_eq!(printable("a\tb é"), "a\tb é");
        assert_eq!(printable("\u{1b}[31m\u{200b}\u{a0}"), "\\u{1b}[31m\\u{200b}\\u{a0}");
        assert_eq!(visible("  abc "), "  abc\\u{20}");
        assert_eq!(visible("abc"), "abc");
        assert_eq!(visible(" "), "\\u{20}");
    }
}
