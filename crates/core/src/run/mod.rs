//! Runs of the function: what they may do, what is new, and what is reported.
//!
//! In reading order: [`Settings`] and [`Triggers`] define what a run may do, [`NotPlanned`] is why it has no plan, [`notice`] finds
//! out what was not reported before, [`RunReport`] is what a run found and did, [`Ending`], [`ReportedPlan`] and [`Retry`] decide what
//! becomes of it, [`mail`] and [`json`] are the two messages about it.

mod settings;
mod not_planned;
pub mod notice;
mod retry;
mod report;
mod delivery;
pub mod mail;
pub mod json;

pub use delivery::{Ending, ReportedPlan, StateAccess};
pub use not_planned::NotPlanned;
pub use report::{Due, Outcome, RunReport, StartedChange, Upload};
pub(crate) use report::{REMINDER_DAYS, attributes};
pub use retry::{DEFAULT_ATTEMPTS, Retry, defer_denied};
pub use settings::{Deployment, Mode, Notify, Settings, Triggers};
