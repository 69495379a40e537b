//! controlsync-core: all decisions. It reads no file, network, environment or clock, and never prints.
//!
//! In reading order; a module uses only those above it:
//!
//! 1. [`mod@characters`][]: characters that cannot be seen, and how they are shown.
//! 2. [`mod@digest`][]: SHA-256 in hexadecimal digits.
//! 3. [`mod@identifiers`][]: ARNs and UUIDs.
//! 4. [`mod@source`][]: files as text, and the line and column of an offset.
//! 5. [`mod@diagnostic`][]: the type of all findings about the input.
//! 6. [`mod@suggest`][]: "did you mean" suggestions.
//! 7. [`mod@regions`][]: the Regions of AWS.
//! 8. [`mod@document`][]: one parse per file, into a tree in which every key and value has its location.
//! 9. `edit`: replacements that change one key and no other byte.
//! 10. [`mod@schema`][]: structure and limits, from the JSON Schemas in `schemas/`.
//! 11. [`mod@quotas`][]: the one table of quotas.
//! 12. [`mod@config`][]: `controlsync.toml`.
//! 13. [`mod@source_type`][]: the one table of types of data sources.
//! 14. [`mod@demand`][]: what a control demands of the parameters of a rule.
//! 15. [`mod@model`][]: controls and frameworks as values.
//! 16. [`mod@keywords`][]: the keywords of each source type.
//! 17. [`mod@catalog_path`][]: what a path in the catalog is for.
//! 18. [`mod@catalog`][]: all definitions by name.
//! 19. [`mod@plan`][]: the second entry point, from a catalog and the account to changes.
//! 20. [`mod@change_result`][]: the results of the changes of a plan.
//! 21. [`mod@probe`][]: what to ask an account about the service, and what it says.
//! 22. [`mod@pack_limits`][]: the limits of conformance packs.
//! 23. [`mod@pack_lock`][]: where the last export of conformance packs placed each check.
//! 24. [`mod@evidence`][]: whether each source is set up, and what was collected.
//! 25. [`mod@compliance`][]: what the evidence says, by framework and control.
//! 26. [`mod@saved`][]: what a plan was made from, to apply it later.
//! 27. [`mod@write`][]: from a definition to the text of its file.
//! 28. [`mod@rules`][]: the registry of all rules; one file per rule.
//! 29. `suppress`: comments that suppress a finding.
//! 30. [`mod@check`][]: the first entry point, from files to a catalog and findings.
//! 31. [`mod@fix`][]: fixes findings automatically.
//! 32. [`mod@pull`][]: the third entry point, from the account to files.
//! 33. [`mod@push`][]: the fourth entry point, from files and a bucket to uploads and deletions.
//! 34. [`mod@packs`][]: the fifth entry point, between a catalog and conformance packs.
//! 35. [`mod@report`][]: findings, plans and results, one file per format.
//! 36. [`mod@run`][]: what the function `sync` does in a run, and what it reports.
//! 37. [`mod@watch`][]: what changed for the function `evidence`, and what it reports.
//!
//! From files to a plan:
//!
//! ```
//! use controlsync_core::check::{Options, check};
//! use controlsync_core::plan::{self, Actual, ChangeKind};
//! use controlsync_core::source::{Content, FileKind, Source, Sources};
//!
//! let text = b"name: Keys are rotated\n".to_vec();
//! let file = Source::new("controls/keys.yaml", FileKind::Control, Content::Bytes(text));
//! let checked = check(Sources::new(vec![file]), &Options::default());
//! assert!(!checked.has_errors());
//!
//! let account = Actual { region: "eu-west-1".to_owned(), ..Actual::default() };
//! let plan = plan::plan(&checked.catalog, &checked.sources, &account, &plan::Options::default());
//! assert_eq!(plan.changes[0].kind, ChangeKind::Create);
//! ```
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod characters;
pub mod digest;
pub mod identifiers;
pub mod source;
pub mod diagnostic;
pub mod suggest;
pub mod regions;
pub mod document;
mod edit;
pub mod schema;
pub mod quotas;
pub mod config;
pub mod source_type;
pub mod demand;
pub mod model;
pub mod keywords;
pub mod catalog_path;
pub mod catalog;
pub mod plan;
pub mod change_result;
pub mod probe;
pub mod pack_limits;
pub mod pack_lock;
pub mod evidence;
pub mod compliance;
pub mod saved;
pub mod write;
pub mod rules;
mod suppress;
pub mod check;
pub mod fix;
pub mod pull;
pub mod push;
pub mod packs;
pub mod report;
pub mod run;
pub mod watch;

pub use check::{Checked, check};
pub use plan::plan;
