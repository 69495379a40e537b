//! An independent parser, `yaml_serde`, reads YAML and JSON as this program does: what it writes, and what it accepts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use controlsync_core::catalog_path;
use controlsync_core::check::{Options, check};
use controlsync_core::document::parse;
use controlsync_core::fix::{Fixes, fix};
use controlsync_core::plan::Actual;
use controlsync_core::pull;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_core::write::{self, Form};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::architecture::root;
use crate::generate::files;
use crate::planned;
use crate::service::Service;
use crate::write::{control, framework};

/// Reads a text with the other parser, which does not accept the byte order mark that YAML allows. Numbers that JSON does not have become
/// a fixed number, as in `Document::to_json`.
fn foreign(text: &str) -> Result<Json, String> {
    fn json(value: serde_yaml::Value) -> Result<Json, String> {
        Ok(match value {
            serde_yaml::Value::Null => Json::Null,
            serde_yaml::Value::Bool(value) => value.into(),
            serde_yaml::Value::Number(number) if number.is_f64() => {
                number.as_f64().filter(|value| value.is_finite()).unwrap_or(0.5).into()
            }
            serde_yaml::Value::Number(number) => number.as_i64().unwrap_or(0).into(),
            serde_yaml::Value::String(text) => text.into(),
            serde_yaml::Value::Sequence(items) => items.into_iter().map(json).collect::<Result<_, _>>()?,
            serde_yaml::Value::Mapping(entries) => {
                let entry = |(key, value): (serde_yaml::Value, _)| match key {
                    serde_yaml::Value::String(key) => Ok((key, json(value)?)),
                    other => Err(format!("a key is not a string: {other:?}")),
                };
                Json::Object(entries.into_iter().map(entry).collect::<Result<_, String>>()?)
            }
            serde_yaml::Value::Tagged(tagged) => return Err(format!("a value has the tag {}", tagged.tag)),
        })
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    json(serde_yaml::from_str(text).map_err(|error| error.to_string())?)
}

/// Reads a text with this program, if it accepts it.
fn own(text: &str) -> Option<Json> {
    let sources = Sources::new(vec![Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(text.into()))]);
    let (file, source) = sources.iter().next()?;
    let (document, diagnostics) = parse(file, source);
    document.filter(|_| diagnostics.is_empty()).map(|document| document.to_json())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn another_parser_reads_the_controls_that_are_written(control in control()) {
        let of = |form| write::control(&control, &BTreeMap::new(), form);
        let expected: Json = serde_json::from_str(&of(Form::Json)).unwrap();
        for form in [Form::Yaml, Form::YamlLines] {
            prop_assert_eq!(foreign(&of(form)), Ok(expected.clone()), "{}", of(form));
        }
    }

    #[test]
    fn another_parser_reads_the_frameworks_that_are_written(framework in framework()) {
        let of = |form| write::framework(&framework, &BTreeMap::new(), form);
        let expected: Json = serde_json::from_str(&of(Form::Json)).unwrap();
        for form in [Form::Yaml, Form::YamlLines] {
            prop_assert_eq!(foreign(&of(form)), Ok(expected.clone()), "{}", of(form));
        }
    }
}

/// Returns the account without ownership tags: its objects are not managed, so they are pulled into YAML files of their
/// names.
fn unmanaged(mut account: Actual) -> Actual {
    let controls = account.controls.iter_mut().map(|control| &mut control.detail.get_mut().unwrap().tags);
    let frameworks = account.frameworks.iter_mut().map(|framework| &mut framework.detail.get_mut().unwrap().tags);
    controls.chain(frameworks).for_each(|tags| tags.retain(|key, _| !key.starts_with("controlsync:")));
    account
}

