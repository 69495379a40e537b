//! What `probe` asks an account about Audit Manager, because no document says it, and what it learns.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::change_result::Failure;
use crate::plan::{Actual, ObjectType};

/// What the names of all objects of a probe start with.
pub const PREFIX: &str = "controlsync-probe-";

/// Tag of all objects of a probe. The value is the run that created them.
pub const TAG: &str = "controlsync:probe";

/// Custom controls and custom frameworks that a probe has at the same time, at most.
pub const NEEDS: (usize, usize) = (5, 2);

/// A question about the behavior of Audit Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Whether a caller may set tags when it creates an object.
    TagsAtCreate,
    /// What is filled in at data sources.
    FilledIn,
    /// Whether an update clears the texts that it omits.
    OmittedFields,
    /// The IDs of data sources after an update.
    SourceIds,
    /// The IDs of control sets after an update.
    SetIds,
    /// What becomes of a data source with the ID of another one.
    UnknownSourceId,
    /// In which form texts are stored.
    TextsAsStored,
    /// Whether a tag can have an empty value.
    EmptyTagValues,
    /// Which characters a tag value can have.
    TagCharacters,
    /// In which unit lengths are measured.
    Lengths,
    /// Whether the names of controls are unique.
    ControlNames,
    /// Whether the names of frameworks are unique.
    FrameworkNames,
    /// Which combinations of fields a data source can have.
    SourceFields,
    /// Whether core and common controls in data sources must exist.
    ManagedSources,
    /// Whether the documented maximum of data sources applies.
    SourceCounts,
    /// Whether update times in lists and objects are the same, and their resolution.
    Times,
    /// Whether a change of tags changes the update time.
    TagsAndTimes,
    /// In which order sources, sets and controls are returned.
    Order,
    /// Whether a framework can have two sets of one name, or a set a control twice.
    RepeatedMembers,
    /// The error for a framework with a control that does not exist.
    UnknownControls,
    /// Whether a custom framework can have core controls.
    CoreControls,
    /// What becomes of a framework when one of its controls is deleted.
    ControlInUse,
    /// What becomes of a control set when its last control is deleted.
    LastControl,
    /// Whether a control set can be empty.
    EmptySets,
    /// Whether the description of a framework can be empty.
    EmptyDescriptions,
    /// The error for a change of a standard control.
    StandardControls,
    /// Whether lists lag behind creates.
    ListLag,
    /// Whether references lag behind creates.
    ReferenceLag,
    /// Whether pages of lists add up to the list.
    Pages,
    /// How many entries a page has.
    PageSizes,
    /// The error for an object that does not exist.
    MissingObjects,
    /// The error for an invalid field.
    InvalidFields,
}

impl Question {
    /// All questions, in the order in which they are asked.
    pub const ALL: [Self; 32] = [
        Self::TagsAtCreate,
        Self::FilledIn,
        Self::OmittedFields,
        Self::SourceIds,
        Self::SetIds,
        Self::UnknownSourceId,
        Self::TextsAsStored,
        Self::EmptyTagValues,
        Self::TagCharacters,
        Self::Lengths,
        Self::ControlNames,
        Self::FrameworkNames,
        Self::SourceFields,
        Self::ManagedSources,
        Self::SourceCounts,
        Self::Times,
        Self::TagsAndTimes,
        Self::Order,
        Self::RepeatedMembers,
        Self::UnknownControls,
        Self::CoreControls,
        Self::ControlInUse,
        Self::LastControl,
        Self::EmptySets,
        Self::EmptyDescriptions,
        Self::StandardControls,
        Self::ListLag,
        Self::ReferenceLag,
        Self::Pages,
        Self::PageSizes,
        Self::MissingObjects,
        Self::InvalidFields,
    ];

