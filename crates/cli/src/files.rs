//! Reads a catalogue from a folder.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use controlsync_core::config;
use controlsync_core::report::Paths;
use controlsync_core::source::{Content, Kind, MAX_FILE_BYTES, Source, Sources};
use walkdir::WalkDir;

/// The folders of a catalogue and what they hold.
const FOLDERS: [(&str, Kind); 2] = [("controls", Kind::Control), ("frameworks", Kind::Framework)];

/// Whether a folder holds a catalogue.
pub fn is_catalog(root: &Path) -> bool {
    FOLDERS.iter().any(|(folder, _)| root.join(folder).symlink_metadata().is_ok())
}

/// Reads all files of the catalogue at `root`.
///
/// # Errors
///
/// There is no catalogue, or something in it cannot be read: a catalogue with holes must not be planned from.
pub fn read(root: &Path, config: Option<&Path>) -> Result<Sources> {
    std::fs::read_dir(root).map_err(|error| {
        anyhow!("cannot read the folder {}: {error}; name the catalogue's folder with --catalog-dir", root.display())
    })?;
    if !is_catalog(root) {
        bail!(
            "{} holds neither a folder `controls` nor `frameworks`; name the catalogue's folder with --catalog-dir",
            root.display()
        );
    }
    let mut found = Vec::new();
    for (folder, kind) in FOLDERS {
        walk(root, folder, kind, &mut found)?;
    }
    if found.is_empty() {
        bail!("{} holds no .yaml, .yml or .json file below `controls` or `frameworks`; add one", root.display());
    }
    let mut sources = read_all(&found)?;
    sources.extend(read_config(root, config)?);
    Ok(Sources::new(sources))
}

/// A file of the catalogue before it is read.
struct Found {
    path: PathBuf,
    name: String,
    kind: Kind,
    symbolic_link: bool,
}

fn walk(root: &Path, folder: &str, kind: Kind, found: &mut Vec<Found>) -> Result<()> {
    let top = root.join(folder);
    let Some(metadata) = metadata(&top)? else { return Ok(()) };
    if metadata.is_symlink() {
        found.push(Found { name: folder.to_owned(), path: top, kind, symbolic_link: true });
        return Ok(());
    }
    if !metadata.is_dir() {
        bail!("{} is no folder; remove it, or make it one", top.display());
    }
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(&top).into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(&top).display().to_string();
            let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            anyhow!("cannot read {path}: {reason}; check its permissions")
        })?;
        let file_type = entry.file_type();
        let path = entry.path();
        // Every link is told: behind one that leads nowhere a part of the catalogue may be missing.
        let symbolic_link = file_type.is_symlink();
        if symbolic_link || (!file_type.is_dir() && has_extension(path)) {
            let name = relative_name(root, path)?;
            found.push(Found { path: path.to_owned(), name, kind, symbolic_link });
        }
    }
    Ok(())
}

/// What stands at a path, links not followed; none where there is nothing.
fn metadata(path: &Path) -> Result<Option<std::fs::Metadata>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        metadata => metadata.map(Some).map_err(|error| anyhow!("cannot read {}: {error}", path.display())),
    }
}

fn has_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

fn relative_name(root: &Path, path: &Path) -> Result<String> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let mut parts = Vec::new();
    for component in relative.components() {
        if let Component::Normal(part) = component {
            let part =
                part.to_str().ok_or_else(|| anyhow!("the name of {} is not UTF-8; rename it", path.display()))?;
            parts.push(part);
        }
    }
    Ok(parts.join("/"))
}

/// Below this many files one thread reads them all.
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
            sources.extend(worker.join().map_err(|_| anyhow!("a thread that reads files died"))??);
        }
        Ok(sources)
    })
}

fn read_one(found: &Found) -> Result<Source> {
    let content = if found.symbolic_link { Content::SymbolicLink } else { read_content(&found.path)? };
    Ok(Source::new(found.name.clone(), found.kind, content))
}

/// Reads a file up to the limit.
///
/// # Errors
///
/// It is not there, is no file, or cannot be read.
pub fn read_content(path: &Path) -> Result<Content> {
    let cannot = |error: std::io::Error| anyhow!("cannot read {}: {error}", path.display());
    let metadata = path.metadata().map_err(cannot)?;
    if !metadata.is_file() {
        bail!("cannot read {}: it is no file", path.display());
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge(metadata.len()));
    }
    let file = std::fs::File::open(path).map_err(cannot)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // A file that grows while it is read ends at the limit and is then too large.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(Content::Bytes(bytes))
}

fn read_config(root: &Path, given: Option<&Path>) -> Result<Option<Source>> {
    let Some(given) = given else {
        let path = root.join(config::FILE_NAME);
        let Some(metadata) = metadata(&path)? else { return Ok(None) };
        let content = if metadata.is_symlink() { Content::SymbolicLink } else { read_content(&path)? };
        return Ok(Some(Source::new(config::FILE_NAME, Kind::Config, content)));
    };
    let content = read_content(given)?;
    // A file in the catalogue's folder has its path from there, one elsewhere an absolute path.
    let absolute = given.canonicalize().unwrap_or_else(|_| given.to_owned());
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let name = absolute.strip_prefix(&root).unwrap_or(&absolute).display().to_string();
    Ok(Some(Source::new(name, Kind::Config, content)))
}

/// How paths of the catalogue are shown to people: as seen from the working directory.
pub fn paths_for_people(root: &Path) -> Paths {
    relative_to(root, std::env::current_dir().ok().as_deref())
}

/// How paths of the catalogue are shown to programs: as seen from the root of the repository, else from the working
/// directory.
pub fn paths_for_programs(root: &Path) -> Paths {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let repository = absolute.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
    relative_to(root, repository.or_else(|| std::env::current_dir().ok()).as_deref())
}

fn relative_to(root: &Path, base: Option<&Path>) -> Paths {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let base = base.and_then(|base| base.canonicalize().ok());
    let relative = base.and_then(|base| absolute.strip_prefix(base).map(Path::to_owned).ok());
    // Outside of the base the path stays as it was given.
    Paths::below(&relative.as_deref().unwrap_or(root).display().to_string())
}
