//! Reads a catalog from a directory.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use controlsync_core::catalog_path::{self, DIRECTORIES, GUARD_RULES, OTHER_DIRECTORIES};
use controlsync_core::config;
use controlsync_core::source::{Content, FileKind, MAX_FILE_BYTES, Source, Sources};
use walkdir::WalkDir;

use crate::error::{bail, error};
use crate::paths;

/// Whether a directory is the root of a catalog.
pub fn is_catalog(root: &Path) -> bool {
    DIRECTORIES.iter().any(|(folder, _)| root.join(folder).symlink_metadata().is_ok())
}

/// The root of the catalog that a directory is in, as a path to show; `None` if it is in none.
pub fn catalog_above(directory: &Path) -> Option<PathBuf> {
    let directory = paths::resolved(directory).ok()?;
    let root = directory.ancestors().skip(1).find(|parent| is_catalog(parent))?;
    let here = std::env::current_dir().ok().and_then(|here| paths::resolved(&here).ok());
    let below = here.and_then(|here| root.strip_prefix(here).ok().map(Path::to_owned));
    Some(below.filter(|below| !below.as_os_str().is_empty()).unwrap_or_else(|| root.to_owned()))
}

/// Content that replaces a file of the catalog.
pub struct Overlay {
    /// Path relative to the root.
    pub path: String,
    /// Kind of the file.
    pub kind: FileKind,
    /// Content of the file.
    pub bytes: Vec<u8>,
}

/// Reads all files of the catalog at `root`.
///
/// # Errors
///
/// There is no catalog, or a part of it cannot be read: an incomplete catalog must not be planned.
pub fn read(root: &Path, config: Option<&Path>, overlay: Option<Overlay>) -> Result<Sources> {
    std::fs::read_dir(root).map_err(|error| {
        error!(
            Configuration,
            "cannot read the directory {}: {error}; set the catalog's root directory with --catalog-dir",
            root.display()
        )
    })?;
    if !is_catalog(root) {
        let help = match catalog_above(root) {
            Some(parent) => format!("use the catalog's root directory: --catalog-dir {}", parent.display()),
            None => "set the catalog's root directory with --catalog-dir, or run `controlsync init`".to_owned(),
        };
        bail!(Configuration, "{} has no `controls` or `frameworks` directory; {help}", root.display());
    }
    let mut found = find(root)?;
    if let Some(overlay) = &overlay {
        found.retain(|found| found.name != overlay.path);
    }
    let defines = |kind| matches!(kind, FileKind::Control | FileKind::Framework);
    if !found.iter().any(|found| defines(found.kind)) && !overlay.as_ref().is_some_and(|overlay| defines(overlay.kind))
    {
        bail!(
            Configuration,
            "{} has no .yaml, .yml or .json file in `controls` or `frameworks`; add one",
            root.display()
        );
    }
    let mut sources = read_all(&found)?;
    if overlay.as_ref().is_none_or(|overlay| overlay.kind != FileKind::Config) {
        sources.extend(read_config(root, config)?);
    }
    sources.extend(overlay.map(|Overlay { path, kind, bytes }| Source::new(path, kind, Content::Bytes(bytes))));
    Ok(Sources::new(sources))
}

/// Reads the catalog at `root`, which may be incomplete or missing.
///
/// # Errors
///
/// A file that exists cannot be read.
pub fn read_if_any(root: &Path, config: Option<&Path>) -> Result<Sources> {
    let mut sources = if metadata(root)?.is_some() { read_all(&find(root)?)? } else { Vec::new() };
    sources.extend(read_config(root, config)?);
    Ok(Sources::new(sources))
}

/// Reads only the configuration of the catalog at `root`, if there is one.
///
/// # Errors
///
/// It cannot be read.
pub fn read_config_alone(root: &Path) -> Result<Sources> {
    Ok(Sources::new(read_config(root, None)?.into_iter().collect()))
}

/// Lists the paths in `controls`, `frameworks` and `rules` at `root`: files, and directories.
///
/// # Errors
///
/// A directory cannot be listed, or one of the three is not a directory.
pub fn existing_paths(root: &Path) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let (mut files, mut directories) = (BTreeSet::new(), BTreeSet::new());
    for folder in DIRECTORIES.iter().map(|(folder, _)| *folder).chain([GUARD_RULES]) {
        let top = root.join(folder);
        let Some(metadata) = metadata(&top)? else { continue };
        if !metadata.is_dir() {
            bail!(Configuration, "{} is not a directory (links are not followed); remove or rename it", top.display());
        }
        for entry in WalkDir::new(&top) {
            let entry = entry.with_context(|| format!("cannot list {}", top.display()))?;
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let kind = if entry.file_type().is_dir() { &mut directories } else { &mut files };
            kind.insert(paths::name(path));
        }
    }
    Ok((files, directories))
}

/// Finds the files of the catalog at `root`.
fn find(root: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (folder, _) in DIRECTORIES {
        walk(root, folder, &mut found)?;
    }
    for folder in other_directories(root)? {
        walk(root, &folder, &mut found)?;
    }
    Ok(found)
}

