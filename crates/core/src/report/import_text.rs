//! The result of an import, as text.

use anstyle::{AnsiColor, Style as Ansi};

use super::Paths;
use super::text::Style;
use super::writer::{STRONG, Writer};
use crate::characters::printable;
use crate::diagnostic::counted;
use crate::packs::import::{Extent, Imported, Rejected};
use crate::source::FileKind;

const ADDED: Ansi = AnsiColor::Green.on_default();
const REFUSED: Ansi = AnsiColor::Red.on_default();
const FAINT: Ansi = Ansi::new().dimmed();
/// Names beyond this width are not aligned.
const MAX_WIDTH: usize = 60;

/// Returns what was written, what does not come and why, and a summary.
pub fn imported(imported: &Imported, dry_run: bool, paths: &Paths, style: &Style) -> String {
    let mut out = Writer::new(style);
    let head = out.paint(STRONG, &format!("Catalog {:?}", imported.catalog));
    out.line(&head);
    let widths = imported.files.iter().map(|file| printable(&file.name).chars().count());
    let width = widths.filter(|width| *width <= MAX_WIDTH).max().unwrap_or_default();
    if !imported.files.is_empty() {
        out.line("");
    }
    for file in &imported.files {
        let noun = if file.kind == FileKind::GuardRule { "rule" } else { file.kind.noun() };
        let what = out.paint(ADDED, &format!("+ {noun:<9}"));
        let name = out.paint(STRONG, &format!("{:<width$}", printable(&file.name)));
        let location = out.paint(FAINT, &printable(&paths.show(&file.path)));
        out.line(&format!("{what} {name}  {location}"));
    }
    if !imported.left_out.is_empty() {
        out.line("");
    }
    for one in &imported.left_out {
        let place = format!("! {}:{} {}", printable(&one.path), one.line, printable(&one.name));
        let place = out.paint(REFUSED, &place);
        let extent = match one.extent {
            Extent::Whole => "skipped",
            Extent::Part => "not kept",
        };
        out.line(&place);
        out.line(&format!("    {extent}: {}", printable(&one.reason)));
    }
    for (path, same) in &imported.repeated {
        out.line("");
        out.line(&format!("{} is the same pack as {}.", printable(path), printable(same)));
    }
    out.line("");
    let summary = out.paint(STRONG, &summary(imported, dry_run));
    out.line(&summary);
    out.text
}

fn summary(imported: &Imported, dry_run: bool) -> String {
    let mut parts = Vec::new();
    let written = imported.files.len();
    if written > 0 {
        parts.push(format!("{} {}", counted(written, "file"), if dry_run { "to write" } else { "written" }));
    }
    if imported.reused > 0 {
        parts.push(format!("{} of the catalog used", counted(imported.reused, "control")));
    }
    if imported.unchanged > 0 {
        parts.push(format!("{} already up to date", counted(imported.unchanged, "framework")));
    }
    let of = |extent| imported.left_out.iter().filter(|one| one.extent == extent).count();
    let (whole, part) = (of(Extent::Whole), of(Extent::Part));
    if whole > 0 {
        parts.push(format!("{} skipped", counted(whole, "item")));
    }
    if part > 0 {
        parts.push(format!("{} not kept", counted(part, "detail")));
    }
    let head = match () {
        () if dry_run => "Dry run",
        () if written + imported.unchanged == 0 => "Nothing was imported",
        () => "Imported",
    };
    format!("{head}: {}.", parts.join(", "))
}

/// Returns what is wrong with files that are not conformance packs.
pub fn rejected(rejected: &[Rejected], style: &Style) -> String {
    let mut out = Writer::new(style);
    for one in rejected {
        let place = out.paint(REFUSED, &format!("! {}:{}", printable(&one.path), one.line));
        out.line(&place);
        out.line(&format!("    {}", printable(&one.reason)));
    }
    out.line("");
    let summary = out.paint(STRONG, "Nothing was imported.");
    out.line(&summary);
    out.text
}
