//! What runs leave for later ones, in one object of the bucket: what they have read, what they have told, and what is
//! still to be told.
//!
//! But for the last it is a cache: without it, the next run reads everything and is right.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_aws::account::Snapshot;
use controlsync_aws::bucket::{Bucket, Written, sha256};
use controlsync_core::change_result::Failure;
use controlsync_core::plan::{ChangeKind, ObjectType};
use controlsync_core::run::notice::ReportedNotices;
use controlsync_core::run::{StartedChange, Upload};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::log::millis;

/// Where it is; nothing else writes there.
pub const KEY: &str = ".controlsync/state.json";
/// The form of the object; of another one only what is still to be told is read.
const VERSION: u32 = 2;
/// So many reports are kept for topics that take none.
const MAX_ENTRIES: usize = 100;
/// How often a write is tried while somebody else writes too.
const ATTEMPTS: usize = 4;

/// What runs leave for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct FunctionState {
    version: u32,
    /// What is still to be told, the oldest first.
    #[serde(default)]
    pub outbox: Vec<Entry>,
    /// The last run that had something to tell.
    #[serde(default)]
    pub last_report: Option<LastReport>,
    /// What was told and still holds.
    #[serde(default)]
    pub known: ReportedNotices,
    /// The name of the catalog that the last plan was made for.
    #[serde(default)]
    pub catalog: Option<String>,
    /// The plan that was told, as a digest; none where nothing was planned.
    #[serde(default)]
    pub reported_plan: Option<String>,
    /// Files that were found new, changed or gone since the last run that came to its end.
    #[serde(default)]
    uploads: Vec<SavedUpload>,
    /// Files by their keys.
    #[serde(default)]
    pub files: BTreeMap<String, CachedFile>,
    /// What was read of the account.
    #[serde(default)]
    account: Option<Box<RawValue>>,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedFile {
    /// ETag: another one, another content.
    pub etag: String,
    /// Content.
    pub text: String,
    /// The commit that it comes from.
    pub commit: Option<String>,
    /// The author of that commit.
    pub author: Option<String>,
}

/// A run that had something to tell, for whoever waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// Its id.
    pub run: String,
    /// What it came to.
    pub outcome: String,
}

/// A message, or one that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The request whose run it is about.
    pub id: String,
    /// What the run is about to do: as long as it is here, nobody knows what became of it.
    #[serde(default)]
    started: Vec<SavedStartedChange>,
    /// For people.
    pub mail: Option<Message>,
    /// For programs.
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
    /// What a run is about to do.
    pub fn started<'a>(id: &str, changes: impl Iterator<Item = &'a controlsync_core::plan::Change>) -> Self {
        let saved = changes.map(|change| SavedStartedChange {
            kind: change.kind.name().to_owned(),
            r#type: change.object.noun().to_owned(),
            name: change.name.clone(),
        });
        Self { id: id.to_owned(), started: saved.collect(), mail: None, event: None }
    }

    /// Messages that can be sent.
    pub fn of_messages(id: &str, mail: Option<Message>, event: Option<Message>) -> Self {
        Self { id: id.to_owned(), started: Vec::new(), mail, event }
    }

    /// Whether its run broke off.
    pub fn is_open(&self) -> bool {
        !self.started.is_empty()
    }

    /// What its run was about to do.
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
    /// What an earlier run has read of the account.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Snapshot::from_text(self.account.as_ref()?.get().as_bytes())
    }

    /// Keeps what was read of the account.
    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) {
        self.account = RawValue::from_string(snapshot.to_text()).ok();
    }

    /// Files that were found new, changed or gone since the last run that came to its end.
    pub fn uploads(&self) -> Vec<Upload> {
        let upload = |saved: &SavedUpload| {
            let SavedUpload { path, removed, commit, author } = saved.clone();
            Upload { path, removed, commit, author }
        };
        self.uploads.iter().map(upload).collect()
    }

    /// Remembers one more; what is known of a file anew counts.
    pub fn add_upload(&mut self, Upload { path, removed, commit, author }: Upload) {
        let at = self.uploads.partition_point(|saved| saved.path < path);
        if self.uploads.get(at).is_some_and(|saved| saved.path == path) {
            self.uploads.remove(at);
        }
        self.uploads.insert(at, SavedUpload { path, removed, commit, author });
    }

    /// Forgets them: a run has come to its end.
    pub fn forget_uploads(&mut self) {
        self.uploads.clear();
    }

    fn text(&mut self) -> String {
        self.version = VERSION;
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What became of the object when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It was read, or there is none yet.
    Whole,
    /// It is of another form: what is to be told was taken over.
    Other,
    /// It is damaged: whatever was still to be told is lost.
    Damaged,
}

