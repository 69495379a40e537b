//! The result of a pull, as text.

use anstyle::{AnsiColor, Style as Ansi};

use super::Paths;
use super::text::Style;
use super::writer::{STRONG, Writer};
use crate::characters::printable;
use crate::diagnostic::counted;
use crate::plan::ObjectType;
use crate::pull::Pulled;

const ADDED: Ansi = AnsiColor::Green.on_default();
const CHANGED: Ansi = AnsiColor::Yellow.on_default();
const REFUSED: Ansi = AnsiColor::Red.on_default();
const FAINT: Ansi = Ansi::new().dimmed();
/// Names beyond this width are not aligned.
const MAX_WIDTH: usize = 60;

fn object(out: &mut Writer, width: usize, (sign, style): (&str, Ansi), object: ObjectType, name: &str, location: &str) {
    let what = out.paint(style, &format!("{sign} {:<9}", object.noun()));
    let name = out.paint(STRONG, &format!("{:<width$}", printable(name)));
    let location = out.paint(FAINT, &printable(location));
    out.line(&format!("{what} {name}  {location}"));
}

fn reason(out: &mut Writer, reason: &str) {
    let line = out.paint(REFUSED, &format!("    {}", printable(reason)));
    out.line(&line);
}

/// Returns what was written and what was not, and a summary.
pub fn pulled(pulled: &Pulled, paths: &Paths, style: &Style) -> String {
    let files = pulled.files.iter().map(|file| file.name.as_str());
    let others = pulled.differing.iter().map(|one| one.name.as_str());
    let names = files.chain(others).chain(pulled.not_pulled.iter().map(|one| one.name.as_str()));
    let widths = names.map(|name| printable(name).chars().count());
    let width = widths.filter(|width| *width <= MAX_WIDTH).max().unwrap_or_default();
    let mut out = Writer::new(style);
    out.head(&pulled.catalog, &pulled.target);
    if !(pulled.files.is_empty() && pulled.differing.is_empty() && pulled.not_pulled.is_empty()) {
        out.line("");
    }
    for file in &pulled.files {
        let sign = if file.before.is_some() { ("~", CHANGED) } else { ("+", ADDED) };
        object(&mut out, width, sign, file.object, &file.name, &paths.show(&file.path));
        if file.unnamed_sources > 0 {
            let sources = counted(file.unnamed_sources, "data source");
            let line = format!("    {sources} without a name in the account: named after type and keyword");
            let line = out.paint(FAINT, &line);
            out.line(&line);
        }
        if file.errors > 0 {
            let errors = counted(file.errors, "error");
            reason(&mut out, &format!("lint reports {errors} in it, and JSON has no comments to ignore them"));
        }
    }
    for one in &pulled.differing {
        object(&mut out, width, ("!", REFUSED), one.object, &one.name, &paths.show(&one.path));
        reason(&mut out, "not written: the file differs from the account; use --overwrite to replace it");
    }
    for one in &pulled.not_pulled {
        object(&mut out, width, ("!", REFUSED), one.object, &one.name, &one.ids.join(", "));
        reason(&mut out, &format!("skipped: {}", one.reason));
    }
    out.line("");
    let summary = summary(pulled);
    let summary = out.paint(STRONG, &summary);
    out.line(&summary);
    for line in skipped(pulled) {
        out.line(&line);
    }
    out.text
}

fn summary(pulled: &Pulled) -> String {
    let replaced = pulled.files.iter().filter(|file| file.before.is_some()).count();
    let mut parts = Vec::new();
    for (count, what) in [
        (pulled.files.len() - replaced, "written"),
        (replaced, "replaced"),
        (pulled.unchanged, "already up to date"),
        (pulled.differing.len(), "not replaced"),
    ] {
        if count > 0 {
            let file = if parts.is_empty() { counted(count, "file") } else { count.to_string() };
            parts.push(format!("{file} {what}"));
        }
    }
    if !pulled.not_pulled.is_empty() {
        parts.push(format!("{} skipped", counted(pulled.not_pulled.len(), "object")));
    }
    match parts.as_slice() {
        [] => format!("The account has no objects of the catalog `{}`: no file was written.", pulled.catalog),
        parts => format!("Pulled: {}.", parts.join(", ")),
    }
}

fn skipped(pulled: &Pulled) -> Vec<String> {
    let mut lines = Vec::new();
    let skipped = &pulled.skipped;
    if skipped.unmanaged > 0 {
        let count = counted(skipped.unmanaged, "object");
        lines.push(format!("Skipped: {count} not managed by any catalog; use --unmanaged to write them too."));
    }
    for (owner, count) in &skipped.others {
        lines.push(format!("Skipped: {} managed by catalog `{}`.", counted(*count, "object"), printable(owner)));
    }
    lines
}
