//! Definitions, configuration and keyword lists: checked, fixed, planned for an empty account, reported in all formats.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use controlsync_core::catalog_path;
use controlsync_core::check::{Checked, Options, check};
use controlsync_core::diagnostic::{Diagnostic, Fix};
use controlsync_core::document::{self, Document};
use controlsync_core::fix::{Fixes, fix, not_fixed};
use controlsync_core::plan::{self, Actual, plan};
use controlsync_core::report::{Findings, Paths, concise, github, gitlab, json, junit, sarif, text};
use controlsync_core::source::{Content, FileId, FileKind, Source, Sources};
use fastrand::Rng;
use serde_json::Value as Json;

use crate::File;
use crate::mutate::{TOML, arbitrary, mutated};

/// More than a catalog of a few files takes on a slow machine.
const MAX_TIME: Duration = Duration::from_secs(20);

/// A configuration with every key.
const CONFIG: &str = "\
catalog = \"team\"

[lint]
ignore = [\"controls/legacy/**\", \"*.json\"]

[lint.rules]
placeholder-text = \"off\"
unused-control = \"info\"
string-too-long = \"warning\"

[tags]
Family = \"Backup\"
Owner = \"Storage\"

[target]
account = \"111122223333\"
region = \"eu-west-1\"
profile = \"audit\"
role_arn = \"arn:aws:iam::111122223333:role/controlsync\"
endpoint_url = \"http://127.0.0.1:4600\"

[bucket]
name = \"team-catalog\"
prefix = \"audit/\"
";
const KEYWORDS: &str = "# Custom rules of the account\nCustom_restricted-ssh\nCUSTOM_iam-user-mfa-enabled\n";

/// Generates one to three files, most of them in a directory for their kind.
pub fn definitions(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let texts: Vec<Vec<u8>> = (0..3).map(|_| corpora[rng.usize(..corpora.len())].1.clone()).collect();
    let mut files = std::collections::BTreeMap::new();
    for number in 0..=rng.usize(..3) {
        let (path, original) = &corpora[rng.usize(..corpora.len())];
        let bytes = if rng.u8(..20) == 0 { arbitrary(rng) } else { mutated(original, &texts, rng) };
        let extension = Path::new(path).extension().and_then(|found| found.to_str()).unwrap_or("yaml").to_owned();
        let path = match rng.u8(..30) {
            0 => "controlsync.toml".to_owned(),
            1 => "keywords/AWS_Config.txt".to_owned(),
            2 => format!("controls/{number}.yaml.bak"),
            3 => format!("frameworks/{number}.{extension}"),
            4 => format!("exceptions/{number}.{extension}"),
            5 => "rules/a.guard".to_owned(),
            _ if path.contains("exceptions/") => format!("exceptions/{number}.{extension}"),
            _ if extension == "toml" => "controlsync.toml".to_owned(),
            _ if path.contains("framework") => format!("frameworks/{number}.{extension}"),
            _ => format!("controls/{number}.{extension}"),
        };
        files.insert(path, bytes);
    }
    files.into_iter().collect()
}

/// Generates a configuration, a keyword list, and a definition that uses both.
pub fn configuration(corpora: &[File], rng: &mut Rng) -> Vec<File> {
    let texts: Vec<Vec<u8>> = TOML.iter().chain([&CONFIG]).map(|text| text.as_bytes().to_vec()).collect();
    let mut config = mutated(CONFIG.as_bytes(), &texts, rng);
    for _ in 0..rng.usize(..4) {
        let at = rng.usize(..=config.len());
        config.splice(at..at, TOML[rng.usize(..TOML.len())].bytes());
    }
    let definition = corpora.get(rng.usize(..corpora.len())).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    let list = ["AWS_Config", "AWS_Security_Hub", "AWS_Cloudtrail", "AWS_API_Call", "Other"][rng.usize(..5)];
    vec![
        ("controls/a.yaml".to_owned(), definition),
        ("controlsync.toml".to_owned(), config),
        (format!("keywords/{list}.txt"), mutated(KEYWORDS.as_bytes(), &texts, rng)),
    ]
}

/// Verifies check, plan, reports and fixes of a catalog.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let start = Instant::now();
    let options = Options { today: Some("2026-12-01".to_owned()), ..Options::default() };
    let checked = check(sources(files), &options);
    ensure!(checked.diagnostics == check(sources(files), &options).diagnostics, "two runs differ");
    spans(&checked)?;
    let _ = plan(&checked.catalog, &checked.sources, &Actual::default(), &plan::Options::default());
    reports(&checked)?;
    each_fix(&checked)?;
    let syntax_errors = syntax_errors(&checked);
    for which in [Fixes::Safe, Fixes::All] {
        let fixed = fix(check(sources(files), &options), &options, which, |_| true);
        ensure!(self::syntax_errors(&fixed.checked) == syntax_errors, "{which:?} changed the number of syntax errors");
        let once: Vec<File> = fixed
            .checked
            .sources
            .iter()
            .map(|(_, source)| {
                let original = files.iter().find(|(path, _)| path == source.path());
                let bytes = match source.text() {
                    Ok(text) => text.as_bytes().to_vec(),
                    Err(_) => original.map(|(_, bytes)| bytes.clone()).unwrap_or_default(),
                };
                (source.path().to_owned(), bytes)
            })
            .collect();
        let twice = fix(check(sources(&once), &options), &options, which, |_| true);
        if let Some(file) = twice.files.first() {
            bail!("{which:?}: a second run changes {}:\n{}\n---\n{}", file.path, file.before, file.after);
        }
    }
    ensure!(start.elapsed() < MAX_TIME, "took {:?}", start.elapsed());
    Ok(())
}

