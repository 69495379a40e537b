//! What runs save for later ones, in one object of the bucket: what they have read, what they have reported, and the
//! outbox of unsent reports.
//!
//! Except for the outbox it is a cache: without it, the next run reads everything again and gets the same result.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_aws::audit_manager::account::Snapshot;
use controlsync_aws::s3::{Bucket, Written, sha256};
use controlsync_core::change_result::Failure;
use controlsync_core::plan::{ChangeKind, ObjectType};
use controlsync_core::run::notice::ReportedNotices;
use controlsync_core::run::{StartedChange, Upload};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::log::millis;

/// Key of the object, below the prefix of the catalog: functions with other prefixes have their own. Only the function writes it.
const KEY: &str = ".controlsync/state.json";
/// Version of the format. From an object with another version, only the outbox is read.
const VERSION: u32 = 2;
/// The most entries that the outbox keeps while its topics accept nothing.
const MAX_ENTRIES: usize = 100;
/// The most emails that are kept while their topic has no confirmed subscription: the first to confirm gets all of them.
const MAX_HELD: usize = 20;
/// Attempts to write the state while another run writes it too.
const ATTEMPTS: usize = 4;

/// What runs save for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct FunctionState {
    version: u32,
    /// Unsent reports, the oldest first.
    #[serde(default)]
    pub outbox: Vec<Entry>,
    /// The last run that had something to report.
    #[serde(default)]
    pub last_report: Option<LastReport>,
    /// When the last email was written, in seconds since 1970.
    #[serde(default)]
    pub last_email: Option<u64>,
    /// Whether emails wait for a confirmed subscription to their topic.
    #[serde(default)]
    pub held: bool,
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
    pub files: BTreeMap<String, CachedFile>,
    /// Snapshot of the account.
    #[serde(default)]
    account: Option<Box<RawValue>>,
}

/// A file of the catalog, as it was last read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedFile {
    /// ETag. It changes with the content.
    pub etag: String,
    /// Content.
    pub text: String,
    /// The commit it was uploaded from.
    pub commit: Option<String>,
    /// The author of that commit.
    pub author: Option<String>,
}

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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedUpload {
    path: String,
    removed: bool,
    commit: Option<String>,
    author: Option<String>,
}

