//! What is to be said beside the changes, and what of it was said before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::NotPlanned;
use crate::change_result::ChangeResult;
use crate::check::Checked;
use crate::config::FILE_NAME;
use crate::diagnostic::{Diagnostic, Level};
use crate::plan::{Change, ChangeKind, DRIFT, IN_USE, LATER, ObjectType, Orphan, Plan, Refusal};
use crate::report::text::{self, Style};
use crate::report::{Findings, Identities, Paths, concise, plan_text, printable};
use crate::source::{FileKind, Sources};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Why nothing was planned.
    NotPlanned,
    /// Something is wrong with a file.
    Finding,
    /// A guard refuses all deletions.
    Guard,
    /// Somebody has changed an object in the account.
    Drift,
    /// The file of an object is gone.
    Orphan,
    /// A change failed, and will again.
    Failure,
}

impl NoticeKind {
    /// The word for JSON.
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

/// Something that is to be said as long as it is so.
#[derive(Clone, Debug)]
pub struct Notice<'a> {
    /// What it is about.
    pub kind: NoticeKind,
    /// How bad it is.
    pub level: Level,
    /// Where, as `path:line:column` from ROOT.
    pub location: Option<String>,
    /// In a line.
    pub line: String,
    /// In full.
    pub text: String,
    /// The finding, where it is one.
    pub finding: Option<&'a Diagnostic>,
    /// What stays of it while lines move.
    id: String,
    /// What moves.
    state: String,
    /// Whether it takes a plan to know it.
    of_plan: bool,
}

/// A notice that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedNotice {
    /// What it is about.
    pub kind: NoticeKind,
    /// Where it was.
    pub location: Option<String>,
    /// In a line.
    pub line: String,
    state: String,
    error: bool,
    of_plan: bool,
}

impl ReportedNotice {
    /// How bad it was: an error, or not.
    pub const fn level(&self) -> Level {
        if self.error { Level::Error } else { Level::Warning }
    }
}

/// All notices that were told and still hold, by what stays of them.
pub type ReportedNotices = BTreeMap<String, ReportedNotice>;

/// Whether a notice was told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was not.
    New,
    /// It was, of another place, or in other words.
    Moved,
    /// It was.
    Known,
}

impl Status {
    /// The word for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved => "moved",
            Self::Known => "known",
        }
    }
}

/// Notices, and what of them is new.
#[derive(Clone, Debug, Default)]
pub struct News<'a> {
    /// What is so now.
    pub notices: Vec<(Status, Notice<'a>)>,
    /// What was told and is so no more.
    pub resolved: Vec<ReportedNotice>,
    /// What a later run shall know.
    pub known: ReportedNotices,
}

impl<'a> News<'a> {
    /// What is so now.
    pub fn current(&self) -> impl Iterator<Item = &Notice<'a>> {
        self.notices.iter().map(|(_, notice)| notice)
    }

    /// Holds what a run found against what was told before. What the run could not look at stays known.
    pub fn new(facts: Facts<'a>, mut known: ReportedNotices) -> Self {
        let Facts { checked, not_planned, plan, results } = facts;
        let mut news = Self::default();
        let of_not_planned = not_planned.filter(|not_planned| !not_planned.is_transient()).map(of_not_planned);
        let of_files = checked.map(|checked| of_findings(checked, not_planned, plan)).unwrap_or_default();
        let of_plan = plan.map(of_plan).unwrap_or_default();
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
            if !facts.tell_of(&id, &before) {
                news.known.insert(id, before);
            } else if !facts.overtakes(&id) {
                news.resolved.push(before);
            }
        }
        news
    }
}

/// What a run has found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The catalog; none where it could not be read.
    pub checked: Option<&'a Checked>,
    /// Why nothing was planned.
    pub not_planned: Option<&'a NotPlanned>,
    /// What was to happen.
    pub plan: Option<&'a Plan>,
    /// What became of it; none where nothing was to be carried out.
    pub results: Option<&'a [ChangeResult]>,
}

