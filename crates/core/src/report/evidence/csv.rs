//! The evidence as a table: a row for each source in each account (RFC 4180).

use super::words;
use crate::check::Checked;
use crate::evidence::{ControlEvidence, Evidence, PlaceReport, SourceReport};
use crate::report::Paths;

const HEAD: [&str; 13] = [
    "control",
    "path",
    "frameworks",
    "source",
    "sourceType",
    "keyword",
    "account",
    "region",
    "setup",
    "problems",
    "unknown",
    "exceptedUntil",
    "evidence",
];

/// Returns the table.
pub fn csv(evidence: &Evidence, checked: &Checked, paths: &Paths) -> String {
    let mut out = row(&HEAD.map(str::to_owned));
    for control in &evidence.controls {
        let path = paths.show(checked.sources.get(control.file).path());
        for source in &control.sources {
            if source.places.is_empty() {
                out += &row(&cells(control, &path, source, None));
            }
            for place in &source.places {
                out += &row(&cells(control, &path, source, Some(place)));
            }
        }
    }
    out
}

fn cells(
    control: &ControlEvidence,
    path: &str,
    source: &SourceReport,
    place: Option<&PlaceReport>,
) -> [String; HEAD.len()] {
    let of_place = place.into_iter().flat_map(|place| &place.problems);
    let problems: Vec<&str> =
        control.problems.iter().chain(of_place).chain(&source.problems).map(|problem| problem.rule.id).collect();
    let unknown: Vec<String> = control
        .unknown
        .iter()
        .chain(place.into_iter().flat_map(|of| &of.unknown))
        .chain(&source.unknown)
        .map(ToString::to_string)
        .collect();
    [
        control.name.clone(),
        path.to_owned(),
        control.frameworks.join("; "),
        source.name.clone(),
        source.source_type.to_owned(),
        source.keyword.clone().unwrap_or_default(),
        place.map(|of| of.place.account.clone()).unwrap_or_default(),
        place.map(|of| of.place.region.clone()).unwrap_or_default(),
        place.map_or(source.setup, |place| place.setup).name().to_owned(),
        problems.join("; "),
        unknown.join("; "),
        place.and_then(|of| of.exception.as_ref()).map(|of| of.until.clone()).unwrap_or_default(),
        words::last(source),
    ]
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// Returns a cell. A spreadsheet would run a text that starts like a formula, so it gets an apostrophe.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        assert_eq!(row(&["a".to_owned(), "b, \"c\"".to_owned(), "=1+1".to_owned()]), "a,\"b, \"\"c\"\"\",'=1+1\r\n");
    }
}
