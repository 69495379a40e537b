//! Names and paths of files. In a catalog, in reports and in the account, the separator is `/` on every operating system.

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use controlsync_core::report::Paths;

/// The absolute path without links, in a form that all programs understand.
///
/// # Errors
///
/// The path does not exist, or a parent directory cannot be read.
pub fn resolved(path: &Path) -> io::Result<PathBuf> {
    dunce::canonicalize(path)
}

/// The absolute path without links if the path exists, and the path as it is otherwise.
pub fn resolved_if_any(path: &Path) -> PathBuf {
    resolved(path).unwrap_or_else(|_| path.to_owned())
}

/// The name of a path: its parts, separated by `/`.
pub fn name(path: &Path) -> String {
    with_slashes(&path.display().to_string(), MAIN_SEPARATOR)
}

/// The name of a path relative to `root`; `None` if it is not below, or not UTF-8.
pub fn name_below(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.iter().map(|part| part.to_str());
    Some(parts.collect::<Option<Vec<&str>>>()?.join("/"))
}

fn with_slashes(path: &str, separator: char) -> String {
    // On Unix, a backslash is part of a name.
    if separator == '/' { path.to_owned() } else { path.replace(separator, "/") }
}

/// Shows paths of the catalog relative to the working directory.
pub fn from_cwd(root: &Path) -> Paths {
    relative_to(root, std::env::current_dir().ok().as_deref())
}

/// Shows paths of the catalog relative to the root of the repository, or the working directory if there is none.
pub fn from_repository(root: &Path) -> Paths {
    let repository = repository_of(&resolved_if_any(root)).map(Path::to_owned);
    relative_to(root, repository.or_else(|| std::env::current_dir().ok()).as_deref())
}

/// The root of the repository that a directory is in: its nearest ancestor with `.git`.
pub fn repository_of(directory: &Path) -> Option<&Path> {
    directory.ancestors().find(|directory| directory.join(".git").exists())
}

fn relative_to(root: &Path, base: Option<&Path>) -> Paths {
    let absolute = resolved_if_any(root);
    let base = base.and_then(|base| resolved(base).ok());
    let relative = base.and_then(|base| absolute.strip_prefix(base).map(Path::to_owned).ok());
    // Outside the base, paths stay as they were given.
    Paths::below(&name(relative.as_deref().unwrap_or(root)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_slashes_on_every_system() {
        assert_eq!(with_slashes(r"controls\access\a.yaml", '\\'), "controls/access/a.yaml");
        assert_eq!(with_slashes(r"C:\audit\controlsync.toml", '\\'), "C:/audit/controlsync.toml");
        assert_eq!(with_slashes(r"controls/a\b.yaml", '/'), r"controls/a\b.yaml");
        let below = Path::new("audit").join("controls").join("a.yaml");
        assert_eq!(name_below(Path::new("audit"), &below).as_deref(), Some("controls/a.yaml"));
        assert_eq!(name_below(Path::new("other"), &below), None);
        assert_eq!(name(&below), "audit/controls/a.yaml");
    }
}
