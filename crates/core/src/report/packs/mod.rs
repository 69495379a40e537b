//! Exported packs: the files beside the templates, and what the command prints.

mod written;
pub mod files;
pub mod json;
pub mod text;

pub use written::Written;
