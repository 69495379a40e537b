//! Notices: what to report in addition to the changes, and what of it is new.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Deployment, NotPlanned};
use crate::change_result::ChangeResult;
use crate::characters::printable;
use crate::check::Checked;
use crate::config::FILE_NAME;
use crate::diagnostic::{Diagnostic, Level};
use crate::digest::short;
use crate::plan::{Change, ChangeKind, ObjectType, Orphan, Plan, Reason, Refused};
use crate::report::findings::Identities;
use crate::report::text::{self, Style};
use crate::report::{Findings, Paths, concise, plan_text};
use crate::source::{FileKind, Sources};

/// Digits of a digest that a notice keeps of its state.
const STATE_DIGITS: usize = 16;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Why nothing was planned.
    NotPlanned,
    /// A finding about a file.
    Finding,
    /// A guard blocks all deletions.
    Guard,
    /// An object drifted.
    Drift,
    /// An object has no file.
    Orphan,
    /// A change failed permanently.
    Failure,
}

impl NoticeKind {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPlanned => "not-planned",
            Self::Finding => "finding",
            Self::Guard => "guard",
            Self::Drift => "drift",
            Self::Orphan => "orphan",
            Self::Failure => "failure",
        }
    }
}

/// Something to report until it is resolved.
#[derive(Clone, Debug)]
pub struct Notice<'a> {
    /// What it is about.
    pub kind: NoticeKind,
    /// Level.
    pub level: Level,
    /// Where, as `path:line:column` from ROOT.
    pub location: Option<String>,
    /// As one line.
    pub line: String,
    /// In full.
    pub text: String,
    /// The finding, if it is one.
    pub finding: Option<&'a Diagnostic>,
    /// Identity, independent of line numbers.
    id: String,
    /// The part that may change.
    state: String,
    /// Whether it is known only from a plan.
    of_plan: bool,
}

/// A notice that was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedNotice {
    /// What it is about.
    pub kind: NoticeKind,
    /// Location.
    pub location: Option<String>,
    /// As one line.
    pub line: String,
    state: String,
    error: bool,
    of_plan: bool,
}

impl ReportedNotice {
    /// Returns the level.
    pub const fn level(&self) -> Level {
        if self.error { Level::Error } else { Level::Warning }
    }
}

/// All notices that were reported and are still open, by identity.
pub type ReportedNotices = BTreeMap<String, ReportedNotice>;

/// Whether a notice was reported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was not.
    New,
    /// It was, with another location or another message.
    Moved,
    /// It was, unchanged.
    Known,
}

impl Status {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved => "moved",
            Self::Known => "known",
        }
    }
}

/// The notices of a run, compared with those reported before.
#[derive(Clone, Debug, Default)]
pub struct News<'a> {
    /// Current notices.
    pub notices: Vec<(Status, Notice<'a>)>,
    /// Reported notices that are resolved.
    pub resolved: Vec<ReportedNotice>,
    /// What later runs compare with.
    pub known: ReportedNotices,
}

impl<'a> News<'a> {
    /// Returns the current notices.
    pub fn current(&self) -> impl Iterator<Item = &Notice<'a>> {
        self.notices.iter().map(|(_, notice)| notice)
    }

    /// Compares what a run found with what was reported before. What the run could not check stays known.
    pub fn new(facts: Facts<'a>, mut known: ReportedNotices) -> Self {
        let Facts { checked, not_planned, plan, results, deployment } = facts;
        let mut news = Self::default();
        let of_not_planned = not_planned.filter(|not_planned| !not_planned.is_transient());
        let of_not_planned = of_not_planned.and_then(|not_planned| self::of_not_planned(not_planned, deployment));
        let of_files = checked.map(|checked| of_findings(checked, not_planned, plan)).unwrap_or_default();
        let of_plan = plan.map(|plan| of_plan(plan, deployment)).unwrap_or_default();
        let of_results = checked.zip(plan).zip(results);
        let of_results = of_results.map(|((checked, plan), results)| of_failures(checked, plan, results));
        let all = of_not_planned.into_iter().chain(of_files).chain(of_plan).chain(of_results.unwrap_or_default());
        for notice in all {
            let before = known.remove(&notice.id);
            let status = match &before {
                None => Status::New,
                Some(before) if before.state != notice.state => Status::Moved,
                Some(_) => Status::Known,
            };
            let Notice { kind, level, location, line, state, of_plan, .. } = &notice;
            let now = ReportedNotice {
                kind: *kind,
                location: location.clone(),
                line: line.clone(),
                state: state.clone(),
                error: *level == Level::Error,
                of_plan: *of_plan,
            };
            news.known.insert(notice.id.clone(), now);
            news.notices.push((status, notice));
        }
        for (id, before) in known {
            if !facts.can_confirm(&id, &before) {
                news.known.insert(id, before);
            } else if !facts.is_reported_as_change(&id) {
                news.resolved.push(before);
            }
        }
        news
    }
}

