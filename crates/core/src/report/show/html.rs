//! A self-contained page: no network access, no other files. It can be read, expanded and printed without its script.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::chart::{Chart, FULL, charts};
use super::results::Results;
use super::view::Which;
use super::{ObjectStatus, Shown, View};
use crate::compliance::Status;
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::{Level, counted};
use crate::evidence::Setup;
use crate::source_type::SourceType;

/// A tag key with more values has no filter: a longer list is not useful, and the search finds them.
const MAX_VALUES: usize = 40;

/// The style or the script of the page. Its content security policy has the digests of both, so that no other style or
/// script has an effect.
struct Asset {
    text: String,
    digest: String,
}

impl Asset {
    fn new(text: &str) -> Self {
        // Browsers read every line ending as `\n` before they compute the digest.
        let text = text.replace('\r', "");
        let digest = format!("sha256-{}", STANDARD.encode(Sha256::digest(&text)));
        Self { text, digest }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| Asset::new(include_str!("page.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| Asset::new(include_str!("page.js")));

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    view: &'a View,
    style: &'static Asset,
    script: &'static Asset,
    charts: Vec<Chart>,
    choices: Choices<'a>,
}

/// The filters of controls.
struct Choices<'a> {
    /// Source types: name and label.
    types: Vec<(&'static str, &'static str)>,
    /// Tag values by key.
    tags: BTreeMap<&'a Shown, BTreeSet<&'a Shown>>,
    levels: BTreeSet<Level>,
    states: BTreeSet<ObjectStatus>,
    setups: BTreeSet<Setup>,
    statuses: BTreeSet<Status>,
}

impl<'a> Choices<'a> {
    fn new(view: &'a View) -> Self {
        let mut tags: BTreeMap<&Shown, BTreeSet<&Shown>> = BTreeMap::new();
        for (key, value) in view.controls().flat_map(|control| &control.object.tags) {
            tags.entry(key).or_default().insert(value);
        }
        tags.retain(|_, values| values.len() <= MAX_VALUES);
        let controls = || view.controls().map(|control| &control.object);
        let sources = view.controls().flat_map(|control| &control.sources);
        let types: BTreeSet<SourceType> = sources.map(|source| source.kind).collect();
        Self {
            types: types.into_iter().map(|of| (of.name(), of.label())).collect(),
            tags,
            levels: controls().flat_map(|object| &object.findings).map(|finding| finding.level).collect(),
            statuses: view.controls().filter_map(|control| Some(control.result.as_ref()?.status)).collect(),
            setups: view.controls().filter_map(|control| control.setup).collect(),
            states: controls().filter_map(|object| Some(object.in_account.as_ref()?.state)).collect(),
        }
    }
}

/// Returns the page.
///
/// # Errors
///
/// Never: writing into a string does not fail. The type is that of templates.
pub fn html(view: &View) -> Result<String, askama::Error> {
    Page { view, style: &STYLE, script: &SCRIPT, charts: charts(view), choices: Choices::new(view) }.render()
}

impl Page<'_> {
    /// Returns the name of the catalog if it is not the default.
    fn catalog(&self) -> Option<&Shown> {
        Some(&self.view.catalog).filter(|name| name.as_str() != DEFAULT_CATALOG)
    }

    /// Returns what the page is about.
    fn heading(&self) -> &'static str {
        if self.view.results.is_some() { "Compliance" } else { "Audit Manager controls" }
    }

    /// Returns the totals: figure and label.
    fn totals(&self) -> Vec<(String, &'static str)> {
        match &self.view.results {
            Some(results) => of_results(results),
            None => self.of_catalog(),
        }
    }

    fn of_catalog(&self) -> Vec<(String, &'static str)> {
        let view = self.view;
        let word = |count: usize, one, several| (count.to_string(), if count == 1 { one } else { several });
        vec![
            word(view.frameworks.len(), "framework", "frameworks"),
            word(view.sets(), "control set", "control sets"),
            word(view.controls().count(), "control", "controls"),
            word(view.sources().all(), "data source", "data sources"),
            (view.sources().share(), "automated"),
            word(view.findings().count(), "finding", "findings"),
        ]
    }
}

/// Returns the score and the number of controls of each status.
fn of_results(results: &Results) -> Vec<(String, &'static str)> {
    let score = results.score();
    let scored = Status::ALL.into_iter().filter(|status| status.is_scored());
    let scored = scored.map(|status| (results.counts.count(status).to_string(), status.name()));
    let percent = score.percent().map_or_else(|| "-".to_owned(), |percent| format!("{percent}%"));
    let beside = [(results.counts.beside().to_string(), "not in the score")];
    std::iter::once((percent, "score")).chain(scored).chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        for text in [&STYLE.text, &SCRIPT.text] {
            let text = text.to_ascii_lowercase();
            assert!(!text.contains("</") && !text.contains("<!--") && !text.contains("<script"));
            assert!(!text.contains("url(") && !text.contains("http"), "the page loads nothing");
        }
        assert_eq!(SCRIPT.digest.len(), "sha256-".len() + 44);
    }
}
