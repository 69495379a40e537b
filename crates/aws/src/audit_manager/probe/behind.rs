//! Questions about times, delays, pages and errors.

use std::time::Instant;

use aws_sdk_auditmanager::types::ControlType;
use controlsync_core::change_result::Failure;
use controlsync_core::plan::ObjectType;
use controlsync_core::probe::{Found, TAG};
use serde_json::json;

use super::lists::{self, Entry, Page};
use super::requests;
use super::sources::NO_ID;
use super::trial::{LOOKS, Trial, verdict};
use crate::audit_manager::account::list::millis;

/// Controls that are created to see a delay.
const SAMPLES: usize = 3;

/// Pages of a list that are read at most, and into which the list is divided at least.
const MOST_PAGES: usize = 12;
const PAGES: usize = 4;

const SECOND: i64 = 1000;

/// The entry of an object that was just created, once the list has it.
async fn entry(trial: &Trial<'_>, id: &str) -> Result<Entry, Failure> {
    for look in 1..=LOOKS {
        let listed = lists::all(trial.client(), ObjectType::Control).await?;
        if let Some(entry) = listed.into_iter().find(|entry| entry.id == id) {
            return Ok(entry);
        }
        if look < LOOKS {
            trial.client().settle(look).await;
        }
    }
    Err(Failure::new("ListControls", "the list does not have a new control"))
}

pub(super) async fn times(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let (mut listed, mut own) = (Vec::new(), Vec::new());
    for id in trial.controls(SAMPLES).await? {
        listed.push(entry(trial, &id).await?.updated);
        own.push(millis(requests::get_control(trial.client(), &id).await?.last_updated_at()));
    }
    // Whole seconds by chance: once in a billion times.
    let is_exact = |times: &[Option<i64>]| times.iter().flatten().any(|time| time.rem_euclid(SECOND) != 0);
    let (in_lists, in_objects) = (is_exact(&listed), is_exact(&own));
    let position = match (in_lists, in_objects) {
        (true, true) => "Millis",
        (false, true) => "SecondsInLists",
        (true, false) => "SecondsInObjects",
        (false, false) => "Seconds",
    };
    let word = |exact| if exact { "milliseconds" } else { "seconds" };
    let same = if listed == own { "the same" } else { "not the same" };
    let answer = format!("{same}; in lists: {}, in objects: {}", word(in_lists), word(in_objects));
    Ok(Found::new(answer).switch("times", json!(position)))
}

pub(super) async fn tags_and_times(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let new = trial.control();
    let control = trial.create(&new).await?;
    let run = trial.tags().remove(TAG).unwrap_or_default();
    let tagged = requests::tag(trial.client(), control.arn().unwrap_or_default(), "controlsync-probe", &run).await;
    if let Err(refused) = verdict(tagged)? {
        return Ok(Found::new("tags cannot be changed").with([refused]));
    }
    let after = requests::get_control(trial.client(), control.id().unwrap_or_default()).await?;
    let moved = millis(control.last_updated_at()) != millis(after.last_updated_at());
    Ok(Found::new(if moved { "yes" } else { "no" }))
}

/// The words for the delays of samples, and the longest in milliseconds.
fn delay(delays: &[Option<u32>]) -> (String, u32) {
    match delays.iter().flatten().max() {
        Some(longest) => (format!("no, seen after {longest} ms"), *longest),
        None => (format!("yes: no delay seen in {} attempts", delays.len()), 0),
    }
}

fn since(start: Instant) -> u32 {
    u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX)
}

/// A new control, and when it was created.
async fn sample(trial: &mut Trial<'_>) -> Result<(String, Instant), Failure> {
    let new = trial.control();
    Ok((trial.created(&new).await?, Instant::now()))
}

pub(super) async fn list_lag(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let mut delays = Vec::new();
    for _ in 0..SAMPLES {
        let (id, start) = sample(trial).await?;
        let at_once = lists::all(trial.client(), ObjectType::Control).await?.iter().any(|entry| entry.id == id);
        if at_once {
            delays.push(None);
        } else {
            entry(trial, &id).await?;
            delays.push(Some(since(start)));
        }
    }
    let (answer, longest) = delay(&delays);
    Ok(Found::new(answer).switch("listLag", longest))
}

