//! Each directory under `cases/` is named after the rule that its cases break; those in `clean/` break none. A case is
//! a file (a configuration, a framework if its name contains `.framework.`, or a control), or the directory of a
//! catalog. `bad` and `good` are the examples in the documentation of the rule; `good` breaks no rule. The snapshots
//! contain the output that users see.
//!
//! Cases with an `account.json` need an account; `tests/cli` runs them. Those with a `facts.json` are about evidence: `evidence.rs`.
#![expect(clippy::unwrap_used, reason = "tests fail on unexpected input")]

mod compliance;
mod evidence;
mod watch;
mod fixes;
mod formats;
mod many;
#[path = "../output_schemas.rs"]
mod output_schemas;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use controlsync_core::check::{Checked, Options, check};
use controlsync_core::report::text::{self, Style};
use controlsync_core::report::{Findings, Paths, json};
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::{catalog_path, rules};

fn cases() -> Vec<(String, PathBuf)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    let mut cases = Vec::new();
    for rule in sorted(&directory) {
        let verdict = rule.file_name().unwrap().to_str().unwrap().to_owned();
        cases.extend(sorted(&rule).into_iter().map(|case| (verdict.clone(), case)));
    }
    cases.retain(|(_, case)| !case.join("account.json").exists() && !case.join("facts.json").exists());
    cases
}

/// Options with a day on which exceptions have ended and others have not.
fn options() -> Options {
    Options { today: Some("2026-12-01".to_owned()), ..Options::default() }
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
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
        let (directory, kind) = if name.contains(".framework.") {
            ("frameworks", FileKind::Framework)
        } else {
            ("controls", FileKind::Control)
        };
        return vec![source(case, &format!("{directory}/{name}"), kind)];
    }
    let mut sources = Vec::new();
    let mut directories = vec![case.to_owned()];
    while let Some(directory) = directories.pop() {
        for path in sorted(&directory) {
            let name = path.strip_prefix(case).unwrap().to_str().unwrap().to_owned();
            if path.is_symlink() {
                sources.push(Source::new(name, FileKind::Control, Content::SymbolicLink));
            } else if path.is_dir() {
                directories.push(path);
            } else {
                let kind = catalog_path::kind_of(&name).unwrap_or_else(|| panic!("unexpected file {}", path.display()));
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
fn every_case_breaks_the_rule_it_is_named_after() {
    let mut wrong = Vec::new();
    for (verdict, case) in cases() {
        let checked = check(Sources::new(read(&case)), &options());
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

/// Rules without a bad example, and the reason.
const WITHOUT_BAD_EXAMPLE: [(&str, &str); 6] = [
    ("file-too-complex", "it would need 50,000 values; another case has them"),
    ("file-too-large", "a file above the limit is not a useful example"),
    ("quota-exceeded", "it would need 500 objects; a test in tests/cli/account.rs creates them"),
    ("too-many-definitions", "it would need 101 files; a test below creates them"),
    (
        "unreadable-object",
        "`account.json` cannot describe it; a test in tests/cli/account.rs hides an object from the program",
    ),
    ("unreadable-file", "no local file is unreadable for every user; a test in tests/lambda uses a bucket"),
];

#[test]
fn every_rule_has_examples_and_every_case_a_rule() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases");
    for rule in rules::all() {
        let (bad, good) = rules::examples(rule.id);
        let bad = !bad.is_empty() || WITHOUT_BAD_EXAMPLE.iter().any(|(id, _)| *id == rule.id);
        assert!(bad, "{} has no bad example", rule.id);
        assert!(!good.is_empty(), "{} has no good example", rule.id);
    }
    let cases = sorted(&directory);
    for case in cases.iter().filter_map(|case| case.file_name()?.to_str()).filter(|case| *case != "clean") {
        assert!(rules::find(case).is_some(), "{case} is not a rule");
    }
}

#[test]
fn json_of_every_case_is_valid_by_its_schema() {
    for (_, case) in cases() {
        let checked = check(Sources::new(read(&case)), &options());
        output_schemas::validate("lint", &json::findings(&[all(&checked)]));
    }
}

#[test]
fn json_has_the_same_findings_with_locations() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings/cases/unquoted-string/version.yaml");
    let checked = check(Sources::new(read(&case)), &options());
    insta::assert_snapshot!(json::findings(&[all(&checked)]).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn the_number_of_threads_does_not_change_findings() {
    let many = || {
        let sources: Vec<Source> = cases().iter().flat_map(|(_, case)| read(case)).collect();
        let numbered = sources.iter().enumerate().map(|(number, source)| {
            let bytes = source.text_or_empty().as_bytes().to_vec();
            Source::new(format!("{number:04}/{}", source.path()), source.kind(), Content::Bytes(bytes))
        });
        Sources::new(numbered.filter(|source| source.kind() != FileKind::Config).collect())
    };
    let one = check(many(), &options());
    let four = check(many(), &Options { threads: std::num::NonZero::new(4).unwrap(), ..options() });
    assert!(one.sources.len() >= 64, "too few files to use several threads");
    assert!(one.diagnostics.len() > 50);
    assert_eq!(one.diagnostics, four.diagnostics);
}

#[test]
fn a_catalog_above_the_quota_of_an_account_is_reported() {
    let definitions = |directory: &str, kind, count: usize, rest: &str| -> Vec<Source> {
        let one = |number| {
            let text = format!("name: {directory} {number:03}\n{rest}");
            Source::new(format!("{directory}/{number:03}.yaml"), kind, Content::Bytes(text.into_bytes()))
        };
        (1..=count).map(one).collect()
    };
    let sets = "controlSets: [{name: All, controls: [controls 001]}]\n";
    for (controls, frameworks, expected) in [
        (500, 0, None),
        (501, 0, Some(("controls/501.yaml", "the catalog defines 501 controls; an account can have 500 per Region"))),
        (1, 100, None),
        (
            1,
            103,
            Some(("frameworks/101.yaml", "the catalog defines 103 frameworks; an account can have 100 per Region")),
        ),
    ] {
        let mut sources = definitions("controls", FileKind::Control, controls, "");
        sources.extend(definitions("frameworks", FileKind::Framework, frameworks, sets));
        let checked = check(Sources::new(sources), &options());
        let found: Vec<(&str, &str, &str)> = checked
            .diagnostics
            .iter()
            .map(|found| (found.rule.id, checked.sources.get(found.file).path(), found.message.as_str()))
            .collect();
        let expected = expected.map(|(path, message)| ("too-many-definitions", path, message));
        assert_eq!(found, Vec::from_iter(expected));
    }
}
