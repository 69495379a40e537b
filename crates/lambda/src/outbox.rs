//! The outbox: reports that are not sent yet. They survive everything else that runs save.

use std::collections::BTreeMap;

use controlsync_core::plan::{Change, ChangeKind, ObjectType};
use controlsync_core::run::StartedChange;
use serde::{Deserialize, Serialize};

/// A run that had something to report. `deploy.sh` waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// Id of the run.
    pub run: String,
    /// Outcome of the run.
    pub outcome: String,
}

/// The report of a run, or the changes that a run has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id of the run, or of its report.
    pub id: String,
    /// The changes that the run has started. As long as they are here, their results are unknown.
    #[serde(default)]
    started: Vec<SavedStartedChange>,
    /// The email.
    pub mail: Option<Message>,
    /// The JSON notification.
    pub event: Option<Message>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Subject.
    pub subject: Option<String>,
    /// Text.
    pub body: String,
    /// Attributes.
    pub attributes: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedStartedChange {
    kind: String,
    r#type: String,
    name: String,
}

impl Entry {
    /// The entry of a run that is about to apply changes.
    pub fn started<'a>(id: &str, changes: impl Iterator<Item = &'a Change>) -> Self {
        let saved = changes.map(|change| SavedStartedChange {
            kind: change.kind.name().to_owned(),
            r#type: change.object.noun().to_owned(),
            name: change.name.clone(),
        });
        Self { id: id.to_owned(), started: saved.collect(), mail: None, event: None }
    }

    /// The entry of messages that are ready to send.
    pub fn of_messages(id: &str, mail: Option<Message>, event: Option<Message>) -> Self {
        Self { id: id.to_owned(), started: Vec::new(), mail, event }
    }

    /// Whether its run has not reported its changes: it is in progress or was interrupted.
    pub fn is_open(&self) -> bool {
        !self.started.is_empty()
    }

    /// The changes that its run had started.
    pub fn changes(&self) -> impl Iterator<Item = StartedChange> {
        self.started.iter().filter_map(|saved| {
            let kind = *ChangeKind::ALL.iter().find(|kind| kind.name() == saved.kind)?;
            let objects = [ObjectType::Control, ObjectType::Framework];
            let object = objects.into_iter().find(|object| object.noun() == saved.r#type)?;
            Some(StartedChange { kind, object, name: saved.name.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn started_changes_survive_a_round_trip() {
        let change = controlsync_core::plan::Plan::default().changes;
        assert!(!Entry::started("r", change.iter()).is_open());
        let entry = Entry {
            started: vec![SavedStartedChange { kind: "create".into(), r#type: "framework".into(), name: "n".into() }],
            ..Entry::of_messages("r", None, None)
        };
        let started = StartedChange { kind: ChangeKind::Create, object: ObjectType::Framework, name: "n".into() };
        assert!(entry.is_open());
        assert_eq!(entry.changes().collect::<Vec<_>>(), [started]);
    }
}