pub(super) async fn reference_lag(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let mut delays = Vec::new();
    for _ in 0..SAMPLES {
        let (id, start) = sample(trial).await?;
        let new = trial.framework(&[id]);
        if trial.try_framework(&new).await?.is_ok() {
            delays.push(None);
        } else {
            trial.create_framework(&new).await?;
            delays.push(Some(since(start)));
        }
        trial.clear().await?;
    }
    let (answer, longest) = delay(&delays);
    Ok(Found::new(answer).switch("referenceLag", longest))
}

/// Reads a list with the smallest pages, until it ends or brings nothing new.
async fn read(trial: &Trial<'_>, size: i32) -> Result<Vec<Page>, Failure> {
    let mut pages: Vec<Page> = Vec::new();
    let mut token = None;
    while pages.len() < MOST_PAGES {
        let (entries, next) = lists::controls(trial.client(), ControlType::Custom, Some(size), token.take()).await?;
        let repeated = next.is_some() && pages.iter().any(|(_, known)| *known == next);
        token = next.clone().filter(|next| !next.is_empty());
        pages.push((entries, next));
        if token.is_none() || repeated {
            break;
        }
    }
    Ok(pages)
}

/// The kind of the pages of a list, as the switch of the emulator names it.
fn kind(pages: &[Page], count: usize) -> &'static str {
    let ids = |page: &Page| -> Vec<String> { page.0.iter().map(|entry| entry.id.clone()).collect() };
    let has_twice = |page: &Page| {
        let ids = ids(page);
        ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id))
    };
    let overlap =
        |pair: &[Page]| pair[0].0.last().zip(pair[1].0.first()).is_some_and(|(one, other)| one.id == other.id);
    let tokens: Vec<&str> = pages.iter().filter_map(|(_, token)| token.as_deref()).collect();
    let is_repeated = tokens.iter().enumerate().any(|(at, token)| tokens[..at].contains(token));
    let mut seen: Vec<String> = pages.iter().flat_map(ids).collect();
    seen.sort_unstable();
    seen.dedup();
    match () {
        () if pages.iter().any(has_twice) => "RepeatEntries",
        () if is_repeated => "SameToken",
        () if seen.len() >= count && pages.len() == MOST_PAGES => "Endless",
        () if pages.windows(2).any(overlap) => "Overlap",
        () if tokens.last().is_some_and(|token| token.is_empty()) => "EmptyToken",
        () => "Exact",
    }
}

pub(super) async fn pages(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let created = trial.controls(PAGES).await?;
    for id in &created {
        entry(trial, id).await?;
    }
    let count = lists::all(trial.client(), ObjectType::Control).await?.len();
    let size = i32::try_from(count.div_ceil(PAGES)).unwrap_or(i32::MAX);
    let pages = read(trial, size).await?;
    let kind = kind(&pages, count);
    let answer = match kind {
        "RepeatEntries" => "no: a page has an entry twice",
        "Overlap" => "no: a page starts with the last entry of the page before",
        "EmptyToken" => "yes, but the last page has an empty token",
        "SameToken" => "no: a token is repeated",
        "Endless" => "no: there is always another page",
        _ => "yes",
    };
    Ok(Found::new(answer).switch("pages", json!(kind)))
}

pub(super) async fn page_sizes(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let client = trial.client();
    let mut answers = Vec::new();
    for (name, size) in [("without maxResults", None), ("with 2", Some(2)), ("with 1000", Some(1000))] {
        let (entries, next) = lists::controls(client, ControlType::Standard, size, None).await?;
        let more = if next.is_some_and(|next| !next.is_empty()) { "" } else { ", the whole list" };
        answers.push(format!("{name}: {}{more}", entries.len()));
    }
    Ok(Found::new(answers.join("; ")))
}

pub(super) async fn missing_objects(trial: &mut Trial<'_>) -> Result<Found, Failure> {
    let control = verdict(requests::get_control(trial.client(), NO_ID).await)?;
    let framework = verdict(requests::get_framework(trial.client(), NO_ID).await)?;
    let refused: Vec<_> = [control.err(), framework.err()].into_iter().flatten().collect();
    let codes: Vec<&str> = refused.iter().map(|refused| refused.code.as_str()).collect();
    Ok(Found::new(codes.join(", ")).with(refused))
}
