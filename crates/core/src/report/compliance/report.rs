//! What is reported.

use crate::check::Checked;
use crate::compliance::Compliance;
use crate::compliance::since::Changes;
use crate::report::Paths;

/// What is reported.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the evidence says.
    pub compliance: &'a Compliance,
    /// What changed since an earlier report, if it was compared with one.
    pub changes: Option<&'a Changes>,
    /// The catalog.
    pub checked: &'a Checked,
    /// How paths are shown.
    pub paths: &'a Paths,
}