/// Returns the files as sources.
pub fn sources(files: &[File]) -> Sources {
    let source = |(path, bytes): &File| {
        let kind = catalog_path::kind_of(path).unwrap_or(FileKind::Control);
        Source::new(path.clone(), kind, Content::Bytes(bytes.clone()))
    };
    Sources::new(files.iter().map(source).collect())
}

/// Counts syntax errors: a fix neither adds nor removes one.
fn syntax_errors(checked: &Checked) -> usize {
    const SYNTAX: [&str; 5] = ["syntax-error", "duplicate-key", "multiple-documents", "complex-key", "merge-key"];
    checked.diagnostics.iter().filter(|diagnostic| SYNTAX.contains(&diagnostic.rule.id)).count()
}

/// Verifies that every span is in its file.
fn spans(checked: &Checked) -> Result<()> {
    for diagnostic in &checked.diagnostics {
        let edits = diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| (diagnostic.file, edit.span));
        let related = diagnostic.related.iter().map(|related| (related.file, related.span));
        for (file, span) in edits.chain(related).chain([(diagnostic.file, diagnostic.span)]) {
            let text = checked.sources.get(file).text_or_empty();
            ensure!(text.get(span.range()).is_some(), "{}: {span:?} is not in the file", diagnostic.rule.id);
        }
        ensure!(!diagnostic.message.is_empty(), "{} has no message", diagnostic.rule.id);
    }
    Ok(())
}

/// Writes a report.
type Format = fn(&[Findings<'_>]) -> String;

/// Verifies that every format is valid and deterministic.
fn reports(checked: &Checked) -> Result<()> {
    let all = [Findings {
        sources: &checked.sources,
        diagnostics: checked.diagnostics.iter().collect(),
        files: checked.sources.len(),
        paths: Paths::default(),
    }];
    let formats: [(&str, Format); 7] = [
        ("text", |all| text::findings(all, &text::Style::default())),
        ("concise", concise::findings),
        ("json", json::findings),
        ("sarif", sarif::findings),
        ("github", github::findings),
        ("junit", junit::findings),
        ("gitlab", gitlab::findings),
    ];
    for (name, format) in formats {
        let report = format(&all);
        ensure!(report == format(&all), "{name}: two reports differ");
        if matches!(name, "json" | "sarif" | "gitlab") {
            serde_json::from_str::<Json>(&report).with_context(|| format!("{name} is not JSON"))?;
        }
        if matches!(name, "concise" | "github") {
            let lines = report.lines().count();
            ensure!(lines == checked.diagnostics.len(), "{name} has {lines} lines");
        }
        let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        ensure!(!report.contains(forbidden), "{name} has a control character");
    }
    Ok(())
}

/// Verifies that every fix alone leaves a valid file that differs only in the scope of the fix. Files without fixes are
/// skipped.
fn each_fix(checked: &Checked) -> Result<()> {
    let not_fixed = not_fixed(checked);
    for diagnostic in &checked.diagnostics {
        let Some(fix) = &diagnostic.fix else { continue };
        let source = checked.sources.get(diagnostic.file);
        if not_fixed.contains(&diagnostic.file) {
            continue;
        }
        one_fix(source, diagnostic, fix).with_context(|| format!("the fix of {diagnostic:#?}"))?;
    }
    Ok(())
}

fn one_fix(source: &Source, diagnostic: &Diagnostic, fix: &Fix) -> Result<()> {
    let mut after = source.text_or_empty().to_owned();
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        after.replace_range(edit.span.range(), &edit.text);
    }
    let before = parsed(source).context("a file that cannot be parsed has a fix")?;
    let changed = Source::new(source.path(), source.kind(), Content::Bytes(after.clone().into_bytes()));
    let Some(document) = parsed(&changed) else { bail!("the fixed file cannot be parsed:\n{after}") };
    let without = |document: &Document, before: bool| {
        let mut value = document.to_json();
        for pointer in &fix.scope {
            remove(&mut value, pointer, fix.removes(), before);
        }
        value
    };
    let (old, new) = (without(&before, true), without(&document, false));
    ensure!(old == new, "{} changed another value:\n{old}\n{new}\n{after}", diagnostic.rule.id);
    Ok(())
}

fn parsed(source: &Source) -> Option<Document> {
    let file = FileId::default();
    match source.kind() {
        FileKind::Config => document::parse_toml(file, source).ok(),
        _ => document::parse(file, source).0,
    }
}

/// Removes the value at a pointer. An item that the fix removes only exists before it.
fn remove(value: &mut Json, pointer: &str, removes: bool, before: bool) {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        *value = Json::Null;
        return;
    };
    match value.pointer_mut(parent) {
        Some(Json::Object(entries)) => {
            entries.shift_remove(&document::unescape(key));
        }
        Some(Json::Array(items)) => {
            let Some(index) = key.parse::<usize>().ok().filter(|index| *index < items.len()) else { return };
            match (removes, before) {
                (true, true) => drop(items.remove(index)),
                (true, false) => {}
                (false, _) => items[index] = Json::Null,
            }
        }
        _ => {}
    }
}