/// The state and the object that holds it.
#[derive(Debug)]
pub struct Store {
    bucket: Bucket,
    etag: Option<String>,
    /// SHA-256 of the text that the object holds.
    saved: String,
    /// The state.
    pub state: FunctionState,
    /// Entries that are done with, by the requests of their runs.
    done: BTreeSet<String>,
    /// The run, unlike all others: a request that is made again has the id that it had.
    run: String,
}

#[derive(Default, Deserialize)]
struct Outbox {
    #[serde(default)]
    outbox: Vec<Entry>,
}

fn parse(bytes: &[u8]) -> (FunctionState, Found) {
    match serde_json::from_slice::<FunctionState>(bytes) {
        Ok(state) if state.version == VERSION => (state, Found::Whole),
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
    /// The bucket does not give it out.
    pub async fn load(bucket: &Bucket, request: &str) -> Result<(Self, Found), Failure> {
        let object = bucket.get(KEY).await?;
        let (state, found) =
            object.as_ref().map_or((FunctionState::default(), Found::Whole), |object| parse(&object.bytes));
        let saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        let etag = object.map(|object| object.etag);
        let run = format!("{request}/{}", millis());
        let (bucket, done) = (bucket.clone(), BTreeSet::new());
        Ok((Self { bucket, etag, saved, state, done, run }, found))
    }

    /// The id of the entry of this run.
    pub fn run(&self) -> String {
        self.run.clone()
    }

    /// Takes messages of an entry out of the outbox that were sent, and the entry with the last of them.
    pub fn sent(&mut self, id: &str, mail: bool, event: bool) {
        for entry in self.state.outbox.iter_mut().filter(|entry| entry.id == id) {
            entry.mail.take_if(|_| mail);
            entry.event.take_if(|_| event);
        }
        if self.state.outbox.iter().any(|entry| entry.id == id && entry.mail.is_none() && entry.event.is_none()) {
            self.finish(id);
        }
    }

    /// Takes an entry out of the outbox for good.
    pub fn finish(&mut self, id: &str) {
        self.state.outbox.retain(|entry| entry.id != id);
        self.done.insert(id.to_owned());
    }

    /// Puts an entry of this run into the outbox, in the place of the one of its id. Gives the number of messages that
    /// go for it: of so many that nobody takes, the oldest.
    pub fn put(&mut self, entry: Entry) -> usize {
        self.state.outbox.retain(|held| held.id != entry.id);
        self.done.remove(&entry.id);
        self.state.outbox.push(entry);
        let surplus = self.state.outbox.len().saturating_sub(MAX_ENTRIES);
        for entry in self.state.outbox.drain(..surplus) {
            self.done.insert(entry.id);
        }
        surplus
    }

    /// Writes the state where it has changed. Where another run has written meanwhile, nothing that it has still to tell
    /// is lost.
    ///
    /// # Errors
    ///
    /// The bucket does not take it.
    pub async fn save(&mut self) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let text = self.state.text();
            let digest = sha256(text.as_bytes());
            if digest == self.saved {
                return Ok(());
            }
            match self.bucket.replace(KEY, text.into_bytes(), self.etag.as_deref()).await? {
                Written::Done(etag) => {
                    (self.etag, self.saved) = (Some(etag), digest);
                    return Ok(());
                }
                Written::Changed => self.merge().await?,
            }
        }
        Err(Failure::passing("PutObject", format!("others write {KEY} all the time")))
    }

    /// Takes over what another run has left to be told. An entry that it does not have any more is done with.
    async fn merge(&mut self) -> Result<(), Failure> {
        let object = self.bucket.get(KEY).await?;
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
    fn what_is_to_be_told_survives_another_form_of_the_rest() {
        let entry = Entry::of_messages(
            "r",
            Some(Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() }),
            None,
        );
        let mut state = FunctionState { outbox: vec![entry.clone()], ..FunctionState::default() };
        let text = state.text();
        assert_eq!(parse(text.as_bytes()).1, Found::Whole);
        for other in [text.replace("\"version\":2", "\"version\":1"), text.replace("\"known\":{}", "\"known\":[1]")] {
            let (state, found) = parse(other.as_bytes());
            assert_eq!((state.outbox, found), (vec![entry.clone()], Found::Other), "{other}");
        }
        assert_eq!(parse(b"{").1, Found::Damaged);
    }

    #[test]
    fn what_a_pass_is_about_to_do_comes_back() {
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

    /// Each byte of a state in turn is another one, or the last one.
    #[test]
    fn a_damaged_state_is_a_cache_that_is_lost() {
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
                assert!(read.outbox.len() <= 1 && (found == Found::Whole || read.files.is_empty()), "{at}");
                assert!(read.snapshot().is_none() && read.uploads().len() <= 1, "{at}");
                assert!(read.outbox.iter().all(|entry| entry.changes().count() == 0), "{at}");
            }
            assert_eq!(parse(&text.as_bytes()[..at]).1, Found::Damaged, "{at}");
        }
    }
}
