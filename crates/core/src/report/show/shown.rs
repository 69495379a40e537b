//! Strings that can be shown.

use crate::characters::printable;

/// A string that can be shown: invisible characters are escaped, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown(String);

impl Shown {
    pub(super) fn new(text: &str) -> Self {
        let lines: Vec<_> = text.trim_end_matches('\n').split('\n').map(printable).collect();
        Self(lines.join("\n"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
