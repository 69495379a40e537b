//! What a roll-up is asked.

use std::collections::BTreeSet;

use super::facts::Aggregator;
use crate::evidence;

/// Resources that are listed of each check; the others are counted.
pub const LISTED: usize = 200;

/// The input of a [`Rollup`](super::Rollup).
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The catalog, and what was read of accounts.
    pub evidence: evidence::Input<'a>,
    /// Names of the controls.
    pub controls: &'a BTreeSet<&'a str>,
    /// Names of the frameworks.
    pub frameworks: &'a BTreeSet<&'a str>,
    /// The aggregator that has the results; `None` if each account was read itself.
    pub aggregator: Option<&'a Aggregator>,
    /// Resources that are listed of each check, [`LISTED`] unless a test says otherwise.
    pub listed: usize,
}
