//! What several formats say in the same words.

use crate::diagnostic::counted;
use crate::evidence::{ControlEvidence, Evidence, LastEvidence, Setup, SourceReport, day};

/// Returns for example `34 controls: 3 not-ready, 31 ready`.
pub(super) fn summary(evidence: &Evidence) -> String {
    let counts: Vec<String> = Setup::ALL
        .into_iter()
        .map(|setup| (evidence.count(setup), setup))
        .filter(|(count, _)| *count > 0)
        .map(|(count, setup)| format!("{count} {}", setup.name()))
        .collect();
    let controls = counted(evidence.controls.len(), "control");
    if counts.is_empty() { controls } else { format!("{controls}: {}", counts.join(", ")) }
}

/// Returns which accounts were read.
pub(super) fn accounts(evidence: &Evidence) -> String {
    let read = evidence.accounts.values().filter(|read| **read).count();
    format!("read {read} of {}", counted(evidence.accounts.len(), "account"))
}

/// Returns when a source last collected.
pub(in crate::report) fn last(source: &SourceReport) -> String {
    match source.last {
        LastEvidence::NotKnown => String::new(),
        LastEvidence::Never => "no evidence".to_owned(),
        LastEvidence::On(at) if source.setup == Setup::Ready => format!("collecting, {}", day(at)),
        LastEvidence::On(at) => format!("last {}", day(at)),
        LastEvidence::OfService(at) => format!("last {} by this source or another one of its service", day(at)),
    }
}

/// Returns what a control has collected.
pub(in crate::report) fn collected(control: &ControlEvidence) -> String {
    match (control.collected.items, control.collected.newest) {
        (Some(0), _) => "no evidence".to_owned(),
        (Some(items), Some(newest)) => format!("{}, last {}", self::items(items), day(newest)),
        (Some(items), None) => self::items(items),
        (None, _) => String::new(),
    }
}

fn items(count: i64) -> String {
    counted(usize::try_from(count).unwrap_or_default(), "item")
}
