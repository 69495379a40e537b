//! Findings, plans and results in every output format; one file per format.
//!
//! In reading order: `findings` is what all reports of findings share, `writer` colors lines, `csv` writes rows.

pub(crate) mod findings;
mod writer;
mod csv;
pub mod text;
pub mod concise;
pub mod import_text;
pub mod json;
pub mod github;
pub mod gitlab;
pub mod junit;
pub mod sarif;
pub mod rule_docs;
pub mod file_docs;
pub mod editor_schema;
pub mod generated;
pub mod keyword_lists;
pub mod plan_text;
pub mod plan_json;
pub mod plan_markdown;
pub mod pull_text;
pub mod push_text;
pub mod probe;
pub mod evidence;
pub mod compliance;
pub mod packs;
pub mod show;

pub use findings::{Findings, Paths};
