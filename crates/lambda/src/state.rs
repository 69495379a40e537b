//! What passes leave for later ones, in one object of the bucket: what they have read, what they have told, and what is
//! still to be told.
//!
//! But for the last it is a cache: without it, the next pass reads everything and is right.

use std::collections::{BTreeMap, BTreeSet};

use controlsync_aws::account::Snapshot;
use controlsync_aws::bucket::{Bucket, Written, sha256};
use controlsync_core::applied::Failure;
use controlsync_core::pass::notice::AllKnown;
use controlsync_core::pass::{Begun, Upload};
use controlsync_core::plan::{Kind, ObjectType};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::log::millis;

/// Where it is; nothing else writes there.
pub const KEY: &str = ".controlsync/state.json";
/// The form of the object; of another one only what is still to be told is read.
const VERSION: u32 = 1;
/// So many reports are kept for topics that take none.
const MAX_ENTRIES: usize = 100;
/// How often a write is tried while somebody else writes too.
const ATTEMPTS: usize = 4;

/// What passes leave for later ones.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// What is still to be told, the oldest first.
    #[serde(default)]
    pub outbox: Vec<Entry>,
    /// The last pass that had something to tell.
    #[serde(default)]
    pub last_report: Option<LastReport>,
    /// What was told and still holds.
    #[serde(default)]
    pub known: AllKnown,
    /// The name of the catalog that the last plan was made for.
    #[serde(default)]
    pub catalog: Option<String>,
    /// The plan that was told, as a digest; none where nothing was planned.
    #[serde(default)]
    pub told_plan: Option<String>,
    /// Files that were found new, changed or gone since the last pass that came to its end.
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

/// A pass that had something to tell, for whoever waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastReport {
    /// Its id.
    pub pass: String,
    /// What it came to.
    pub outcome: String,
}

/// A message, or one that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The request whose pass it is about.
    pub id: String,
    /// What the pass is about to do: as long as it is here, nobody knows what became of it.
    #[serde(default)]
    begun: Vec<SavedBegun>,
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
struct SavedBegun {
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
    /// What a pass is about to do.
    pub fn begun<'a>(id: &str, changes: impl Iterator<Item = &'a controlsync_core::plan::Change>) -> Self {
        let saved = changes.map(|change| SavedBegun {
            kind: change.kind.name().to_owned(),
            r#type: change.object.noun().to_owned(),
            name: change.name.clone(),
        });
        Self { id: id.to_owned(), begun: saved.collect(), mail: None, event: None }
    }

    /// Messages that can be sent.
    pub fn of_messages(id: &str, mail: Option<Message>, event: Option<Message>) -> Self {
        Self { id: id.to_owned(), begun: Vec::new(), mail, event }
    }

    /// Whether its pass broke off.
    pub fn is_open(&self) -> bool {
        !self.begun.is_empty()
    }

    /// What its pass was about to do.
    pub fn changes(&self) -> impl Iterator<Item = Begun> {
        self.begun.iter().filter_map(|saved| {
            let kind = *Kind::ALL.iter().find(|kind| kind.name() == saved.kind)?;
            let objects = [ObjectType::Control, ObjectType::Framework];
            let object = objects.into_iter().find(|object| object.noun() == saved.r#type)?;
            Some(Begun { kind, object, name: saved.name.clone() })
        })
    }
}

impl State {
    /// What an earlier pass has read of the account.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Snapshot::from_text(self.account.as_ref()?.get().as_bytes())
    }

    /// Keeps what was read of the account.
    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) {
        self.account = RawValue::from_string(snapshot.to_text()).ok();
    }

    /// Files that were found new, changed or gone since the last pass that came to its end.
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

    /// Forgets them: a pass has come to its end.
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
    pub state: State,
    /// Entries that are done with, by the requests of their passes.
    done: BTreeSet<String>,
    /// The pass, unlike all others: a request that is made again has the id that it had.
    pass: String,
}

#[derive(Default, Deserialize)]
struct Outbox {
    #[serde(default)]
    outbox: Vec<Entry>,
}

fn parse(bytes: &[u8]) -> (State, Found) {
    match serde_json::from_slice::<State>(bytes) {
        Ok(state) if state.version == VERSION => (state, Found::Whole),
        _ => match serde_json::from_slice::<Outbox>(bytes) {
            Ok(Outbox { outbox }) => (State { outbox, ..State::default() }, Found::Other),
            Err(_) => (State::default(), Found::Damaged),
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
        let (state, found) = object.as_ref().map_or((State::default(), Found::Whole), |object| parse(&object.bytes));
        let saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        let etag = object.map(|object| object.etag);
        let pass = format!("{request}/{}", millis());
        let (bucket, done) = (bucket.clone(), BTreeSet::new());
        Ok((Self { bucket, etag, saved, state, done, pass }, found))
    }

    /// The id of the entry of this pass.
    pub fn pass(&self) -> String {
        self.pass.clone()
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

    /// Puts an entry of this pass into the outbox, in the place of the one of its id. Gives the number of messages that
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

    /// Writes the state where it has changed. Where another pass has written meanwhile, nothing that it has still to tell
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
                Written::Moved => self.merge().await?,
            }
        }
        Err(Failure::passing("PutObject", format!("others write {KEY} all the time")))
    }

    /// Takes over what another pass has left to be told. An entry that it does not have any more is done with.
    async fn merge(&mut self) -> Result<(), Failure> {
        let object = self.bucket.get(KEY).await?;
        let theirs = object.as_ref().map(|object| parse(&object.bytes).0.outbox).unwrap_or_default();
        let ours = std::mem::take(&mut self.state.outbox).into_iter().filter(|entry| entry.id.starts_with(&self.pass));
        let ours: Vec<Entry> = ours.collect();
        let theirs =
            theirs.into_iter().filter(|entry| !entry.id.starts_with(&self.pass) && !self.done.contains(&entry.id));
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
        let mut state = State { outbox: vec![entry.clone()], ..State::default() };
        let text = state.text();
        assert_eq!(parse(text.as_bytes()).1, Found::Whole);
        for other in [text.replace("\"version\":1", "\"version\":2"), text.replace("\"known\":{}", "\"known\":[1]")] {
            let (state, found) = parse(other.as_bytes());
            assert_eq!((state.outbox, found), (vec![entry.clone()], Found::Other), "{other}");
        }
        assert_eq!(parse(b"{").1, Found::Damaged);
    }

    #[test]
    fn what_a_pass_is_about_to_do_comes_back() {
        let change = controlsync_core::plan::Plan::default().changes;
        assert!(!Entry::begun("r", change.iter()).is_open());
        let entry = Entry {
            begun: vec![SavedBegun { kind: "create".into(), r#type: "framework".into(), name: "n".into() }],
            ..Entry::of_messages("r", None, None)
        };
        let begun = Begun { kind: Kind::Create, object: ObjectType::Framework, name: "n".into() };
        assert!(entry.is_open());
        assert_eq!(entry.changes().collect::<Vec<_>>(), [begun]);
    }

    /// Each byte of a state in turn is another one, or the last one.
    #[test]
    fn a_damaged_state_is_a_cache_that_is_lost() {
        let message = Message { subject: Some("s".into()), body: "b".into(), attributes: BTreeMap::new() };
        let mut state = State { outbox: vec![Entry::of_messages("r", Some(message), None)], ..State::default() };
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
