//! The first entry point: from files to a catalog and its findings.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use crate::catalog::{Catalog, Definition, Loaded, assemble};
use crate::config::{Config, DEFAULT_CATALOG};
use crate::diagnostic::{self, Diagnostic, Level};
use crate::document::{self, Document};
use crate::keywords::Keywords;
use crate::model::Exception;
use crate::quotas::Quotas;
use crate::rules::{self, AllFiles, Parsed, unknown_control};
use crate::source::{Content, FileId, FileKind, Source, Sources};
use crate::{schema, suppress};

/// Options of a check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the catalog, if a flag or an environment variable sets one.
    pub catalog: Option<String>,
    /// Quotas that override those of the configuration.
    pub quotas: Quotas,
    /// Maximum number of threads for parsing.
    pub threads: NonZero<usize>,
    /// The current day, `YYYY-MM-DD` in UTC; without it, no exception has ended.
    pub today: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { catalog: None, quotas: Quotas::default(), threads: NonZero::<usize>::MIN, today: None }
    }
}

/// A checked catalog: its files, what they define, and the findings about them.
///
/// A file with errors still defines what could be read of it, so that all errors are found at once; a plan leaves such definitions
/// out.
///
/// ```
/// use controlsync_core::check::{Options, check};
/// use controlsync_core::source::{Content, FileKind, Source, Sources};
/// let text = b"name: Backup\ndescripton: Backups are made".to_vec();
/// let file = Source::new("controls/backup.yaml", FileKind::Control, Content::Bytes(text));
/// let checked = check(Sources::new(vec![file]), &Options::default());
/// assert!(checked.has_errors());
/// assert_eq!(checked.diagnostics[0].rule.id, "unknown-key");
/// assert_eq!(checked.diagnostics[0].help.as_deref(), Some("did you mean `description`?"));
/// ```
#[derive(Debug)]
pub struct Checked {
    /// The files.
    pub sources: Sources,
    /// Configuration. Values of a wrong type are skipped; they are errors, as is everything else that is wrong with it.
    pub config: Config,
    /// Definitions; unusable files are skipped.
    pub catalog: Catalog,
    /// All findings, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Returns the findings to show with a plan: without unknown controls, which the plan looks up in the account, and
    /// without findings of level info.
    pub fn findings_to_show_with_plan(&self) -> Vec<&Diagnostic> {
        let beside =
            |diagnostic: &&Diagnostic| diagnostic.rule != &unknown_control::RULE && diagnostic.level != Level::Info;
        self.diagnostics.iter().filter(beside).collect()
    }

    /// Sets the configured levels of the findings of a plan, and removes those that are off.
    pub fn configure(&self, diagnostics: &mut Vec<Diagnostic>) {
        rules::apply_config(&self.config, &self.sources, diagnostics);
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.catalog.has_errors
    }
}

/// Checks a catalog. Never fails: every problem with the input is a diagnostic.
pub fn check(sources: Sources, options: &Options) -> Checked {
    let mut diagnostics = Vec::new();
    let mut config = Config::default();
    let keywords = Keywords::of(&sources);
    let (mut definitions, mut guard_rules) = (Vec::new(), Vec::new());
    for (file, source) in sources.iter() {
        match source.kind() {
            FileKind::Config => config = load_config(file, source, &mut diagnostics),
            FileKind::Control | FileKind::Framework | FileKind::Exception => definitions.push((file, source)),
            FileKind::GuardRule => {
                guard_rules.push(source.path().to_owned());
                diagnostics.extend(document::check_text(file, source));
            }
            FileKind::Keywords | FileKind::Ignored => {
                diagnostics.extend(rules::check_unparsed(file, source));
            }
        }
    }
    let quotas = config.quotas.clone().and(&options.quotas);
    let known =
        Known { keywords: &keywords, default_tags: &config.tags, quotas: &quotas, today: options.today.as_deref() };
    let mut loaded = Vec::with_capacity(definitions.len());
    for (definition, found) in load_all(&definitions, known, options.threads) {
        loaded.extend(definition);
        diagnostics.extend(found);
    }
    let name = options.catalog.clone().or_else(|| config.catalog.clone()).unwrap_or_else(|| DEFAULT_CATALOG.to_owned());
    let mut catalog = assemble(name, quotas.clone(), loaded);
    catalog.guard_rules.extend(guard_rules);
    diagnostics.extend(rules::check_catalog(&AllFiles { catalog: &catalog, sources: &sources }));
    let mut diagnostics = suppressed(&sources, &catalog, diagnostics);
    rules::apply_config(&config, &sources, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    catalog.has_errors = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    Checked { sources, config, catalog, diagnostics }
}

/// Removes the findings that comments suppress.
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

/// What is known before a file is checked.
#[derive(Clone, Copy)]
struct Known<'a> {
    keywords: &'a Keywords,
    default_tags: &'a BTreeMap<String, String>,
    quotas: &'a Quotas,
    today: Option<&'a str>,
}

impl<'a> Known<'a> {
    fn parsed(self, file: FileId, source: &'a Source, document: &'a Document) -> Parsed<'a> {
        Parsed {
            file,
            source,
            document,
            keywords: self.keywords,
            default_tags: self.default_tags,
            quotas: self.quotas,
            today: self.today,
        }
    }
}

/// Returns the kind of a file outside a catalog: a framework if it has control sets, an exception if it has a check and no name,
/// otherwise a control.
pub fn kind_by_content(content: &[u8]) -> FileKind {
    let source = Source::new("", FileKind::Control, Content::Bytes(content.to_vec()));
    let (document, _) = document::parse(FileId::default(), &source);
    let has = |key| document.as_ref().is_some_and(|document| document.root.get(key).is_some());
    match () {
        () if has("controlSets") => FileKind::Framework,
        () if has("check") && !has("name") => FileKind::Exception,
        () => FileKind::Control,
    }
}

fn load_config(file: FileId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Config {
    match document::parse_toml(file, source) {
        Ok(document) => {
            diagnostics.extend(schema::check(file, source, &document));
            let (tags, quotas) = (BTreeMap::new(), Quotas::default());
            let known = Known { keywords: &Keywords::default(), default_tags: &tags, quotas: &quotas, today: None };
            diagnostics.extend(rules::check_config(&known.parsed(file, source, &document)));
            Config::from_document(&document)
        }
        Err(errors) => {
            diagnostics.extend(errors);
            Config::default()
        }
    }
}

/// A loaded file and the findings about it alone.
type LoadedFile = (Option<Loaded>, Vec<Diagnostic>);

fn load(file: FileId, source: &Source, known: Known<'_>) -> LoadedFile {
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
    let is_exception = kind == FileKind::Exception;
    let exception = (usable && is_exception).then(|| Exception::from_document(&document));
    let definition = (usable && !is_exception).then(|| Definition::from_document(kind, &document, known.default_tags));
    (Some(Loaded { file, kind, document, definition, exception }), found)
}

/// With fewer files per thread, starting a thread costs more than it saves.
const FILES_PER_THREAD: usize = 32;

fn load_all(files: &[(FileId, &Source)], known: Known<'_>, threads: NonZero<usize>) -> Vec<LoadedFile> {
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
