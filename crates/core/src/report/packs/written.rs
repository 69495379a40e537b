//! What happened to the files of an export.

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
