//! What to do with each object: keep its file, write it, or leave it out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::definition::{self, Context};
use super::draft::{self, Draft};
use super::kept::keep;
use super::path::Taken;
use super::pulled::Failed;
use super::{Differing, NotPulled, Options, Pulled, Skipped, Target};
use crate::catalog::Definition;
use crate::diagnostic::{Diagnostic, Level};
use crate::document::Document;
use crate::plan::{
    self, AccountControl, AccountFramework, AccountObject, Actual, CATALOG_TAG, Change, ObjectType, SOURCE_TAG,
    is_ownership_tag,
};
use crate::source::Source;

/// An existing file.
struct Existing<'a> {
    source: &'a Source,
    /// Whether it matches the account.
    same: bool,
}

/// A selected object.
#[derive(Clone, Copy)]
struct Subject<'a> {
    object: ObjectType,
    name: &'a str,
    id: &'a str,
    /// `None` if it could not be read.
    tags: Option<&'a BTreeMap<String, String>>,
    /// Number of data sources without a name.
    unnamed: usize,
}

/// Existing file of an object.
enum TargetFile<'a> {
    File(Existing<'a>),
    Nothing,
}

/// Converts objects to files.
pub(super) struct Puller<'a> {
    target: &'a Target,
    options: &'a Options,
    context: Context<'a>,
    taken: Taken,
    /// Planned changes of the existing catalog.
    changes: BTreeMap<(ObjectType, &'a str), &'a Change>,
    ambiguous: BTreeMap<(ObjectType, &'a str), Vec<String>>,
    /// New names of objects that the catalog renames, by their old names.
    renamed: BTreeMap<(ObjectType, &'a str), &'a str>,
    /// Files without a readable name, by path.
    unnamed: HashMap<&'a str, &'a Source>,
    drafts: Vec<Draft>,
    /// Drafts without a path.
    without_path: Vec<Draft>,
    pulled: Pulled,
    /// IDs of the objects that are reported as more than unchanged.
    written: HashSet<String>,
}

/// Returns the IDs of objects that share a name, by name.
fn ambiguous<T>(
    object: ObjectType,
    all: &[AccountObject<T>],
) -> impl Iterator<Item = ((ObjectType, &str), Vec<String>)> {
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for found in all {
        names.entry(&found.name).or_default().push(found.id.clone());
    }
    names.into_iter().filter(|(_, ids)| ids.len() > 1).map(move |(name, mut ids)| {
        ids.sort();
        ((object, name), ids)
    })
}

impl<'a> Puller<'a> {
    pub(super) fn new(target: &'a Target, actual: &'a Actual, options: &'a Options, changes: &'a [Change]) -> Self {
        let checked = &target.checked;
        let catalog = &checked.catalog;
        let controls = catalog.controls.iter().flat_map(|(new, entry)| {
            entry.value.renamed_from.iter().map(move |old| ((ObjectType::Control, old.as_str()), new.as_str()))
        });
        let frameworks = catalog.frameworks.iter().flat_map(|(new, entry)| {
            entry.value.renamed_from.iter().map(move |old| ((ObjectType::Framework, old.as_str()), new.as_str()))
        });
        let renamed: BTreeMap<_, _> = controls.chain(frameworks).collect();
        let names = renamed.keys().filter(|(object, _)| *object == ObjectType::Control).map(|(_, name)| *name);
        let context = Context::new(&catalog.name, &checked.config.tags, names, actual);
        let definitions: BTreeSet<_> = catalog.files_of_name.values().flatten().collect();
        let unnamed =
            checked.sources.iter().filter(|(file, source)| source.text().is_ok() && !definitions.contains(file));
        Self {
            target,
            options,
            context,
            taken: Taken::new(target.files.iter().map(String::as_str), target.folders.iter().map(String::as_str)),
            changes: changes.iter().map(|change| ((change.object, change.name.as_str()), change)).collect(),
            ambiguous: ambiguous(ObjectType::Control, &actual.controls)
                .chain(ambiguous(ObjectType::Framework, &actual.frameworks))
                .collect(),
            unnamed: unnamed.map(|(_, source)| (source.path(), source)).collect(),
            renamed,
            drafts: Vec::new(),
            without_path: Vec::new(),
            pulled: Pulled { catalog: catalog.name.clone(), ..Pulled::default() },
            written: HashSet::new(),
        }
    }

    fn leave_out(&mut self, object: ObjectType, name: &str, ids: Vec<String>, reason: String) {
        self.pulled.not_pulled.push(NotPulled { object, name: name.to_owned(), ids, reason });
    }

    /// Decides what to do with a control.
    pub(super) fn control(&mut self, control: &AccountObject<AccountControl>) {
        let detail = control.detail.get();
        let make =
            |context: &Context<'_>| Some(definition::control(context, control, detail?).map(Definition::Control));
        let tags = detail.map(|detail| &detail.tags);
        let unnamed = detail.map_or(0, |detail| detail.sources.iter().filter(|source| source.name.is_empty()).count());
        let (name, id) = (control.name.as_str(), control.id.as_str());
        self.object(&Subject { object: ObjectType::Control, name, id, tags, unnamed }, make);
    }

    /// Decides what to do with a framework.
    pub(super) fn framework(&mut self, framework: &AccountObject<AccountFramework>) {
        let detail = framework.detail.get();
        let make =
            |context: &Context<'_>| Some(definition::framework(context, framework, detail?).map(Definition::Framework));
        let tags = detail.map(|detail| &detail.tags);
        let (name, id) = (framework.name.as_str(), framework.id.as_str());
        self.object(&Subject { object: ObjectType::Framework, name, id, tags, unnamed: 0 }, make);
    }

    fn object(&mut self, subject: &Subject<'_>, make: impl Fn(&Context<'_>) -> Option<Result<Definition, Failed>>) {
        let Subject { object, name, id, tags, unnamed } = *subject;
        let id = || vec![id.to_owned()];
        let Some(tags) = tags else {
            let reason = "the account lists it but does not return it: run the command again".to_owned();
            return self.leave_out(object, name, id(), reason);
        };
        if let Some(ids) = self.ambiguous.get(&(object, name)) {
            let (noun, ids) = (object.noun(), ids.clone());
            let reason = format!("the account has {} {noun}s with this name: rename or delete all but one", ids.len());
            if self.pulled.not_pulled.last().is_none_or(|last| (last.object, &*last.name) != (object, name)) {
                self.leave_out(object, name, ids, reason);
            }
            return;
        }
        if let Some(new) = self.renamed.get(&(object, name)) {
            let reason = format!("the catalog renames it to `{new}` (`renamedFrom`): apply that, or remove the key");
            return self.leave_out(object, name, id(), reason);
        }
        let is_ours = tags.get(CATALOG_TAG).is_some_and(|owner| owner == self.context.catalog);
        let own_path = tags.get(SOURCE_TAG).map(String::as_str).filter(|_| is_ours);
        let existing = match self.existing_file(object, name, own_path) {
            Ok(TargetFile::File(Existing { same: true, .. })) => {
                self.pulled.unchanged += 1;
                return;
            }
            Ok(TargetFile::File(existing)) => Some(existing.source),
            Ok(TargetFile::Nothing) => None,
            Err(Failed(reason)) => return self.leave_out(object, name, id(), reason),
        };
        self.written.insert(subject.id.to_owned());
        let mut definition = match make(&self.context) {
            Some(Ok(definition)) => definition,
            Some(Err(Failed(reason))) => return self.leave_out(object, name, id(), reason),
            None => return,
        };
        if let (Some(source), Definition::Control(control), true) = (existing, &mut definition, self.options.overwrite)
            && let Err(Failed(reason)) = keep(source.text_or_empty(), self.document(source), control)
        {
            return self.leave_out(object, name, id(), reason);
        }
        let mut draft = Draft::new(object, subject.id, definition);
        draft.unnamed_sources = unnamed;
        if let Some(source) = existing {
            if !self.options.overwrite {
                let (path, name) = (source.path().to_owned(), name.to_owned());
                return self.pulled.differing.push(Differing { path, object, name });
            }
            draft.set_path(source.path());
            draft.before = Some(source.text_or_empty().to_owned());
            return self.drafts.push(draft);
        }
        match own_path.filter(|path| self.taken.take_own(path, object.file_kind())) {
            Some(path) => {
                draft.set_path(path);
                self.drafts.push(draft);
            }
            None => self.without_path.push(draft),
        }
    }

    /// Returns the parsed file; `None` if it has syntax errors.
    fn document(&self, source: &Source) -> Option<&'a Document> {
        let checked = &self.target.checked;
        let (file, _) = checked.sources.iter().find(|(_, known)| known.path() == source.path())?;
        checked.catalog.document(file)
    }

    /// Returns the existing file of an object.
    fn existing_file(
        &mut self,
        object: ObjectType,
        name: &str,
        own_path: Option<&str>,
    ) -> Result<TargetFile<'a>, Failed> {
        let checked = &self.target.checked;
        let files = checked.catalog.files_of_name.get(&(object.file_kind(), name.to_owned())).map(Vec::as_slice);
        match files.unwrap_or_default() {
            [] => {
                // A file without a readable name stands for the object whose source tag has its path, but
                // only for one: if several have the tag, it is unknown which of them it defined last.
                let of_kind =
                    |path: &&str| self.unnamed.get(path).is_some_and(|source| source.kind() == object.file_kind());
                let source = own_path.filter(of_kind).and_then(|path| self.unnamed.remove(path));
                Ok(source.map_or(TargetFile::Nothing, |source| TargetFile::File(Existing { source, same: false })))
            }
            [file] => {
                let same = self.changes.get(&(object, name)).is_some_and(|change| {
                    let tags = change.tags.set.keys().chain(change.tags.remove.keys());
                    change.fields.is_empty()
                        && !change.is_blocked()
                        && tags.into_iter().all(|key| is_ownership_tag(key))
                });
                // `overwrite` also replaces a file with errors: a written one has suppression comments.
                let refused = |found: &Diagnostic| found.file == *file && found.level == Level::Error;
                let same = same && !(self.options.overwrite && checked.diagnostics.iter().any(refused));
                Ok(TargetFile::File(Existing { source: checked.sources.get(*file), same }))
            }
            several => {
                let paths: Vec<String> =
                    several.iter().map(|file| format!("`{}`", checked.sources.get(*file).path())).collect();
                Err(Failed(format!("several files define it: {}; remove all but one", paths.join(", "))))
            }
        }
    }

    /// Finishes the files. Also returns the IDs of all objects that are written, differ or are left out.
    pub(super) fn finish(mut self, target: plan::Target, skipped: Skipped) -> (Pulled, HashSet<String>) {
        for mut draft in std::mem::take(&mut self.without_path) {
            draft.set_path(&self.taken.take_slug(draft.name(), draft.object.file_kind()));
            self.drafts.push(draft);
        }
        self.pulled.target = target;
        self.pulled.skipped = skipped;
        draft::finish(self.target, self.drafts, &mut self.taken, &self.options.check, &mut self.pulled);
        self.pulled.not_pulled.sort();
        self.pulled.differing.sort();
        self.pulled.files.sort_by(|a, b| a.path.cmp(&b.path));
        (self.pulled, self.written)
    }
}
