//! One page that needs nothing else: no network, no other file. It can be read, unfolded and printed without its script.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::chart::{Chart, WHOLE, charts};
use super::{ObjectStatus, Shown, View, Which, label};
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::{Level, counted};
use crate::model::SourceType;

/// A key of tags with more values than this is left to the search: no list helps to choose among them.
const MAX_VALUES: usize = 40;

/// What is written into the page as it stands. A page names the digests of both, so that no other style or script in it
/// does anything.
struct Asset {
    text: String,
    digest: String,
}

impl Asset {
    fn new(text: &str) -> Self {
        // Browsers read every end of line as `\n`, and digest what they have read.
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

/// What controls can be chosen by.
struct Choices<'a> {
    /// Name and label.
    types: Vec<(&'static str, &'static str)>,
    /// Values by key.
    tags: BTreeMap<&'a Shown, BTreeSet<&'a Shown>>,
    levels: BTreeSet<Level>,
    states: BTreeSet<ObjectStatus>,
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
            types: types.into_iter().map(|of| (of.name(), label(of))).collect(),
            tags,
            levels: controls().flat_map(|object| &object.findings).map(|finding| finding.level).collect(),
            states: controls().filter_map(|object| object.held.as_ref()).map(|held| held.state).collect(),
        }
    }
}

/// The page.
///
/// # Errors
///
/// None: a text takes whatever is written into it. The type is what templates have.
pub fn html(view: &View) -> Result<String, askama::Error> {
    Page { view, style: &STYLE, script: &SCRIPT, charts: charts(view), choices: Choices::new(view) }.render()
}

impl Page<'_> {
    /// The name of the catalog, where somebody gave it one.
    fn catalog(&self) -> Option<&Shown> {
        Some(&self.view.catalog).filter(|name| name.as_str() != DEFAULT_CATALOG)
    }

    /// What the catalog is made of: figure, and word.
    fn totals(&self) -> Vec<(String, &'static str)> {
        let view = self.view;
        let word = |count: usize, one, several| (count.to_string(), if count == 1 { one } else { several });
        vec![
            word(view.frameworks.len(), "framework", "frameworks"),
            word(view.sets(), "control set", "control sets"),
            word(view.controls().count(), "control", "controls"),
            word(view.sources().all(), "source of evidence", "sources of evidence"),
            (view.sources().share(), "of them automated"),
            word(view.findings().count(), "finding", "findings"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        for text in [&STYLE.text, &SCRIPT.text] {
            let text = text.to_ascii_lowercase();
            assert!(!text.contains("</") && !text.contains("<!--") && !text.contains("<script"));
            assert!(!text.contains("url(") && !text.contains("http"), "a page asks nobody for anything");
        }
        assert_eq!(SCRIPT.digest.len(), "sha256-".len() + 44);
    }
}
