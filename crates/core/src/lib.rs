//! controlsync-core: everything that decides. It reads no file, network, environment or clock, and never prints.
//!
//! In reading order; a module uses only those before it:
//!
//! 1. [`mod@source`][]: texts, and the way from an offset to a line and a column.
//! 2. [`mod@diagnostic`][]: the one type for everything that is wrong with the input.
//! 3. [`mod@suggest`][]: did you mean.
//! 4. [`mod@document`][]: one parse a file, to a tree in which every key and value knows its place.
//! 5. [`mod@schema`][]: shape and limits, from the JSON Schemas under `schemas/`.
//! 6. [`mod@config`][]: `controlsync.toml`.
//! 7. [`mod@model`][]: controls and frameworks as values.
//! 8. [`mod@catalog`][]: all of them by name.
//! 9. [`mod@plan`][]: the second entry point, from a catalogue and what the account holds to changes.
//! 10. [`mod@applied`][]: what became of the changes of a plan.
//! 11. [`mod@rules`][]: the registry of everything that can be found.
//! 12. [`mod@check`][]: the first entry point, from texts to a catalogue and findings.
//! 13. [`mod@report`][]: findings, plans and outcomes as people and programs read them; one file a format.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod source;
pub mod diagnostic;
pub mod suggest;
pub mod document;
pub mod schema;
pub mod config;
pub mod model;
pub mod catalog;
pub mod plan;
pub mod applied;
pub mod rules;
pub mod check;
pub mod report;

pub use check::{Checked, check};
pub use plan::plan;