/// What a run found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The catalog; `None` if it could not be read.
    pub checked: Option<&'a Checked>,
    /// Why nothing was planned.
    pub not_planned: Option<&'a NotPlanned>,
    /// The plan.
    pub plan: Option<&'a Plan>,
    /// Results of the plan; `None` if nothing was to be applied.
    pub results: Option<&'a [ChangeResult]>,
    /// How settings are changed.
    pub deployment: &'a Deployment,
}

impl Facts<'_> {
    /// Whether the run would have found a reported notice again if it were still open.
    fn can_confirm(&self, id: &str, before: &ReportedNotice) -> bool {
        match before.kind {
            NoticeKind::NotPlanned => !self.not_planned.is_some_and(NotPlanned::is_transient),
            // It is unknown what an invalid file defines, so objects without a file are not looked for.
            NoticeKind::Orphan => {
                let is_complete = self.checked.is_some_and(|checked| !checked.has_errors());
                self.plan.is_some() && is_complete && !self.is_being_deleted(id)
            }
            NoticeKind::Failure => self.results.is_some() && !self.is_pending(id),
            _ if before.of_plan => self.plan.is_some(),
            NoticeKind::Finding if self.not_planned == Some(&NotPlanned::Configuration) => {
                before.location.as_deref().is_some_and(|location| location.starts_with(FILE_NAME))
            }
            _ => self.checked.is_some(),
        }
    }

    /// Returns the changes of the plan with their results; `None` if nothing was to be applied.
    fn changes(&self) -> impl Iterator<Item = (&Change, Option<&ChangeResult>)> {
        let changes = self.plan.into_iter().flat_map(|plan| plan.changes.iter().enumerate());
        changes.map(|(index, change)| (change, self.results.and_then(|results| results.get(index))))
    }

    /// Whether the object of an orphan is planned for deletion, but still exists.
    fn is_being_deleted(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let done = result.is_some_and(ChangeResult::is_done);
            let pending = change.kind == ChangeKind::Delete && change.writes() && !done;
            pending && change.id.as_deref().is_some_and(|of| id == orphan_id(change.object, of))
        })
    }

    /// Whether a change that failed before was not attempted, or its result is unclear.
    fn is_pending(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let open = match result {
                Some(ChangeResult::Blocked { .. } | ChangeResult::NotStarted) => true,
                Some(ChangeResult::Failed(failure)) => failure.transient,
                _ => false,
            };
            open && id == failure_id(change)
        })
    }

    /// Whether a reported notice of an object is now reported as a change of it.
    fn is_reported_as_change(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let deleted = change.kind == ChangeKind::Delete && result.is_some_and(ChangeResult::is_done);
            let edited = change.kind != ChangeKind::Unchanged && id == drift_id(change.object, &change.name);
            edited || (deleted && change.id.as_deref().is_some_and(|of| id == orphan_id(change.object, of)))
        })
    }
}

/// Identity of the notice of a failed change.
fn failure_id(change: &Change) -> String {
    format!("failure {} {} {}", change.kind.name(), change.object.noun(), change.name)
}