impl Facts<'_> {
    /// Whether the run would have found again what was told, if it still held.
    fn tell_of(&self, id: &str, before: &ReportedNotice) -> bool {
        match before.kind {
            NoticeKind::NotPlanned => !self.not_planned.is_some_and(NotPlanned::is_transient),
            // What a faulty file defines is not known, so nobody looks for objects without a file.
            NoticeKind::Orphan => {
                let is_whole = self.checked.is_some_and(|checked| !checked.has_errors());
                self.plan.is_some() && is_whole && !self.is_being_deleted(id)
            }
            NoticeKind::Failure => self.results.is_some() && !self.is_put_off(id),
            _ if before.of_plan => self.plan.is_some(),
            NoticeKind::Finding if self.not_planned == Some(&NotPlanned::Configuration) => {
                before.location.as_deref().is_some_and(|location| location.starts_with(FILE_NAME))
            }
            _ => self.checked.is_some(),
        }
    }

    /// The changes of the plan, and what became of each; none where nothing was to be carried out.
    fn changes(&self) -> impl Iterator<Item = (&Change, Option<&ChangeResult>)> {
        let changes = self.plan.into_iter().flat_map(|plan| plan.changes.iter().enumerate());
        changes.map(|(index, change)| (change, self.results.and_then(|results| results.get(index))))
    }

    /// Whether the object of an orphan was to be deleted, and stays all the same.
    fn is_being_deleted(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let done = result.is_some_and(ChangeResult::is_done);
            let goes = change.kind == ChangeKind::Delete && change.writes() && !done;
            goes && change.id.as_deref().is_some_and(|of| id == orphan_id(change.object, of))
        })
    }

    /// Whether a change that failed before was not tried, or nobody can say what came of it.
    fn is_put_off(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let open = match result {
                Some(ChangeResult::Blocked { .. } | ChangeResult::NotStarted) => true,
                Some(ChangeResult::Failed(failure)) => failure.transient,
                _ => false,
            };
            open && id == failure_id(change)
        })
    }

    /// Whether what was told of an object is told as a change of it now.
    fn overtakes(&self, id: &str) -> bool {
        self.changes().any(|(change, result)| {
            let deleted = change.kind == ChangeKind::Delete && result.is_some_and(ChangeResult::is_done);
            let edited = change.kind != ChangeKind::Unchanged && id == drift_id(change.object, &change.name);
            edited || (deleted && change.id.as_deref().is_some_and(|of| id == orphan_id(change.object, of)))
        })
    }
}

/// What stays of the notice of a change that failed.
fn failure_id(change: &Change) -> String {
    format!("failure {} {} {:?}", change.kind.name(), change.object.noun(), change.name)
}

/// Changes that failed, and will again: what may heal by itself is told when it is given up.
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

/// What stays of the notice of drift of an object.
fn drift_id(object: ObjectType, name: &str) -> String {
    format!("drift {} {name:?}", object.noun())
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
    let all = checked.findings_beside_a_plan().into_iter().map(|found| (found, false));
    for (finding, of_plan) in all.chain(of_plan.iter().map(|found| (found, true))) {
        let source = sources.get(finding.file);
        // What else is found depends on what the configuration says.
        let moot = not_planned == Some(&NotPlanned::Configuration) && source.kind() != FileKind::Config;
        if finding.level == Level::Info || moot {
            continue;
        }
        let location = concise::place(sources, finding, &paths);
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
    let mut text = text::findings(&[one], &Style::default()).trim_end().to_owned();
    if finding.rule.id == "unmanaged-object" {
        text += "\n  = note: the function does what `--adopt all` does with CONTROLSYNC_ADOPT=all";
    }
    text
}

fn of_plan(plan: &Plan) -> Vec<Notice<'_>> {
    let guard = plan.refused.as_ref().map(of_refusal);
    let drift = plan.changes.iter().filter(|change| change.blocked_by.iter().any(|by| by == DRIFT)).map(of_drift);
    let orphans = plan.orphans.iter().map(|orphan| of_orphan(plan, orphan));
    guard.into_iter().chain(drift).chain(orphans).collect()
}

fn of_refusal(refusal: &Refusal) -> Notice<'static> {
    let why = match refusal {
        Refusal::DefaultCatalog => {
            "the catalog goes by the built-in name `default`, which others may go by too: set `catalog` in controlsync.toml \
             to a name of your own, and run `controlsync apply --take-over default` once"
                .to_owned()
        }
        Refusal::EmptyCatalog => "no file of the catalog can be worked with".to_owned(),
        Refusal::Errors => "the catalog has errors, and what a faulty file defines would count as gone".to_owned(),
        Refusal::Stray(path) => format!(
            "{} looks like a definition and is ignored, and what it was meant to define would count as gone: rename or \
             remove it",
            printable(path)
        ),
        Refusal::TooMany { count, ours, limit } => format!(
            "{count} of the {ours} objects of this catalog would be deleted, and at most {limit} may go at once: \
             CONTROLSYNC_MAX_DELETES={count} allows them"
        ),
    };
    let line = format!("nothing is deleted: {why}");
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