impl Entry {
    /// The entry of a run that is about to apply changes.
    pub fn started<'a>(id: &str, changes: impl Iterator<Item = &'a controlsync_core::plan::Change>) -> Self {
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

    /// Adds a file. Replaces an earlier entry for the same path.
    pub fn add_upload(&mut self, Upload { path, removed, commit, author }: Upload) {
        let at = self.uploads.partition_point(|saved| saved.path < path);
        if self.uploads.get(at).is_some_and(|saved| saved.path == path) {
            self.uploads.remove(at);
        }
        self.uploads.insert(at, SavedUpload { path, removed, commit, author });
    }

    /// Forgets these files, because a run has finished.
    pub fn forget_uploads(&mut self) {
        self.uploads.clear();
    }

    fn text(&mut self) -> String {
        self.version = VERSION;
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The condition in which the state was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is valid, or does not exist yet.
    Valid,
    /// It has another version: only the outbox was kept.
    Other,
    /// It is damaged: unsent reports are lost.
    Damaged,
}

/// The state and the object it is stored in.
#[derive(Debug)]
pub struct Store {
    bucket: Bucket,
    key: String,
    etag: Option<String>,
    /// SHA-256 of the object's content.
    saved: String,
    /// The state.
    pub state: FunctionState,
    /// Ids of finished entries.
    done: BTreeSet<String>,
    /// Unique id of the run. A retried invocation has the same request id, so that alone is not unique.
    run: String,
}

#[derive(Default, Deserialize)]
struct Outbox {
    #[serde(default)]
    outbox: Vec<Entry>,
}

fn parse(bytes: &[u8]) -> (FunctionState, Found) {
    match serde_json::from_slice::<FunctionState>(bytes) {
        Ok(state) if state.version == VERSION => (state, Found::Valid),
        _ => match serde_json::from_slice::<Outbox>(bytes) {
            Ok(Outbox { outbox }) => (FunctionState { outbox, ..FunctionState::default() }, Found::Other),
            Err(_) => (FunctionState::default(), Found::Damaged),
        },
    }
}

impl Store {
    /// Reads the state.
    ///
    /// # Errors
    ///
    /// The object cannot be read.
    pub async fn load(bucket: &Bucket, prefix: &str, request: &str) -> Result<(Self, Found), Failure> {
        let key = format!("{prefix}{KEY}");
        let object = bucket.get(&key).await?;
        let (state, found) =
            object.as_ref().map_or((FunctionState::default(), Found::Valid), |object| parse(&object.bytes));
        let saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        let etag = object.map(|object| object.etag);
        let run = format!("{request}/{}", millis());
        let (bucket, done) = (bucket.clone(), BTreeSet::new());
        Ok((Self { bucket, key, etag, saved, state, done, run }, found))
    }

    /// The id of this run.
    pub fn run(&self) -> String {
        self.run.clone()
    }

    /// Removes the sent messages of an entry from the outbox, and the entry once both are sent.
    pub fn sent(&mut self, id: &str, mail: bool, event: bool) {
        for entry in self.state.outbox.iter_mut().filter(|entry| entry.id == id) {
            entry.mail.take_if(|_| mail);
            entry.event.take_if(|_| event);
        }
        if self.state.outbox.iter().any(|entry| entry.id == id && entry.mail.is_none() && entry.event.is_none()) {
            self.finish(id);
        }
    }

    /// Drops the oldest emails that wait for a confirmed subscription, if there are too many. Returns how many.
    pub fn limit_held(&mut self) -> usize {
        let held = self.state.outbox.iter().filter(|entry| entry.mail.is_some() && !entry.is_open());
        let held: Vec<String> = held.map(|entry| entry.id.clone()).collect();
        let surplus = held.len().saturating_sub(MAX_HELD);
        for id in &held[..surplus] {
            self.sent(id, true, false);
        }
        surplus
    }

    /// Removes an entry from the outbox permanently.
    pub fn finish(&mut self, id: &str) {
        self.state.outbox.retain(|entry| entry.id != id);
        self.done.insert(id.to_owned());
    }

    /// Adds an entry of this run to the outbox, replacing the one with its id. Returns the number of entries that were
    /// dropped: if the outbox is full, the oldest.
    pub fn put(&mut self, entry: Entry) -> usize {
        self.state.outbox.retain(|other| other.id != entry.id);
        self.done.remove(&entry.id);
        self.state.outbox.push(entry);
        let surplus = self.state.outbox.len().saturating_sub(MAX_ENTRIES);
        for entry in self.state.outbox.drain(..surplus) {
            self.done.insert(entry.id);
        }
        surplus
    }

    /// Writes the state if it has changed. If another run has written it in the meantime, its unsent reports are kept.
    ///
    /// # Errors
    ///
    /// The object cannot be written.
    pub async fn save(&mut self) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let text = self.state.text();
            let digest = sha256(text.as_bytes());
            if digest == self.saved {
                return Ok(());
            }
            match self.bucket.replace(&self.key, text.into_bytes(), self.etag.as_deref()).await? {
                Written::Done(etag) => {
                    (self.etag, self.saved) = (Some(etag), digest);
                    return Ok(());
                }
                Written::Changed => self.merge().await?,
            }
        }
        Err(Failure::transient("PutObject", format!("another run keeps changing {}", self.key)))
    }

    /// Takes over the unsent reports of another run. An entry that it has removed is finished.
    async fn merge(&mut self) -> Result<(), Failure> {
        let object = self.bucket.get(&self.key).await?;
        let theirs = object.as_ref().map(|object| parse(&object.bytes).0.outbox).unwrap_or_default();
        let ours = std::mem::take(&mut self.state.outbox).into_iter().filter(|entry| entry.id.starts_with(&self.run));
        let ours: Vec<Entry> = ours.collect();
        let theirs =
            theirs.into_iter().filter(|entry| !entry.id.starts_with(&self.run) && !self.done.contains(&entry.id));
        self.state.outbox = theirs.chain(ours).collect();
        self.saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        self.etag = object.map(|object| object.etag);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outbox_survives_another_version_of_the_state() {
        let entry = Entry::of_messages(
            "r",
            Some(Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() }),
            None,
        );
        let mut state = FunctionState { outbox: vec![entry.clone()], ..FunctionState::default() };
        let text = state.text();
        assert_eq!(parse(text.as_bytes()).1, Found::Valid);
        for other in [text.replace("\"version\":2", "\"version\":1"), text.replace("\"known\":{}", "\"known\":[1]")] {
            let (state, found) = parse(other.as_bytes());
            assert_eq!((state.outbox, found), (vec![entry.clone()], Found::Other), "{other}");
        }
        assert_eq!(parse(b"{").1, Found::Damaged);
    }

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

    /// Replaces each byte of a state in turn, and cuts the state off there.
    #[test]
    fn a_damaged_state_is_discarded() {
        let message = Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() };
        let mut state =
            FunctionState { outbox: vec![Entry::of_messages("r", Some(message), None)], ..FunctionState::default() };
        state.add_upload(Upload { path: "controls/a.yaml".into(), ..Upload::default() });
        let text = state.text();
        for at in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            for byte in [0, b'"', b'}', b']', b'9', b'x', 0xff] {
                damaged[at] = byte;
                let (read, found) = parse(&damaged);
                assert!(read.outbox.len() <= 1 && (found == Found::Valid || read.files.is_empty()), "{at}");
                assert!(read.snapshot().is_none() && read.uploads().len() <= 1, "{at}");
                assert!(read.outbox.iter().all(|entry| entry.changes().count() == 0), "{at}");
            }
            assert_eq!(parse(&text.as_bytes()[..at]).1, Found::Damaged, "{at}");
        }
    }
}
