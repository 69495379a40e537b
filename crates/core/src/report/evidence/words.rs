//! What several formats say in the same words.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::counted;
use crate::evidence::facts::{Place, Seconds};
use crate::evidence::{Affected, ControlEvidence, Evidence, LastEvidence, Setup, SourceReport, Unknown, day, places};
use crate::source::FileId;

/// Returns for example `34 controls: 3 not-ready, 31 ready`.
pub(crate) fn summary(evidence: &Evidence) -> String {
    let counts: Vec<String> = Setup::ALL
        .into_iter()
        .map(|setup| (evidence.count(setup), setup))
        .filter(|(count, _)| *count > 0)
        .map(|(count, setup)| format!("{count} {}", setup.name()))
        .collect();
    let controls = counted(evidence.controls.len(), "control");
    if counts.is_empty() { controls } else { format!("{controls}: {}", counts.join(", ")) }
}

/// Returns how many accounts were read, and how old the oldest facts are if they are not of this run.
pub(super) fn accounts(evidence: &Evidence) -> String {
    let read = evidence.accounts_read();
    let oldest = evidence.accounts.values().flatten().min().copied();
    let age = match oldest.filter(|oldest| *oldest < evidence.read_at) {
        Some(oldest) => format!(", the oldest {} ago", age(evidence.read_at - oldest)),
        None => String::new(),
    };
    format!("read {read} of {}{age}", counted(evidence.accounts.len(), "account"))
}

/// Returns why setups are not known, with what it affects.
pub(super) fn unknown(why: &Unknown, affected: &Affected<'_>) -> String {
    let sources = counted(affected.sources, "source");
    if affected.places.is_empty() {
        format!("{why} ({sources})")
    } else {
        format!("{}: {why} ({sources})", places::in_words(&affected.places))
    }
}

/// Returns a duration in its largest unit: `3 hours`.
pub(crate) fn age(seconds: Seconds) -> String {
    let count = |unit: Seconds| usize::try_from(seconds / unit).unwrap_or(0);
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..3600 => counted(count(60), "minute"),
        3600..172_800 => counted(count(3600), "hour"),
        _ => counted(count(86_400), "day"),
    }
}

/// Returns the setups of a source over all accounts, the worst first: `not-ready 9, unknown 4, ready 187`.
pub(crate) fn setups(source: &SourceReport) -> String {
    let counts = Setup::ALL.into_iter().map(|setup| {
        let count = source.places.iter().filter(|place| place.setup == setup).count();
        (setup, count)
    });
    let counts: Vec<String> =
        counts.filter(|(_, count)| *count > 0).map(|(setup, count)| format!("{} {count}", setup.name())).collect();
    counts.join(", ")
}

/// Returns the exceptions in force of a source, each with its accounts: `2 accounts in eu-west-1 (…) until 2027-01-31 (exceptions/a.yaml)`.
pub(crate) fn exceptions(source: &SourceReport, path: impl Fn(FileId) -> String) -> Vec<String> {
    let mut all: BTreeMap<(FileId, &str), BTreeSet<&Place>> = BTreeMap::new();
    for place in &source.places {
        if let Some(exception) = &place.exception {
            all.entry((exception.file, exception.until.as_str())).or_default().insert(&place.place);
        }
    }
    all.into_iter()
        .map(|((file, until), of)| format!("{} excepted until {until} by {}", places::in_words(&of), path(file)))
        .collect()
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
