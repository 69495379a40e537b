//! What the user asks for.

use std::collections::BTreeMap;

use crate::pack_lock::Lock;

/// What to do with manual sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manual {
    /// They are gaps.
    #[default]
    Skip,
    /// Each is a process check, whose result a person sets
    /// (<https://docs.aws.amazon.com/config/latest/developerguide/process-checks.html>).
    ProcessCheck,
}

/// What to do with sources of Security Hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecurityHub {
    /// They are gaps.
    #[default]
    Skip,
    /// The managed rule behind each is exported; the source stays a gap.
    Map,
}

/// What to export.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command, independent of the others")]
pub struct Options<'a> {
    /// Start of the names of packs; by default that of the lock, or the name of the catalog.
    pub name: Option<&'a str>,
    /// Whether each framework has its own packs.
    pub per_framework: bool,
    /// Whether the packs are for an organization.
    pub organization: bool,
    /// Whether rules may move to other packs and get other names.
    pub rebalance: bool,
    /// Whether AWS Config may start remediations by itself.
    pub allow_automatic_remediation: bool,
    /// What to do with manual sources.
    pub manual: Manual,
    /// What to do with sources of Security Hub.
    pub security_hub: SecurityHub,
    /// Texts of the Guard rules by path.
    pub guard_rules: BTreeMap<String, String>,
    /// The lock of the last export.
    pub lock: Option<&'a Lock>,
}
