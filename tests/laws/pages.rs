//! Tests of the pages of the repository: links work, the book is complete, commands are run, messages exist.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::architecture;

fn root() -> PathBuf {
    architecture::root().canonicalize().unwrap()
}

/// Returns all pages: those in the root directory and everything in docs/.
pub fn pages() -> Vec<PathBuf> {
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let entries = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let below =
        architecture::files("docs", "md").into_iter().map(|(path, _)| PathBuf::from(path).canonicalize().unwrap());
    let mut pages: Vec<PathBuf> = entries.filter(is_page).chain(below).collect();
    pages.sort();
    pages
}

/// Returns the text without code blocks and code spans.
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

/// Returns the link targets of a page; links may span lines.
fn targets(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.trim().to_owned())
        .collect()
}

/// Returns the anchors that GitHub generates for headings.
pub fn anchors(text: &str) -> BTreeSet<String> {
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
fn every_link_between_pages_works() {
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
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn every_page_is_linked_from_another_page() {
    let pages = pages();
    let mut linked = BTreeSet::from([root().join("README.md")]);
    for page in &pages {
        for target in targets(&prose(&std::fs::read_to_string(page).unwrap())) {
            let to = page.parent().unwrap().join(target.split('#').next().unwrap());
            linked.extend(to.canonicalize().ok().filter(|to| to != page));
        }
    }
    let unlinked: Vec<&PathBuf> = pages.iter().filter(|page| !linked.contains(*page)).collect();
    assert!(unlinked.is_empty(), "no page links to these pages: {unlinked:?}");
}

#[test]
fn the_book_has_every_page_and_no_links_outside() {
    let docs = root().join("docs");
    let (summary, all): (Vec<PathBuf>, Vec<PathBuf>) =
        pages().into_iter().filter(|page| page.starts_with(&docs)).partition(|page| page.ends_with("docs/SUMMARY.md"));
    let listed = targets(&std::fs::read_to_string(&summary[0]).unwrap());
    let mut listed: Vec<PathBuf> = listed.iter().map(|target| docs.join(target)).collect();
    listed.sort();
    assert_eq!(listed, all, "docs/SUMMARY.md is the book's table of contents");
    for page in all {
        for target in targets(&prose(&std::fs::read_to_string(&page).unwrap())) {
            let inside = || {
                let to = page.parent().unwrap().join(target.split('#').next().unwrap_or_default());
                to.canonicalize().is_ok_and(|to| to.starts_with(&docs))
            };
            assert!(
                target.starts_with("https://") || target.starts_with('#') || inside(),
                "{}: {target} is not in the book; write the path without a link",
                page.display()
            );
        }
    }
}

/// Pages with `sh` blocks and the test that runs them. `tests/cli/guide.rs` runs the `console` blocks of all pages.
const RUN_BY: &[(&str, &str)] = &[
    ("docs/configuration.md", "tests/cli/keywords.rs"),
    ("docs/emulator.md", "tests/emulator/test_page.py"),
    ("docs/guide/compliance.md", "tests/emulator/test_evidence_page.py"),
    ("docs/guide/deploy.md", "tests/stack/test_deploy.py"),
    ("docs/guide/deploy-packs.md", "tests/stack/test_packs.py"),
    ("docs/guide/evidence.md", "tests/emulator/test_evidence_page.py"),
    ("docs/guide/from-the-aws-sample.md", "tests/push/test_pages.py"),
    ("docs/guide/operate.md", "tests/stack/test_deploy.py"),
    ("docs/guide/organization.md", "tests/emulator/test_evidence_page.py"),
    ("docs/guide/packs.md", "tests/emulator/test_evidence_page.py"),
    ("docs/push.md", "tests/push/test_pages.py"),
    ("docs/quick-start.md", "tests/integrations/test_wheel.py"),
    ("docs/show.md", "tests/cli/readme.rs"),
];
/// Pages with `sh` blocks that no test runs, and why.
const NOT_RUN: &[(&str, &str)] =
    &[("docs/guide/from-terraform.md", "Terraform is not available from the registries that the tests use")];

#[test]
fn every_command_on_a_page_is_run() {
    let mut with_commands = BTreeSet::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let languages: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("```"))
            .filter_map(|info| info.split(' ').next())
            .collect();
        let other = ["bash", "shell", "shell-session"].into_iter().find(|other| languages.contains(other));
        assert_eq!(other, None, "{name}: use `console` or `sh` blocks for commands");
        if languages.contains("sh") {
            with_commands.insert(name);
        }
    }
    let known: BTreeSet<String> = RUN_BY.iter().chain(NOT_RUN).map(|(page, _)| (*page).to_owned()).collect();
    assert_eq!(with_commands, known, "RUN_BY in this file lists the test that runs the `sh` blocks of each page");
    for (page, test) in RUN_BY {
        let test_text = std::fs::read_to_string(root().join(test)).unwrap();
        assert!(test_text.contains(page), "{test} does not read {page}");
    }
}

#[test]
fn every_explained_message_exists() {
    let sources = [("crates", "rs"), ("cdk/lib", "ts")].into_iter();
    let sources = sources.flat_map(|(folder, extension)| architecture::files(folder, extension)).map(|(_, text)| text);
    let scripts =
        ["app", "bucket", "checks", "deploy", "destroy", "packs"].map(|name| root().join(format!("cdk/{name}.sh")));
    let sources = sources.chain(scripts.into_iter().map(|path| std::fs::read_to_string(path).unwrap()));
    // Joins literals that span several lines.
    let sources: String = sources
        .flat_map(|text| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .fold(String::new(), |all, line| {
            all + line.trim_end_matches('\\') + if line.ends_with('\\') { "" } else { "\n" }
        });
    let page = std::fs::read_to_string(root().join("docs/guide/troubleshoot.md")).unwrap();
    let messages: Vec<&str> =
        page.split("**`").skip(1).filter_map(|rest| rest.split_once("`**")).map(|(message, _)| message).collect();
    assert!(messages.len() > 25, "{}", messages.len());
    for message in messages {
        for part in message.split('…').map(str::trim).filter(|part| !part.is_empty()) {
            assert!(sources.contains(part), "no program prints {part:?}");
        }
    }
}

/// `release/prepare.py` knows the same texts.
#[test]
fn every_file_names_the_current_version() {
    let mut found = 0;
    let jobs =
        ["integrations/gitlab-ci.yml", "integrations/pre-commit/README.md", "integrations/pre-commit/pyproject.toml"];
    for page in pages().into_iter().chain(jobs.map(|path| architecture::root().join(path))) {
        let text = std::fs::read_to_string(&page).unwrap();
        let named = ["/controlsync@v", "@COMMIT # v", "rev: v", "ref: v", "CONTROLSYNC_VERSION: ", "controlsync=="];
        for named in named.into_iter().flat_map(|before| text.split(before).skip(1)) {
            let named = named.split(|c: char| c.is_whitespace() || c == '"' || c == '`').next().unwrap_or_default();
            assert_eq!(named, env!("CARGO_PKG_VERSION"), "{}", page.display());
            found += 1;
        }
    }
    assert!(found > 8, "{found}");
}
