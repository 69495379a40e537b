//! The account as the service or the cache of an earlier run returns it: planned and pulled.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use controlsync_core::catalog_path;
use controlsync_core::check::{self, Checked, check};
use controlsync_core::diagnostic::Level;
use controlsync_core::plan::{
    self, AccountAssessment, AccountControl, AccountFramework, AccountObject, Actual, Adopt, Body, CATALOG_TAG,
    ChangeKind, Detail, Drift, Plan, Removed, Stamp, Usage, plan,
};
use controlsync_core::pull::{self, Pulled, Step, Target};
use controlsync_core::report::text::Style;
use controlsync_core::report::{Paths, plan_json, plan_markdown, plan_text, pull_text};
use controlsync_core::source::FileKind;
use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::files::sources;
use crate::mutate::{json_text, mutated};
use crate::service::Service;
use crate::{File, content, without};

/// The account in an input.
const FILE: &str = "account.json";

#[derive(Serialize, Deserialize)]
struct Account {
    cached: bool,
    controls: Vec<Object<AccountControl>>,
    frameworks: Vec<Object<AccountFramework>>,
    assessments: Option<Vec<AccountAssessment>>,
}

#[derive(Serialize, Deserialize)]
struct Object<T> {
    id: String,
    arn: String,
    name: String,
    stamp: Option<Stamp>,
    detail: Option<T>,
}

impl<T: Clone> Object<T> {
    fn new(object: &AccountObject<T>) -> Self {
        let AccountObject { id, arn, name, stamp, detail } = object.clone();
        Self { id, arn, name, stamp, detail: detail.get().cloned() }
    }

    fn into_account(self, cached: bool) -> AccountObject<T> {
        let Self { id, arn, name, stamp, detail } = self;
        let detail = match detail {
            None => Detail::Gone,
            Some(detail) if cached => Detail::Cached(detail),
            Some(detail) => Detail::Fresh(detail),
        };
        AccountObject { id, arn, name, stamp, detail }
    }
}

impl Account {
    fn actual(self) -> Actual {
        let cached = self.cached;
        Actual {
            account: Some("111122223333".to_owned()),
            region: "eu-west-1".to_owned(),
            controls: self.controls.into_iter().map(|object| object.into_account(cached)).collect(),
            frameworks: self.frameworks.into_iter().map(|object| object.into_account(cached)).collect(),
            impact: Some(Usage { frameworks: true, assessments: self.assessments, unknown: None }),
            ..Actual::default()
        }
    }
}

/// A catalog of a few definitions.
pub(crate) fn catalog(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files: Vec<File> = (0..=rng.usize(..3))
        .map(|number| {
            let (path, bytes) = &corpora[rng.usize(..corpora.len())];
            let directory = if path.contains("framework") { "frameworks" } else { "controls" };
            (format!("{directory}/{number}.yaml"), bytes.clone())
        })
        .collect();
    if rng.bool() {
        files.push(("controlsync.toml".to_owned(), b"catalog = \"team\"\n".to_vec()));
    }
    files
}

/// Returns the account after the plan for a catalog is applied.
pub(crate) fn applied(files: &[File]) -> Actual {
    let checked = check(sources(files), &check::Options::default());
    let empty = Actual { region: "eu-west-1".to_owned(), ..Actual::default() };
    let first = plan(&checked.catalog, &checked.sources, &empty, &plan::Options::default());
    Service::default().apply(&empty, &first)
}

