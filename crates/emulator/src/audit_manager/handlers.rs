//! The handler of each operation.

use serde_json::Value;

use crate::audit_manager::operation::{Answer, Operation};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::state::AccountState;
use crate::audit_manager::{account, assessments, controls, evidence, frameworks, tags};

/// The handler of an operation.
pub(crate) enum Handler {
    /// Reads the state.
    Read(fn(&AccountState, &AuditManager, Value) -> Answer),
    /// Changes a copy of the state; after an error the copy may be incomplete, and is dropped.
    Write(fn(&mut AccountState, &AuditManager, Value) -> Answer),
}

/// Returns the handler of an operation.
pub(crate) fn handler(operation: Operation) -> Handler {
    match operation {
        Operation::CreateControl => Handler::Write(controls::create),
        Operation::GetControl => Handler::Read(controls::get),
        Operation::UpdateControl => Handler::Write(controls::update),
        Operation::DeleteControl => Handler::Write(controls::delete),
        Operation::ListControls => Handler::Read(controls::list),
        Operation::CreateAssessmentFramework => Handler::Write(frameworks::create),
        Operation::GetAssessmentFramework => Handler::Read(frameworks::get),
        Operation::UpdateAssessmentFramework => Handler::Write(frameworks::update),
        Operation::DeleteAssessmentFramework => Handler::Write(frameworks::delete),
        Operation::ListAssessmentFrameworks => Handler::Read(frameworks::list),
        Operation::TagResource => Handler::Write(tags::tag),
        Operation::UntagResource => Handler::Write(tags::untag),
        Operation::ListTagsForResource => Handler::Read(tags::list),
        Operation::ListKeywordsForDataSource => Handler::Read(account::keywords),
        Operation::GetAccountStatus => Handler::Read(account::status),
        Operation::GetSettings => Handler::Read(account::settings),
        Operation::ListAssessments => Handler::Read(assessments::list),
        Operation::GetAssessment => Handler::Read(assessments::get),
        Operation::CreateAssessment => Handler::Write(assessments::create),
        Operation::UpdateAssessmentStatus => Handler::Write(assessments::update_status),
        Operation::UpdateAssessmentControl => Handler::Write(assessments::update_control),
        Operation::GetOrganizationAdminAccount => Handler::Read(account::organization_admin),
        Operation::GetEvidenceFoldersByAssessment => Handler::Read(evidence::folders),
        Operation::GetEvidenceFoldersByAssessmentControl => Handler::Read(evidence::folders_of_control),
        Operation::ListAssessmentControlInsightsByControlDomain => Handler::Read(evidence::insights_by_control),
        Operation::GetInsights => Handler::Read(evidence::insights),
        Operation::GetInsightsByAssessment => Handler::Read(evidence::insights_by_assessment),
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod histories;