    /// Name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::TagsAtCreate => "tags-at-create",
            Self::FilledIn => "filled-in",
            Self::OmittedFields => "omitted-fields",
            Self::SourceIds => "source-ids",
            Self::SetIds => "set-ids",
            Self::UnknownSourceId => "unknown-source-id",
            Self::TextsAsStored => "texts-as-stored",
            Self::EmptyTagValues => "empty-tag-values",
            Self::TagCharacters => "tag-characters",
            Self::Lengths => "lengths",
            Self::ControlNames => "control-names",
            Self::FrameworkNames => "framework-names",
            Self::SourceFields => "source-fields",
            Self::ManagedSources => "managed-sources",
            Self::SourceCounts => "source-counts",
            Self::Times => "times",
            Self::TagsAndTimes => "tags-and-times",
            Self::Order => "order",
            Self::RepeatedMembers => "repeated-members",
            Self::UnknownControls => "unknown-controls",
            Self::CoreControls => "core-controls",
            Self::ControlInUse => "control-in-use",
            Self::LastControl => "last-control",
            Self::EmptySets => "empty-sets",
            Self::EmptyDescriptions => "empty-descriptions",
            Self::StandardControls => "standard-controls",
            Self::ListLag => "list-lag",
            Self::ReferenceLag => "reference-lag",
            Self::Pages => "pages",
            Self::PageSizes => "page-sizes",
            Self::MissingObjects => "missing-objects",
            Self::InvalidFields => "invalid-fields",
        }
    }

    /// The question in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::TagsAtCreate => "Can a control be created with tags?",
            Self::FilledIn => "What does the service fill in at a data source?",
            Self::OmittedFields => "Does an update clear the texts that it omits?",
            Self::SourceIds => "Which IDs do data sources have after an update?",
            Self::SetIds => "Which IDs do control sets have after an update?",
            Self::UnknownSourceId => "What becomes of a data source with an ID that its control does not have?",
            Self::TextsAsStored => "Are texts stored as they were sent?",
            Self::EmptyTagValues => "Can the value of a tag be empty?",
            Self::TagCharacters => "Can the value of a tag have characters that the user guide does not allow?",
            Self::Lengths => "In which unit is the length of names and of tag values measured?",
            Self::ControlNames => "Can two custom controls have one name?",
            Self::FrameworkNames => "Can two custom frameworks have one name?",
            Self::SourceFields => "Which combinations of fields does the service reject at a data source?",
            Self::ManagedSources => "Must a core or common control exist that a data source names?",
            Self::SourceCounts => "Can a control have more than 100 data sources?",
            Self::Times => "Are update times the same in lists and in objects, and how exact are they?",
            Self::TagsAndTimes => "Does a change of tags change the update time?",
            Self::Order => "Are data sources, control sets and controls returned in the order in which they were sent?",
            Self::RepeatedMembers => "Can a framework have two sets of one name, or a set one control twice?",
            Self::UnknownControls => "Which error does a framework with a control cause that does not exist?",
            Self::CoreControls => "Can a custom framework have a core control?",
            Self::ControlInUse => "What becomes of a framework when one of its controls is deleted?",
            Self::LastControl => "What becomes of a control set when its last control is deleted?",
            Self::EmptySets => "Can a framework be created with an empty control set?",
            Self::EmptyDescriptions => "Can a framework be created with an empty description?",
            Self::StandardControls => "Which error does a change of a standard control cause?",
            Self::ListLag => "Is a new control in the list at once?",
            Self::ReferenceLag => "Can a framework have a new control at once?",
            Self::Pages => "Do the pages of a list add up to the list?",
            Self::PageSizes => "How many entries does a page have?",
            Self::MissingObjects => "Which error does an object cause that does not exist?",
            Self::InvalidFields => "Which error does an invalid field cause?",
        }
    }
}

/// Switches of the emulator that no question can settle, and why.
pub const NOT_PROBED: [(&str, &str); 2] = [
    ("frameworkEditsReachAssessments", "it needs an assessment, which collects evidence and costs money"),
    ("throttleWith429", "all requests of the account together would have to exceed its quota"),
];

