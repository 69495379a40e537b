//! Findings as reports show them: by file, with their identities and locations.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::catalog_path::is_outside;
use crate::characters::printable;
use crate::diagnostic::{Diagnostic, Level, counted};
use crate::source::{FileId, Position, Sources, Span};

/// The findings of one catalog, or of one file.
#[derive(Debug)]
pub struct Findings<'a> {
    /// The files.
    pub sources: &'a Sources,
    /// The findings, in order.
    pub diagnostics: Vec<&'a Diagnostic>,
    /// Number of files that were checked.
    pub files: usize,
    /// How paths are shown.
    pub paths: Paths,
}

impl Findings<'_> {
    /// Returns the number of findings of a level in several catalogs.
    pub fn count(all: &[Self], level: Level) -> usize {
        all.iter().flat_map(|findings| &findings.diagnostics).filter(|diagnostic| diagnostic.level == level).count()
    }

    /// Returns the number of files that were checked in several catalogs.
    pub fn files(all: &[Self]) -> usize {
        all.iter().map(|findings| findings.files).sum()
    }

    /// Returns all findings of several catalogs with their locations, in order.
    pub(super) fn each(all: &[Self]) -> impl Iterator<Item = (&Self, &Diagnostic, ReportLocation)> {
        all.iter().flat_map(|findings| {
            findings
                .diagnostics
                .iter()
                .map(move |diagnostic| (findings, *diagnostic, findings.location(diagnostic.file, diagnostic.span)))
        })
    }

    pub(super) fn location(&self, file: FileId, span: Span) -> ReportLocation {
        let source = self.sources.get(file);
        let range = source.text().is_ok().then(|| (source.position(span.start), source.position(span.end)));
        ReportLocation { path: self.paths.show(source.path()), range }
    }
}

/// Returns for example `1 error, 2 warnings`; empty if there are no findings.
pub(crate) fn by_level(count: impl Fn(Level) -> usize) -> String {
    let counts = Level::ALL.into_iter().map(|level| (count(level), level.name()));
    let parts = counts.filter(|(count, _)| *count > 0).map(|(count, name)| counted(count, name));
    parts.collect::<Vec<_>>().join(", ")
}

/// The location of a finding in a report.
pub(super) struct ReportLocation {
    pub(super) path: String,
    /// Start and end, the end exclusive; `None` if the file has no text.
    pub(super) range: Option<(Position, Position)>,
}

impl ReportLocation {
    /// Returns the last line of the range.
    pub(super) fn last_line(&self) -> Option<usize> {
        self.range.map(|(start, end)| if end.column == 1 { (end.line - 1).max(start.line) } else { end.line })
    }
}

/// Writes `path:line:column`.
impl fmt::Display for ReportLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&printable(&self.path))?;
        match self.range {
            Some((start, _)) => write!(formatter, ":{}:{}", start.line, start.column),
            None => Ok(()),
        }
    }
}

/// Distinguishes findings of a report that differ only in their locations.
#[derive(Default)]
pub(crate) struct Identities {
    pub(super) seen: HashMap<[u8; 32], u64>,
}

/// The parts of a finding that do not change when the lines around it move: rule, path, message, and its number among
/// equal findings.
pub(crate) struct Identity {
    pub(super) digest: [u8; 32],
    /// 1 for the first of its kind in the file.
    pub(super) occurrence: u64,
}

impl Identities {
    /// Returns the identity of the next finding.
    pub(crate) fn next(&mut self, path: &str, diagnostic: &Diagnostic) -> Identity {
        let mut hash = Sha256::new();
        for part in [diagnostic.rule.id, path, &diagnostic.message] {
            // The length separates the parts.
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
    /// Returns a SHA-256 in hexadecimal, unique within a report.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(self.digest).chain_update(self.occurrence.to_be_bytes()).finalize();
        digest
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}

/// How paths are shown: with the path of the catalog's root directory as a prefix.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    pub(super) prefix: String,
}

impl Paths {
    /// Returns paths below a directory; empty for the working directory.
    pub fn below(directory: &str) -> Self {
        let directory = directory.trim_end_matches('/');
        let prefix = if directory.is_empty() || directory == "." { String::new() } else { format!("{directory}/") };
        Self { prefix }
    }

    /// Returns a path as it is shown. A file outside the catalog has an absolute path, which is not changed.
    pub fn show(&self, path: &str) -> String {
        if is_outside(path) { path.to_owned() } else { format!("{}{path}", self.prefix) }
    }
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
    fn fingerprints_are_unique_and_stable() {
        let mut identities = Identities::default();
        let mut of = |path, message| fingerprint(&mut identities, path, message);
        let all = [of("a", "b"), of("a", "b"), of("a", "c"), of("ab", ""), of("a", "b")];
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|fingerprint| fingerprint.len() == 64), "{all:?}");
        assert_eq!(all[0], fingerprint(&mut Identities::default(), "a", "b"));
        // A fixed value, because users' baselines contain it.
        assert_eq!(all[0], "c76a0b27344672bc5ca3f49abd3010542b04eda9abb8d8e99eae891c31207471");
    }
}