/// Generates an account in sync with a catalog, then mutates it and sometimes the files.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = catalog(corpora, rng);
    let actual = applied(&files);
    let account = Account {
        cached: rng.u8(..8) == 0,
        controls: actual.controls.iter().map(Object::new).collect(),
        frameworks: actual.frameworks.iter().map(Object::new).collect(),
        assessments: Some(vec![AccountAssessment {
            id: "a".to_owned(),
            name: "Audit".to_owned(),
            framework: actual.frameworks.first().map(|framework| framework.id.clone()),
            controls: actual.controls.iter().take(1).map(|control| control.id.clone()).collect(),
        }]),
    };
    let text = serde_json::to_string(&account).unwrap_or_default();
    match rng.u8(..4) {
        0 => {
            let at = rng.usize(..files.len());
            files.remove(at);
        }
        1 => {
            let at = rng.usize(..files.len());
            files[at].1 = mutated(&files[at].1, std::slice::from_ref(&files[at].1), rng);
        }
        _ => {}
    }
    files.push((FILE.to_owned(), json_text(&text, rng)));
    files
}

/// Verifies plans and pulls.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(account) = serde_json::from_slice::<Account>(content(files, FILE)) else { return Ok(()) };
    let (actual, files) = (account.actual(), without(files, FILE));
    let checked = check(sources(&files), &check::Options::default());
    for adopt in [Adopt::Never, Adopt::Identical, Adopt::All] {
        for (removed, drift) in [
            (Removed::Ignore, Drift::Repair),
            (Removed::Name, Drift::Leave),
            (Removed::DeleteUnused, Drift::Leave),
            (Removed::Delete, Drift::Repair),
        ] {
            let options =
                plan::Options { adopt, removed, drift, max_deletes: Some(100), impact: true, ..Default::default() };
            let planned = plan(&checked.catalog, &checked.sources, &actual, &options);
            let again = plan(&checked.catalog, &checked.sources, &actual, &options);
            ensure!(planned.changes == again.changes && planned.diagnostics == again.diagnostics, "two plans differ");
            only_owned_objects_change(&planned, &actual, removed)?;
            sent_ids_exist(&planned, &actual)?;
            reports(&planned, &checked)?;
        }
    }
    for (unmanaged, overwrite) in [(false, false), (true, false), (true, true)] {
        pull_twice(&files, &actual, &pull::Options { unmanaged, overwrite, check: check::Options::default() })?;
    }
    Ok(())
}

/// Returns the owners of the objects with an ID; several if the account repeats it.
fn owners<'a>(actual: &'a Actual, id: &'a str) -> impl Iterator<Item = Option<&'a String>> {
    let controls = actual.controls.iter().filter(move |control| control.id == id);
    let frameworks = actual.frameworks.iter().filter(move |framework| framework.id == id);
    let controls = controls.map(|control| control.detail.get().and_then(|detail| detail.tags.get(CATALOG_TAG)));
    controls.chain(frameworks.map(|framework| framework.detail.get().and_then(|detail| detail.tags.get(CATALOG_TAG))))
}

fn only_owned_objects_change(plan: &Plan, actual: &Actual, removed: Removed) -> Result<()> {
    for change in plan.changes.iter().filter(|change| change.writes()) {
        let Some(id) = &change.id else {
            ensure!(change.kind == ChangeKind::Create, "{:?} without an ID", change.kind);
            continue;
        };
        let owned = owners(actual, id).any(|owner| owner == Some(&plan.catalog));
        let unmanaged = owners(actual, id).any(|owner| owner.is_none());
        ensure!(
            owned || (unmanaged && change.kind != ChangeKind::Delete),
            "{:?} of {id}, which is not owned",
            change.kind
        );
        ensure!(change.kind != ChangeKind::Delete || removed.deletes(), "{id} is deleted without --prune");
    }
    Ok(())
}

