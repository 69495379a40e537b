//! Which function does which operation.

use serde_json::Value;

use crate::operation::{Answer, Operation};
use crate::options::Options;
use crate::state::AccountState;
use crate::{account, assessments, controls, frameworks, tags};

/// The work of an operation.
pub(crate) enum Handler {
    /// Looks at the state.
    Read(fn(&AccountState, &Options, Value) -> Answer),
    /// Changes the state; one that is refused may leave its copy half changed, which is then dropped.
    Write(fn(&mut AccountState, &Options, Value) -> Answer),
}

/// The work of an operation.
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
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod histories;
