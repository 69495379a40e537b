//! What is to be said beside the changes, and what of it was said before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Stop;
use crate::check::Checked;
use crate::diagnostic::{Diagnostic, Severity};
use crate::plan::{Change, DRIFT, HELD, Kind, ObjectType, Orphan, Plan, Refusal};
use crate::report::text::{self, Style};
use crate::report::{Findings, Identities, Paths, concise, plan_text, printable};
use crate::source::Sources;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Why nothing was planned.
    Stop,
    /// Something is wrong with a file.
    Finding,
    /// A guard refuses all deletions.
    Guard,
    /// Somebody has changed an object in the account.
    Drift,
    /// The file of an object is gone.
    Orphan,
}

impl NoticeKind {
    /// The word for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Finding => "finding",
            Self::Guard => "guard",
            Self::Drift => "drift",
            Self::Orphan => "orphan",
        }
    }
}

/// Something that is to be said as long as it is so.
#[derive(Clone, Debug)]
pub struct Notice<'a> {
    /// What it is about.
    pub kind: NoticeKind,
    /// How bad it is.
    pub severity: Severity,
    /// Where, as `path:line:column` from ROOT.
    pub place: Option<String>,
    /// In a line.
    pub line: String,
    /// In full.
    pub text: String,
    /// The finding, where it is one.
    pub finding: Option<&'a Diagnostic>,
    /// What stays of it while lines move.
    id: String,
    /// Whether it takes a plan to know it.
    of_plan: bool,
}

/// A notice that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What it is about.
    pub kind: NoticeKind,
    /// Where it was.
    pub place: Option<String>,
    /// In a line.
    pub line: String,
    error: bool,
    of_plan: bool,
}

impl Known {
    /// How bad it was: an error, or not.
    pub const fn severity(&self) -> Severity {
        if self.error { Severity::Error } else { Severity::Warning }
    }
}

/// All notices that were told and still hold, by what stays of them.
pub type AllKnown = BTreeMap<String, Known>;

/// Whether a notice was told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was not.
    New,
    /// It was, of another place.
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
    pub told: Vec<(Status, Notice<'a>)>,
    /// What was told and is so no more.
    pub cured: Vec<Known>,
    /// What a later pass shall know.
    pub known: AllKnown,
}

impl<'a> News<'a> {
    /// What is so now.
    pub fn current(&self) -> impl Iterator<Item = &Notice<'a>> {
        self.told.iter().map(|(_, notice)| notice)
    }

    /// Holds what a pass found against what was told before. What only a plan can tell stays known where there is none.
    pub fn new(checked: Option<&'a Checked>, stop: Option<&Stop>, plan: Option<&'a Plan>, mut known: AllKnown) -> Self {
        let mut news = Self::default();
        let stop = stop.filter(|stop| !stop.is_transient()).map(of_stop);
        let of_files = checked.map(|checked| of_findings(checked, plan)).unwrap_or_default();
        let of_plan = plan.map(of_plan).unwrap_or_default();
        for notice in stop.into_iter().chain(of_files).chain(of_plan) {
            let before = known.remove(&notice.id);
            let status = match &before {
                None => Status::New,
                Some(before) if before.place != notice.place => Status::Moved,
                Some(_) => Status::Known,
            };
            let Notice { kind, severity, place, line, of_plan, .. } = &notice;
            let now = Known {
                kind: *kind,
                place: place.clone(),
                line: line.clone(),
                error: *severity == Severity::Error,
                of_plan: *of_plan,
            };
            news.known.insert(notice.id.clone(), now);
            news.told.push((status, notice));
        }
        let changes = || plan.into_iter().flat_map(|plan| &plan.changes);
        let deleted: BTreeSet<String> = changes().filter_map(deletion).collect();
        // Drift under a file that has changed since is told as the change of the file.
        let overtaken: Vec<String> = changes()
            .filter(|change| change.kind != Kind::Unchanged)
            .map(|change| drift_id(change.object, &change.name))
            .collect();
        let overtaken = |id: &String| overtaken.iter().any(|of| id.starts_with(of));
        for (id, before) in known {
            let evaluated = match before.kind {
                NoticeKind::Stop => true,
                // What a faulty file defines is not known, so nobody looks for objects without a file.
                NoticeKind::Orphan => plan.is_some() && checked.is_some_and(|checked| !checked.has_errors()),
                _ if before.of_plan => plan.is_some(),
                _ => checked.is_some(),
            };
            if !evaluated {
                news.known.insert(id, before);
            } else if !deleted.contains(&id) && !overtaken(&id) {
                news.cured.push(before);
            }
        }
        news
    }
}

/// What stays of the notice of an object whose file is gone, where the object is deleted.
fn deletion(change: &Change) -> Option<String> {
    let goes = change.kind == Kind::Delete && change.writes();
    change.id.as_deref().filter(|_| goes).map(|id| orphan_id(change.object, id))
}

/// What the notices of the drift of an object begin with.
fn drift_id(object: ObjectType, name: &str) -> String {
    format!("drift {} {name:?} ", object.noun())
}

fn orphan_id(object: ObjectType, id: &str) -> String {
    format!("orphan {} {id}", object.noun())
}

