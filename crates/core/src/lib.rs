//! controlsync-core: everything that decides. It reads no file, network, environment or clock, and never prints.
//!
//! In reading order; a module uses only those before it:
//!
//! 1. [`mod@source`][]: texts, and the way from an offset to a line and a column.
//! 2. [`mod@diagnostic`][]: the one type for everything that is wrong with the input.
//! 3. [`mod@suggest`][]: did you mean.
//! 4. [`mod@document`][]: one parse a file, to a tree in which every key and value knows its place.
//! 5. `edit`: replacements that change one member and leave every other byte.
//! 6. [`mod@schema`][]: shape and limits, from the JSON Schemas under `schemas/`.
//! 7. [`mod@config`][]: `controlsync.toml`.
//! 8. [`mod@model`][]: controls and frameworks as values.
//! 9. [`mod@keywords`][]: what each type of data source can look for.
//! 10. [`mod@catalog_path`][]: what a path of the catalog is for.
//! 11. [`mod@catalog`][]: all definitions by name.
//! 12. [`mod@plan`][]: the second entry point, from a catalog and what the account holds to changes.
//! 13. [`mod@change_result`][]: what became of the changes of a plan.
//! 14. [`mod@saved`][]: what a plan was made from, to carry it out later.
//! 15. [`mod@write`][]: from a definition to the text of its file.
//! 16. [`mod@rules`][]: the registry of everything that can be found; one file a rule.
//! 17. `suppress`: comments that say why a finding is none.
//! 18. [`mod@check`][]: the first entry point, from texts to a catalog and findings.
//! 19. [`mod@fix`][]: mends what can be mended by machine.
//! 20. [`mod@pull`][]: the third entry point, from what the account holds to files.
//! 21. [`mod@push`][]: the fourth entry point, from files and what a bucket holds to uploads and deletions.
//! 22. [`mod@report`][]: findings, plans and outcomes, one file a format.
//! 23. [`mod@run`][]: what the function makes of a run, and whom it tells.
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
