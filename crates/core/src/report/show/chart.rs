//! The charts of the page. Every figure of a chart is also written next to it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::results::Results;
use super::view::Framework;
use super::{Shown, View};
use crate::compliance::{Counts, Status};
use crate::diagnostic::{Level, counted};
use crate::report::compliance::words;

/// The width of a full bar, in units of the chart.
pub(super) const FULL: usize = 1000;
/// Maximum number of families and of rules with a bar.
const MAX_BARS: usize = 12;

/// A chart: a list of bars.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// Colors by the name of their style, and their labels.
    pub(super) legend: Vec<(&'static str, &'static str)>,
    pub(super) bars: Vec<Bar>,
    /// A note instead of bars, or below them.
    pub(super) note: Option<String>,
    /// Whether the note is good news.
    pub(super) good: bool,
}

/// A bar, and the text next to it.
pub(super) struct Bar {
    pub(super) label: Shown,
    /// Link to its subject on the page.
    pub(super) anchor: Option<String>,
    pub(super) figure: String,
    /// Description of the bar, in words.
    pub(super) words: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a bar, in units of the chart.
pub(super) struct Part {
    pub(super) color: &'static str,
    pub(super) start: usize,
    pub(super) width: usize,
}

/// Returns consecutive parts of a bar.
fn parts(counts: &[(&'static str, usize)], total: usize) -> Vec<Part> {
    let mut sum = 0;
    let mut parts = Vec::new();
    for (color, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let start = sum * FULL / total.max(1);
        sum += count;
        parts.push(Part { color, start, width: sum * FULL / total.max(1) - start });
    }
    parts
}

/// Returns all charts of a view.
pub(super) fn charts(view: &View) -> Vec<Chart> {
    if let Some(results) = &view.results {
        let scores = (!view.frameworks.is_empty()).then(|| scores(view));
        return scores.into_iter().chain([family_statuses(view), accounts(results), checks(results)]).collect();
    }
    let states = view.account.is_some().then(|| states(view));
    let coverage = (!view.frameworks.is_empty()).then(|| coverage(view));
    states.into_iter().chain(coverage).chain([families(view), findings(view)]).collect()
}

/// Returns the chart of automated, broken and manual data sources by framework.
fn coverage(view: &View) -> Chart {
    let bars = view.frameworks.iter().map(|framework| {
        let sources = framework.sources;
        Bar {
            label: framework.object.name.clone(),
            anchor: Some(framework.object.anchor.clone()),
            figure: sources.share(),
            words: match sources.all() {
                0 => "no data sources in this catalog".to_owned(),
                all => format!("{} of {} automated", sources.automated, counted(all, "data source")),
            },
            parts: parts(
                &[("automated", sources.automated), ("broken", sources.broken), ("manual", sources.manual)],
                sources.all(),
            ),
        }
    });
    Chart {
        title: "Evidence by framework",
        legend: if view.sources().broken > 0 {
            vec![("automated", "automated"), ("broken", "broken: the keyword collects nothing"), ("manual", "manual")]
        } else {
            vec![("automated", "automated"), ("manual", "manual")]
        },
        bars: bars.collect(),
        note: None,
        good: false,
    }
}

/// Returns the chart of controls by family.
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
        0 => Some("No controls.".to_owned()),
        all => more(all, "family", "families"),
    };
    Chart { title: "Controls by family", legend: Vec::new(), bars: bars.collect(), note, good: false }
}

/// Returns the chart of findings by rule.
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
        0 => Some("No findings.".to_owned()),
        all => more(all, "rule", "rules"),
    };
    let legend = seen.map(|name| (name, name)).collect();
    Chart { title: "Findings", legend, bars: bars.collect(), note, good: rules.is_empty() }
}

/// Returns the chart of objects by state.
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
    Chart { title: "State in the account", legend: Vec::new(), bars: bars.collect(), note: None, good: false }
}

