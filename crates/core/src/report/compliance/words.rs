//! What several formats say in the same words.

use std::collections::{BTreeMap, BTreeSet};

use super::report::Report;
use crate::compliance::since::{Changes, Subject};
use crate::compliance::{
    AccountRank, CheckRank, Compliance, ControlCompliance, Counts, ListedResource, PlaceCompliance, Reason,
    ResourceRank, Score, SetCompliance, SourceCompliance, Status,
};
use crate::diagnostic::counted;
use crate::evidence::facts::Place;
use crate::evidence::places;
use crate::model::Severity;

/// Accounts, checks and resources of a ranking; the others are counted.
pub(crate) const RANKED: usize = 10;

/// Returns for example `33% (2 of 6)`.
pub(crate) fn score(score: Score) -> String {
    match score.percent() {
        Some(percent) => format!("{percent}% ({} of {})", score.compliant, score.of),
        None => "no score".to_owned(),
    }
}

/// Returns for example `6 controls: 33% (2 of 6) compliant; 4 non-compliant, 2 compliant`.
pub(crate) fn summary(compliance: &Compliance) -> String {
    let controls = counted(compliance.controls.len(), "control");
    let counts = counts(&compliance.counts());
    format!("Score {}: {controls}{}{counts}", score(compliance.score()), if counts.is_empty() { "" } else { ", " })
}

/// Returns the numbers of each status, the worst first: `1 non-compliant, 2 no-data`.
pub(crate) fn counts(counts: &Counts) -> String {
    let each: Vec<String> = counts.each().map(|(status, count)| format!("{count} {}", status.name())).collect();
    each.join(", ")
}

/// Returns the numbers of each status, unless there is only one in all: a status beside them says the same.
pub(crate) fn counts_of_several(of: &Counts) -> String {
    let several = of.each().map(|(_, count)| count).sum::<usize>() > 1;
    if several { counts(of) } else { String::new() }
}

/// Returns whose results they are: `account 111122223333 in eu-west-1, aggregator `org`, 3 accounts in 2 Regions`.
pub(crate) fn scope(compliance: &Compliance) -> String {
    let regions: BTreeSet<&str> = compliance.places.iter().map(|place| place.region.as_str()).collect();
    let regions = match regions.len() {
        0 | 1 => String::new(),
        several => format!(" in {several} Regions"),
    };
    let aggregator = compliance.aggregator.as_ref().map(|name| format!("aggregator `{name}`, ")).unwrap_or_default();
    format!("{aggregator}{}{regions}", counted(compliance.accounts.len(), "account"))
}

/// Returns what is worth knowing: the notes, and the accounts that the aggregator does not have.
pub(crate) fn notes(compliance: &Compliance) -> Vec<String> {
    let missing: BTreeSet<&Place> = compliance.not_aggregated.iter().collect();
    let missing = (!missing.is_empty()).then(|| format!("not in the aggregator: {}", places::in_words(&missing)));
    missing.into_iter().chain(compliance.notes.iter().cloned()).collect()
}

/// Returns the status of a source, with the reason if all of its accounts without a result have the same.
pub(crate) fn status(compliance: &Compliance, source: &SourceCompliance) -> String {
    let weaker = compliance.places_of(source).any(|(_, of)| {
        of.status == source.status && matches!(compliance.reason(of), Some(Reason::WeakerParameter { .. }))
    });
    let why = if weaker && source.status == Status::NoData { " (weaker parameter)" } else { "" };
    format!("{}{why}", source.status.name())
}

/// Returns the severity of a control, or a dash.
pub(super) fn severity(control: &ControlCompliance) -> &'static str {
    control.severity.map_or("-", Severity::name)
}

/// Returns the number of noncompliant resources, if there are any.
pub(crate) fn failing(count: usize) -> String {
    if count == 0 { String::new() } else { counted(count, "noncompliant resource") }
}

/// Returns the number of noncompliant resources of a check in an account; `None` if it is noncompliant and they were not listed.
pub(super) fn failing_in(of: &PlaceCompliance) -> Option<u32> {
    let listed = of.failing > 0 || of.status != Status::NonCompliant;
    listed.then_some(of.failing)
}

/// Returns what a check says in an account, with what explains it.
pub(crate) fn in_place(compliance: &Compliance, place: &Place, of: &PlaceCompliance) -> String {
    let failing = failing(of.failing as usize);
    let reason = compliance.reason(of).map(ToString::to_string);
    let exception = compliance.exception(of).map(|of| format!("excepted until {}", of.exception.until));
    let why: Vec<String> =
        [Some(failing).filter(|words| !words.is_empty()), reason, exception].into_iter().flatten().collect();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join(", ")) };
    format!("{place}  {}{why}", of.status.name())
}

/// Returns for example `2 accounts and Regions`.
fn places_in_numbers(count: usize) -> String {
    if count == 1 { "1 account and Region".to_owned() } else { format!("{count} accounts and Regions") }
}

/// Returns what to do about a control: its instructions and its procedure.
pub(super) fn remedies(control: &ControlCompliance) -> impl Iterator<Item = String> {
    let instructions = control.instructions.lines().map(str::trim).filter(|line| !line.is_empty());
    let procedure = control.procedure_url.iter().map(|url| format!("see {url}"));
    instructions.map(str::to_owned).chain(procedure)
}

