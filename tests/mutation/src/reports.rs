//! The reported notices of the function: with any of them, its reports are correct and within the limits of an email.

use anyhow::{Result, ensure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::config::is_catalog_name;
use controlsync_core::plan::{Actual, Plan, Target, plan};
use controlsync_core::run::notice::{Facts, News, ReportedNotices, Status};
use controlsync_core::run::{Deployment, Mode, NotPlanned, RunReport, Settings, Triggers, Upload, json, mail};
use fastrand::Rng;
use serde_json::Value as Json;

use crate::account::no_control_characters;
use crate::files::{definitions, sources};
use crate::mutate::json_text;
use crate::{File, content, without};

/// The reported notices in an input.
const FILE: &str = "known.json";
/// Maximum size of a message to a topic, without its attributes.
const MAX_DOCUMENT: usize = 240 * 1024;

const UPLOADED: Triggers = Triggers { upload: true, schedule: false, reconcile: false, report: false };

fn planned(checked: &Checked) -> Plan {
    let actual = Actual { region: "eu-west-1".to_owned(), ..Actual::default() };
    plan(&checked.catalog, &checked.sources, &actual, &Settings::default().options(UPLOADED))
}

/// Generates the mutated notices of a run.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = definitions(corpora, rng);
    let checked = check(sources(&files), &check::Options::default());
    let plan = planned(&checked);
    let facts = Facts { checked: Some(&checked), plan: Some(&plan), ..Facts::default() };
    let known = News::new(facts, ReportedNotices::new()).known;
    files.push((FILE.to_owned(), json_text(&serde_json::to_string(&known).unwrap_or_default(), rng)));
    files
}

/// Verifies the reports of a run, and of the same run again.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(known) = serde_json::from_slice::<ReportedNotices>(content(files, FILE)) else { return Ok(()) };
    let files = without(files, FILE);
    let checked = check(sources(&files), &check::Options::default());
    let not_planned = NotPlanned::of(&checked, None);
    let plan = if not_planned.is_none() { Some(planned(&checked)) } else { None };
    let facts =
        Facts { checked: Some(&checked), not_planned: not_planned.as_ref(), plan: plan.as_ref(), ..Facts::default() };
    let news = News::new(facts, known);
    let again = News::new(facts, news.known.clone());
    ensure!(again.notices.iter().all(|(status, _)| *status == Status::Known), "a notice is reported twice");
    ensure!(again.resolved.is_empty() && again.known == news.known, "a notice is resolved twice");
    let upload = |path: &String| Upload { path: path.clone(), ..Upload::default() };
    let uploads: Vec<Upload> = files.iter().map(|(path, _)| upload(path)).collect();
    let catalog = Some(checked.catalog.name.as_str()).filter(|name| is_catalog_name(name));
    let run = RunReport {
        triggers: UPLOADED,
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
        days_since_email: None,
        deployment: <&Deployment>::default(),
        retry: None,
    };
    let subject = mail::subject(&run);
    let printable = subject.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    ensure!((1..100).contains(&subject.len()) && printable, "{subject:?} is not a valid subject");
    let text = mail::text(&run);
    ensure!(text.len() <= mail::MAX_BYTES, "an email of {} bytes", text.len());
    no_control_characters(&text)?;
    let document = json::document(&run);
    ensure!(document.len() <= MAX_DOCUMENT, "a document of {} bytes", document.len());
    serde_json::from_str::<Json>(&document)?;
    ensure!(run.attributes().values().all(|value| !value.is_empty()), "an attribute is empty");
    Ok(())
}
