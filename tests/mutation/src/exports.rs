//! A catalog and the lock of its conformance packs: the lock is rejected, or what it pins stays where it is.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::pack_lock::{LOCK_FILE, Lock};
use controlsync_core::packs::{Export, Manual, Options, export};
use controlsync_core::report::packs::{files, text};
use controlsync_core::report::text::Style;
use fastrand::Rng;

use crate::account::{catalog, no_control_characters};
use crate::files::sources;
use crate::mutate::json_text;
use crate::{File, content, without};

fn options<'a>(checked: &Checked, lock: Option<&'a Lock>, per_framework: bool) -> Options<'a> {
    let manual = Manual::ProcessCheck;
    let paths = controlsync_core::packs::guard_paths(&checked.catalog);
    let guard_rules = paths.into_iter().map(|path| (path.to_owned(), "rule a { b exists }".to_owned())).collect();
    Options { lock, per_framework, manual, guard_rules, ..Options::default() }
}

/// Generates a catalog and a mutated lock of it, sometimes of another catalog.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let mut files = catalog(corpora, rng);
    let of_lock = if rng.u8(..4) == 0 { catalog(corpora, rng) } else { files.clone() };
    let checked = check(sources(&of_lock), &check::Options::default());
    let lock = export(&checked, &options(&checked, None, rng.bool())).map(|export| export.lock.text());
    let lock = lock.unwrap_or_default();
    let bytes = if rng.u8(..4) == 0 { lock.into_bytes() } else { json_text(&lock, rng) };
    files.push((LOCK_FILE.to_owned(), bytes));
    files
}

/// Verifies an export with the lock, and the export after it.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let Ok(text) = std::str::from_utf8(content(files, LOCK_FILE)) else { return Ok(()) };
    let lock = match Lock::read(text) {
        Ok(lock) => lock,
        Err(error) => return ensure_message(&error),
    };
    ensure!(Lock::read(&lock.text()).ok().as_ref() == Some(&lock), "it reads back as another lock");
    let checked = check(sources(&without(files, LOCK_FILE)), &check::Options::default());
    let export_with = |lock| export(&checked, &options(&checked, Some(lock), lock.per_framework));
    let first = match export_with(&lock) {
        Ok(first) => first,
        Err(error) => return ensure_message(&error),
    };
    ensure!(first.moved.is_empty(), "it moved {:?}", first.moved);
    pins_stay(&lock, &first)?;
    no_control_characters(&text::exported(&first, &checked.catalog.name, None, "packs", &Style::default()))?;
    let written = Lock::read(&first.lock.text()).context("the next export rejects the lock")?;
    let second = export_with(&written)?;
    ensure!(
        files::files(&first, &checked.catalog.name) == files::files(&second, &checked.catalog.name),
        "the next export writes other files"
    );
    ensure!((second.added, second.removed, second.moved.len()) == (0, 0, 0), "the next export changes rules");
    Ok(())
}

/// Verifies that there is a reason, which the program prints like all errors: without control characters.
fn ensure_message(error: &impl std::fmt::Display) -> Result<()> {
    ensure!(!error.to_string().is_empty(), "an error without a message");
    Ok(())
}

/// Verifies that a check of the lock is where it was, or in no pack.
fn pins_stay(before: &Lock, export: &Export) -> Result<()> {
    let now: BTreeMap<_, _> =
        export.lock.checks.iter().map(|pin| ((pin.framework.as_deref(), pin.check.as_str()), pin)).collect();
    let names: BTreeSet<_> = export.lock.checks.iter().map(|pin| (&pin.pack, pin.rule_name.to_lowercase())).collect();
    ensure!(names.len() == now.len(), "two rules of a pack have the same name");
    for pin in &before.checks {
        let Some(here) = now.get(&(pin.framework.as_deref(), pin.check.as_str())) else { continue };
        let place =
            |of: &controlsync_core::pack_lock::Pin| (of.pack.clone(), of.rule_name.clone(), of.logical_id.clone());
        ensure!(place(here) == place(pin), "{pin:?} became {here:?}");
    }
    Ok(())
}