/// Returns the exceptions that are in force, each in words.
pub(crate) fn exceptions(report: &Report<'_>) -> Vec<String> {
    let path = |file| report.paths.show(report.checked.sources.get(file).path());
    let each = report.compliance.exceptions.iter().map(|of| {
        let by = of.approver.as_ref().map(|name| format!(", accepted by {name}")).unwrap_or_default();
        let accepts = match of.places {
            0 => "accepts nothing now".to_owned(),
            count => places_in_numbers(count),
        };
        let until = &of.exception.until;
        format!("until {until}: {}, {accepts}{by} ({})", of.check, path(of.exception.file))
    });
    each.collect()
}

/// Why something is unknown or has no data, with what it concerns.
pub(crate) struct Why<'a> {
    pub(crate) status: Status,
    pub(super) reason: String,
    pub(super) places: BTreeSet<&'a Place>,
    pub(super) sources: usize,
}

/// Returns why statuses are unknown, then why there are no data, each reason once.
pub(crate) fn reasons(compliance: &Compliance) -> Vec<Why<'_>> {
    let mut all: BTreeMap<(Status, &Reason), (BTreeSet<&Place>, usize)> = BTreeMap::new();
    let mut whys: Vec<Why<'_>> = Vec::new();
    for control in &compliance.controls {
        for why in &control.unknown {
            let reason = why.to_string();
            match whys.iter_mut().find(|known| known.reason == reason) {
                Some(known) => known.sources += control.sources.len(),
                None => whys.push(Why {
                    status: Status::Unknown,
                    reason,
                    places: BTreeSet::new(),
                    sources: control.sources.len(),
                }),
            }
        }
        for source in &control.sources {
            let mut of_source = BTreeSet::new();
            for (place, of) in compliance.places_of(source) {
                if let (Status::Unknown | Status::NoData, Some(reason)) = (of.status, compliance.reason(of)) {
                    all.entry((of.status, reason)).or_default().0.insert(place);
                    of_source.insert((of.status, reason));
                }
            }
            for key in of_source {
                all.entry(key).or_default().1 += 1;
            }
        }
    }
    let of_places = all.into_iter().map(|((status, reason), (places, sources))| Why {
        status,
        reason: reason.to_string(),
        places,
        sources,
    });
    whys.extend(of_places);
    whys
}

impl std::fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources = counted(self.sources, "source");
        if self.places.is_empty() {
            write!(f, "{}: {} ({sources})", self.status.name(), self.reason)
        } else {
            let places = places::in_words(&self.places);
            write!(f, "{}: {places}: {} ({sources})", self.status.name(), self.reason)
        }
    }
}

/// Returns what changed, by kind: a title and the subjects. Kinds without any are left out.
pub(crate) fn changes(changes: &Changes) -> Vec<(&'static str, &[Subject])> {
    let kinds: [(&str, &[Subject]); 4] = [
        ("New", &changes.new),
        ("Resolved", &changes.resolved),
        ("Excepted", &changes.excepted),
        ("Not compliant before, and not known to be resolved", &changes.unproven),
    ];
    kinds.into_iter().filter(|(_, subjects)| !subjects.is_empty()).collect()
}

/// Returns for example `2 new, 1 resolved, 3 still open since 2026-11-01T00:00:00Z`.
pub(crate) fn changes_in_numbers(changes: &Changes) -> String {
    let Changes { new, resolved, excepted, unproven, open, since } = changes;
    let open = open + unproven.len();
    let excepted = if excepted.is_empty() { String::new() } else { format!(", {} excepted", excepted.len()) };
    format!("{} new, {} resolved{excepted}, {open} still open since {since}", new.len(), resolved.len())
}

/// Returns a check of a control in an account, in words.
pub(crate) fn subject(subject: &Subject) -> String {
    format!("{}: {} in {}", subject.control, subject.check, subject.place)
}

/// Returns a check of a ranking, in words.
pub(crate) fn check(of: &CheckRank) -> String {
    let (places, controls) = (places_in_numbers(of.places), counted(of.controls, "control"));
    let line = format!("{}  non-compliant in {places}, {controls}  {}", of.check, failing(of.failing));
    line.trim_end().to_owned()
}

/// Returns the ID of an account of a ranking.
pub(crate) fn account_name(of: &AccountRank) -> &str {
    if of.account.is_empty() { "this account" } else { &of.account }
}

/// Returns an account of a ranking, in words.
pub(crate) fn account(of: &AccountRank) -> String {
    format!("{}  {}  {}", account_name(of), counts(&of.counts), failing(of.failing)).trim_end().to_owned()
}

/// Returns a resource of a ranking, in words.
pub(crate) fn resource_rank(of: &ResourceRank) -> String {
    format!("{}  fails {}", resource(&of.resource), counted(of.checks, "check"))
}

/// Returns a resource, in words.
pub(crate) fn resource(of: &ListedResource) -> String {
    format!("{}  {}  {}", of.place, of.resource.kind, of.resource.id)
}

/// Returns the controls of a set by status, and how many of them are not in the catalog.
pub(crate) fn controls_of(report: &Report<'_>, set: &SetCompliance) -> String {
    let statuses = set.controls.iter().map(|control| report.compliance.controls[*control].status);
    let known = counts(&Counts::of(statuses));
    let others = if set.others.is_empty() { String::new() } else { format!("{} not in the catalog", set.others.len()) };
    let both: Vec<String> = [known, others].into_iter().filter(|part| !part.is_empty()).collect();
    both.join(", ")
}
