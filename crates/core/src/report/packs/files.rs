//! The files of an export.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::diagnostic::counted;
use crate::pack_lock::{LOCK_FILE, Pin};
use crate::packs::{Export, Gap, Reason, Shortened};
use crate::report::json::{VERSION, print};
use crate::report::plan_markdown::code;

/// Name of the file with the rules of each control.
pub const CONTROLS_FILE: &str = "controls.json";
/// Name of the file with the gaps, for people.
pub const GAPS_FILE: &str = "GAPS.md";
/// Name of the file with the gaps, for programs.
pub const GAPS_JSON_FILE: &str = "gaps.json";

/// Returns the names and texts of all files, in the order in which they are written: the lock first, so that what it pins is never
/// deployed without it.
pub fn files(export: &Export, catalog: &str) -> Vec<(String, String)> {
    let mut files = vec![(LOCK_FILE.to_owned(), export.lock.text())];
    files.extend(export.packs.iter().map(|pack| (pack.file(), pack.text.clone())));
    files.push((CONTROLS_FILE.to_owned(), controls(export)));
    files.push((GAPS_FILE.to_owned(), gaps(export, catalog)));
    files.push((GAPS_JSON_FILE.to_owned(), gaps_json(export)));
    files
}

#[derive(Serialize)]
struct ControlsV1<'a> {
    version: u32,
    controls: BTreeMap<&'a str, Vec<RuleV1<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleV1<'a> {
    check: &'a str,
    pack: &'a str,
    rule_name: &'a str,
    logical_id: &'a str,
}

impl<'a> RuleV1<'a> {
    fn new(pin: &'a Pin) -> Self {
        Self { check: &pin.check, pack: &pin.pack, rule_name: &pin.rule_name, logical_id: &pin.logical_id }
    }
}

fn controls(export: &Export) -> String {
    let controls = export.controls.iter();
    let controls = controls.map(|(name, pins)| (name.as_str(), pins.iter().map(RuleV1::new).collect())).collect();
    print(&ControlsV1 { version: VERSION, controls })
}

#[derive(Serialize)]
struct GapsV1<'a> {
    version: u32,
    gaps: Vec<GapV1<'a>>,
    shortened: Vec<ShortenedV1<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GapV1<'a> {
    reason: &'static str,
    part: &'static str,
    control: &'a str,
    source: &'a str,
    source_type: &'static str,
    keyword: Option<&'a str>,
    path: &'a str,
    about: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShortenedV1<'a> {
    pack: &'a str,
    rule_name: &'a str,
    controls: &'a [String],
    description: bool,
}

impl<'a> GapV1<'a> {
    fn new(gap: &'a Gap) -> Self {
        Self {
            reason: gap.reason.id(),
            part: gap.reason.part().name(),
            control: &gap.control,
            source: &gap.source,
            source_type: gap.source_type.name(),
            keyword: gap.keyword.as_deref(),
            path: &gap.path,
            about: gap.about.as_deref(),
        }
    }
}

impl<'a> ShortenedV1<'a> {
    fn new(shortened: &'a Shortened) -> Self {
        let Shortened { pack, rule_name, controls, description } = shortened;
        Self { pack, rule_name, controls, description: *description }
    }
}

fn gaps_json(export: &Export) -> String {
    let gaps = export.gaps.iter().map(GapV1::new).collect();
    let shortened = export.shortened.iter().map(ShortenedV1::new).collect();
    print(&GapsV1 { version: VERSION, gaps, shortened })
}

fn gaps(export: &Export, catalog: &str) -> String {
    let mut out = format!(
        "# What the packs of {} do not have\n\nWritten by <code>controlsync export conformance-pack</code>. {} of {} are in \
         packs. Everything else is listed here, with the reason.\n",
        code(catalog),
        export.exported(),
        counted(export.sources, "data source"),
    );
    let mut by_reason: BTreeMap<Reason, Vec<&Gap>> = BTreeMap::new();
    for gap in &export.gaps {
        by_reason.entry(gap.reason).or_default().push(gap);
    }
    for (reason, gaps) in by_reason {
        let id = reason.id();
        let _ = writeln!(out, "\n## {id} ({})\n\n{}\n", gaps.len(), reason.text());
        out += "| control | source | keyword | about | file |\n|---|---|---|---|---|\n";
        for gap in gaps {
            let cell = |text: Option<&String>| text.map(|text| code(text)).unwrap_or_default();
            let (control, source, path) = (code(&gap.control), code(&gap.source), code(&gap.path));
            let (keyword, about) = (cell(gap.keyword.as_ref()), cell(gap.about.as_ref()));
            let _ = writeln!(out, "| {control} | {source} | {keyword} | {about} | {path} |");
        }
    }
    if !export.shortened.is_empty() {
        out += "\n## Shortened\n\nA rule of a pack names at most 20 controls with at most 128 characters each, and has a description \
                of at most 256 characters. `controls.json` has the rules of all controls.\n\n\
                | pack | rule | controls that are cut or left out | description |\n|---|---|---|---|\n";
        for Shortened { pack, rule_name, controls, description } in &export.shortened {
            let controls: Vec<String> = controls.iter().map(|name| code(name)).collect();
            let cut = if *description { "cut" } else { "" };
            let _ = writeln!(out, "| {} | {} | {} | {cut} |", code(pack), code(rule_name), controls.join(", "));
        }
    }
    out
}
