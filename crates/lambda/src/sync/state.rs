//! What runs save for later ones: what they have read, and what they have reported.

use controlsync_aws::audit_manager::account::Snapshot;
use controlsync_core::run::Upload;
use controlsync_core::run::notice::ReportedNotices;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::bucket_catalog::Files;
use crate::store::State;

/// What runs save for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct FunctionState {
    /// Notices that were reported and are still open.
    #[serde(default)]
    pub known: ReportedNotices,
    /// The name of the catalog that the last plan was made for.
    #[serde(default)]
    pub catalog: Option<String>,
    /// Digest of the plan that was reported. `None` if nothing was planned.
    #[serde(default)]
    pub reported_plan: Option<String>,
    /// Files that are new, changed or removed since the last finished run.
    #[serde(default)]
    uploads: Vec<SavedUpload>,
    /// Files by key.
    #[serde(default)]
    pub files: Files,
    /// Snapshot of the account.
    #[serde(default)]
    account: Option<Box<RawValue>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedUpload {
    path: String,
    removed: bool,
    commit: Option<String>,
    author: Option<String>,
}

impl FunctionState {
    /// The account as an earlier run has read it.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Snapshot::from_text(self.account.as_ref()?.get().as_bytes()).ok()
    }

    /// Saves a snapshot of the account.
    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) {
        self.account = RawValue::from_string(snapshot.to_text()).ok();
    }

    /// Files that are new, changed or removed since the last finished run.
    pub fn uploads(&self) -> Vec<Upload> {
        let upload = |saved: &SavedUpload| {
            let SavedUpload { path, removed, commit, author } = saved.clone();
            Upload { path, removed, commit, author }
        };
        self.uploads.iter().map(upload).collect()
    }

    /// The files as they were last read, and what adds one that has changed.
    pub fn catalog(&mut self) -> (&mut Files, impl FnMut(Upload)) {
        (&mut self.files, |upload| add_upload(&mut self.uploads, upload))
    }

    /// Forgets these files, because a run has finished.
    pub fn forget_uploads(&mut self) {
        self.uploads.clear();
    }
}

/// Adds a file. Replaces an earlier entry for the same path.
fn add_upload(uploads: &mut Vec<SavedUpload>, Upload { path, removed, commit, author }: Upload) {
    let at = uploads.partition_point(|saved| saved.path < path);
    if uploads.get(at).is_some_and(|saved| saved.path == path) {
        uploads.remove(at);
    }
    uploads.insert(at, SavedUpload { path, removed, commit, author });
}

impl State for FunctionState {
    const KEY: &'static str = ".controlsync/state.json";
    const VERSION: u32 = 2;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::outbox::{Entry, Message};
    use crate::store::{Found, Mailbox, parse, text};

    #[test]
    fn the_outbox_survives_another_version_of_the_state() {
        let entry = Entry::of_messages(
            "r",
            Some(Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() }),
            None,
        );
        let mut mailbox = Mailbox::default();
        mailbox.outbox.push(entry.clone());
        let text = text(&mut mailbox, &FunctionState::default());
        assert_eq!(parse::<FunctionState>(text.as_bytes()).2, Found::Valid);
        for other in [text.replace("\"version\":2", "\"version\":1"), text.replace("\"known\":{}", "\"known\":[1]")] {
            let (mailbox, _, found) = parse::<FunctionState>(other.as_bytes());
            assert_eq!((mailbox.outbox, found), (vec![entry.clone()], Found::Other), "{other}");
        }
        assert_eq!(parse::<FunctionState>(b"{").2, Found::Damaged);
    }

    /// Replaces each byte of a state in turn, and cuts the state off there.
    #[test]
    fn a_damaged_state_is_discarded() {
        let message = Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() };
        let mut mailbox = Mailbox::default();
        mailbox.outbox.push(Entry::of_messages("r", Some(message), None));
        let mut state = FunctionState::default();
        add_upload(&mut state.uploads, Upload { path: "controls/a.yaml".into(), ..Upload::default() });
        let text = text(&mut mailbox, &state);
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            for byte in [0, b'"', b'}', b']', b'9', b'x', 0xff] {
                damaged[at] = byte;
                let (mailbox, read, found) = parse::<FunctionState>(&damaged);
                assert!(mailbox.outbox.len() <= 1 && (found == Found::Valid || read.files.is_empty()), "{at}");
                assert!(read.snapshot().is_none() && read.uploads().len() <= 1, "{at}");
                assert!(mailbox.outbox.iter().all(|entry| entry.changes().count() == 0), "{at}");
            }
            assert_eq!(parse::<FunctionState>(&text.as_bytes()[..at]).2, Found::Damaged, "{at}");
        }
    }
}
