//! Links between the pages of the project lead somewhere.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::architecture;

fn root() -> PathBuf {
    architecture::root().canonicalize().unwrap()
}

/// All pages: those of the root, and everything below docs/.
fn pages() -> Vec<PathBuf> {
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let below =
        architecture::files("docs", "md").into_iter().map(|(path, _)| PathBuf::from(path).canonicalize().unwrap());
    let mut pages: Vec<PathBuf> = entries.filter(is_page).chain(below).collect();
    pages.sort();
    pages
}

/// The text without code, in lines of its own or between backticks.
fn prose(text: &str) -> String {
    let mut code = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// What stands behind `](` in a page, up to the closing bracket; links may be broken over lines.
fn targets(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.trim().to_owned())
        .collect()
}

/// The anchors that forges make of headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading.to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let (mut broken, mut found) = (Vec::new(), 0);
    for page in pages() {
        let text = prose(&std::fs::read_to_string(&page).unwrap());
        for target in targets(&text) {
            if target.starts_with("https://") || target.starts_with("mailto:") {
                continue;
            }
            found += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let to = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let anchored = || anchors(&std::fs::read_to_string(&to).unwrap_or_default()).contains(anchor);
            if !to.exists() || (!anchor.is_empty() && !anchored()) {
                broken.push(format!("{}: {target}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(found > 40, "{found}");
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_page_is_linked_from_another_one() {
    let pages = pages();
    let mut linked = BTreeSet::from([root().join("README.md")]);
    for page in &pages {
        for target in targets(&prose(&std::fs::read_to_string(page).unwrap())) {
            let to = page.parent().unwrap().join(target.split('#').next().unwrap());
            linked.extend(to.canonicalize().ok().filter(|to| to != page));
        }
    }
    let lonely: Vec<&PathBuf> = pages.iter().filter(|page| !linked.contains(*page)).collect();
    assert!(lonely.is_empty(), "nobody finds these pages: {lonely:?}");
}
