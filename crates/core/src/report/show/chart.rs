//! What the pictures show. Every figure of a picture is written beside it, too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Shown, View};
use crate::diagnostic::{Level, counted};

/// The width of a whole bar, in units of the picture.
pub(super) const WHOLE: usize = 1000;
/// At most so many families and rules have a bar of their own.
const MAX_BARS: usize = 12;

/// A picture: bars under each other.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// What its colours mean: how the page calls them, and the word.
    pub(super) legend: Vec<(&'static str, &'static str)>,
    pub(super) bars: Vec<Bar>,
    /// What is said in the place of bars, or below them.
    pub(super) note: Option<String>,
    /// Whether that is good news.
    pub(super) good: bool,
}

/// A bar, and what is written beside it.
pub(super) struct Bar {
    pub(super) label: Shown,
    /// What it is about, on the same page.
    pub(super) anchor: Option<String>,
    pub(super) figure: String,
    /// What the bar shows, in words.
    pub(super) words: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a bar, in units of the picture.
pub(super) struct Part {
    pub(super) color: &'static str,
    pub(super) start: usize,
    pub(super) width: usize,
}

/// Parts behind each other, of a whole.
fn parts(counts: &[(&'static str, usize)], whole: usize) -> Vec<Part> {
    let mut sum = 0;
    let mut parts = Vec::new();
    for (color, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let start = sum * WHOLE / whole.max(1);
        sum += count;
        parts.push(Part { color, start, width: sum * WHOLE / whole.max(1) - start });
    }
    parts
}

/// All pictures of a view.
pub(super) fn charts(view: &View) -> Vec<Chart> {
    let states = view.account.is_some().then(|| states(view));
    let coverage = (!view.frameworks.is_empty()).then(|| coverage(view));
    states.into_iter().chain(coverage).chain([families(view), findings(view)]).collect()
}

/// Who collects the evidence of each framework.
fn coverage(view: &View) -> Chart {
    let bars = view.frameworks.iter().map(|framework| {
        let sources = framework.sources;
        Bar {
            label: framework.object.name.clone(),
            anchor: Some(framework.object.anchor.clone()),
            figure: sources.share(),
            words: match sources.all() {
                0 => "no sources of this catalog".to_owned(),
                all => format!("{} of {} automated", sources.automated, counted(all, "source")),
            },
            parts: parts(&[("automated", sources.automated), ("manual", sources.manual)], sources.all()),
        }
    });
    Chart {
        title: "Evidence by framework",
        legend: vec![("automated", "automated"), ("manual", "manual")],
        bars: bars.collect(),
        note: None,
        good: false,
    }
}

/// How many controls each family has.
fn families(view: &View) -> Chart {
    let most = view.families.iter().map(|family| family.controls.len()).max().unwrap_or(0);
    let bars = view.families.iter().take(MAX_BARS).map(|family| {
        let count = family.controls.len();
        Bar {
            label: family.name.clone(),
            anchor: Some(family.anchor.clone()),
            figure: count.to_string(),
            words: counted(count, "control"),
            parts: parts(&[("plain", count)], most),
        }
    });
    let note = match view.families.len() {
        0 => Some("There are no controls.".to_owned()),
        all => more(all, "family", "families"),
    };
    Chart { title: "Controls by family", legend: Vec::new(), bars: bars.collect(), note, good: false }
}

/// How often each rule was broken.
fn findings(view: &View) -> Chart {
    let mut rules: BTreeMap<(Level, &str), usize> = BTreeMap::new();
    for finding in view.findings() {
        *rules.entry((finding.level, finding.rule)).or_default() += 1;
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|((level, rule), count)| (*level, Reverse(*count), *rule));
    let most = rules.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let bars = rules.iter().take(MAX_BARS).map(|((level, rule), count)| Bar {
        label: Shown::new(rule),
        anchor: None,
        figure: count.to_string(),
        words: counted(*count, level.name()),
        parts: parts(&[(level.name(), *count)], most),
    });
    let seen = Level::ALL.map(Level::name);
    let seen = seen.into_iter().filter(|name| rules.iter().any(|((level, _), _)| level.name() == *name));
    let note = match rules.len() {
        0 => Some("Nothing was found that is wrong.".to_owned()),
        all => more(all, "rule", "rules"),
    };
    let legend = seen.map(|name| (name, name)).collect();
    Chart { title: "Findings", legend, bars: bars.collect(), note, good: rules.is_empty() }
}

/// How many objects the account holds in which state.
fn states(view: &View) -> Chart {
    let states = view.states();
    let all = states.iter().map(|(_, count)| count).sum();
    let bars = states.iter().map(|(state, count)| Bar {
        label: Shown::new(state.word()),
        anchor: None,
        figure: count.to_string(),
        words: format!("{count} of {}", counted(all, "object")),
        parts: parts(&[(state.key(), *count)], all),
    });
    Chart { title: "What the account holds", legend: Vec::new(), bars: bars.collect(), note: None, good: false }
}

/// What has no bar.
fn more(all: usize, one: &str, several: &str) -> Option<String> {
    let more = all.saturating_sub(MAX_BARS);
    (more > 0).then(|| format!("and {more} more {}", if more == 1 { one } else { several }))
}
