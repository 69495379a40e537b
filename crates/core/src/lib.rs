//! controlsync-core: all decisions. It reads no file, network, environment or clock, and never prints.
//!
//! In reading order; a module uses only those above it:
//!
//! 1. [`mod@source`][]: files as text, and the line and column of an offset.
//! 2. [`mod@diagnostic`][]: the type of all findings about the input.
//! 3. [`mod@suggest`][]: "did you mean" suggestions.
//! 4. [`mod@document`][]: one parse per file, into a tree in which every key and value has its location.
//! 5. `edit`: replacements that change one key and no other byte.
//! 6. [`mod@schema`][]: structure and limits, from the JSON Schemas in `schemas/`.
//! 7. [`mod@config`][]: `controlsync.toml`.
//! 8. [`mod@model`][]: controls and frameworks as values.
//! 9. [`mod@keywords`][]: the keywords of each source type.
//! 10. [`mod@catalog_path`][]: what a path in the catalog is for.
//! 11. [`mod@catalog`][]: all definitions by name.
//! 12. [`mod@plan`][]: the second entry point, from a catalog and the account to changes.
//! 13. [`mod@change_result`][]: the results of the changes of a plan.
//! 14. [`mod@saved`][]: what a plan was made from, to apply it later.
//! 15. [`mod@write`][]: from a definition to the text of its file.
//! 16. [`mod@rules`][]: the registry of all rules; one file per rule.
//! 17. `suppress`: comments that suppress a finding.
//! 18. [`mod@check`][]: the first entry point, from files to a catalog and findings.
//! 19. [`mod@fix`][]: fixes findings automatically.
//! 20. [`mod@pull`][]: the third entry point, from the account to files.
//! 21. [`mod@push`][]: the fourth entry point, from files and a bucket to uploads and deletions.
//! 22. [`mod@report`][]: findings, plans and results, one file per format.
//! 23. [`mod@run`][]: what the function does in a run, and what it reports.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod source;
pub mod diagnostic;
pub mod suggest;
pub mod document;
mod edit;
pub mod schema;
pub mod config;
pub mod model;
pub mod keywords;
pub mod catalog_path;
pub mod catalog;
pub mod plan;
pub mod change_result;
pub mod saved;
pub mod write;
pub mod rules;
mod suppress;
pub mod check;
pub mod fix;
pub mod pull;
pub mod push;
pub mod report;
pub mod run;

pub use check::{Checked, check};
pub use plan::plan;
