//! Drafts of files: they are checked together with the catalog that they are added to, and changed until no finding is
//! left that a comment or another format can resolve.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::path::Taken;
use super::{File, NotPulled, Pulled, Target};
use crate::catalog::Definition;
use crate::check::{self, Checked, check};
use crate::diagnostic::{Diagnostic, Level};
use crate::document::COMMENT_MARK;
use crate::plan::ObjectType;
use crate::rules::{self, Silencing};
use crate::source::{Content, Source, Sources, Span};
use crate::write::{self, Form};

/// Maximum number of checks of the drafts.
const MAX_ROUNDS: usize = 8;
/// Reason in suppression comments.
const REASON: &str = "matches the account";

/// A file before it is written.
pub(super) struct Draft {
    pub object: ObjectType,
    pub before: Option<String>,
    /// See [`File::unnamed_sources`].
    pub unnamed_sources: usize,
    id: String,
    definition: Definition,
    path: String,
    form: Form,
    /// Rules to suppress, by 0-based line of the text without comments.
    ignored: BTreeMap<usize, BTreeSet<&'static str>>,
    errors: usize,
}

impl Draft {
    pub(super) fn new(object: ObjectType, id: &str, definition: Definition) -> Self {
        Self {
            object,
            before: None,
            unnamed_sources: 0,
            id: id.to_owned(),
            definition,
            path: String::new(),
            form: Form::Yaml,
            ignored: BTreeMap::new(),
            errors: 0,
        }
    }

    pub(super) fn name(&self) -> &str {
        match &self.definition {
            Definition::Control(control) => &control.name,
            Definition::Framework(framework) => &framework.name,
        }
    }

    pub(super) fn set_path(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        let json = path.rsplit('.').next().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        self.form = if json { Form::Json } else { Form::Yaml };
    }

    fn text(&self, default_tags: &BTreeMap<String, String>) -> String {
        let text = match &self.definition {
            Definition::Control(control) => write::control(control, default_tags, self.form),
            Definition::Framework(framework) => write::framework(framework, default_tags, self.form),
        };
        if self.ignored.is_empty() {
            return text;
        }
        let mut commented = String::with_capacity(text.len());
        for (number, line) in text.split_inclusive('\n').enumerate() {
            for rule in self.ignored.get(&number).into_iter().flatten() {
                let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
                let _ = writeln!(commented, "{indent}# {COMMENT_MARK} ignore {rule} {REASON}");
            }
            commented += line;
        }
        commented
    }

    /// Describes the part of the object that a finding is about, as the start of a sentence.
    fn part(&self, pointer: Option<&str>) -> String {
        let mut parts = pointer.unwrap_or_default().split('/').skip(1);
        let list = parts.next().unwrap_or_default();
        let number = parts.next().and_then(|number| number.parse::<usize>().ok());
        let (noun, name) = match (&self.definition, number) {
            (Definition::Framework(framework), Some(at)) if list == "controlSets" => {
                ("control set", framework.control_sets.get(at).map(|set| &set.name))
            }
            (Definition::Control(control), Some(at)) if list == control.sources_member => {
                ("data source", control.sources.get(at).map(|source| &source.name))
            }
            _ => return String::new(),
        };
        name.map_or(String::new(), |name| format!("{noun} `{name}`: "))
    }

    /// Whether the file is read back as the definition.
    fn is_in(&self, checked: &Checked) -> bool {
        let catalog = &checked.catalog;
        match &self.definition {
            Definition::Control(control) => {
                let read = catalog.controls.get(&control.name).map(|entry| &entry.value);
                read.is_some_and(|read| read == control)
            }
            Definition::Framework(framework) => {
                let read = catalog.frameworks.get(&framework.name).map(|entry| &entry.value);
                read.is_some_and(|read| read == framework)
            }
        }
    }

    /// Returns the 0-based line of a finding in the text without comments.
    fn line(&self, source: &Source, span: Span) -> usize {
        if span == Span::default() {
            return 0;
        }
        let mut line = source.position(span.start).line - 1;
        // In ascending order, so that comments further up are already taken off.
        for (number, rules) in &self.ignored {
            // This many comments are above the line.
            if *number + rules.len() <= line {
                line -= rules.len();
            }
        }
        line
    }
}

/// Status of a draft after a check.
enum DraftStatus {
    Fine,
    /// It was changed and must be checked again.
    Retry,
    NotPulled(String),
}

