//! From controls and frameworks to files: they are checked together with the catalog, and one with an error does not come.

use std::collections::{BTreeMap, BTreeSet};

use super::controls::Needed;
use super::framework::has_all;
use super::pack::Pack;
use super::{Extent, Imported, LeftOut, NewFile, Options};
use crate::check::{Checked, check};
use crate::diagnostic::Level;
use crate::model::Framework;
use crate::pull::Target;
use crate::source::{Content, FileKind, Source, Sources};
use crate::write::{self, Form};

/// Maximum number of checks. Each leaves out controls with errors, so few are needed: an error that remains refuses the import.
const MAX_ROUNDS: usize = 8;

/// Decides which files are written.
pub(super) struct Finish<'a> {
    pub target: &'a Target,
    pub options: &'a Options,
    pub packs: &'a [Pack],
    pub needed: &'a [Needed],
    pub imported: Imported,
}

impl Finish<'_> {
    /// Returns the result.
    pub(super) fn run(mut self) -> Imported {
        let mut refused = vec![false; self.needed.len()];
        let mut frameworks = self.frameworks(&refused);
        for round in 0.. {
            let new: Vec<usize> = frameworks.keys().copied().filter(|pack| !self.is_defined(*pack)).collect();
            let files = self.files(&frameworks, &new, |at| !refused[at]);
            let errors = self.errors(&files, &frameworks);
            if errors.is_empty() {
                break;
            }
            let of_frameworks =
                errors.keys().filter(|path| self.packs.iter().any(|pack| pack.framework_path == **path));
            if round == MAX_ROUNDS || of_frameworks.count() == errors.len() {
                self.refuse_all(&errors);
                return self.imported;
            }
            for (at, needed) in self.needed.iter().enumerate().filter(|(_, needed)| !needed.existing) {
                let of_guard = needed.guard.as_ref().and_then(|(path, _)| errors.get(path));
                if let Some(reason) = errors.get(&needed.path).or(of_guard) {
                    refused[at] = true;
                    self.leave_out(needed, reason);
                }
            }
            frameworks = self.frameworks(&refused);
        }
        self.choose(&frameworks, &refused);
        self.imported
    }

    /// Chooses the files to write: frameworks that the catalog does not define, and their controls.
    fn choose(&mut self, frameworks: &BTreeMap<usize, Framework>, refused: &[bool]) {
        let catalog = &self.target.checked.catalog;
        let (mut new, mut used) = (Vec::new(), BTreeSet::new());
        for (at, pack) in self.packs.iter().enumerate() {
            let controls = pack.rules.iter().map(|(_, of)| *of).filter(|of| !refused[*of]);
            let own = catalog.frameworks.get(&pack.name).map(|entry| &entry.value);
            match frameworks.get(&at) {
                None => self.imported.left_out.push(pack.left_out("no rule of the pack can be imported")),
                Some(framework) if own.is_some_and(|own| has_all(own, framework)) => {
                    self.imported.unchanged += 1;
                    used.extend(controls);
                }
                Some(_) if self.is_defined(at) => {
                    let reason = "the catalog has another framework with this name, which stays as it is";
                    self.imported.left_out.push(pack.left_out(reason));
                }
                Some(_) => {
                    new.push(at);
                    used.extend(controls);
                }
            }
        }
        self.imported.files = self.files(frameworks, &new, |at| used.contains(&at));
        self.imported.reused = used.into_iter().filter(|at| self.needed[*at].existing).count();
    }

    /// Whether the catalog has a framework with the name of a pack.
    fn is_defined(&self, pack: usize) -> bool {
        self.target.checked.catalog.defines_framework(&self.packs[pack].name)
    }

    /// Returns the frameworks by the number of their pack, without those that have no control.
    fn frameworks(&self, refused: &[bool]) -> BTreeMap<usize, Framework> {
        let framework = |pack: &Pack| pack.framework(self.needed, refused, &self.target.checked.config.tags);
        let frameworks = self.packs.iter().map(framework).enumerate();
        frameworks.filter(|(_, framework)| !framework.control_sets.is_empty()).collect()
    }

    /// Returns the files of new controls and of the frameworks of some packs.
    fn files(
        &self,
        frameworks: &BTreeMap<usize, Framework>,
        of_packs: &[usize],
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<NewFile> {
        let tags = &self.target.checked.config.tags;
        let new = self.needed.iter().enumerate().filter(|(at, needed)| !needed.existing && wanted(*at));
        let new: Vec<&Needed> = new.map(|(_, needed)| needed).collect();
        let guards = new.iter().filter_map(|needed| {
            let (path, text) = needed.guard.clone()?;
            Some(NewFile { kind: FileKind::GuardRule, name: needed.control.name.clone(), path, text })
        });
        let controls = new.iter().map(|needed| NewFile {
            kind: FileKind::Control,
            name: needed.control.name.clone(),
            path: needed.path.clone(),
            text: write::control(&needed.control, tags, Form::Yaml),
        });
        let frameworks = of_packs.iter().filter_map(|pack| {
            let (framework, path) = (frameworks.get(pack)?, self.packs[*pack].framework_path.clone());
            let text = write::framework(framework, tags, Form::Yaml);
            Some(NewFile { kind: FileKind::Framework, name: framework.name.clone(), path, text })
        });
        let sorted = |mut files: Vec<NewFile>| {
            files.sort_by(|a, b| a.path.cmp(&b.path));
            files
        };
        let groups = [sorted(guards.collect()), sorted(controls.collect()), sorted(frameworks.collect())];
        groups.into_iter().flatten().collect()
    }

    /// Returns what is wrong with the files, by path: one reason for each.
    fn errors(&self, files: &[NewFile], frameworks: &BTreeMap<usize, Framework>) -> BTreeMap<String, String> {
        let existing = &self.target.checked.sources;
        let existing = existing.iter().map(|(_, file)| Source::new(file.path(), file.kind(), file.content()));
        let new = files
            .iter()
            .map(|file| Source::new(file.path.clone(), file.kind, Content::Bytes(file.text.clone().into_bytes())));
        let checked = check(Sources::new(existing.chain(new).collect()), &self.options.check);
        let mut errors = BTreeMap::new();
        for found in checked.diagnostics.iter().filter(|found| found.level == Level::Error) {
            let path = checked.sources.get(found.file).path();
            if files.iter().any(|file| file.path == path) {
                errors.entry(path.to_owned()).or_insert_with(|| found.message.clone());
            }
        }
        for file in files.iter().filter(|file| !self.is_read_back(file, &checked, frameworks)) {
            errors.entry(file.path.clone()).or_insert_with(|| "its file would not match it".to_owned());
        }
        errors
    }

    /// Whether a file is read back as what it defines.
    fn is_read_back(&self, file: &NewFile, checked: &Checked, frameworks: &BTreeMap<usize, Framework>) -> bool {
        match file.kind {
            FileKind::Control => {
                let read = checked.catalog.controls.get(&file.name).map(|entry| &entry.value);
                self.needed.iter().any(|needed| Some(&needed.control) == read)
            }
            FileKind::Framework => {
                let read = checked.catalog.frameworks.get(&file.name).map(|entry| &entry.value);
                frameworks.values().any(|framework| Some(framework) == read)
            }
            _ => true,
        }
    }

    /// Lists the rules of a control that does not come.
    fn leave_out(&mut self, needed: &Needed, reason: &str) {
        for (pack, id, line) in needed.rules.iter().map(|(pack, id, line)| (&self.packs[*pack], id, *line)) {
            self.imported.left_out.retain(|one| (&one.path, &one.name) != (&pack.path, id));
            let (path, name, reason) = (pack.path.clone(), id.clone(), reason.to_owned());
            self.imported.left_out.push(LeftOut { path, line, name, extent: Extent::Whole, reason });
        }
    }

    /// Lists all packs: frameworks with errors stay when controls are left out.
    fn refuse_all(&mut self, errors: &BTreeMap<String, String>) {
        for pack in self.packs {
            let own = errors.get(&pack.framework_path);
            let reason = own.map_or("another framework of this import has an error", String::as_str);
            self.imported.left_out.push(pack.left_out(reason));
        }
    }
}