/// Changes that failed permanently; transient failures are reported after the last attempt.
fn of_failures<'a>(checked: &Checked, plan: &Plan, results: &[ChangeResult]) -> Vec<Notice<'a>> {
    let failed = plan.changes.iter().zip(results).filter_map(|(change, result)| match result {
        ChangeResult::Failed(failure) if !failure.transient => Some((change, failure, result)),
        _ => None,
    });
    failed
        .map(|(change, failure, result)| {
            let noun = change.object.noun();
            let line = format!(
                "failed: {} {noun} {}: {}",
                change.kind.name(),
                printable(&change.name),
                printable(&failure.to_string())
            );
            Notice {
                kind: NoticeKind::Failure,
                level: Level::Error,
                location: None,
                text: plan_text::result(change, result, checked, &Paths::default()).trim_end().to_owned(),
                id: failure_id(change),
                state: without_ids(&line),
                line,
                finding: None,
                of_plan: true,
            }
        })
        .collect()
}

/// Identity of the notice of drift.
fn drift_id(object: ObjectType, name: &str) -> String {
    format!("drift {} {name}", object.noun())
}

fn orphan_id(object: ObjectType, id: &str) -> String {
    format!("orphan {} {id}", object.noun())
}

fn of_findings<'a>(checked: &'a Checked, not_planned: Option<&NotPlanned>, plan: Option<&'a Plan>) -> Vec<Notice<'a>> {
    let paths = Paths::default();
    let sources = &checked.sources;
    let mut identities = Identities::default();
    let mut notices = Vec::new();
    let of_plan = plan.map(|plan| plan.diagnostics.as_slice()).unwrap_or_default();
    let all = checked.findings_to_show_with_plan().into_iter().map(|found| (found, false));
    for (finding, of_plan) in all.chain(of_plan.iter().map(|found| (found, true))) {
        let source = sources.get(finding.file);
        // All other findings depend on the configuration.
        let unreliable = not_planned == Some(&NotPlanned::Configuration) && source.kind() != FileKind::Config;
        if finding.level == Level::Info || unreliable {
            continue;
        }
        let location = concise::location(sources, finding, &paths);
        notices.push(Notice {
            kind: NoticeKind::Finding,
            level: finding.level,
            state: location.clone(),
            location: Some(location),
            line: format!("{}[{}] {}", finding.level.name(), finding.rule.id, printable(&finding.message)),
            text: in_full(sources, finding, &paths),
            finding: Some(finding),
            id: identities.next(source.path(), finding).fingerprint(),
            of_plan,
        });
    }
    notices
}

fn in_full(sources: &Sources, finding: &Diagnostic, paths: &Paths) -> String {
    let one = Findings { sources, diagnostics: vec![finding], files: 1, paths: paths.clone() };
    text::findings(&[one], &Style::default()).trim_end().to_owned()
}

fn of_plan<'a>(plan: &'a Plan, deployment: &Deployment) -> Vec<Notice<'a>> {
    let guard = plan.refused.as_ref().map(of_refusal);
    let drift = plan.changes.iter().filter(|change| change.blocked_by.contains(&Reason::Drift));
    let drift = drift.map(|change| of_drift(change, deployment));
    let orphans = plan.orphans.iter().map(|orphan| of_orphan(plan, orphan));
    guard.into_iter().chain(drift).chain(orphans).collect()
}

