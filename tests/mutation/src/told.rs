//! What the function has told before: whatever stands there, people are told what is so, within the limits of a mail.

use anyhow::{Result, ensure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::config::is_catalog_name;
use controlsync_core::pass::notice::{AllKnown, Facts, News, Status};
use controlsync_core::pass::{Mode, Pass, Settings, Stop, Upload, Wake, json, mail};
use controlsync_core::plan::{Actual, Plan, Target, plan};
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

const WAKE: Wake = Wake { upload: true, schedule: false, reconcile: false, report: false };

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
    let known = News::new(facts, AllKnown::new()).known;
    files.push((FILE.to_owned(), json_text(&serde_json::to_string(&known).unwrap_or_default(), rng)));
    files
}

/// Tells people of a pass, and of the same one again.
///
/// # Errors
///
/// What does not hold.
pub fn hold(files: &[File]) -> Result<()> {
    let Ok(known) = serde_json::from_slice::<AllKnown>(content(files, FILE)) else { return Ok(()) };
    let files = without(files, FILE);
    let checked = check(sources(&files), &check::Options::default());
    let stop = Stop::of(&checked, None);
    let plan = if stop.is_none() { Some(planned(&checked)) } else { None };
    let facts = Facts { checked: Some(&checked), stop: stop.as_ref(), plan: plan.as_ref(), results: None };
    let news = News::new(facts, known);
    let again = News::new(facts, news.known.clone());
    ensure!(again.told.iter().all(|(status, _)| *status == Status::Known), "something is told twice");
    ensure!(again.cured.is_empty() && again.known == news.known, "something is cured twice");
    let upload = |path: &String| Upload { path: path.clone(), ..Upload::default() };
    let uploads: Vec<Upload> = files.iter().map(|(path, _)| upload(path)).collect();
    let catalog = Some(checked.catalog.name.as_str()).filter(|name| is_catalog_name(name));
    let pass = Pass {
        wake: WAKE,
        mode: Mode::Apply,
        target: &Target { account: None, region: "eu-west-1".to_owned() },
        catalog: catalog.unwrap_or("unknown"),
        place: "s3://bucket/",
        uploads: &uploads,
        checked: Some(&checked),
        stop: stop.as_ref(),
        plan: plan.as_ref(),
        results: None,
        earlier: &[],
        news: &news,
        plan_is_known: false,
        again: None,
    };
    let subject = mail::subject(&pass);
    let printable = subject.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    ensure!((1..100).contains(&subject.len()) && printable, "{subject:?} is no subject");
    let text = mail::text(&pass);
    ensure!(text.len() <= mail::MAX_BYTES, "a mail of {} bytes", text.len());
    nothing_for_terminals(&text)?;
    let document = json::document(&pass);
    ensure!(document.len() <= MAX_DOCUMENT, "a document of {} bytes", document.len());
    serde_json::from_str::<Json>(&document)?;
    ensure!(pass.attributes().values().all(|value| !value.is_empty()), "an attribute is empty");
    Ok(())
}
