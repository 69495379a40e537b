//! The keyword lists, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{TOOL, Tool, VERSION, print};
use crate::characters::printable;
use crate::keywords::{Keywords, ListOrigin, TYPES, Table, tables};
use crate::source_type::SourceType;

#[derive(Serialize)]
struct KeywordsV1<'a> {
    version: u32,
    tool: Tool,
    lists: Vec<ListV1<'a>>,
    tables: Vec<TableV1>,
}

#[derive(Serialize)]
struct TableV1 {
    about: &'static str,
    entries: usize,
    source: &'static str,
    date: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListV1<'a> {
    source_type: &'static str,
    keywords: usize,
    path: Option<&'a str>,
    source: Option<&'a str>,
    date: Option<&'a str>,
}

/// Returns the lists in use, as text.
pub fn text(keywords: &Keywords) -> String {
    let mut text = String::new();
    for (source_type, list) in TYPES.into_iter().filter_map(|of| Some((of, keywords.list(of)?))) {
        let from = match list.origin() {
            ListOrigin::BuiltIn { source, date } => format!("built in, {date}: {source}"),
            ListOrigin::File(path) => printable(path).into_owned(),
        };
        let _ = writeln!(text, "{:<21} {:>6}  {from}", source_type.name(), list.iter().len());
    }
    for Table { about, entries, source, date } in tables() {
        let _ = writeln!(text, "{about:<21} {entries:>6}  built in, {date}: {source}");
    }
    text
}

/// Returns a hint for each built-in list in use that is older than a year on a day, `YYYY-MM-DD`.
pub fn hints(keywords: &Keywords, today: &str) -> Vec<String> {
    let lists = TYPES.into_iter().filter_map(|of| Some((of, keywords.list(of)?)));
    let outdated = lists.filter_map(|(of, list)| match list.origin() {
        ListOrigin::BuiltIn { date, .. } if is_outdated(date, today) => Some((of, *date)),
        _ => None,
    });
    let hint = |(of, date): (SourceType, &str)| {
        format!(
            "the built-in list for {} is of {date}; `controlsync keywords --refresh` writes that of your account",
            of.name()
        )
    };
    outdated.map(hint).collect()
}

/// Whether a date is more than a year before another one.
fn is_outdated(date: &str, today: &str) -> bool {
    let a_year_later =
        date.split_once('-').and_then(|(year, day)| Some(format!("{:04}-{day}", year.parse::<u32>().ok()? + 1)));
    a_year_later.is_some_and(|later| later.as_str() < today)
}

/// Returns the lists in use, as JSON.
pub fn json(keywords: &Keywords) -> String {
    let lists = TYPES.into_iter().filter_map(|of| {
        let list = keywords.list(of)?;
        let (path, source, date) = match list.origin() {
            ListOrigin::BuiltIn { source, date } => (None, Some(*source), Some(*date)),
            ListOrigin::File(path) => (Some(path.as_str()), None, None),
        };
        Some(ListV1 { source_type: of.name(), keywords: list.iter().len(), path, source, date })
    });
    let table = |Table { about, entries, source, date }| TableV1 { about, entries, source, date };
    print(&KeywordsV1 { version: VERSION, tool: TOOL, lists: lists.collect(), tables: tables().map(table).into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_lists_are_outdated_after_a_year() {
        for (date, today, expected) in [
            ("2026-04-13", "2027-04-13", false),
            ("2026-04-13", "2027-04-14", true),
            ("2026-04-13", "2026-12-31", false),
            ("2024-02-29", "2025-03-01", true),
        ] {
            assert_eq!(is_outdated(date, today), expected, "{date} {today}");
        }
        let keywords = Keywords::default();
        assert_eq!(hints(&keywords, "2026-11-28"), Vec::<String>::new());
        assert_eq!(
            hints(&keywords, "2027-04-20"),
            ["AWS_API_Call", "AWS_Config"].map(|name| format!(
                "the built-in list for {name} is of 2026-04-13; `controlsync keywords --refresh` writes that of your account"
            ))
        );
    }
}
