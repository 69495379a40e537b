//! Reads the account: lists first, then the details that the plan needs.
//!
//! In reading order: `convert` turns responses into values of `core`, `list` reads the lists, [`Snapshot`] is what a run leaves to
//! the next, [`Reading`] reads what a plan needs, [`Written`] is what a run has written.

mod convert;
pub(crate) mod list;
mod snapshot;
mod reading;
mod written;

pub(crate) use list::{Namesake, namesakes};
pub use reading::Reading;
pub(crate) use reading::{CONCURRENCY, get_tags};
pub use snapshot::{Snapshot, SnapshotError, SnapshotKey, of_version};
pub use written::Written;
