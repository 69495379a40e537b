//! An export as JSON. The types here are the wire format.

use serde::Serialize;

use super::written::Written;
use crate::check::Checked;
use crate::pack_lock::Pin;
use crate::packs::{Export, Moved};
use crate::report::Paths;
use crate::report::json::{DiagnosticV1, TOOL, Tool, VERSION, one, print};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportV1<'a> {
    version: u32,
    tool: Tool,
    catalog: &'a str,
    /// `exported`, or `invalid` if nothing was written.
    outcome: &'static str,
    sources: usize,
    exported_sources: usize,
    packs: Vec<PackV1<'a>>,
    rules: RulesV1,
    moved: Vec<MovedV1<'a>>,
    files: Option<FilesV1<'a>>,
    above_limit: Vec<AboveLimitV1<'a>>,
    diagnostics: Vec<DiagnosticV1>,
}

#[derive(Serialize)]
struct PackV1<'a> {
    name: &'a str,
    file: String,
    rules: usize,
    remediations: usize,
    parameters: usize,
    bytes: usize,
    inline: bool,
    manual: bool,
}

#[derive(Default, Serialize)]
struct RulesV1 {
    total: usize,
    added: usize,
    removed: usize,
    moved: usize,
    copies: usize,
}

#[derive(Serialize)]
struct MovedV1<'a> {
    check: &'a str,
    from: PlaceV1<'a>,
    to: PlaceV1<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceV1<'a> {
    pack: &'a str,
    rule_name: &'a str,
    logical_id: &'a str,
}

#[derive(Serialize)]
struct FilesV1<'a> {
    written: &'a [String],
    removed: &'a [String],
    unchanged: usize,
}

#[derive(Serialize)]
struct AboveLimitV1<'a> {
    pack: &'a str,
    message: &'a str,
}

/// The outcome if nothing was written.
const INVALID: &str = "invalid";

fn place(pin: &Pin) -> PlaceV1<'_> {
    PlaceV1 { pack: &pin.pack, rule_name: &pin.rule_name, logical_id: &pin.logical_id }
}

fn moved(moved: &Moved) -> MovedV1<'_> {
    MovedV1 { check: &moved.from.check, from: place(&moved.from), to: place(&moved.to) }
}

/// Returns why a catalog with errors was not exported.
pub fn invalid(checked: &Checked, paths: &Paths) -> String {
    let diagnostics = checked.diagnostics.iter().map(|diagnostic| one(&checked.sources, diagnostic, paths)).collect();
    print(&ExportV1 {
        version: VERSION,
        tool: TOOL,
        catalog: &checked.catalog.name,
        outcome: INVALID,
        sources: checked.catalog.controls.values().map(|control| control.value.sources.len()).sum(),
        exported_sources: 0,
        packs: Vec::new(),
        rules: RulesV1::default(),
        moved: Vec::new(),
        files: None,
        above_limit: Vec::new(),
        diagnostics,
    })
}

/// Returns what was exported; without `written`, why nothing was.
pub fn exported(export: &Export, checked: &Checked, written: Option<&Written>, paths: &Paths) -> String {
    let packs = export.packs.iter().map(|pack| PackV1 {
        name: &pack.name,
        file: pack.file(),
        rules: pack.rules,
        remediations: pack.remediations,
        parameters: pack.parameters,
        bytes: pack.text.len(),
        inline: pack.is_inline(),
        manual: pack.manual,
    });
    print(&ExportV1 {
        version: VERSION,
        tool: TOOL,
        catalog: &checked.catalog.name,
        outcome: if written.is_some() { "exported" } else { INVALID },
        sources: export.sources,
        exported_sources: written.map_or(0, |_| export.exported()),
        packs: packs.collect(),
        rules: RulesV1 {
            total: export.lock.checks.len(),
            added: export.added,
            removed: export.removed,
            moved: export.moved.len(),
            copies: export.duplicates,
        },
        moved: export.moved.iter().map(moved).collect(),
        files: written.map(|Written { written, removed, unchanged }| FilesV1 {
            written,
            removed,
            unchanged: *unchanged,
        }),
        above_limit: export.above_limit.iter().map(|(pack, message)| AboveLimitV1 { pack, message }).collect(),
        diagnostics: export.diagnostics.iter().map(|diagnostic| one(&checked.sources, diagnostic, paths)).collect(),
    })
}
