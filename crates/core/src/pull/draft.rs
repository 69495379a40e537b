//! Files before they are written: made, checked together with the catalog that they come to, and mended until nothing
//! is wrong with them that a file can help.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::path::Taken;
use super::{File, LeftOut, Pulled, Target, kind};
use crate::catalog::Definition;
use crate::check::{self, Checked, check};
use crate::diagnostic::{Diagnostic, Level};
use crate::document::COMMENT_MARK;
use crate::plan::ObjectType;
use crate::rules::{self, Silencing};
use crate::source::{Content, Source, Sources, Span};
use crate::write::{self, Form};

/// How often files are checked again after something was done about what was found.
const MAX_ROUNDS: usize = 8;
/// Why findings are ignored.
const REASON: &str = "as it is in the account";

/// A file in the making.
pub(super) struct Draft {
    pub object: ObjectType,
    pub before: Option<String>,
    id: String,
    definition: Definition,
    path: String,
    form: Form,
    /// Rules whose findings are ignored, by the line of the text without comments, from 0.
    ignored: BTreeMap<usize, BTreeSet<&'static str>>,
    errors: usize,
}

impl Draft {
    pub(super) fn new(object: ObjectType, id: &str, definition: Definition) -> Self {
        Self {
            object,
            before: None,
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

    pub(super) fn place(&mut self, path: &str) {
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
                let blanks = &line[..line.len() - line.trim_start_matches(' ').len()];
                let _ = writeln!(commented, "{blanks}# {COMMENT_MARK} ignore {rule} {REASON}");
            }
            commented += line;
        }
        commented
    }

    /// The part of the object that a finding is about, as the start of a sentence.
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

    /// Whether the file says what it is to say.
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

    /// The line of the text without comments that a finding is on, from 0.
    fn line(&self, source: &Source, span: Span) -> usize {
        if span == Span::default() {
            return 0;
        }
        let mut line = source.position(span.start).line - 1;
        for (number, rules) in &self.ignored {
            // So many comments stand above this line.
            if *number + rules.len() <= line {
                line -= rules.len();
            }
        }
        line
    }
}

/// What is done about a draft.
enum DraftStatus {
    Fine,
    /// It is made again.
    Retry,
    LeftOut(String),
}

/// Makes the files. What no file can say is left out.
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
        let mut again = false;
        drafts = drafts
            .into_iter()
            .filter_map(|mut draft| {
                let found = findings.remove(draft.path.as_str()).unwrap_or_default();
                match judge(&mut draft, &checked, &found, taken, round + 1 == MAX_ROUNDS) {
                    DraftStatus::Fine => {}
                    DraftStatus::Retry => again = true,
                    DraftStatus::LeftOut(reason) => {
                        again = true;
                        let (object, name) = (draft.object, draft.name().to_owned());
                        pulled.left_out.push(LeftOut { object, name, ids: vec![draft.id], reason });
                        return None;
                    }
                }
                Some(draft)
            })
            .collect();
        if !again {
            break;
        }
    }
    for draft in drafts {
        let (text, name) = (draft.text(default_tags), draft.name().to_owned());
        if draft.before.as_ref() == Some(&text) {
            pulled.unchanged += 1;
            continue;
        }
        let Draft { object, before, path, errors, .. } = draft;
        pulled.files.push(File { object, name, path, text, before, errors });
    }
}

/// The catalog with the drafts in it.
fn sources(target: &Target, drafts: &[Draft]) -> Sources {
    let replaced: BTreeSet<&str> = drafts.iter().map(|draft| draft.path.as_str()).collect();
    let kept = target.checked.sources.iter().filter(|(_, source)| !replaced.contains(source.path()));
    let kept = kept.map(|(_, source)| Source::new(source.path(), source.kind(), source.content()));
    let default_tags = &target.checked.config.tags;
    let new = drafts.iter().map(|draft| {
        let text = draft.text(default_tags);
        Source::new(draft.path.clone(), kind(draft.object), Content::Bytes(text.into_bytes()))
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

/// Decides about a draft, and does what can be done about the errors in it.
fn judge(draft: &mut Draft, checked: &Checked, found: &[&Diagnostic], taken: &mut Taken, last: bool) -> DraftStatus {
    let hard = found.iter().find(|found| found.rule.hard);
    if hard.is_some() || !draft.is_in(checked) {
        // A comment that came into a block is a part of its text.
        if draft.form == Form::Yaml && !(hard.is_some() && draft.ignored.is_empty()) {
            draft.form = Form::YamlLines;
            draft.ignored.clear();
            return DraftStatus::Retry;
        }
        let reason = hard.map(|found| format!("{}{}", draft.part(found.pointer.as_deref()), found.message));
        return DraftStatus::LeftOut(reason.unwrap_or_else(|| "its file would say something else".to_owned()));
    }
    draft.errors = found.len();
    if found.is_empty() || last {
        return DraftStatus::Fine;
    }
    if draft.form == Form::Json {
        // JSON has no comments.
        if draft.before.is_none() {
            draft.place(&taken.take_slug(draft.name(), kind(draft.object)));
            return DraftStatus::Retry;
        }
        return DraftStatus::Fine;
    }
    let mut ignored = draft.ignored.clone();
    let mut known = true;
    for found in found.iter().filter(|found| rules::silencing(found.rule) == Silencing::Comment) {
        let line = draft.line(checked.sources.get(found.file), found.span);
        known &= ignored.entry(line).or_default().insert(found.rule.id);
    }
    if ignored == draft.ignored || !known {
        // A comment does not reach into a block.
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
