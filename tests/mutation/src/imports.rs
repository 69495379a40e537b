//! Conformance packs: rejected, or imported into a catalog without an error, and completely or listed.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use controlsync_core::check::{self, Checked, check};
use controlsync_core::packs::import::{Options, import};
use controlsync_core::pull::Target;
use controlsync_core::report::text::Style;
use controlsync_core::report::{Paths, import_text};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use fastrand::Rng;

use crate::account::no_control_characters;
use crate::mutate::{arbitrary, mutated};
use crate::{File, content};

/// The packs in an input.
const PACKS: [&str; 2] = ["pack.yaml", "other.yml"];

/// A pack with every property and function.
const PACK: &str = include_str!("pack.yaml");

/// Generates mutated packs.
pub fn input(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let is_pack = |(_, bytes): &&File| bytes.windows(9).any(|part| part == b"Resources");
    let known: Vec<&[u8]> = corpora.iter().filter(is_pack).map(|(_, bytes)| bytes.as_slice()).collect();
    let texts = [PACK.as_bytes().to_vec(), known.get(rng.usize(..=known.len())).copied().unwrap_or_default().to_vec()];
    PACKS
        .map(|path| {
            let original = if rng.u8(..4) == 0 && !texts[1].is_empty() { &texts[1] } else { &texts[0] };
            let bytes = if rng.u8(..20) == 0 { arbitrary(rng) } else { mutated(original, &texts, rng) };
            (path.to_owned(), bytes)
        })
        .into()
}

fn catalog(files: &[Source]) -> Checked {
    let files = files.iter().map(|file| Source::new(file.path(), file.kind(), file.content()));
    check(Sources::new(files.collect()), &check::Options::default())
}

/// Verifies an import into an empty catalog, and the same import again.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let packs = PACKS.map(|path| Source::new(path, FileKind::Ignored, Content::Bytes(content(files, path).to_vec())));
    let style = Style::default();
    let target = Target { checked: catalog(&[]), files: BTreeSet::new(), folders: BTreeSet::new() };
    let first = match import(&target, &packs, &Options::default()) {
        Ok(first) => first,
        Err(rejected) => {
            ensure!(!rejected.is_empty() && rejected.iter().all(|one| !one.reason.is_empty()), "no reason");
            return no_control_characters(&import_text::rejected(&rejected, &style));
        }
    };
    no_control_characters(&import_text::imported(&first, false, &Paths::default(), &style))?;
    let new = |file: &controlsync_core::packs::import::NewFile| {
        Source::new(file.path.clone(), file.kind, Content::Bytes(file.text.clone().into_bytes()))
    };
    let written: Vec<Source> = first.files.iter().map(new).collect();
    let checked = catalog(&written);
    ensure!(!checked.has_errors(), "lint refuses the result: {:?}", checked.diagnostics);
    let paths = first.files.iter().map(|file| file.path.clone()).collect();
    let target = Target { checked, files: paths, folders: BTreeSet::new() };
    let Ok(second) = import(&target, &packs, &Options::default()) else {
        anyhow::bail!("it is rejected the second time")
    };
    ensure!(second.files.is_empty(), "importing again writes {:?}", second.files);
    ensure!(second.left_out == first.left_out, "importing again lists {:?}, not {:?}", second.left_out, first.left_out);
    Ok(())
}
