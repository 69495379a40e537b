//! What the function has told before: whatever stands there, people are told what is so, within the limits of a mail.

use anyhow::{Result, ensure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::config::is_catalog_name;
use controlsync_core::plan::{Actual, Plan, Target, plan};
use controlsync_core::run::notice::{Facts, News, ReportedNotices, Status};
use controlsync_core::run::{Mode, NotPlanned, RunReport, Settings, Triggers, Upload, json, mail};
use fastrand::Rng;
use serde_json::Value as Json;

use crate::account::nothing_for_terminals;
use crate::files::{definitions, sources};
use crate::mutate::json_text;
use crate::{File, content, without};

/// Where an input has what was told.
const FILE: &str = "known.json";
/// The largest message that a topic takes, less its attributes.
const MAX_DOCUMENT: usize = 240 * 1024;

const WAKE: Triggers = Triggers { upload: true, schedule: false, reconcile: false, report: false };

fn planned(checked: &Checked) -> Plan {
    let actual = Actual { region: "eu-west-1".to_owned(), ..Actual::default() };
    plan(&checked.catalog, &checked.sources, &actual, &Settings::default().options(WAKE))
}

/// What a pass over definitions has told, and then something else.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = definitions(corpora, rng);
    let checked = check(sources(&files), &check::Options::default());
    let plan = planned(&checked);
    let facts = Facts { checked: Some(&checked), plan: Some(&plan), ..Facts::default() };
    let known = News::new(facts, ReportedNotices::new()).known;
    files.push((FILE.to_owned(), json_text(&serde_json::to_string(&known).unwrap_or_default(), rng)));
    files
}

/// Tells people of a pass, and of the same one again.
///
/// # Errors
///
/// What does not hold.
pub fn hold(files: &[File]) -> Result<()> {
    let Ok(known) = serde_json::from_slice::<ReportedNotices>(content(files, FILE)) else { return Ok(()) };
    let files = without(files, FILE);
    let checked = check(sources(&files), &check::Options::default());
    let not_planned = NotPlanned::of(&checked, None);
    let plan = if not_planned.is_none() { Some(planned(&checked)) } else { None };
    let facts =
        Facts { checked: Some(&checked), not_planned: not_planned.as_ref(), plan: plan.as_ref(), results: None };
    let news = News::new(facts, known);
    let again = News::new(facts, news.known.clone());
    ensure!(again.notices.iter().all(|(status, _)| *status == Status::Known), "something is told twice");
    ensure!(again.resolved.is_empty() && again.known == news.known, "something is resolved twice");
    let upload = |path: &String| Upload { path: path.clone(), ..Upload::default() };
    let uploads: Vec<Upload> = files.iter().map(|(path, _)| upload(path)).collect();
    let catalog = Some(checked.catalog.name.as_str()).filter(|name| is_catalog_name(name));
    let run = RunReport {
        triggers: WAKE,
        mode: Mode::Apply,
        target: &Target { account: None, region: "eu-west-1".to_owned() },
        catalog: catalog.unwrap_or("unknown"),
        location: "s3://bucket/",
        uploads: &uploads,
        checked: Some(&checked),
        not_planned: not_planned.as_ref(),
        plan: plan.as_ref(),
        results: None,
        interrupted: &[],
        news: &news,
        plan_is_known: false,
        retry: None,
    };
    let subject = mail::subject(&run);
    let printable = subject.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    ensure!((1..100).contains(&subject.len()) && printable, "{subject:?} is no subject");
    let text = mail::text(&run);
    ensure!(text.len() <= mail::MAX_BYTES, "a mail of {} bytes", text.len());
    nothing_for_terminals(&text)?;
    let document = json::document(&run);
    ensure!(document.len() <= MAX_DOCUMENT, "a document of {} bytes", document.len());
    serde_json::from_str::<Json>(&document)?;
    ensure!(run.attributes().values().all(|value| !value.is_empty()), "an attribute is empty");
    Ok(())
}