/// A file of the catalog before it is read.
struct Found {
    path: PathBuf,
    name: String,
    kind: FileKind,
    symbolic_link: bool,
}

/// Other directories at `root` that belong to a catalog, or whose name is close to one that does.
fn other_directories(root: &Path) -> Result<Vec<String>> {
    let cannot = |error: std::io::Error| error!(File, "cannot read the directory {}: {error}", root.display());
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let meant = OTHER_DIRECTORIES.contains(&&*name) || catalog_path::similar_directory(&name).is_some();
        // On a case-insensitive file system, `Controls` is `controls` and has been read already.
        if meant && entry.file_type().map_err(cannot)?.is_dir() && !folders.contains(&name) {
            folders.push(name);
        }
    }
    folders.sort();
    Ok(folders)
}

fn walk(root: &Path, folder: &str, found: &mut Vec<Found>) -> Result<()> {
    let top = root.join(folder);
    let Some(metadata) = metadata(&top)? else { return Ok(()) };
    let of_folder = DIRECTORIES.iter().find(|(name, _)| *name == folder).map(|(_, kind)| *kind);
    if metadata.is_symlink() {
        let kind = of_folder.unwrap_or(FileKind::Ignored);
        found.push(Found { name: folder.to_owned(), path: top, kind, symbolic_link: true });
        return Ok(());
    }
    if !metadata.is_dir() {
        bail!(Configuration, "{} is not a directory; remove or rename it", top.display());
    }
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(&top).into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(&top).display().to_string();
            let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            error!(File, "cannot read {path}: {reason}; check its permissions")
        })?;
        let file_type = entry.file_type();
        if file_type.is_dir() {
            continue;
        }
        let path = entry.path();
        let symbolic_link = file_type.is_symlink();
        let Some(name) = paths::name_below(root, path) else {
            if of_folder.is_some() && catalog_path::is_definition(&path.to_string_lossy()) {
                bail!(File, "the name of {} is not UTF-8; rename it", path.display());
            }
            continue;
        };
        // Every link is reported: a part of the catalog may be missing behind a broken one.
        let kind = catalog_path::kind_of(&name).or_else(|| of_folder.filter(|_| symbolic_link));
        if let Some(kind) = kind {
            found.push(Found { path: path.to_owned(), name, kind, symbolic_link });
        }
    }
    Ok(())
}

/// The metadata of a path without following links; `None` if it does not exist.
fn metadata(path: &Path) -> Result<Option<std::fs::Metadata>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        metadata => metadata.map(Some).map_err(|error| error!(File, "cannot read {}: {error}", path.display())),
    }
}

/// Fewer files than this are read by a single thread.
const PARALLEL_FILES: usize = 64;

fn read_all(found: &[Found]) -> Result<Vec<Source>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if found.len() < PARALLEL_FILES || threads < 2 {
        return found.iter().map(read_one).collect();
    }
    std::thread::scope(|scope| {
        let chunks = found.chunks(found.len().div_ceil(threads));
        let workers: Vec<_> =
            chunks.map(|chunk| scope.spawn(move || chunk.iter().map(read_one).collect::<Result<Vec<_>>>())).collect();
        let mut sources = Vec::with_capacity(found.len());
        for worker in workers {
            sources.extend(worker.join().map_err(|_| error!(Internal, "a thread that reads files panicked"))??);
        }
        Ok(sources)
    })
}

fn read_one(found: &Found) -> Result<Source> {
    let content = match found.kind {
        _ if found.symbolic_link => Content::SymbolicLink,
        // Its content does not matter, and it may be large.
        FileKind::Ignored => Content::Bytes(Vec::new()),
        _ => read_content(&found.path)?,
    };
    Ok(Source::new(found.name.clone(), found.kind, content))
}

/// Reads a file up to the size limit.
///
/// # Errors
///
/// The path does not exist, is not a file, or cannot be read.
pub fn read_content(path: &Path) -> Result<Content> {
    let cannot = |error: std::io::Error| error!(File, "cannot read {}: {error}", path.display());
    let metadata = path.metadata().map_err(cannot)?;
    if !metadata.is_file() {
        bail!(File, "cannot read {}: it is not a file; choose another path, or remove it", path.display());
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(metadata.len()));
    }
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // A file that grows while it is read is cut off above the limit, and is then too large.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(Content::Bytes(bytes))
}

fn read_config(root: &Path, given: Option<&Path>) -> Result<Option<Source>> {
    let Some(given) = given else {
        let path = root.join(config::FILE_NAME);
        let Some(metadata) = metadata(&path)? else { return Ok(None) };
        let content = if metadata.is_symlink() { Content::SymbolicLink } else { read_content(&path)? };
        return Ok(Some(Source::new(config::FILE_NAME, FileKind::Config, content)));
    };
    let content = read_content(given)?;
    // In the catalog's root directory, the path is relative to it; elsewhere, it is absolute.
    let absolute = paths::resolved_if_any(given);
    let root = paths::resolved_if_any(root);
    let name = paths::name(absolute.strip_prefix(&root).unwrap_or(&absolute));
    Ok(Some(Source::new(name, FileKind::Config, content)))
}