/// Returns a note about families or rules without a bar.
fn more(all: usize, one: &str, several: &str) -> Option<String> {
    let more = all.saturating_sub(MAX_BARS);
    (more > 0).then(|| format!("and {more} more {}", if more == 1 { one } else { several }))
}

/// The color that all statuses beside the score share.
const BESIDE: &str = "beside";

/// Returns the color of a status.
fn color(status: Status) -> &'static str {
    if status.is_scored() { status.name() } else { BESIDE }
}

/// Returns the legend of statuses.
fn statuses() -> Vec<(&'static str, &'static str)> {
    let scored = Status::ALL.into_iter().filter(|status| status.is_scored());
    scored.map(|status| (color(status), status.name())).chain([(BESIDE, "not in the score")]).collect()
}

/// Returns the parts of a bar of statuses.
fn by_status(counts: &Counts) -> Vec<Part> {
    let scored = counts.each().filter(|(status, _)| status.is_scored());
    let scored = scored.map(|(status, count)| (color(status), count));
    let each: Vec<_> = scored.chain([(BESIDE, counts.beside())]).collect();
    parts(&each, each.iter().map(|(_, count)| count).sum())
}

/// Returns the chart of the scores of frameworks.
fn scores(view: &View) -> Chart {
    let of = |framework: &Framework| {
        let result = framework.result.as_ref()?;
        let score = result.counts.score();
        Some(Bar {
            label: framework.object.name.clone(),
            anchor: Some(framework.object.anchor.clone()),
            figure: words::score(score),
            words: words::counts(&result.counts),
            parts: by_status(&result.counts),
        })
    };
    let bars = view.frameworks.iter().filter_map(of).collect();
    Chart { title: "Score by framework", legend: statuses(), bars, note: None, good: false }
}

/// Returns the chart of controls by family and status.
fn family_statuses(view: &View) -> Chart {
    let mut families: BTreeMap<&Shown, Counts> = BTreeMap::new();
    for control in view.controls() {
        if let Some(result) = &control.result {
            families.entry(&control.family).or_default().add(result.status);
        }
    }
    let bars = families.iter().take(MAX_BARS).map(|(name, counts)| Bar {
        label: (*name).clone(),
        anchor: None,
        figure: words::score(counts.score()),
        words: words::counts(counts),
        parts: by_status(counts),
    });
    let note = more(families.len(), "family", "families");
    Chart { title: "Score by family", legend: Vec::new(), bars: bars.collect(), note, good: false }
}

/// Returns the chart of controls that are not compliant, by account.
fn accounts(results: &Results) -> Chart {
    let bars = results.accounts.iter().take(MAX_BARS).map(|of| Bar {
        label: Shown::new(words::account_name(of)),
        anchor: None,
        figure: of.counts.count(Status::NonCompliant).to_string(),
        words: words::account(of),
        parts: by_status(&of.counts),
    });
    let note = more(results.accounts.len(), "account", "accounts");
    Chart {
        title: "Controls that are not compliant, by account",
        legend: Vec::new(),
        bars: bars.collect(),
        note,
        good: false,
    }
}

/// Returns the chart of resources that are not compliant, by check.
fn checks(results: &Results) -> Chart {
    let most = results.checks.iter().map(|of| of.failing).max().unwrap_or(0);
    let bars = results.checks.iter().take(MAX_BARS).map(|of| Bar {
        label: Shown::new(&of.check),
        anchor: None,
        figure: of.failing.to_string(),
        words: words::check(of),
        parts: parts(&[(Status::NonCompliant.name(), of.failing)], most),
    });
    let note = match results.checks.len() {
        0 => Some("No check is known not to be compliant.".to_owned()),
        all => more(all, "check", "checks"),
    };
    Chart {
        title: "Resources that are not compliant, by check",
        legend: Vec::new(),
        bars: bars.collect(),
        note,
        good: false,
    }
}