/// A request that the service refused, without anything that identifies the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Operation, such as `CreateControl`.
    pub operation: &'static str,
    /// Error code, such as `ValidationException`.
    pub code: String,
    /// Message of the service.
    pub message: String,
    /// Fields that the service named, with their messages.
    pub fields: Vec<(String, String)>,
}

impl Refused {
    /// Creates it from a failure that the service reported.
    pub fn new(failure: &Failure) -> Self {
        let fields = failure.fields.iter().map(|field| (anonymous(&field.name), anonymous(&field.message)));
        Self {
            operation: failure.operation,
            code: failure.code.clone().unwrap_or_default(),
            message: anonymous(&failure.message),
            fields: fields.collect(),
        }
    }
}

/// The answer to a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The answer in words. The same behavior has the same words.
    pub answer: String,
    /// Requests that the service refused.
    pub refused: Vec<Refused>,
    /// Positions of the emulator's switches.
    pub switches: Vec<(&'static str, Json)>,
}

impl Found {
    /// Creates an answer.
    pub fn new(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), ..Self::default() }
    }

    /// Adds the position of a switch.
    #[must_use]
    pub fn switch(mut self, name: &'static str, position: impl Into<Json>) -> Self {
        self.switches.push((name, position.into()));
        self
    }

    /// Adds requests that the service refused, each reason once.
    #[must_use]
    pub fn with(mut self, refused: impl IntoIterator<Item = Refused>) -> Self {
        for refused in refused {
            if !self.refused.contains(&refused) {
                self.refused.push(refused);
            }
        }
        self
    }
}

/// An object that a probe created and that still exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Type of the object.
    pub object: ObjectType,
    /// ID.
    pub id: String,
    /// Name, as far as it is known.
    pub name: String,
}

/// What an account has before a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Number of custom controls.
    pub controls: usize,
    /// Number of custom frameworks.
    pub frameworks: usize,
    /// The objects of earlier probes, and the run of each.
    pub left: Vec<(String, Left)>,
}

impl Before {
    /// Finds the objects of earlier probes by their names.
    pub fn of(account: &Actual) -> Self {
        let controls = account.controls.iter().map(|live| (ObjectType::Control, &live.id, &live.name));
        let frameworks = account.frameworks.iter().map(|live| (ObjectType::Framework, &live.id, &live.name));
        let left = frameworks.chain(controls).filter_map(|(object, id, name)| {
            Some((run_of(name)?, Left { object, id: id.clone(), name: name.clone() }))
        });
        Self { controls: account.controls.len(), frameworks: account.frameworks.len(), left: left.collect() }
    }
}

/// The run of a probe in the name of one of its objects.
fn run_of(name: &str) -> Option<String> {
    let (_, rest) = name.split_once(PREFIX)?;
    let (run, _) = rest.split_once('-')?;
    Some(run.to_owned())
}

/// What a probe learned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Region.
    pub region: String,
    /// Each question that was asked, with its answer, or with the reason why there is none.
    pub answers: Vec<(Question, Result<Found, String>)>,
    /// Number of requests, including retries.
    pub requests: usize,
    /// What could not be deleted.
    pub left: Vec<Left>,
}

impl Report {
    /// Whether every question has an answer and nothing is left.
    pub fn is_complete(&self) -> bool {
        self.answers.len() == Question::ALL.len()
            && self.answers.iter().all(|(_, answer)| answer.is_ok())
            && self.left.is_empty()
    }

    /// Returns the positions of the emulator's switches. If two answers differ on one, a stricter emulator has `true`.
    pub fn behavior(&self) -> BTreeMap<&'static str, Json> {
        let mut behavior = BTreeMap::new();
        for (name, position) in
            self.answers.iter().filter_map(|(_, answer)| answer.as_ref().ok()).flat_map(|found| &found.switches)
        {
            if behavior.get(name) != Some(&Json::Bool(true)) {
                behavior.insert(*name, position.clone());
            }
        }
        behavior
    }
}

