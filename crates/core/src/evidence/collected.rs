//! What evidence a control has.

use std::collections::BTreeMap;

use super::assessed::AssessedIn;
use super::config_rules::ConfigSource;
use super::facts::DAY;
use super::facts::{Assessment, AuditManagerFacts, Counted, Counts, Seconds};
use super::need::{Need, Service, service_of};
use super::setup::Setup;
use crate::keywords::Trigger;
use crate::model::DataSource;

/// What evidence a control has, from at least one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// How many items of evidence; `None` if no assessment says it.
    pub items: Option<i64>,
    /// The day of the newest, as far as it is known.
    pub newest: Option<Seconds>,
    /// The day of the newest by service; `None` if folders were not read.
    pub by_service: Option<BTreeMap<Service, Seconds>>,
}

/// When a source last collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastEvidence {
    /// Nothing that was read says it.
    NotKnown,
    /// Never.
    Never,
    /// On this day.
    On(Seconds),
    /// On this day, or another source of the same service did.
    OfService(Seconds),
}

impl Collected {
    /// Collects what is known about a control.
    pub(crate) fn of(control: &AssessedIn<'_>, facts: &AuditManagerFacts) -> Self {
        let mut collected = Self::default();
        for (assessment, entry) in &control.entries {
            *collected.items.get_or_insert(0) += entry.evidence;
            let day = assessment.collected.known().and_then(|all| all.get(&entry.id)).copied();
            let since = counted(facts, assessment, &entry.id).and_then(|counted| counted.grew_after);
            collected.newest = collected.newest.max(day).max(since);
        }
        let ids = || control.entries.iter().map(|(_, entry)| entry.id.as_str());
        let folders: Option<Vec<_>> =
            ids().map(|id| facts.folders.get(id).and_then(|folders| folders.known())).collect();
        if let Some(folders) = folders.filter(|_| control.complete && !control.entries.is_empty()) {
            // Folders say the day; everything else is an estimate.
            collected.newest = None;
            let by_service = collected.by_service.insert(BTreeMap::new());
            for folder in folders.into_iter().flatten().filter(|folder| folder.evidence > 0) {
                collected.newest = collected.newest.max(Some(folder.date));
                if let Some(service) = Service::of_folder(&folder.data_source) {
                    let newest = by_service.entry(service).or_insert(folder.date);
                    *newest = folder.date.max(*newest);
                }
            }
        }
        collected
    }

    /// Returns when a source last collected. A folder names the control and the service, not the keyword: so this is certain only for
    /// the only source of its service.
    pub(crate) fn last(&self, source: &DataSource, all: &[DataSource]) -> LastEvidence {
        let Some(service) = service_of(source.source_type) else { return LastEvidence::NotKnown };
        if self.items == Some(0) {
            return LastEvidence::Never;
        }
        let same = all.iter().filter(|other| service_of(other.source_type) == Some(service)).count();
        match &self.by_service {
            Some(by_service) => match by_service.get(&service) {
                Some(day) if same == 1 => LastEvidence::On(*day),
                Some(day) => LastEvidence::OfService(*day),
                // Folders are read back to a limit, or name the service in other words.
                None => LastEvidence::NotKnown,
            },
            None => match self.newest {
                Some(day) if all.len() == 1 => LastEvidence::On(day),
                _ => LastEvidence::NotKnown,
            },
        }
    }
}

fn counted<'f>(facts: &'f AuditManagerFacts, assessment: &Assessment, control: &str) -> Option<&'f Counted> {
    facts.counts.get(&assessment.id)?.get(control)
}

/// Counts the evidence of the assessments that were read, and says since when each number is what it is. `earlier` is what the last
/// run counted; assessments that are not read now keep it.
pub fn count(earlier: &Counts, assessments: &[Assessment], now: Seconds) -> Counts {
    let mut counts = earlier.clone();
    counts.retain(|id, _| assessments.iter().any(|assessment| assessment.id == *id));
    for assessment in assessments {
        let Some(detail) = assessment.detail.known() else { continue };
        let before = counts.remove(&assessment.id).unwrap_or_default();
        let counted = detail.controls.iter().map(|control| {
            let items = control.evidence;
            let counted = match before.get(&control.id) {
                Some(before) if before.items == items => Counted { read_at: now, ..*before },
                Some(before) if before.items < items => {
                    Counted { items, since: now, grew_after: Some(before.read_at), read_at: now }
                }
                _ => Counted { items, since: now, grew_after: None, read_at: now },
            };
            (control.id.clone(), counted)
        });
        counts.insert(assessment.id.clone(), counted.collect());
    }
    counts
}

/// A source and its evidence.
pub(crate) struct SourceEvidence<'a> {
    pub(crate) setup: Setup,
    /// In which time there should be new evidence, in seconds; `None` if only changes and events bring some.
    pub(crate) window: Option<Seconds>,
    pub(crate) last: LastEvidence,
    /// The assessments in which the control is active.
    pub(crate) assessments: Vec<&'a Assessment>,
    pub(crate) facts: &'a AuditManagerFacts,
    pub(crate) now: Seconds,
}

/// The time in which a source should collect
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/how-evidence-is-collected.html>), with some to spare.
pub(crate) fn window(source: &DataSource, need: &Need<'_>, config: Option<&ConfigSource<'_>>) -> Option<Seconds> {
    let days = match need {
        Need::ConfigRule(rule) => match config.map_or(rule.trigger, ConfigSource::trigger) {
            Some(Trigger::Periodic) => 3,
            _ => return None,
        },
        Need::HubControl(_) => 3,
        _ => match source.frequency.as_deref() {
            Some("DAILY") => 3,
            Some("WEEKLY") => 9,
            Some("MONTHLY") => 35,
            _ => return None,
        },
    };
    Some(days * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::facts::{AssessedControl, AssessmentDetail, Fact, Unread};

    fn assessment(detail: Fact<AssessmentDetail>) -> Vec<Assessment> {
        let collected = Fact::Known(BTreeMap::new());
        vec![Assessment { id: "a".to_owned(), name: "A".to_owned(), created_at: 0, detail, collected }]
    }

    fn with(items: i64) -> Vec<Assessment> {
        let text = str::to_owned;
        let control = AssessedControl { id: text("c"), name: text("C"), set: text("s"), active: true, evidence: items };
        assessment(Fact::Known(AssessmentDetail { accounts: Vec::new(), controls: vec![control] }))
    }

    #[test]
    fn growth_between_runs_says_after_which_time_evidence_was_collected() {
        let first = count(&Counts::new(), &with(3), 100);
        assert_eq!(first["a"]["c"], Counted { items: 3, since: 100, grew_after: None, read_at: 100 });
        let same = count(&first, &with(3), 200);
        assert_eq!(same["a"]["c"], Counted { items: 3, since: 100, grew_after: None, read_at: 200 });
        let more = count(&same, &with(5), 300);
        assert_eq!(more["a"]["c"], Counted { items: 5, since: 300, grew_after: Some(200), read_at: 300 });
        assert_eq!(count(&more, &with(5), 400)["a"]["c"].grew_after, Some(200));
        // An assessment that is not read keeps its counts; one that is no longer active loses them.
        assert_eq!(count(&more, &assessment(Fact::Unread(Unread::default())), 400), more);
        assert!(count(&more, &[], 400).is_empty());
    }
}
