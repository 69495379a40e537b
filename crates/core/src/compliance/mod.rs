//! Compliance: what the evidence says, by framework, control, source and account.
//!
//! Rows of AWS Config and of Security Hub CSPM go in one at a time, statuses come out; nothing here reads or sends anything. What was not
//! read is unknown, and what no row says is no data: neither is ever compliant.
//!
//! In reading order: [`facts`] is what was read, [`status`] what it can mean, and `input` what is asked. `asked` finds the accounts and
//! checks, `join` which checks a row is about, and `state` what of it is kept. [`Rollup`] takes the rows, `verdict` decides about a check
//! in an account, `finish` rolls that up to a [`Compliance`]. [`since`] compares it with an earlier one.

pub mod facts;
pub mod status;
mod input;
mod asked;
mod state;
mod join;
mod rollup;
mod verdict;
mod result;
mod ranking;
mod finish;
pub mod since;

pub use input::{Input, LISTED};
pub use result::{
    AccountRank, Answer, CheckRank, Compliance, ControlCompliance, ExceptionUse, FrameworkCompliance, ListedResource,
    PlaceCompliance, ResourceRank, SetCompliance, SourceCompliance,
};
pub use rollup::Rollup;
pub use status::{Counts, Reason, Score, Status};
