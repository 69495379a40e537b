//! Findings, plans and outcomes as people and programs read them; one file a format.

pub mod json;
pub mod plan_json;
pub mod plan_text;
pub mod text;

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
