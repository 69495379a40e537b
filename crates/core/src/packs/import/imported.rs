//! What an import is asked for, and its result.

use crate::check;
use crate::source::FileKind;

/// Options of an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the framework; by default, it follows from the name of the file.
    pub framework: Option<String>,
    /// Options for checking the files.
    pub check: check::Options,
}

/// Result of an import: files to write, and everything that did not come.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Name of the catalog.
    pub catalog: String,
    /// Files to write: first rules, then controls, then frameworks.
    pub files: Vec<NewFile>,
    /// Number of controls of the catalog that already collect what a pack wants.
    pub reused: usize,
    /// Number of frameworks that the catalog already has.
    pub unchanged: usize,
    /// Packs that are the same as another one: their path, and that of the other one.
    pub repeated: Vec<(String, String)>,
    /// What does not come from a pack, in the order of packs and lines.
    pub left_out: Vec<LeftOut>,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Kind of the file.
    pub kind: FileKind,
    /// Name of what it defines.
    pub name: String,
    /// Path from ROOT.
    pub path: String,
    /// Text.
    pub text: String,
}

/// A part of a pack that does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Path of the pack.
    pub path: String,
    /// Line, 1-based.
    pub line: usize,
    /// Logical ID of the resource, or name of the section.
    pub name: String,
    /// How much of it does not come.
    pub extent: Extent,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// How much of a resource does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// A part: the rest is in the catalog.
    Part,
}

impl Imported {
    /// Whether everything in the packs is in the catalog.
    pub const fn is_complete(&self) -> bool {
        self.left_out.is_empty()
    }
}