fn of_refusal(refused: &Refused) -> Notice<'static> {
    let line = format!("nothing is deleted: {refused}");
    Notice {
        kind: NoticeKind::Guard,
        level: Level::Error,
        location: None,
        text: format!("error: {line}"),
        id: "guard".to_owned(),
        state: line.clone(),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_drift<'a>(change: &'a Change, deployment: &Deployment) -> Notice<'a> {
    // The state that is stored must not contain text of controls.
    let noun = change.object.noun();
    let line = format!("drift: the {noun} {} was changed in the account", printable(&change.name));
    // The notice itself says that drift blocks the change.
    let shown = plan_text::described(&Change { blocked_by: Vec::new(), changed_by: None, ..change.clone() });
    Notice {
        kind: NoticeKind::Drift,
        level: Level::Warning,
        location: Some(change.source.clone()),
        text: format!(
            "warning: {line}, and was not repaired\n{shown}  = help: edit the file to match the account, or repair \
             drift automatically with {}",
            deployment.set("drift", "repair")
        ),
        id: drift_id(change.object, &change.name),
        state: short(change.differences().to_string(), STATE_DIGITS),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_orphan<'a>(plan: &Plan, orphan: &Orphan) -> Notice<'a> {
    let Orphan { object, name, id, source } = orphan;
    let noun = object.noun();
    let change = plan.changes.iter().find(|change| change.kind == ChangeKind::Delete && change.id.as_ref() == Some(id));
    let is_due = change.is_some_and(|change| change.blocked_by == [Reason::Later]);
    let used_by = change.filter(|change| change.blocked_by.contains(&Reason::InUse)).map(|change| {
        let impact = change.impact.as_ref();
        let names = |all: Option<&Vec<crate::plan::ImpactedObject>>| {
            all.into_iter().flatten().map(|user| printable(&user.name).into_owned()).collect::<Vec<_>>()
        };
        let assessments = names(impact.and_then(|impact| impact.assessments.as_ref()));
        let frameworks = names(impact.and_then(|impact| impact.frameworks.as_ref()));
        if assessments.is_empty() && frameworks.is_empty() {
            return "; it is not deleted, because it is unknown what uses it".to_owned();
        }
        let users: Vec<String> = [("active assessments", assessments), ("frameworks", frameworks)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what} {}", names.join(", ")))
            .collect();
        format!("; it is not deleted, because it is used by {}", users.join(" and "))
    });
    let file = if source.is_empty() { "its file".to_owned() } else { format!("the file {}", printable(source)) };
    let name = printable(name);
    let line = if is_due {
        format!("{file} was removed: the next scheduled run in apply mode deletes the {noun} {name}")
    } else {
        format!("{file} was removed, but the {noun} {name} still exists{}", used_by.unwrap_or_default())
    };
    Notice {
        kind: NoticeKind::Orphan,
        level: Level::Warning,
        location: None,
        text: format!("warning: {line}"),
        id: orphan_id(*object, id),
        state: line.clone(),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_not_planned(not_planned: &NotPlanned, deployment: &Deployment) -> Option<Notice<'static>> {
    let (line, help) = match not_planned {
        NotPlanned::Empty => return None,
        NotPlanned::Failed { what, failure } => {
            let line = format!("{what}: {}", printable(&failure.to_string()));
            (line, failure.help.clone())
        }
        NotPlanned::NoDefinitions => (
            "no definitions found in `controls/` or `frameworks/`, so nothing was changed or deleted".to_owned(),
            Some(format!(
                "upload the catalog with `controlsync push`; if it is elsewhere in the bucket, use {}",
                deployment.set("prefix", "PREFIX")
            )),
        ),
        NotPlanned::NoName { was } => (
            format!(
                "the catalog was named `{}` and now has no name, so nothing was changed: its objects would count as \
                 owned by another catalog",
                printable(was)
            ),
            Some(format!("upload controlsync.toml with `catalog` again, or use {}", deployment.set("catalog", "NAME"))),
        ),
        NotPlanned::Configuration => (
            "controlsync.toml has errors, so nothing was changed".to_owned(),
            Some("fix it, check it with `controlsync lint`, and upload it again".to_owned()),
        ),
    };
    let help = help.map_or(String::new(), |help| format!("\n  = help: {}", printable(&help)));
    Some(Notice {
        kind: NoticeKind::NotPlanned,
        level: Level::Error,
        location: None,
        text: format!("error: {line}{help}"),
        id: "not-planned".to_owned(),
        state: without_ids(&line),
        line,
        finding: None,
        of_plan: false,
    })
}

/// Returns a message without what differs between requests: long words that contain digits.
fn without_ids(message: &str) -> String {
    let is_id = |word: &&str| word.len() >= 12 && word.chars().any(|c| c.is_ascii_digit()) && !word.contains(':');
    message.split(' ').filter(|word| !is_id(word)).collect::<Vec<_>>().join(" ")
}