/// Returns a text without what identifies an account: ARNs, account IDs, UUIDs, access keys and the run of a probe.
pub fn anonymous(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "-_:/.@+=*".contains(c);
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        if end == 0 {
            shown.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(end);
        shown += &anonymous_word(word);
        rest = after;
    }
    shown
}

fn anonymous_word(word: &str) -> String {
    if let Some(start) = word.find("arn:") {
        return format!("{}ARN", anonymous_word(&word[..start]));
    }
    if let Some(start) = word.find(PREFIX) {
        return format!("{}{PREFIX}NAME", &word[..start]);
    }
    // Digits and letters between separators, so that `control/ID` keeps its first part.
    let mut shown = String::new();
    let mut part = String::new();
    for c in word.chars().chain(['\0']) {
        if c.is_alphanumeric() || c == '-' {
            part.push(c);
            continue;
        }
        shown += match part.as_str() {
            uuid if crate::identifiers::is_uuid(&uuid.to_ascii_lowercase()) => "ID",
            digits if digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()) => "ACCOUNT",
            key if key.len() >= 16 && (key.starts_with("AKIA") || key.starts_with("ASIA")) => "KEY",
            other => other,
        };
        part.clear();
        if c != '\0' {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn questions_have_one_name_each() {
        let ids: BTreeSet<&str> = Question::ALL.iter().map(|question| question.id()).collect();
        assert_eq!(ids.len(), Question::ALL.len());
        let texts: BTreeSet<&str> = Question::ALL.iter().map(|question| question.text()).collect();
        assert_eq!(texts.len(), Question::ALL.len());
        assert!(Question::ALL.is_sorted());
    }

    #[test]
    fn messages_do_not_identify_the_account() {
        for (message, shown) in [
            (
                "User: arn:aws:sts::123456789012:assumed-role/Admin/jane@example.com is not authorized to perform: auditmanager:TagResource",
                "User: ARN is not authorized to perform: auditmanager:TagResource",
            ),
            ("Control 6f0d0c9e-5a53-4b8c-8a38-0f2f43a6d1aa does not exist", "Control ID does not exist"),
            (
                "A custom control with the name controlsync-probe-1a2b-7 already exists",
                "A custom control with the name controlsync-probe-NAME already exists",
            ),
            ("account 123456789012, key AKIAIOSFODNN7EXAMPLE.", "account ACCOUNT, key KEY."),
            ("control/6f0d0c9e-5a53-4b8c-8a38-0f2f43a6d1aa", "control/ID"),
            ("1 validation error detected: Value at 'name'", "1 validation error detected: Value at 'name'"),
        ] {
            assert_eq!(anonymous(message), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_identifying_survives(before in "[a-zé ,'(]{0,9}", account in "[0-9]{12}", name in "[A-Za-z/]{1,9}", after in "[ ,.)']{0,3}") {
            let arn = format!("{before} arn:aws:iam::{account}:role/{name}{after}");
            let role = format!("role/{name}");
            let shown = anonymous(&arn);
            prop_assert!(!shown.contains(&account) && !shown.contains(&role));
            let text = format!("{before} {account}{after}");
            prop_assert!(!anonymous(&text).contains(&account));
        }
    }

    #[test]
    fn of_two_answers_the_stricter_one_is_the_behavior() {
        let answer = |question, position: bool| (question, Ok(Found::new("").switch("rejectDuplicateNames", position)));
        for positions in [[true, false], [false, true]] {
            let answers =
                vec![answer(Question::ControlNames, positions[0]), answer(Question::FrameworkNames, positions[1])];
            let report = Report { answers, ..Report::default() };
            assert_eq!(report.behavior(), [("rejectDuplicateNames", Json::Bool(true))].into());
        }
    }
}
