//! Every folder below `cases/` is named after the rule that its inputs break; those of `clean/` break none. An input is
//! a file (a control, a framework where its name says so, a configuration) or the folder of a catalog. `bad` and `good`
//! are the examples of the rule's documentation; `good` breaks nothing. The snapshots are what a person sees.
//!
//! Inputs with an `account.json` need an account; `tests/cli` runs them.
#![expect(clippy::unwrap_used, reason = "tests stop where something is odd")]

mod fixes;
mod formats;
mod many;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::report::text::{self, Style};
use controlsync_core::report::{Findings, Paths, json};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::{catalog_path, rules};

fn cases() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    let mut cases = Vec::new();
    for rule in sorted(&folder) {
        let verdict = rule.file_name().unwrap().to_str().unwrap().to_owned();
        cases.extend(sorted(&rule).into_iter().map(|case| (verdict.clone(), case)));
    }
    cases.retain(|(_, case)| !case.join("account.json").exists());
    cases
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn source(path: &Path, name: &str, kind: FileKind) -> Source {
    Source::new(name, kind, Content::Bytes(std::fs::read(path).unwrap()))
}

fn read(case: &Path) -> Vec<Source> {
    if case.is_file() {
        let name = case.file_name().unwrap().to_str().unwrap();
        if case.extension().unwrap() == "toml" {
            return vec![source(case, "controlsync.toml", FileKind::Config)];
        }
        let (folder, kind) = if name.contains(".framework.") {
            ("frameworks", FileKind::Framework)
        } else {
            ("controls", FileKind::Control)
        };
        return vec![source(case, &format!("{folder}/{name}"), kind)];
    }
    let mut sources = Vec::new();
    let mut folders = vec![case.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in sorted(&folder) {
            let name = path.strip_prefix(case).unwrap().to_str().unwrap().to_owned();
            if path.is_symlink() {
                sources.push(Source::new(name, FileKind::Control, Content::SymbolicLink));
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let kind = catalog_path::kind_of(&name).unwrap_or_else(|| panic!("{} is not read", path.display()));
                sources.push(source(&path, &name, kind));
            }
        }
    }
    sources
}

fn all(checked: &Checked) -> Findings<'_> {
    Findings {
        sources: &checked.sources,
        diagnostics: checked.diagnostics.iter().collect(),
        files: checked.sources.len(),
        paths: Paths::default(),
    }
}

#[test]
fn every_input_breaks_the_rule_it_is_named_after() {
    let mut wrong = Vec::new();
    for (verdict, case) in cases() {
        let checked = check(Sources::new(read(&case)), &Options::default());
        let found: BTreeSet<&str> = checked.diagnostics.iter().map(|diagnostic| diagnostic.rule.id).collect();
        let clean = verdict == "clean" || case.ends_with("good");
        if clean != found.is_empty() || !clean && !found.contains(verdict.as_str()) {
            wrong.push(format!("{}: {found:?}", case.display()));
        }
        let name = format!("{verdict}__{}", case.file_name().unwrap().to_str().unwrap());
        if !clean {
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(name, text::findings(&[all(&checked)], &Style::default())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Rules without a bad example, and why.
const WITHOUT_BAD_EXAMPLE: [(&str, &str); 6] = [
    ("file-too-complex", "it would be 50,000 values; a further input has them"),
    ("file-too-large", "a file above the limit would say nothing"),
    ("quota-exceeded", "it would be 500 objects; a test in tests/cli/account.rs makes them"),
    ("too-many-definitions", "it would be 101 files; a test below makes them"),
    (
        "unreadable-object",
        "an account cannot be made like this; a test in tests/cli/account.rs hides an object from the program",
    ),
    ("unreadable-file", "no folder refuses a file to every reader; a test in tests/lambda has a bucket that does"),
];

#[test]
fn every_rule_has_examples_and_every_case_a_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    for rule in rules::all() {
        let (bad, good) = rules::examples(rule.id);
        let bad = !bad.is_empty() || WITHOUT_BAD_EXAMPLE.iter().any(|(id, _)| *id == rule.id);
        assert!(bad, "{} has no bad example", rule.id);
        assert!(!good.is_empty(), "{} has no good example", rule.id);
    }
    for case in sorted(&folder).iter().filter_map(|case| case.file_name()?.to_str()).filter(|case| *case != "clean") {
        assert!(rules::find(case).is_some(), "{case} is no rule");
    }
}

#[test]
fn json_has_the_same_findings_with_places() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases/unquoted-string/version.yaml");
    let checked = check(Sources::new(read(&case)), &Options::default());
    insta::assert_snapshot!(json::findings(&[all(&checked)]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn threads_change_nothing() {
    let many = || {
        let sources: Vec<Source> = cases().iter().flat_map(|(_, case)| read(case)).collect();
        let numbered = sources.iter().enumerate().map(|(number, source)| {
            let bytes = source.text_or_empty().as_bytes().to_vec();
            Source::new(format!("{number:04}/{}", source.path()), source.kind(), Content::Bytes(bytes))
        });
        Sources::new(numbered.filter(|source| source.kind() != FileKind::Config).collect())
    };
    let one = check(many(), &Options::default());
    let four = check(many(), &Options { threads: std::num::NonZero::new(4).unwrap(), ..Options::default() });
    assert!(one.sources.len() >= 64, "too few files for two threads");
    assert!(one.diagnostics.len() > 50);
    assert_eq!(one.diagnostics, four.diagnostics);
}

#[test]
fn a_catalog_of_more_than_an_account_holds_is_told() {
    let definitions = |folder: &str, kind, count: usize, rest: &str| -> Vec<Source> {
        let one = |number| {
            let text = format!("name: {folder} {number:03}\n{rest}");
            Source::new(format!("{folder}/{number:03}.yaml"), kind, Content::Bytes(text.into_bytes()))
        };
        (1..=count).map(one).collect()
    };
    let sets = "controlSets: [{name: All, controls: [controls 001]}]\n";
    for (controls, frameworks, expected) in [
        (500, 0, None),
        (501, 0, Some(("controls/501.yaml", "the catalog defines 501 controls; an account and Region hold 500"))),
        (1, 100, None),
        (1, 103, Some(("frameworks/101.yaml", "the catalog defines 103 frameworks; an account and Region hold 100"))),
    ] {
        let mut sources = definitions("controls", FileKind::Control, controls, "");
        sources.extend(definitions("frameworks", FileKind::Framework, frameworks, sets));
        let checked = check(Sources::new(sources), &Options::default());
        let found: Vec<(&str, &str, &str)> = checked
            .diagnostics
            .iter()
            .map(|found| (found.rule.id, checked.sources.get(found.file).path(), found.message.as_str()))
            .collect();
        let expected = expected.map(|(path, message)| ("too-many-definitions", path, message));
        assert_eq!(found, Vec::from_iter(expected));
    }
}
