//! The compliance as a table: a row for each source in each account and Region (RFC 4180).

use super::report::Report;
use super::words;
use crate::compliance::{ControlCompliance, PlaceCompliance, SourceCompliance};
use crate::evidence::facts::Place;
use crate::report::csv::row;

const HEAD: [&str; 16] = [
    "account",
    "region",
    "check",
    "sourceType",
    "control",
    "path",
    "severity",
    "frameworks",
    "source",
    "status",
    "reason",
    "nonCompliantResources",
    "exceptedResources",
    "suppressedResources",
    "archivedResources",
    "exceptedUntil",
];

/// Returns the rows with the head: sources without accounts first, then by account, Region, check and control. Each row is made when it is
/// asked for.
pub fn rows(report: Report<'_>) -> impl Iterator<Item = String> {
    let mut sources: Vec<(&ControlCompliance, &SourceCompliance)> = report
        .compliance
        .controls
        .iter()
        .flat_map(|control| control.sources.iter().map(move |source| (control, source)))
        .collect();
    sources.sort_by_key(|(control, source)| (&source.keyword, &control.name, &source.name));
    let (with, without): (Vec<_>, Vec<_>) = sources.into_iter().partition(|(_, source)| source.answer.is_some());
    let beside = without.into_iter().map(move |(control, source)| row(&cells(&report, control, source, None)));
    let places = (0..).zip(&report.compliance.places).flat_map(move |(number, place)| {
        let of_place = |(control, source): &(&ControlCompliance, &SourceCompliance)| {
            let of = in_place(&report, source, number)?;
            Some(row(&cells(&report, control, source, Some((place, of)))))
        };
        with.iter().filter_map(of_place).collect::<Vec<_>>()
    });
    std::iter::once(row(&HEAD)).chain(beside).chain(places)
}

/// Returns the table.
pub fn csv(report: Report<'_>) -> String {
    rows(report).collect()
}

fn in_place<'a>(report: &Report<'a>, source: &SourceCompliance, place: u32) -> Option<&'a PlaceCompliance> {
    let places = &report.compliance.answers[source.answer?].places;
    let at = places.binary_search_by_key(&place, |of| of.place).ok()?;
    Some(&places[at])
}

fn cells(
    report: &Report<'_>,
    control: &ControlCompliance,
    source: &SourceCompliance,
    place: Option<(&Place, &PlaceCompliance)>,
) -> [String; HEAD.len()] {
    let of = place.map(|(_, of)| of);
    let count = |count: fn(&PlaceCompliance) -> u32| of.map(|of| count(of).to_string()).unwrap_or_default();
    let reason = of.and_then(|of| report.compliance.reason(of));
    let exception = of.and_then(|of| report.compliance.exception(of));
    [
        place.map(|(place, _)| place.account.clone()).unwrap_or_default(),
        place.map(|(place, _)| place.region.clone()).unwrap_or_default(),
        source.keyword.clone().unwrap_or_default(),
        source.source_type.to_owned(),
        control.name.clone(),
        report.paths.show(report.checked.sources.get(control.file).path()),
        control.severity.map(|severity| severity.name().to_owned()).unwrap_or_default(),
        control.frameworks.join("; "),
        source.name.clone(),
        of.map_or(source.status, |of| of.status).name().to_owned(),
        reason.map(ToString::to_string).unwrap_or_default(),
        of.and_then(words::failing_in).map(|count| count.to_string()).unwrap_or_default(),
        count(|of| of.excepted),
        count(|of| of.suppressed),
        count(|of| of.archived),
        exception.map(|of| of.exception.until.clone()).unwrap_or_default(),
    ]
}
