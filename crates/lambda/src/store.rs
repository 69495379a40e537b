//! What a function saves between runs, in one object of the bucket that only it writes.
//!
//! Except for the outbox it is a cache: without it, the next run reads everything again and gets the same result.

use std::collections::BTreeSet;

use controlsync_aws::s3::{Bucket, Written, sha256};
use controlsync_core::change_result::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::log::millis;
use crate::outbox::Entry;

/// The most entries that the outbox keeps while its topics accept nothing.
const MAX_ENTRIES: usize = 100;
/// The most emails that are kept while their topic has no confirmed subscription: the first to confirm gets all of them.
const MAX_HELD: usize = 20;
/// Attempts to write the state while another run writes it too.
const ATTEMPTS: usize = 4;

/// The state of a function: what its runs save for later ones.
pub trait State: Default + Serialize + DeserializeOwned {
    /// Key of the object, below the prefix of the catalog: functions with other prefixes have their own.
    const KEY: &'static str;
    /// Version of the format. From an object with another version, only the outbox is read.
    const VERSION: u32;

    /// The version that it was written with.
    fn version(&self) -> u32;

    /// Sets the version to that of this format.
    fn set_version(&mut self);

    /// Unsent reports, the oldest first.
    fn outbox(&self) -> &Vec<Entry>;

    /// The same, to change them.
    fn mailbox(&mut self) -> &mut Vec<Entry>;

    /// Whether emails wait for a confirmed subscription to their topic.
    fn set_held(&mut self, held: bool);
}

/// Returns the text of a state.
pub(crate) fn text<S: State>(state: &mut S) -> String {
    state.set_version();
    serde_json::to_string(state).unwrap_or_default()
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
pub struct Store<S> {
    bucket: Bucket,
    key: String,
    etag: Option<String>,
    /// SHA-256 of the object's content.
    saved: String,
    /// The state.
    pub state: S,
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

/// Reads a state.
pub(crate) fn parse<S: State>(bytes: &[u8]) -> (S, Found) {
    match serde_json::from_slice::<S>(bytes) {
        Ok(state) if state.version() == S::VERSION => (state, Found::Valid),
        _ => match serde_json::from_slice::<Outbox>(bytes) {
            Ok(Outbox { outbox }) => {
                let mut state = S::default();
                state.mailbox().extend(outbox);
                (state, Found::Other)
            }
            Err(_) => (S::default(), Found::Damaged),
        },
    }
}

impl<S: State> Store<S> {
    /// Reads the state.
    ///
    /// # Errors
    ///
    /// The object cannot be read.
    pub async fn load(bucket: &Bucket, prefix: &str, request: &str) -> Result<(Self, Found), Failure> {
        let key = format!("{prefix}{}", S::KEY);
        let object = bucket.get(&key).await?;
        let (state, found) = object.as_ref().map_or((S::default(), Found::Valid), |object| parse(&object.bytes));
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
        for entry in self.state.mailbox().iter_mut().filter(|entry| entry.id == id) {
            entry.mail.take_if(|_| mail);
            entry.event.take_if(|_| event);
        }
        if self.state.outbox().iter().any(|entry| entry.id == id && entry.mail.is_none() && entry.event.is_none()) {
            self.finish(id);
        }
    }

    /// Drops the oldest emails that wait for a confirmed subscription, if there are too many. Returns how many.
    pub fn limit_held(&mut self) -> usize {
        let held = self.state.outbox().iter().filter(|entry| entry.mail.is_some() && !entry.is_open());
        let held: Vec<String> = held.map(|entry| entry.id.clone()).collect();
        let surplus = held.len().saturating_sub(MAX_HELD);
        for id in &held[..surplus] {
            self.sent(id, true, false);
        }
        surplus
    }

    /// Removes an entry from the outbox permanently.
    pub fn finish(&mut self, id: &str) {
        self.state.mailbox().retain(|entry| entry.id != id);
        self.done.insert(id.to_owned());
    }

    /// Adds an entry of this run to the outbox, replacing the one with its id. Returns the number of entries that were
    /// dropped: if the outbox is full, the oldest.
    pub fn put(&mut self, entry: Entry) -> usize {
        self.state.mailbox().retain(|other| other.id != entry.id);
        self.done.remove(&entry.id);
        self.state.mailbox().push(entry);
        let surplus = self.state.outbox().len().saturating_sub(MAX_ENTRIES);
        for entry in self.state.mailbox().drain(..surplus) {
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
            let text = text(&mut self.state);
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
        let theirs =
            object.as_ref().map(|object| std::mem::take(parse::<S>(&object.bytes).0.mailbox())).unwrap_or_default();
        let ours = std::mem::take(self.state.mailbox()).into_iter().filter(|entry| entry.id.starts_with(&self.run));
        let ours: Vec<Entry> = ours.collect();
        let theirs =
            theirs.into_iter().filter(|entry| !entry.id.starts_with(&self.run) && !self.done.contains(&entry.id));
        *self.state.mailbox() = theirs.chain(ours).collect();
        self.saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        self.etag = object.map(|object| object.etag);
        Ok(())
    }
}
