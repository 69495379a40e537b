//! Asks an account how Audit Manager behaves, with objects of its own, which are deleted again.
//!
//! In reading order: `requests` sends any combination of fields, `lists` reads lists, `trial` creates and deletes the objects of a
//! question; `sources`, `texts`, `frameworks` and `behind` have the questions.

mod requests;
mod lists;
mod trial;
mod sources;
mod texts;
mod frameworks;
mod behind;

use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::probe::{Found, Left, Question, anonymous};

use crate::audit_manager::client::Client;
use crate::audit_manager::probe::trial::Trial;

/// Questions in a row without an answer, after which no more are asked.
const UNANSWERED: usize = 3;

/// Deletes objects of probes. Returns those that could not be deleted.
pub async fn clean(client: &Client, left: Vec<Left>) -> Vec<Left> {
    trial::delete_all(client, left).await.0
}

/// What a probe has learned and left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Each question that was asked, with its answer, or with the reason why there is none.
    pub answers: Vec<(Question, Result<Found, String>)>,
    /// What could not be deleted.
    pub left: Vec<Left>,
    /// Number of requests, including retries.
    pub requests: usize,
}

/// Asks all questions. The names of all objects have `run`. Whatever happens, it then deletes what it has created. A stop of the client
/// ends the questions, not the deletions.
pub async fn probe(client: &Client, run: &str, progress: impl Fn(usize)) -> Asked {
    let sent = client.sent();
    let mut trial = Trial::new(client, run);
    let mut answers = Vec::new();
    let mut unanswered = 0;
    for question in Question::ALL {
        if client.stop().is_requested() || unanswered == UNANSWERED {
            break;
        }
        let answer = ask(&mut trial, question).await;
        let cleared = trial.clear().await;
        unanswered = if answer.is_err() { unanswered + 1 } else { 0 };
        let hopeless = answer
            .as_ref()
            .is_err_and(|failure| matches!(failure.kind, FailureKind::Credentials | FailureKind::Certificate));
        answers.push((question, answer.map_err(|failure| anonymous(&failure.to_string()))));
        progress(answers.len());
        if hopeless || cleared.is_err() {
            break;
        }
    }
    let (left, deletions) = trial.finish().await;
    Asked { answers, left, requests: client.sent() - sent + deletions }
}

async fn ask(trial: &mut Trial<'_>, question: Question) -> Result<Found, Failure> {
    match question {
        Question::TagsAtCreate => texts::tags_at_create(trial).await,
        Question::FilledIn => sources::filled_in(trial).await,
        Question::OmittedFields => texts::omitted_fields(trial).await,
        Question::SourceIds => sources::ids(trial).await,
        Question::SetIds => frameworks::set_ids(trial).await,
        Question::UnknownSourceId => sources::unknown_id(trial).await,
        Question::TextsAsStored => texts::as_stored(trial).await,
        Question::EmptyTagValues => texts::empty_tag_values(trial).await,
        Question::TagCharacters => texts::tag_characters(trial).await,
        Question::Lengths => texts::lengths(trial).await,
        Question::ControlNames => texts::control_names(trial).await,
        Question::FrameworkNames => frameworks::names(trial).await,
        Question::SourceFields => sources::fields(trial).await,
        Question::ManagedSources => sources::managed(trial).await,
        Question::SourceCounts => sources::counts(trial).await,
        Question::Times => behind::times(trial).await,
        Question::TagsAndTimes => behind::tags_and_times(trial).await,
        Question::Order => frameworks::order(trial).await,
        Question::RepeatedMembers => frameworks::repeated_members(trial).await,
        Question::UnknownControls => frameworks::unknown_controls(trial).await,
        Question::CoreControls => frameworks::core_controls(trial).await,
        Question::ControlInUse => frameworks::control_in_use(trial).await,
        Question::LastControl => frameworks::last_control(trial).await,
        Question::EmptySets => frameworks::empty_sets(trial).await,
        Question::EmptyDescriptions => frameworks::empty_descriptions(trial).await,
        Question::StandardControls => sources::standard_controls(trial).await,
        Question::ListLag => behind::list_lag(trial).await,
        Question::ReferenceLag => behind::reference_lag(trial).await,
        Question::Pages => behind::pages(trial).await,
        Question::PageSizes => behind::page_sizes(trial).await,
        Question::MissingObjects => behind::missing_objects(trial).await,
        Question::InvalidFields => texts::invalid_fields(trial).await,
    }
}
