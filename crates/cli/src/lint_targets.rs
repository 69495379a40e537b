//! What `lint` checks: catalogs and single files, and which of their findings are shown.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_core::catalog_path;
use controlsync_core::check::{self, Checked, check, kind_by_content};
use controlsync_core::report::{Findings, Paths};
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};

use crate::error::bail;
use crate::files::{self, Overlay};
use crate::options::Global;
use crate::paths;

/// A catalog or a single file, and which of its findings are shown.
pub struct LintTarget {
    pub checked: Checked,
    /// Root directory of the catalog, or directory of the single file.
    pub root: PathBuf,
    /// Selected files and directories, relative to the root; empty for all.
    selected: Vec<String>,
}

impl LintTarget {
    /// Whether the findings of a file are shown.
    pub fn shows(&self, path: &str) -> bool {
        shows(&self.selected, path)
    }

    /// The findings that are shown.
    pub fn findings(&self, paths: Paths) -> Findings<'_> {
        let path = |file| self.checked.sources.get(file).path();
        let diagnostics = self.checked.diagnostics.iter().filter(|diagnostic| self.shows(path(diagnostic.file)));
        let files = self.checked.sources.iter().filter(|(_, source)| self.shows(source.path()));
        Findings { sources: &self.checked.sources, diagnostics: diagnostics.collect(), files: files.count(), paths }
    }

    /// Transforms the checked sources and keeps the selection.
    pub fn map<T>(self, with: impl FnOnce(Checked, &dyn Fn(&str) -> bool) -> (Checked, T)) -> (Self, T) {
        let Self { checked, root, selected } = self;
        let (checked, value) = with(checked, &|path| shows(&selected, path));
        (Self { checked, root, selected }, value)
    }

    fn contains(&self, selected: &str) -> bool {
        self.checked.sources.iter().any(|(_, source)| is_in(source.path(), selected))
    }
}

fn shows(selected: &[String], path: &str) -> bool {
    selected.is_empty() || selected.iter().any(|selected| is_in(path, selected))
}

/// Whether a path equals another one, or is in that directory.
fn is_in(path: &str, parent: &str) -> bool {
    path == parent || path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

/// The targets that paths select; without paths, the complete catalog.
///
/// # Errors
///
/// A path does not exist or is not part of a catalog, or a file cannot be read.
pub fn of_paths(paths: &[PathBuf], global: &Global, options: &check::Options) -> Result<Vec<LintTarget>> {
    let catalog = |root: &Path, config: Option<&Path>, selected| -> Result<LintTarget> {
        let checked = check(files::read(root, config, None)?, options);
        Ok(LintTarget { checked, selected, root: root.to_owned() })
    };
    let root = &global.catalog_dir;
    if paths.is_empty() {
        return Ok(vec![catalog(root, global.config.as_deref(), Vec::new())?]);
    }
    let absolute_root = absolute_catalog(root);
    let mut selected = Vec::new();
    let mut targets = Vec::new();
    let mut complete = false;
    let mut seen = BTreeSet::new();
    for path in paths {
        let absolute = resolved(path)?;
        if !seen.insert(absolute.clone()) {
            continue;
        }
        match absolute_root.as_ref().and_then(|root| absolute.strip_prefix(root).ok()) {
            Some(inside) if inside.as_os_str().is_empty() => complete = true,
            Some(inside) => selected.push(paths::name(inside)),
            None if files::is_catalog(path) => targets.push(catalog(path, None, Vec::new())?),
            None if path.is_dir() => {
                let help = files::catalog_above(path).map_or_else(
                    || "pass a file, or the root directory of a catalog".to_owned(),
                    |root| format!("it is in a catalog: add --catalog-dir {}", root.display()),
                );
                bail!(Configuration, "{} has no `controls` or `frameworks` directory; {help}", path.display())
            }
            None => targets.push(lone_file(path, options)?),
        }
    }
    if complete || !selected.is_empty() {
        let selected = if complete { Vec::new() } else { selected };
        let target = catalog(root, global.config.as_deref(), selected)?;
        if let Some(missing) = target.selected.iter().find(|selected| !target.contains(selected)) {
            bail!(
                Configuration,
                "{} has no files of the catalog: definitions are .yaml, .yml and .json files in `controls` and \
                 `frameworks`",
                paths::from_cwd(root).show(missing)
            );
        }
        targets.insert(0, target);
    }
    Ok(targets)
}

/// Standard input in place of a file: together with its catalog if the file is in one, otherwise on its own.
///
/// # Errors
///
/// Standard input or the catalog cannot be read.
pub fn of_stdin(filename: Option<&Path>, global: &Global, options: &check::Options) -> Result<LintTarget> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES + 1;
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
    let root = &global.catalog_dir;
    let inside = filename.and_then(|path| paths::name_below(&absolute_catalog(root)?, &absolute_name(path).ok()?));
    if let Some((path, kind)) = inside.and_then(|path| catalog_path::kind_of(&path).map(|kind| (path, kind))) {
        let overlay = Overlay { path: path.clone(), kind, bytes };
        let checked = check(files::read(root, global.config.as_deref(), Some(overlay))?, options);
        return Ok(LintTarget { checked, selected: vec![path], root: root.clone() });
    }
    let path = filename.unwrap_or(Path::new("stdin"));
    Ok(alone(path, Content::Bytes(bytes), options))
}

/// The absolute root directory, or `None` if it is not a catalog.
fn absolute_catalog(root: &Path) -> Option<PathBuf> {
    paths::resolved(root).ok().filter(|root| files::is_catalog(root))
}

/// The absolute path. Links in parent directories are resolved; a final link is not.
fn resolved(path: &Path) -> Result<PathBuf> {
    path.symlink_metadata().with_context(|| format!("cannot find {}", path.display()))?;
    absolute_name(path)
}

/// The absolute path of a file that may not exist, in a directory that does.
fn absolute_name(path: &Path) -> Result<PathBuf> {
    let context = || format!("cannot find {}", path.display());
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            Ok(paths::resolved(parent).with_context(context)?.join(name))
        }
        _ => paths::resolved(path).with_context(context),
    }
}

fn lone_file(path: &Path, options: &check::Options) -> Result<LintTarget> {
    let content = if path.is_symlink() { Content::SymbolicLink } else { files::read_content(path)? };
    Ok(alone(path, content, options))
}

/// A file without its catalog; its kind is detected from the content.
fn alone(path: &Path, content: Content, options: &check::Options) -> LintTarget {
    let kind = match &content {
        _ if path.extension().is_some_and(|extension| extension == "toml") => FileKind::Config,
        Content::Bytes(bytes) => kind_by_content(bytes),
        Content::TooLarge(_) | Content::SymbolicLink | Content::Unreadable(_) => FileKind::Control,
    };
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let root = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let sources = Sources::new(vec![Source::new(name, kind, content)]);
    LintTarget { checked: check(sources, options), selected: Vec::new(), root }
}