fn sent_ids_exist(plan: &Plan, actual: &Actual) -> Result<()> {
    for change in plan.changes.iter().filter(|change| change.writes()) {
        let of_control = |object: &AccountObject<AccountControl>| {
            object.detail.get().into_iter().flat_map(|detail| &detail.sources).map(|source| source.id.clone()).collect()
        };
        let of_framework = |object: &AccountObject<AccountFramework>| {
            object.detail.get().into_iter().flat_map(|detail| &detail.control_sets).map(|set| set.id.clone()).collect()
        };
        let is = |id: &String| Some(id) == change.id.as_ref();
        let (sent, existing): (Vec<&String>, Vec<BTreeSet<String>>) = match &change.body {
            Some(Body::Control(body)) => (
                body.sources.iter().filter_map(|source| source.id.as_ref()).collect(),
                actual.controls.iter().filter(|control| is(&control.id)).map(of_control).collect(),
            ),
            Some(Body::Framework(body)) => (
                body.control_sets.iter().filter_map(|set| set.id.as_ref()).collect(),
                actual.frameworks.iter().filter(|framework| is(&framework.id)).map(of_framework).collect(),
            ),
            None => continue,
        };
        for id in sent {
            ensure!(existing.iter().any(|ids| ids.contains(id)), "{} sends {id}, which does not exist", change.name);
        }
    }
    Ok(())
}

fn reports(plan: &Plan, checked: &Checked) -> Result<()> {
    let paths = Paths::default();
    let json = plan_json::plan(plan, None, checked, &paths);
    serde_json::from_str::<Json>(&json)?;
    let markdown = plan_markdown::plan(plan, None, checked, &paths);
    ensure!(markdown.encode_utf16().count() <= plan_markdown::MAX_UNITS, "the comment is too long");
    let text = plan_text::plan(plan, true, &Style::default());
    no_control_characters(&text)?;
    no_control_characters(&markdown)
}

/// Verifies that a text has no control characters for terminals.
pub(crate) fn no_control_characters(text: &str) -> Result<()> {
    let forbidden = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    ensure!(forbidden.is_none(), "{forbidden:?} in {text:?}");
    Ok(())
}

fn pulled(files: &[File], actual: &Actual, options: &pull::Options) -> Option<Pulled> {
    let folders = ["controls", "frameworks"].map(str::to_owned).into();
    let target = Target {
        checked: check(sources(files), &options.check),
        files: files.iter().map(|(path, _)| path.clone()).collect(),
        folders,
    };
    match pull::step(&target, actual, options) {
        Step::Read(_) => None,
        Step::Done(pulled) => Some(*pulled),
    }
}

/// Verifies that pulled files are in the catalog, have no errors, and are not pulled again.
fn pull_twice(files: &[File], actual: &Actual, options: &pull::Options) -> Result<()> {
    let Some(first) = pulled(files, actual, options) else { return Ok(()) };
    no_control_characters(&pull_text::pulled(&first, &Paths::default(), &Style::default()))?;
    let mut after = files.to_vec();
    for file in &first.files {
        let kind = catalog_path::kind_of(&file.path);
        ensure!(matches!(kind, Some(FileKind::Control | FileKind::Framework)), "{} is not in the catalog", file.path);
        let strange = |part: &str| part.is_empty() || part.starts_with('.');
        ensure!(!file.path.split('/').any(strange), "{} is outside the catalog", file.path);
        ensure!(file.before.is_some() == files.iter().any(|(path, _)| *path == file.path), "{} exists", file.path);
        after.retain(|(path, _)| *path != file.path);
        after.push((file.path.clone(), file.text.clone().into_bytes()));
    }
    ensure!(after.len() == files.len() + first.files.iter().filter(|file| file.before.is_none()).count(), "repeated");
    let checked = check(sources(&after), &options.check);
    for found in checked.diagnostics.iter().filter(|found| found.level == Level::Error) {
        let path = checked.sources.get(found.file).path();
        let written = first.files.iter().find(|file| file.path == path);
        ensure!(written.is_none_or(|file| file.errors > 0), "{path} has {}: {}", found.rule.id, found.message);
    }
    let second = pulled(&after, actual, options);
    for file in second.into_iter().flat_map(|second| second.files) {
        let first = first.files.iter().find(|first| first.path == file.path);
        ensure!(
            first.is_none_or(|first| first.errors > 0),
            "{} is written again:\n{}\n---\n{}",
            file.path,
            file.before.unwrap_or_default(),
            file.text
        );
    }
    Ok(())
}
