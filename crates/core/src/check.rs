//! The first entry point: from texts to a catalogue and everything that is wrong with it.

use std::collections::BTreeMap;
use std::num::NonZero;

use crate::catalog::{Catalog, Loaded, UNKNOWN_CONTROL, assemble, load};
use crate::config::{Config, DEFAULT_CATALOG};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::source::{Content, FileId, Kind, Source, Sources};
use crate::{document, rules, schema};

/// What the caller decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// The catalogue's name, where a flag or the environment gives one.
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
    /// Findings that a plan does not answer itself: whether the account has a control that the catalogue lacks, it knows.
    pub fn findings_beside_a_plan(&self) -> Vec<&Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.rule != &UNKNOWN_CONTROL).collect()
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks a catalogue. Never fails: what is wrong with the input is a diagnostic.
pub fn check(sources: Sources, options: &Options) -> Checked {
    let mut diagnostics = Vec::new();
    let mut config = Config::default();
    for (file, source) in sources.iter().filter(|(_, source)| source.kind() == Kind::Config) {
        config = load_config(file, source, &mut diagnostics);
    }
    let definitions: Vec<(FileId, &Source)> =
        sources.iter().filter(|(_, source)| source.kind() != Kind::Config).collect();
    let loaded = load_all(&definitions, &config.tags, options.threads);
    let name = options.catalog.clone().or_else(|| config.catalog.clone()).unwrap_or_else(|| DEFAULT_CATALOG.to_owned());
    let (catalog, found) = assemble(name, loaded);
    diagnostics.extend(found);
    rules::apply_severities(&config, &mut diagnostics);
    diagnostic::sort(&mut diagnostics);
    Checked { sources, config, catalog, diagnostics }
}

/// What a file holds whose folder does not tell: a framework where there are control sets, else a control.
pub fn kind_by_content(content: &[u8]) -> Kind {
    let source = Source::new("", Kind::Control, Content::Bytes(content.to_vec()));
    let sources = Sources::new(vec![source]);
    let framework = sources.iter().any(|(file, source)| {
        let (document, _) = document::parse(file, source);
        document.is_some_and(|document| document.root.get("controlSets").is_some())
    });
    if framework { Kind::Framework } else { Kind::Control }
}

fn load_config(file: FileId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Config {
    match document::parse_toml(file, source) {
        Ok(document) => {
            diagnostics.extend(schema::check(file, source, &document));
            diagnostics.extend(rules::check_config(file, &document));
            Config::from_document(&document)
        }
        Err(faults) => {
            diagnostics.extend(faults);
            Config::default()
        }
    }
}

/// Below this many files for each thread, starting one costs more than it saves.
const FILES_PER_THREAD: usize = 32;

fn load_all(
    files: &[(FileId, &Source)],
    tags: &BTreeMap<String, String>,
    threads: NonZero<usize>,
) -> Vec<(FileId, Kind, Loaded)> {
    let one = |(file, source): &(FileId, &Source)| (*file, source.kind(), load(*file, source, tags));
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
