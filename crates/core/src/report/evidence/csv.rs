//! The evidence as a table: a row for each source in each account (RFC 4180).

use super::words;
use crate::check::Checked;
use crate::evidence::{ControlEvidence, Evidence, PlaceReport, SourceReport};
use crate::report::Paths;
use crate::report::csv::row;

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
    let mut out = row(&HEAD);
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
