//! What a pull is asked for, and its result.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{self, Checked};
use crate::plan::{self, Needs, ObjectType};

/// Options of a pull.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether to include objects that are not managed by any catalog.
    pub unmanaged: bool,
    /// Whether to replace files that differ from the account.
    pub overwrite: bool,
    /// Options for checking the files.
    pub check: check::Options,
}

/// The directory that the files are written to.
#[derive(Debug)]
pub struct Target {
    /// The catalog in it; without files if there is none.
    pub checked: Checked,
    /// Paths of everything in the directories of definitions except directories.
    pub files: BTreeSet<String>,
    /// Paths of all directories in them.
    pub folders: BTreeSet<String>,
}

/// The next step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Read these objects.
    Read(Needs),
    /// Everything is read: the result.
    Done(Box<Pulled>),
}

/// Result of a pull: files to write, and objects without one.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// Name of the catalog.
    pub catalog: String,
    /// Account and Region.
    pub target: plan::Target,
    /// Files to write, by path.
    pub files: Vec<File>,
    /// Number of objects whose file matches the account.
    pub unchanged: usize,
    /// Objects whose file differs.
    pub differing: Vec<Differing>,
    /// Selected objects that cannot be written.
    pub not_pulled: Vec<NotPulled>,
    /// Objects that were not selected.
    pub skipped: Skipped,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Type of the object.
    pub object: ObjectType,
    /// Name of the object.
    pub name: String,
    /// Path from ROOT.
    pub path: String,
    /// New text.
    pub text: String,
    /// Current text; `None` for a new file.
    pub before: Option<String>,
    /// Number of errors that `lint` reports for it and that no comment can suppress.
    pub errors: usize,
    /// Number of data sources that have no name in the account, and one after their type and keyword in the file.
    pub unnamed_sources: usize,
}

/// An object whose file differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Differing {
    /// Path of the file from ROOT.
    pub path: String,
    /// Type of the object.
    pub object: ObjectType,
    /// Name of the object.
    pub name: String,
}

/// A selected object that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotPulled {
    /// Type of the object.
    pub object: ObjectType,
    /// Name of the object.
    pub name: String,
    /// Its ID, or the IDs of all objects of the name.
    pub ids: Vec<String>,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// Number of objects that were not selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Objects that are not managed by any catalog.
    pub unmanaged: usize,
    /// Objects of other catalogs, by catalog name.
    pub others: BTreeMap<String, usize>,
}

/// Why no file can define an object, as the end of a sentence.
pub(super) struct Failed(pub String);

impl Pulled {
    /// Whether all selected objects are in files without errors.
    pub fn is_complete(&self) -> bool {
        self.differing.is_empty() && self.not_pulled.is_empty() && self.files.iter().all(|file| file.errors == 0)
    }
}
