//! Path of the file of an object.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::catalog_path;
use crate::source::FileKind;

/// Maximum length of a file name without number and extension, in bytes.
const MAX_SLUG: usize = 80;
/// Maximum length of a path component, in bytes; below the limits of file systems.
const MAX_NAME: usize = 200;

/// Whether a name is reserved for devices on Windows, with any extension,
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions>.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") || numbered("com") || numbered("lpt")
}

/// Whether a path is relative, stays inside the catalog, and is valid and unambiguous on every operating system.
fn is_safe(path: &str) -> bool {
    path.split('/').all(|part| {
        !part.is_empty()
            && part.len() <= MAX_NAME
            && !part.ends_with(['.', ' '])
            && !part.starts_with(['.', ' '])
            && !part.contains(|c: char| c.is_control() || "\\:*?\"<>|".contains(c))
            && !is_device(part)
    })
}

/// Returns a path as a case-insensitive, Unicode-normalizing file system compares it.
fn folded(path: &str) -> String {
    path.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Returns a file name that is safe on every operating system: lowercase letters, digits and `-`.
fn slug(name: &str, kind: FileKind) -> String {
    let mut slug = String::new();
    for c in name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MAX_SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    match slug {
        "" => noun(kind).to_owned(),
        device if is_device(device) => format!("{device}-{}", noun(kind)),
        slug => slug.to_owned(),
    }
}

const fn noun(kind: FileKind) -> &'static str {
    match kind {
        FileKind::GuardRule => "rule",
        _ => kind.noun(),
    }
}

/// Paths in the directories of definitions that are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    paths: BTreeSet<String>,
    /// Paths that are not directories: nothing can be below them.
    files: BTreeSet<String>,
    /// Number for the next use of a slug.
    next: BTreeMap<String, usize>,
}

impl Taken {
    /// Creates it from existing files and directories.
    pub(crate) fn new<'a>(files: impl Iterator<Item = &'a str>, directories: impl Iterator<Item = &'a str>) -> Self {
        let files: BTreeSet<String> = files.map(folded).collect();
        let paths = files.iter().cloned().chain(directories.map(folded)).collect();
        Self { paths, files, next: BTreeMap::new() }
    }

    /// Takes a path, if it is free and none of its parents is a file.
    fn take(&mut self, path: &str) -> bool {
        let folded = folded(path);
        let parents = || folded.match_indices('/').map(|(end, _)| &folded[..end]);
        if self.paths.contains(&folded) || parents().any(|parent| self.files.contains(parent)) {
            return false;
        }
        self.paths.extend(parents().map(str::to_owned));
        self.files.insert(folded.clone());
        self.paths.insert(folded);
        true
    }

    /// Takes the path that an object had in its catalog, if it is valid for its kind.
    pub(super) fn take_own(&mut self, path: &str, kind: FileKind) -> bool {
        is_own(path, kind) && self.take(path)
    }

    /// Takes a path derived from a name.
    pub(crate) fn take_slug(&mut self, name: &str, kind: FileKind) -> String {
        let of_kind = catalog_path::DIRECTORIES.iter().find(|(_, of)| *of == kind);
        let (folder, extension) = if kind == FileKind::GuardRule {
            (catalog_path::GUARD_RULES, "guard")
        } else {
            (of_kind.map_or("controls", |(folder, _)| folder), "yaml")
        };
        let slug = slug(name, kind);
        let stem = format!("{folder}/{slug}");
        loop {
            let next = self.next.entry(stem.clone()).or_insert(1);
            let path = if *next == 1 { format!("{stem}.{extension}") } else { format!("{stem}-{next}.{extension}") };
            *next += 1;
            if self.take(&path) {
                return path;
            }
        }
    }
}

/// Whether a path is safe and valid for a definition of a kind.
pub(super) fn is_own(path: &str, kind: FileKind) -> bool {
    is_safe(path) && catalog_path::kind_of(path) == Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_safe_on_every_operating_system() {
        for (name, expected) in [
            ("Access-KeysAreRotated", "access-keysarerotated"),
            ("2.1.1 Ensure S3 encryption", "2-1-1-ensure-s3-encryption"),
            ("Prüfung é", "prufung-e"),
            ("../../etc/passwd", "etc-passwd"),
            ("日本", "control"),
            ("", "control"),
            (".", "control"),
            ("CON", "con-control"),
            ("aux.", "aux-control"),
            ("LPT1", "lpt1-control"),
            ("com10", "com10"),
            ("\u{fb01}le ", "file"),
        ] {
            assert_eq!(slug(name, FileKind::Control), expected, "{name}");
        }
        assert_eq!(slug(&"x".repeat(300), FileKind::Control).len(), MAX_SLUG);
    }

    #[test]
    fn own_paths_are_taken_only_if_safe_and_free() {
        let files = ["controls/README.md", "controls/Team", "controls/a.yaml"].into_iter();
        let mut taken = Taken::new(files, ["controls", "controls/folder.yaml"].into_iter());
        for (path, expected) in [
            ("controls/new.yaml", true),
            ("controls/NEW.yaml", false),
            ("controls/new.yaml/b.yaml", false),
            ("controls/deep/er.json", true),
            ("controls/deep", false),
            ("controls/A.yaml", false),
            ("controls/team/a.yaml", false),
            ("controls/folder.yaml", false),
            ("controls/u\u{308}.yaml", true),
            ("controls/\u{fc}.yaml", false),
            ("../controls/x.yaml", false),
            ("controls/../../x.yaml", false),
            ("/controls/x.yaml", false),
            ("controls//x.yaml", false),
            ("controls/.git/x.yaml", false),
            ("controls\\x.yaml", false),
            ("controls/a:b.yaml", false),
            ("controls/con.yaml", false),
            ("frameworks/x.yaml", false),
            ("x.yaml", false),
            ("controlsync.toml", false),
        ] {
            assert_eq!(taken.take_own(path, FileKind::Control), expected, "{path}");
        }
    }

    #[test]
    fn colliding_slugs_are_numbered() {
        let mut taken = Taken::new(["controls/A.yaml", "controls/a-3.yaml"].into_iter(), std::iter::empty());
        let paths = ["a", "A", "b", "a!"].map(|name| taken.take_slug(name, FileKind::Control));
        assert_eq!(paths, ["controls/a-2.yaml", "controls/a-4.yaml", "controls/b.yaml", "controls/a-5.yaml"]);
    }
}
