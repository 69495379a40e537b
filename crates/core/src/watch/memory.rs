//! What runs remember for later ones.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::compliance::RememberedCompliance;
use super::standing::Standing;
use crate::evidence::facts::{Counts, Seconds};

/// What runs remember. Without it, the next run finds everything for the first time, and says so once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Memory {
    /// Problems that were reported and are still open.
    pub open: Vec<Standing>,
    /// What could not be read.
    pub unread: Vec<UnreadFact>,
    /// The accounts, by ID.
    pub accounts: BTreeMap<String, SeenAccount>,
    /// The controls, by name: whether each has evidence, if that is known.
    pub controls: BTreeMap<String, Option<bool>>,
    /// How much evidence the controls have, for the growth between runs.
    pub counts: Counts,
    /// Why the last run failed, as reported.
    pub failure: Option<String>,
    /// What the last report about compliance said.
    pub compliance: Option<RememberedCompliance>,
    /// What kept a report about compliance from being written, as reported.
    pub report_failures: BTreeSet<String>,
}

/// An account as runs have seen it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SeenAccount {
    /// When a run last tried to read it.
    pub tried_at: Seconds,
    /// When a run last read it; `None` if none has.
    pub read_at: Option<Seconds>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadFact {
    /// The account; `None` if it is in that of Audit Manager alone.
    pub account: Option<String>,
    /// What it is, whatever the message of the service was.
    pub key: String,
    /// Why it was not read.
    pub reason: String,
    /// Whether it was reported: at once if it lasts, otherwise if it is there again in the next run.
    pub reported: bool,
}

impl Memory {
    /// Whether no run has looked at anything yet.
    pub fn is_empty(&self) -> bool {
        self.controls.is_empty() && self.accounts.is_empty()
    }
}
