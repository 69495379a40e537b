//! Which function does which operation.

use serde_json::Value;

use crate::operation::{Answer, Operation};
use crate::options::Options;
use crate::state::State;
use crate::{account, assessments, controls, frameworks, tags};

/// The work of an operation.
pub(crate) enum Work {
    /// Looks at the state.
    Read(fn(&State, &Options, Value) -> Answer),
    /// Changes the state; one that is refused may leave its copy half changed, which is then dropped.
    Write(fn(&mut State, &Options, Value) -> Answer),
}

/// The work of an operation.
pub(crate) fn work(operation: Operation) -> Work {
    match operation {
        Operation::CreateControl => Work::Write(controls::create),
        Operation::GetControl => Work::Read(controls::get),
        Operation::UpdateControl => Work::Write(controls::update),
        Operation::DeleteControl => Work::Write(controls::delete),
        Operation::ListControls => Work::Read(controls::list),
        Operation::CreateAssessmentFramework => Work::Write(frameworks::create),
        Operation::GetAssessmentFramework => Work::Read(frameworks::get),
        Operation::UpdateAssessmentFramework => Work::Write(frameworks::update),
        Operation::DeleteAssessmentFramework => Work::Write(frameworks::delete),
        Operation::ListAssessmentFrameworks => Work::Read(frameworks::list),
        Operation::TagResource => Work::Write(tags::tag),
        Operation::UntagResource => Work::Write(tags::untag),
        Operation::ListTagsForResource => Work::Read(tags::list),
        Operation::ListKeywordsForDataSource => Work::Read(account::keywords),
        Operation::GetAccountStatus => Work::Read(account::status),
        Operation::GetSettings => Work::Read(account::settings),
        Operation::ListAssessments => Work::Read(assessments::list),
        Operation::GetAssessment => Work::Read(assessments::get),
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod histories;