/// Finishes the files. Objects that no file can define are left out.
///
/// Only checking a draft shows what is wrong with it, and what resolves one finding may cause another: a comment above a line of a
/// block scalar is text, an object that is left out makes a reference to it an error. So all drafts are checked together until
/// none changes. Each of them only moves forward (from JSON to YAML, from block scalars to plain lines, to more comments, out), so
/// few rounds are needed; the last accepts what is left, which `lint` then reports.
pub(super) fn finish(
    target: &Target,
    mut drafts: Vec<Draft>,
    taken: &mut Taken,
    options: &check::Options,
    pulled: &mut Pulled,
) {
    let default_tags = &target.checked.config.tags;
    for round in 0..MAX_ROUNDS {
        if drafts.is_empty() {
            return;
        }
        let checked = check(sources(target, &drafts), options);
        let mut findings = by_path(&checked);
        let mut retry = false;
        drafts = drafts
            .into_iter()
            .filter_map(|mut draft| {
                let found = findings.remove(draft.path.as_str()).unwrap_or_default();
                match resolve(&mut draft, &checked, &found, taken, round + 1 == MAX_ROUNDS) {
                    DraftStatus::Fine => {}
                    DraftStatus::Retry => retry = true,
                    DraftStatus::NotPulled(reason) => {
                        retry = true;
                        let (object, name) = (draft.object, draft.name().to_owned());
                        pulled.not_pulled.push(NotPulled { object, name, ids: vec![draft.id], reason });
                        return None;
                    }
                }
                Some(draft)
            })
            .collect();
        if !retry {
            break;
        }
    }
    for draft in drafts {
        let (text, name) = (draft.text(default_tags), draft.name().to_owned());
        if draft.before.as_ref() == Some(&text) {
            pulled.unchanged += 1;
            continue;
        }
        let Draft { object, before, path, errors, unnamed_sources, .. } = draft;
        pulled.files.push(File { object, name, path, text, before, errors, unnamed_sources });
    }
}

/// Returns the files of the catalog with the drafts.
fn sources(target: &Target, drafts: &[Draft]) -> Sources {
    let replaced: BTreeSet<&str> = drafts.iter().map(|draft| draft.path.as_str()).collect();
    let kept = target.checked.sources.iter().filter(|(_, source)| !replaced.contains(source.path()));
    let kept = kept.map(|(_, source)| Source::new(source.path(), source.kind(), source.content()));
    let default_tags = &target.checked.config.tags;
    let new = drafts.iter().map(|draft| {
        let text = draft.text(default_tags);
        Source::new(draft.path.clone(), draft.object.file_kind(), Content::Bytes(text.into_bytes()))
    });
    Sources::new(kept.chain(new).collect())
}

fn by_path(checked: &Checked) -> BTreeMap<&str, Vec<&Diagnostic>> {
    let mut findings: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for found in checked.diagnostics.iter().filter(|found| found.level == Level::Error) {
        findings.entry(checked.sources.get(found.file).path()).or_default().push(found);
    }
    findings
}

/// Decides what to do with a draft, and changes it to resolve its errors.
fn resolve(draft: &mut Draft, checked: &Checked, found: &[&Diagnostic], taken: &mut Taken, last: bool) -> DraftStatus {
    let hard = found.iter().find(|found| found.rule.hard);
    if hard.is_some() || !draft.is_in(checked) {
        // A comment inside a block scalar became a part of the string.
        if draft.form == Form::Yaml && !(hard.is_some() && draft.ignored.is_empty()) {
            draft.form = Form::YamlLines;
            draft.ignored.clear();
            return DraftStatus::Retry;
        }
        let reason = hard.map(|found| format!("{}{}", draft.part(found.pointer.as_deref()), found.message));
        return DraftStatus::NotPulled(reason.unwrap_or_else(|| "its file would not match it".to_owned()));
    }
    draft.errors = found.len();
    if found.is_empty() || last {
        return DraftStatus::Fine;
    }
    if draft.form == Form::Json {
        // JSON has no comments.
        if draft.before.is_none() {
            draft.set_path(&taken.take_slug(draft.name(), draft.object.file_kind()));
            return DraftStatus::Retry;
        }
        return DraftStatus::Fine;
    }
    // A finding that stays although a comment above its line ignores the rule is one that no comment can reach.
    let mut ignored = draft.ignored.clone();
    let mut all_new = true;
    for found in found.iter().filter(|found| rules::silencing(found.rule) == Silencing::Comment) {
        let line = draft.line(checked.sources.get(found.file), found.span);
        all_new &= ignored.entry(line).or_default().insert(found.rule.id);
    }
    if ignored == draft.ignored || !all_new {
        // A comment cannot suppress a finding inside a block scalar.
        if draft.form == Form::YamlLines {
            return DraftStatus::Fine;
        }
        draft.form = Form::YamlLines;
        draft.ignored.clear();
        return DraftStatus::Retry;
    }
    draft.ignored = ignored;
    DraftStatus::Retry
}