fn of_drift(change: &Change) -> Notice<'_> {
    // Texts of controls have no place in what is kept.
    let differs = format!("{:?} {:?}", change.fields, change.tags);
    let noun = change.object.noun();
    let line = format!("drift: the {noun} {} was changed in the account", printable(&change.name));
    // That it stands in its own way is what the notice says.
    let shown = plan_text::described(&Change { blocked_by: Vec::new(), changed_by: None, ..change.clone() });
    Notice {
        kind: NoticeKind::Drift,
        level: Level::Warning,
        location: Some(change.source.clone()),
        text: format!(
            "warning: {line}, and is left as it is\n{shown}  = help: bring the file to what the account holds, or set \
             CONTROLSYNC_DRIFT=repair"
        ),
        id: drift_id(change.object, &change.name),
        state: format!("{:x?}", &Sha256::digest(differs)[..8]),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_orphan<'a>(plan: &Plan, orphan: &Orphan) -> Notice<'a> {
    let Orphan { object, name, id, source } = orphan;
    let noun = object.noun();
    let change = plan.changes.iter().find(|change| change.kind == ChangeKind::Delete && change.id.as_ref() == Some(id));
    let goes = change.is_some_and(|change| change.blocked_by == [LATER]);
    let held = change.filter(|change| change.blocked_by.iter().any(|by| by == IN_USE)).map(|change| {
        let impact = change.impact.as_ref();
        let names = |all: Option<&Vec<crate::plan::ImpactedObject>>| {
            all.into_iter().flatten().map(|held| printable(&held.name).into_owned()).collect::<Vec<_>>()
        };
        let assessments = names(impact.and_then(|impact| impact.assessments.as_ref()));
        let frameworks = names(impact.and_then(|impact| impact.frameworks.as_ref()));
        if assessments.is_empty() && frameworks.is_empty() {
            return "; it stays, because it is not known what holds it".to_owned();
        }
        let holders: Vec<String> = [("the active assessments", assessments), ("the frameworks", frameworks)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(what, names)| format!("{what} {}", names.join(", ")))
            .collect();
        format!("; it stays, because {} hold it", holders.join(" and "))
    });
    let file = if source.is_empty() { "its file".to_owned() } else { format!("its file {}", printable(source)) };
    let name = printable(name);
    let line = if goes {
        format!("{file} is gone: the next scheduled run that writes deletes the {noun} {name}")
    } else {
        format!("the {noun} {name} stays in the account, and {file} is gone{}", held.unwrap_or_default())
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

fn of_not_planned(not_planned: &NotPlanned) -> Notice<'static> {
    let (line, help) = match not_planned {
        NotPlanned::Failed { what, failure } => {
            let line = format!("{what}: {}", printable(&failure.to_string()));
            (line, failure.help.clone())
        }
        NotPlanned::NoDefinitions => (
            "there is no definition below `controls/` or `frameworks/`, so nothing was done, and nothing is deleted"
                .to_owned(),
            Some("upload the catalog with `controlsync push`, and check CONTROLSYNC_PREFIX".to_owned()),
        ),
        NotPlanned::NoName { was } => (
            format!(
                "the catalog was `{}` and has no name now, so nothing was done: its objects would count as another's",
                printable(was)
            ),
            Some("upload controlsync.toml with `catalog` again, or set CONTROLSYNC_CATALOG".to_owned()),
        ),
        NotPlanned::Configuration => (
            "controlsync.toml has errors, so nothing was done".to_owned(),
            Some("correct it, check it with `controlsync lint`, and upload it again".to_owned()),
        ),
    };
    let help = help.map_or(String::new(), |help| format!("\n  = help: {}", printable(&help)));
    Notice {
        kind: NoticeKind::NotPlanned,
        level: Level::Error,
        location: None,
        text: format!("error: {line}{help}"),
        id: "not-planned".to_owned(),
        state: without_ids(&line),
        line,
        finding: None,
        of_plan: false,
    }
}

/// A message without what differs from one request to the next: long words with digits in them.
fn without_ids(message: &str) -> String {
    let is_id = |word: &&str| word.len() >= 12 && word.chars().any(|c| c.is_ascii_digit()) && !word.contains(':');
    message.split(' ').filter(|word| !is_id(word)).collect::<Vec<_>>().join(" ")
}
