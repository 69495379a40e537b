//! What `lint` looks at: catalogs and single files, and which of their findings are shown.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use controlsync_core::catalog_path;
use controlsync_core::check::{self, Checked, check, kind_by_content};
use controlsync_core::report::{Findings, Paths};
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};

use crate::files::{self, Overlay};
use crate::options::Global;

/// A catalog or a single file, and which of its findings are shown.
pub struct LintTarget {
    pub checked: Checked,
    /// ROOT, or the folder of the single file.
    pub root: PathBuf,
    /// Paths from ROOT, of files or of folders; all where there is none.
    chosen: Vec<String>,
}

impl LintTarget {
    /// Whether the findings of a file are shown.
    pub fn shows(&self, path: &str) -> bool {
        shows(&self.chosen, path)
    }

    /// What is shown.
    pub fn findings(&self, paths: Paths) -> Findings<'_> {
        let path = |file| self.checked.sources.get(file).path();
        let diagnostics = self.checked.diagnostics.iter().filter(|diagnostic| self.shows(path(diagnostic.file)));
        let files = self.checked.sources.iter().filter(|(_, source)| self.shows(source.path()));
        Findings { sources: &self.checked.sources, diagnostics: diagnostics.collect(), files: files.count(), paths }
    }

    /// The same after something was done with everything that was checked.
    pub fn map<T>(self, with: impl FnOnce(Checked, &dyn Fn(&str) -> bool) -> (Checked, T)) -> (Self, T) {
        let Self { checked, root, chosen } = self;
        let (checked, value) = with(checked, &|path| shows(&chosen, path));
        (Self { checked, root, chosen }, value)
    }

    fn holds(&self, chosen: &str) -> bool {
        self.checked.sources.iter().any(|(_, source)| is_below(source.path(), chosen))
    }
}

fn shows(chosen: &[String], path: &str) -> bool {
    chosen.is_empty() || chosen.iter().any(|chosen| is_below(path, chosen))
}

/// Whether a path is another one, or in that folder.
fn is_below(path: &str, folder: &str) -> bool {
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The units that paths choose; the whole catalog where there is none.
///
/// # Errors
///
/// A path does not exist or is no part of a catalog, or something cannot be read.
pub fn of_paths(paths: &[PathBuf], global: &Global, options: &check::Options) -> Result<Vec<LintTarget>> {
    let catalog = |root: &Path, config: Option<&Path>, chosen| -> Result<LintTarget> {
        let checked = check(files::read(root, config, None)?, options);
        Ok(LintTarget { checked, chosen, root: root.to_owned() })
    };
    let root = &global.catalog_dir;
    if paths.is_empty() {
        return Ok(vec![catalog(root, global.config.as_deref(), Vec::new())?]);
    }
    let absolute_root = absolute_catalog(root);
    let mut chosen = Vec::new();
    let mut units = Vec::new();
    let mut whole_root = false;
    let mut seen = BTreeSet::new();
    for path in paths {
        let absolute = resolved(path)?;
        if !seen.insert(absolute.clone()) {
            continue;
        }
        match absolute_root.as_ref().and_then(|root| absolute.strip_prefix(root).ok()) {
            Some(inside) if inside.as_os_str().is_empty() => whole_root = true,
            Some(inside) => chosen.push(inside.display().to_string()),
            None if files::is_catalog(path) => units.push(catalog(path, None, Vec::new())?),
            None if path.is_dir() => {
                bail!(
                    "{} holds neither a folder `controls` nor `frameworks`; name a file, or the folder of a catalog",
                    path.display()
                )
            }
            None => units.push(lone_file(path, options)?),
        }
    }
    if whole_root || !chosen.is_empty() {
        let chosen = if whole_root { Vec::new() } else { chosen };
        let unit = catalog(root, global.config.as_deref(), chosen)?;
        if let Some(missing) = unit.chosen.iter().find(|chosen| !unit.holds(chosen)) {
            bail!(
                "{} holds nothing of the catalog: definitions are .yaml, .yml and .json files below `controls` and `frameworks`",
                files::paths_for_people(root).show(missing)
            );
        }
        units.insert(0, unit);
    }
    Ok(units)
}

/// A text from standard input, as if it stood in a file: in its catalog where that is in one, else alone.
///
/// # Errors
///
/// Standard input or the catalog cannot be read.
pub fn of_stdin(filename: Option<&Path>, global: &Global, options: &check::Options) -> Result<LintTarget> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
    let root = &global.catalog_dir;
    let inside = filename.and_then(|path| Some((absolute_catalog(root)?, absolute_name(path).ok()?)));
    let inside = inside.and_then(|(root, path)| Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/")));
    if let Some((path, kind)) = inside.and_then(|path| catalog_path::kind_of(&path).map(|kind| (path, kind))) {
        let overlay = Overlay { path: path.clone(), kind, bytes };
        let checked = check(files::read(root, global.config.as_deref(), Some(overlay))?, options);
        return Ok(LintTarget { checked, chosen: vec![path], root: root.clone() });
    }
    let path = filename.unwrap_or(Path::new("stdin"));
    Ok(alone(path, Content::Bytes(bytes), options))
}

/// The catalog's folder, where it holds one: otherwise everything is elsewhere.
fn absolute_catalog(root: &Path) -> Option<PathBuf> {
    root.canonicalize().ok().filter(|root| files::is_catalog(root))
}

/// An absolute path; a link stays what it is, what leads to it is followed.
fn resolved(path: &Path) -> Result<PathBuf> {
    path.symlink_metadata().with_context(|| format!("cannot find {}", path.display()))?;
    absolute_name(path)
}

/// The absolute path of something that need not be there, in a folder that is.
fn absolute_name(path: &Path) -> Result<PathBuf> {
    let context = || format!("cannot find {}", path.display());
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok(parent.canonicalize().with_context(context)?.join(name))
        }
        _ => path.canonicalize().with_context(context),
    }
}

fn lone_file(path: &Path, options: &check::Options) -> Result<LintTarget> {
    let content = if path.is_symlink() { Content::SymbolicLink } else { files::read_content(path)? };
    Ok(alone(path, content, options))
}

/// A file without its catalog; what it holds tells what it is.
fn alone(path: &Path, content: Content, options: &check::Options) -> LintTarget {
    let kind = match &content {
        _ if path.extension().is_some_and(|extension| extension == "toml") => FileKind::Config,
        Content::Bytes(bytes) => kind_by_content(bytes),
        Content::TooLarge(_) | Content::SymbolicLink | Content::Unreadable(_) => FileKind::Control,
    };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let sources = Sources::new(vec![Source::new(name, kind, content)]);
    LintTarget { checked: check(sources, options), chosen: Vec::new(), root }
}
