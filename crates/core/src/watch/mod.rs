//! Runs of the function that watches evidence: what changed since the last run, and what is reported.
//!
//! In reading order: [`standing`] is a problem as runs remember it, [`compliance`] the last report and what changed since, [`memory`] all that
//! runs remember. [`News`] compares a run with that, [`WatchReport`] is what a run found, [`mail`] and [`json`] are the two messages about it.

pub mod standing;
pub mod compliance;
pub mod memory;
mod news;
mod report;
mod groups;
pub mod mail;
pub mod json;

pub use compliance::{ComplianceNews, ComplianceReport, ComplianceRun, REMEMBERED, RememberedCompliance, ReportFile};
pub use memory::Memory;
pub use news::{Ended, News, Run, queue};
pub use report::{WatchOutcome, WatchReport};
