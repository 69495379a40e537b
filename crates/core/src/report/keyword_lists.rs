//! The keyword lists, as text and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::json::{TOOL, Tool, VERSION, print};
use crate::characters::printable;
use crate::keywords::{Keywords, ListOrigin, TYPES};

#[derive(Serialize)]
struct KeywordsV1<'a> {
    version: u32,
    tool: Tool,
    lists: Vec<ListV1<'a>>,
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
        let _ = writeln!(text, "{:<16} {:>6}  {from}", source_type.name(), list.iter().len());
    }
    text
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
    print(&KeywordsV1 { version: VERSION, tool: TOOL, lists: lists.collect() })
}
