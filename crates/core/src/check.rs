//! The first entry point: from texts to a catalog and everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use crate::catalog::{Catalog, Definition, Loaded, assemble};
use crate::config::{Config, DEFAULT_CATALOG};
use crate::diagnostic::{self, Diagnostic, Level};
use crate::document::{self, Document};
use crate::keywords::Keywords;
use crate::rules::{self, Parsed, Whole, unknown_control};
use crate::source::{Content, FileId, FileKind, Source, Sources};
use crate::{schema, suppress};

/// What the caller decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// The catalog's name, where a flag or the environment gives one.
    pub catalog: Option<String>,
    /// How many threads may parse.
    pub threads: NonZero<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { catalog: None, threads: NonZero::<usize>::MIN }
    }
}

/// Everything that the files say.
#[derive(Debug)]
pub struct Checked {
    /// The texts.
    pub sources: Sources,
    /// The configuration. Members of a wrong type are left out; whatever else is wrong with it is an error.
    pub config: Config,
    /// The definitions; files with errors are left out.
    pub catalog: Catalog,
    /// Everything that is wrong, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Findings that belong beside a plan. Whether the account has a control that the catalog lacks, the plan knows
    /// itself; what is only good to know is for `lint`.
    pub fn findings_beside_a_plan(&self) -> Vec<&Diagnostic> {
        let beside =
            |diagnostic: &&Diagnostic| diagnostic.rule != &unknown_control::RULE && diagnostic.level != Level::Info;
        self.diagnostics.iter().filter(beside).collect()
    }

    /// Gives the findings of a plan the levels of the configuration; those switched off go.
    pub fn configure(&self, diagnostics: &mut Vec<Diagnostic>) {
        rules::apply_config(&self.config, &self.sources, diagnostics);
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.catalog.has_errors
    }
}

/// Checks a catalog. Never fails: what is wrong with the input is a diagnostic.
pub fn check(sources: Sources, options: &Options) -> Checked {
    let mut diagnostics = Vec::new();
    let mut config = Config::default();
    let keywords = Keywords::of(&sources);
    let mut definitions = Vec::new();
    for (file, source) in sources.iter() {
        match source.kind() {
            FileKind::Config => config = load_config(file, source, &mut diagnostics),
            FileKind::Control | FileKind::Framework => definitions.push((file, source)),
            FileKind::Keywords | FileKind::Stray => {
                diagnostics.extend(rules::check_unparsed(file, source));
            }
        }
    }
    let known = Known { keywords: &keywords, default_tags: &config.tags };
    let mut loaded = Vec::with_capacity(definitions.len());
    for (definition, found) in load_all(&definitions, known, options.threads) {
        loaded.extend(definition);
        diagnostics.extend(found);
    }
    let name = options.catalog.clone().or_else(|| config.catalog.clone()).unwrap_or_else(|| DEFAULT_CATALOG.to_owned());
    let mut catalog = assemble(name, loaded);
    diagnostics.extend(rules::check_catalog(&Whole { catalog: &catalog, sources: &sources }));
    let mut diagnostics = suppressed(&sources, &catalog, diagnostics);
    rules::apply_config(&config, &sources, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    catalog.has_errors = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Checked { sources, config, catalog, diagnostics }
}

/// The findings that no comment speaks of.
fn suppressed(sources: &Sources, catalog: &Catalog, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let with_comments: BTreeSet<FileId> = catalog.with_comments().map(|(file, _)| file).collect();
    let (commented, mut left): (Vec<_>, Vec<_>) =
        diagnostics.into_iter().partition(|diagnostic| with_comments.contains(&diagnostic.file));
    let mut of_file: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in commented {
        of_file.entry(diagnostic.file).or_default().push(diagnostic);
    }
    for (file, document) in catalog.with_comments() {
        let mut found = of_file.remove(&file).unwrap_or_default();
        suppress::apply(file, sources.get(file), document, &mut found);
        left.extend(found);
    }
    left
}

/// What is known before a file is looked at.
#[derive(Clone, Copy)]
struct Known<'a> {
    keywords: &'a Keywords,
    default_tags: &'a BTreeMap<String, String>,
}

impl<'a> Known<'a> {
    fn parsed(self, file: FileId, source: &'a Source, document: &'a Document) -> Parsed<'a> {
        Parsed { file, source, document, keywords: self.keywords, default_tags: self.default_tags }
    }
}

/// What a file holds whose folder does not tell: a framework where there are control sets, else a control.
pub fn kind_by_content(content: &[u8]) -> FileKind {
    let source = Source::new("", FileKind::Control, Content::Bytes(content.to_vec()));
    let sources = Sources::new(vec![source]);
    let framework = sources.iter().any(|(file, source)| {
        let (document, _) = document::parse(file, source);
        document.is_some_and(|document| document.root.get("controlSets").is_some())
    });
    if framework { FileKind::Framework } else { FileKind::Control }
}

fn load_config(file: FileId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Config {
    match document::parse_toml(file, source) {
        Ok(document) => {
            diagnostics.extend(schema::check(file, source, &document));
            let known = Known { keywords: &Keywords::default(), default_tags: &BTreeMap::new() };
            diagnostics.extend(rules::check_config(&known.parsed(file, source, &document)));
            Config::from_document(&document)
        }
        Err(faults) => {
            diagnostics.extend(faults);
            Config::default()
        }
    }
}

/// What one file is, and everything that can be said about it alone.
type One = (Option<Loaded>, Vec<Diagnostic>);

fn load(file: FileId, source: &Source, known: Known<'_>) -> One {
    let (document, mut found) = document::parse(file, source);
    let Some(document) = document else { return (None, found) };
    let parsed = known.parsed(file, source, &document);
    let misplaced = rules::check_first(&parsed);
    if !misplaced.is_empty() {
        found.extend(misplaced);
        return (None, found);
    }
    found.extend(schema::check(file, source, &document));
    found.extend(rules::check_file(&parsed));
    let usable = found.iter().all(|diagnostic| !diagnostic.rule.hard);
    let kind = source.kind();
    let definition = usable.then(|| Definition::from_document(kind, &document, known.default_tags));
    (Some(Loaded { file, kind, document, definition }), found)
}

/// Below this many files for each thread, starting one costs more than it saves.
const FILES_PER_THREAD: usize = 32;

fn load_all(files: &[(FileId, &Source)], known: Known<'_>, threads: NonZero<usize>) -> Vec<One> {
    let one = |(file, source): &(FileId, &Source)| load(*file, source, known);
    let threads = threads.get().min(files.len() / FILES_PER_THREAD);
    if threads < 2 {
        return files.iter().map(one).collect();
    }
    let chunk = files.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> =
            files.chunks(chunk).map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>())).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Vec<_>>| match worker.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().flat_map(join).collect()
    })
}