fn of_findings<'a>(checked: &'a Checked, plan: Option<&'a Plan>) -> Vec<Notice<'a>> {
    let paths = Paths::default();
    let sources = &checked.sources;
    let mut identities = Identities::default();
    let mut notices = Vec::new();
    let of_plan = plan.map(|plan| plan.diagnostics.as_slice()).unwrap_or_default();
    let all = checked.findings_beside_a_plan().into_iter().map(|found| (found, false));
    for (finding, of_plan) in all.chain(of_plan.iter().map(|found| (found, true))) {
        if finding.severity == Severity::Info {
            continue;
        }
        let source = sources.get(finding.file);
        notices.push(Notice {
            kind: NoticeKind::Finding,
            severity: finding.severity,
            place: Some(concise::place(sources, finding, &paths)),
            line: format!("{}[{}] {}", finding.severity.name(), finding.rule.id, printable(&finding.message)),
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
            "the catalogue goes by the built-in name `default`, which others may go by too: set `catalog` in controlsync.toml \
             to a name of your own, and run `controlsync apply --take-over default` once"
                .to_owned()
        }
        Refusal::EmptyCatalog => "no file of the catalogue can be worked with".to_owned(),
        Refusal::Errors => "the catalogue has errors, and what a faulty file defines would count as gone".to_owned(),
        Refusal::TooMany { count, ours, limit } => format!(
            "{count} of the {ours} objects of this catalogue would be deleted, and at most {limit} may go at once: \
             CONTROLSYNC_MAX_DELETES={count} allows them"
        ),
    };
    let line = format!("nothing is deleted: {why}");
    Notice {
        kind: NoticeKind::Guard,
        severity: Severity::Error,
        place: None,
        text: format!("error: {line}"),
        id: format!("guard {line}"),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_drift(change: &Change) -> Notice<'_> {
    let differs: Vec<String> = change.fields.iter().map(|field| format!("{} {:?}", field.pointer, field.old)).collect();
    let tags = change.tags.set.keys().chain(change.tags.remove.keys()).cloned().collect::<Vec<_>>().join(" ");
    let noun = change.object.noun();
    let line = format!("drift: the {noun} {} was changed in the account", printable(&change.name));
    // That it stands in its own way is what the notice says.
    let shown = plan_text::described(&Change { blocked_by: Vec::new(), moved: None, ..change.clone() });
    Notice {
        kind: NoticeKind::Drift,
        severity: Severity::Warning,
        place: Some(change.source.clone()),
        text: format!(
            "warning: {line}, and is left as it is\n{shown}  = help: bring the file to what the account holds, or set \
             CONTROLSYNC_DRIFT=repair"
        ),
        id: format!("{}{} {tags}", drift_id(change.object, &change.name), differs.join(" ")),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_orphan<'a>(plan: &Plan, orphan: &Orphan) -> Notice<'a> {
    let Orphan { object, name, id, source } = orphan;
    let noun = object.noun();
    let change = plan.changes.iter().find(|change| change.kind == Kind::Delete && change.id.as_ref() == Some(id));
    let held = change.filter(|change| change.blocked_by.iter().any(|by| by == HELD)).map(|change| {
        let touches = change.touches.as_ref();
        let names = |all: Option<&Vec<crate::plan::Touched>>| {
            all.into_iter().flatten().map(|held| printable(&held.name).into_owned()).collect::<Vec<_>>()
        };
        let assessments = names(touches.and_then(|touches| touches.assessments.as_ref()));
        let frameworks = names(touches.and_then(|touches| touches.frameworks.as_ref()));
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
    let line =
        format!("the {noun} {} stays in the account, and {file} is gone{}", printable(name), held.unwrap_or_default());
    Notice {
        kind: NoticeKind::Orphan,
        severity: Severity::Warning,
        place: None,
        text: format!("warning: {line}"),
        id: orphan_id(*object, id),
        line,
        finding: None,
        of_plan: true,
    }
}

fn of_stop(stop: &Stop) -> Notice<'static> {
    let (line, help) = match stop {
        Stop::Failed { what, failure } => {
            let code = failure.code.as_deref().map_or(String::new(), |code| format!("{code}: "));
            let line = format!("{what}: {}: {code}{}", failure.operation, printable(&failure.message));
            (line, failure.help.clone())
        }
        Stop::NoDefinitions => (
            "there is no definition below `controls/` or `frameworks/`, so nothing was done, and nothing is deleted"
                .to_owned(),
            Some("upload the catalogue with `controlsync push`, and check CONTROLSYNC_PREFIX".to_owned()),
        ),
        Stop::Configuration => (
            "controlsync.toml has errors, so nothing was done".to_owned(),
            Some("correct it, check it with `controlsync lint`, and upload it again".to_owned()),
        ),
    };
    let help = help.map_or(String::new(), |help| format!("\n  = help: {}", printable(&help)));
    Notice {
        kind: NoticeKind::Stop,
        severity: Severity::Error,
        place: None,
        text: format!("error: {line}{help}"),
        id: format!("stop {}", without_ids(&line)),
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
