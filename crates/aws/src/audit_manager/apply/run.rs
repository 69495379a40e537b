//! A plan that is being applied.

use std::collections::BTreeMap;

use controlsync_core::change_result::{ChangeResult, Failure};
use controlsync_core::plan::{Change, ChangeKind, ObjectType, Plan};

use crate::audit_manager::account::Written;
use crate::audit_manager::client::Client;

/// A plan that is being applied.
pub(super) struct Run<'a> {
    pub(super) client: &'a Client,
    pub(super) plan: &'a Plan,
    /// IDs of the controls created since planning, by name.
    pub(super) created: BTreeMap<String, String>,
    pub(super) results: Vec<Option<ChangeResult>>,
    pub(super) written: Vec<Written>,
}

/// Returns the failure of a change that was not sent.
pub(super) fn refused(change: &Change, message: String, help: &str) -> Failure {
    let operation = match (change.kind, change.object) {
        (ChangeKind::Delete, ObjectType::Control) => "DeleteControl",
        (ChangeKind::Delete, ObjectType::Framework) => "DeleteAssessmentFramework",
        (_, ObjectType::Control) => "UpdateControl",
        (_, ObjectType::Framework) => "UpdateAssessmentFramework",
    };
    Failure { help: Some(help.to_owned()), ..Failure::new(operation, message) }
}
