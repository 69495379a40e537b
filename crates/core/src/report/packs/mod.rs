//! Exported packs: the files beside the templates, and what the command prints.

pub mod files;
pub mod json;
pub mod text;

/// What happened to the files of an export, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Created or replaced.
    pub written: Vec<String>,
    /// Removed, because their packs no longer exist.
    pub removed: Vec<String>,
    /// Number of files that were up to date.
    pub unchanged: usize,
}
