//! `packs.lock.json`: which pack has which check, under which names.
//!
//! A rule that moves to another pack or gets another name is deleted and created again, and its history of results is lost. So what
//! was exported once is pinned here, and the file belongs into version control.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::pack_limits::{MAX_RULE_NAME, is_pack_name};

/// Name of the file.
pub const LOCK_FILE: &str = "packs.lock.json";
/// Version of the file.
const VERSION: u32 = 1;

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lock {
    version: u32,
    /// Start of the names of packs.
    pub name: String,
    /// Whether each framework has its own packs.
    pub per_framework: bool,
    /// The checks, sorted.
    pub checks: Vec<Pin>,
}

/// Where a check is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pin {
    /// The framework whose packs have it, if each framework has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// Identifier of a managed rule, keyword of a custom rule, or a manual source.
    pub check: String,
    /// Name of the pack.
    pub pack: String,
    /// Name of the rule, before AWS Config appends to it.
    pub rule_name: String,
    /// Logical ID of the rule in the template.
    pub logical_id: String,
    /// Parameters of the rule that are parameters of the pack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// Whether the pack has the remediation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remediation: bool,
}

/// Why a lock cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Not a lock, or one that contradicts itself.
    #[error(
        "{LOCK_FILE} is damaged: {0}; restore it from version control, because a new one can move and rename rules that are deployed"
    )]
    Damaged(String),
    /// Written by a later version of this program.
    #[error(
        "{LOCK_FILE} has version {0}, and this program knows version {VERSION}: use the version of controlsync that wrote it"
    )]
    LaterVersion(u64),
}

impl Lock {
    /// Creates a lock.
    pub fn new(name: &str, per_framework: bool, mut checks: Vec<Pin>) -> Self {
        checks.sort();
        Self { version: VERSION, name: name.to_owned(), per_framework, checks }
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// The text is not a lock of this version.
    pub fn read(text: &str) -> Result<Self, LockError> {
        let damaged = |error: serde_json::Error| LockError::Damaged(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(damaged)?;
        if let Some(version) = value["version"].as_u64().filter(|version| *version > u64::from(VERSION)) {
            return Err(LockError::LaterVersion(version));
        }
        let lock: Self = serde_json::from_value(value).map_err(damaged)?;
        match lock.contradiction() {
            Some(what) => Err(LockError::Damaged(what)),
            None => Ok(lock),
        }
    }

    /// Returns the text of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Returns the names of the packs.
    pub fn packs(&self) -> BTreeSet<&str> {
        self.checks.iter().map(|pin| pin.pack.as_str()).collect()
    }

    /// Returns where a check is: the identifier of a managed rule, or the keyword of a custom rule.
    pub fn pins_of<'a>(&'a self, check: &'a str) -> impl Iterator<Item = &'a Pin> {
        self.checks.iter().filter(move |pin| pin.check == check)
    }

    fn contradiction(&self) -> Option<String> {
        if self.version != VERSION {
            return Some(format!("it has version {}", self.version));
        }
        if !is_pack_name(&self.name) {
            return Some(format!("{:?} is not a valid name of a pack", self.name));
        }
        let (mut checks, mut names, mut ids) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for pin in &self.checks {
            let is_id = !pin.logical_id.is_empty() && pin.logical_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let length = pin.rule_name.chars().count();
            if !is_pack_name(&pin.pack) {
                return Some(format!("{:?} is not a valid name of a pack", pin.pack));
            } else if !is_id || length == 0 || length > MAX_RULE_NAME {
                return Some(format!("the names of `{}` are not valid", pin.check));
            } else if pin.framework.is_some() && !self.per_framework {
                return Some(format!("`{}` has a framework", pin.check));
            } else if !checks.insert((&pin.framework, &pin.check)) {
                return Some(format!("`{}` is there twice", pin.check));
            } else if !names.insert((&pin.pack, pin.rule_name.to_lowercase())) {
                return Some(format!("two rules of `{}` are named `{}`", pin.pack, pin.rule_name));
            } else if !ids.insert((&pin.pack, &pin.logical_id)) {
                return Some(format!("two rules of `{}` have the logical ID `{}`", pin.pack, pin.logical_id));
            }
        }
        None
    }
}