/// Returns the files that a pull writes, given those of an earlier one.
fn pulled(earlier: &BTreeMap<String, String>, account: &Actual) -> BTreeMap<String, String> {
    let source = |(path, text): (&String, &String)| {
        let kind = catalog_path::kind_of(path).unwrap();
        Source::new(path.clone(), kind, Content::Bytes(text.clone().into_bytes()))
    };
    let options = pull::Options { unmanaged: true, overwrite: true, ..pull::Options::default() };
    let target = pull::Target {
        checked: check(Sources::new(earlier.iter().map(source).collect()), &options.check),
        files: earlier.keys().cloned().collect(),
        folders: BTreeSet::new(),
    };
    let pull::Step::Done(pulled) = pull::step(&target, account, &options) else { panic!("everything is read") };
    pulled.files.into_iter().map(|file| (file.path, file.text)).collect()
}

proptest! {
    #[test]
    fn another_parser_reads_the_files_that_are_pulled_and_pulled_again(first in files(), second in files()) {
        let mut service = Service::default();
        let before = service.apply(&Actual::default(), &planned(&first, &Actual::default()));
        let after = service.apply(&before, &planned(&second, &before));
        let new = pulled(&BTreeMap::new(), &unmanaged(before));
        let edited = pulled(&new, &unmanaged(after));
        prop_assert!(!new.is_empty());
        for (path, text) in new.iter().chain(&edited) {
            prop_assert_eq!(path.rsplit_once('.').map(|(_, extension)| extension), Some("yaml"));
            prop_assert_eq!(Ok(own(text).unwrap()), foreign(text), "{}", text);
        }
    }
}

/// Files that the other parser reads differently, and why.
const DIFFERENCES: [(&str, &str); 3] = [
    (
        "tests/findings/cases/ambiguous-string/tagged.yaml",
        "`!!null 2024-01-31` is a string to this program, because the text is not a null; the other parser rejects it",
    ),
    (
        "tests/findings/cases/clean/document-end.yaml",
        "nothing follows the `---` at the end; the other parser reads an empty document there",
    ),
    (
        "tests/findings/cases/unquoted-string/version.yaml",
        "`0042` is a number in YAML 1.2, as for this program; the other parser reads numbers with leading zeros as strings",
    ),
];

/// Returns all YAML and JSON files in a directory.
fn definitions(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let (path, file_type) = (entry.path(), entry.file_type().unwrap());
            let extension = path.extension().and_then(|extension| extension.to_str());
            if file_type.is_dir() {
                directories.push(path);
            } else if file_type.is_file() && matches!(extension, Some("yaml" | "yml" | "json")) {
                found.push(path);
            }
        }
    }
    found
}

/// Returns a text after all fixes, if there are any: as a control, and as a framework.
fn fixed(text: &str) -> impl Iterator<Item = String> {
    let kinds = [("controls/a.yaml", FileKind::Control), ("frameworks/a.yaml", FileKind::Framework)];
    kinds.into_iter().flat_map(move |(path, kind)| {
        let source = Source::new(path, kind, Content::Bytes(text.into()));
        let options = Options::default();
        let fixed = fix(check(Sources::new(vec![source]), &options), &options, Fixes::All, |_| true);
        fixed.files.into_iter().map(|file| file.after)
    })
}

#[test]
fn another_parser_reads_the_same_from_accepted_and_fixed_files() {
    let mut directories = ["controls", "frameworks", "tests/findings"].map(|path| root().join(path)).to_vec();
    directories.extend(std::env::var_os("CONTROLSYNC_CORPORA").map(PathBuf::from));
    let (mut different, mut accepted, mut changed) = (BTreeSet::new(), 0, 0);
    for path in directories.iter().flat_map(|directory| definitions(directory)) {
        let Ok(text) = String::from_utf8(std::fs::read(&path).unwrap()) else { continue };
        let Some(read) = own(&text) else { continue };
        accepted += 1;
        if foreign(&text) != Ok(read) {
            different.insert(path.strip_prefix(root()).unwrap_or(&path).display().to_string());
            continue;
        }
        for text in fixed(&text) {
            changed += 1;
            assert_eq!(foreign(&text), Ok(own(&text).unwrap()), "{}, fixed:\n{text}", path.display());
        }
    }
    assert!(accepted > 200 && changed > 20, "{accepted} accepted, {changed} fixed");
    assert_eq!(different, DIFFERENCES.map(|(path, _)| path.to_owned()).into());
}
