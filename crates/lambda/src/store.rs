//! What a function saves between runs, in one object of the bucket that only it writes.
//!
//! Except for the outbox it is a cache: without it, the next run reads everything again and gets the same result.

use std::collections::BTreeSet;

use controlsync_aws::s3::{Bucket, Written, sha256};
use controlsync_core::change_result::Failure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::log::{Log, LogLevel, millis};
use crate::outbox::{Entry, LastReport};

/// The most entries that the outbox keeps while its topics accept nothing.
const MAX_ENTRIES: usize = 100;
/// The most emails that are kept while their topic has no confirmed subscription: the first to confirm gets all of them.
const MAX_HELD: usize = 20;
/// Attempts to write the state while another run writes it too.
const ATTEMPTS: usize = 4;

/// The folder of the states, below the prefix of the catalog.
pub(crate) const FOLDER: &str = ".controlsync";

/// The state of a function: what its runs save for later ones, besides their reports.
pub trait State: Default + Serialize + DeserializeOwned {
    /// Key of the object, below the prefix of the catalog: functions with other prefixes have their own.
    const KEY: &'static str;
    /// Version of the format. From an object with another version, only the outbox is read.
    const VERSION: u32;
}

/// The reports of a function: what every function saves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Mailbox {
    #[serde(default)]
    version: u32,
    /// Unsent reports, the oldest first.
    #[serde(default)]
    pub outbox: Vec<Entry>,
    /// The last run that had something to report.
    #[serde(default)]
    last_report: Option<LastReport>,
    /// When the last email was written, in seconds since 1970.
    #[serde(default)]
    last_email: Option<u64>,
    /// Whether emails wait for a confirmed subscription to their topic.
    #[serde(default)]
    pub held: bool,
}

impl Mailbox {
    /// Full days since the last email; `None` if there was none.
    pub fn days_since_email(&self) -> Option<u32> {
        u32::try_from(seconds().saturating_sub(self.last_email?) / (24 * 60 * 60)).ok()
    }
}

/// Seconds since 1970.
fn seconds() -> u64 {
    millis() / 1000
}

/// The object: the keys of both are beside each other.
#[derive(Serialize)]
struct Document<'a, S> {
    #[serde(flatten)]
    mailbox: &'a Mailbox,
    #[serde(flatten)]
    state: &'a S,
}

/// Returns the text of the object.
pub(crate) fn text<S: State>(mailbox: &mut Mailbox, state: &S) -> String {
    mailbox.version = S::VERSION;
    serde_json::to_string(&Document { mailbox, state }).unwrap_or_default()
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

impl Found {
    /// Logs why everything is read again, if it is.
    pub(crate) fn trace(self, log: &Log) {
        if self != Self::Valid {
            let fields = json!({ "found": format!("{self:?}") });
            log.line(LogLevel::Warn, "cannot use the saved state: reading everything again", fields);
        }
    }
}

/// The state and the object it is stored in.
#[derive(Debug)]
pub struct Store<S> {
    bucket: Bucket,
    key: String,
    etag: Option<String>,
    /// SHA-256 of the object's content.
    saved: String,
    /// Its reports.
    pub mailbox: Mailbox,
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

/// Reads the object.
pub(crate) fn parse<S: State>(bytes: &[u8]) -> (Mailbox, S, Found) {
    match (serde_json::from_slice::<Mailbox>(bytes), serde_json::from_slice::<S>(bytes)) {
        (Ok(mailbox), Ok(state)) if mailbox.version == S::VERSION => (mailbox, state, Found::Valid),
        _ => match serde_json::from_slice::<Outbox>(bytes) {
            Ok(Outbox { outbox }) => (Mailbox { outbox, ..Mailbox::default() }, S::default(), Found::Other),
            Err(_) => (Mailbox::default(), S::default(), Found::Damaged),
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
        let new = || (Mailbox::default(), S::default(), Found::Valid);
        let (mailbox, state, found) = object.as_ref().map_or_else(new, |object| parse(&object.bytes));
        let saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        let etag = object.map(|object| object.etag);
        let run = format!("{request}/{}", millis());
        let (bucket, done) = (bucket.clone(), BTreeSet::new());
        Ok((Self { bucket, key, etag, saved, mailbox, state, done, run }, found))
    }

    /// The id of this run.
    pub fn run(&self) -> String {
        self.run.clone()
    }

    /// Removes the sent messages of an entry from the outbox, and the entry once both are sent.
    pub fn sent(&mut self, id: &str, mail: bool, event: bool) {
        for entry in self.mailbox.outbox.iter_mut().filter(|entry| entry.id == id) {
            entry.mail.take_if(|_| mail);
            entry.event.take_if(|_| event);
        }
        if self.mailbox.outbox.iter().any(|entry| entry.id == id && entry.mail.is_none() && entry.event.is_none()) {
            self.finish(id);
        }
    }

    /// Drops the oldest emails that wait for a confirmed subscription, if there are too many. Returns how many.
    pub fn limit_held(&mut self) -> usize {
        let held = self.mailbox.outbox.iter().filter(|entry| entry.mail.is_some() && !entry.is_open());
        let held: Vec<String> = held.map(|entry| entry.id.clone()).collect();
        let surplus = held.len().saturating_sub(MAX_HELD);
        for id in &held[..surplus] {
            self.sent(id, true, false);
        }
        surplus
    }

    /// Removes an entry from the outbox permanently.
    pub fn finish(&mut self, id: &str) {
        self.mailbox.outbox.retain(|entry| entry.id != id);
        self.done.insert(id.to_owned());
    }

    /// Adds an entry of this run to the outbox, replacing the one with its id. Returns the number of entries that were
    /// dropped: if the outbox is full, the oldest.
    pub fn put(&mut self, entry: Entry) -> usize {
        self.mailbox.outbox.retain(|other| other.id != entry.id);
        self.done.remove(&entry.id);
        self.mailbox.outbox.push(entry);
        let surplus = self.mailbox.outbox.len().saturating_sub(MAX_ENTRIES);
        for entry in self.mailbox.outbox.drain(..surplus) {
            self.done.insert(entry.id);
        }
        surplus
    }

    /// Adds the report of this run, if it has one. Returns the number of entries that were dropped.
    pub fn report(&mut self, entry: Option<Entry>, outcome: &str) -> usize {
        // A state of an earlier version has no time of the last email: the days count from now on.
        if entry.as_ref().is_some_and(|entry| entry.mail.is_some()) || self.mailbox.last_email.is_none() {
            self.mailbox.last_email = Some(seconds());
        }
        let Some(entry) = entry else { return 0 };
        self.mailbox.last_report = Some(LastReport { run: self.run(), outcome: outcome.to_owned() });
        self.put(entry)
    }

    /// Writes the state if it has changed. If another run has written it in the meantime, its unsent reports are kept.
    ///
    /// # Errors
    ///
    /// The object cannot be written.
    pub async fn save(&mut self) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let text = text(&mut self.mailbox, &self.state);
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
        let theirs = object.as_ref().map(|object| parse::<S>(&object.bytes).0.outbox).unwrap_or_default();
        let ours = std::mem::take(&mut self.mailbox.outbox).into_iter().filter(|entry| entry.id.starts_with(&self.run));
        let ours: Vec<Entry> = ours.collect();
        let theirs =
            theirs.into_iter().filter(|entry| !entry.id.starts_with(&self.run) && !self.done.contains(&entry.id));
        self.mailbox.outbox = theirs.chain(ours).collect();
        self.saved = object.as_ref().map_or(String::new(), |object| sha256(&object.bytes));
        self.etag = object.map(|object| object.etag);
        Ok(())
    }
}
