//! The fourth entry point: from the files of a catalog and the objects in a bucket to what is uploaded and deleted, and
//! in which order.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::catalog_path;
use crate::change_result::Failure;
use crate::check::{Options, check};
use crate::config::FILE_NAME;
use crate::source::{Content, FileId, FileKind, Source, Sources};

/// A listed object of the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Key without the prefix of the catalog.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// Comparison of the files of a catalog with a listing of the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Files whose object does not exist or has another size.
    differing: Vec<FileId>,
    /// Files whose object has the same size: only a checksum shows whether they are equal.
    pub alike: Vec<FileId>,
    /// Paths of catalog objects without a file.
    pub surplus: Vec<String>,
}

/// What to do with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Upload the content of a file.
    Upload(FileId),
    /// Delete it: it has no file.
    Delete,
}

/// An object to write or delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Key without the prefix of the catalog.
    pub path: String,
    /// What to do.
    pub action: Action,
}

/// All uploads and deletions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushPlan {
    /// Phases, in order: a phase starts when the previous one is complete, and does not start if a task of it failed. A
    /// reader of the bucket therefore never sees a framework without its controls, on uploads and on deletions.
    pub phases: Vec<Vec<Task>>,
    /// Number of files whose object is equal.
    pub unchanged: usize,
    /// Number of objects without a file that are kept because deletion was not requested.
    pub left: usize,
}

/// Result of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskResult {
    /// It was done.
    Done,
    /// The request failed.
    Failed(Failure),
    /// The run stopped before it, or a task of an earlier phase failed.
    NotStarted,
}

/// Order of uploads: first what definitions are checked with, then controls, then the frameworks that refer to them.
const PHASES: [&[FileKind]; 3] = [
    &[FileKind::Config, FileKind::Keywords, FileKind::GuardRule],
    &[FileKind::Control, FileKind::Exception],
    &[FileKind::Framework],
];

/// Returns the path of a file below the prefix; `None` if it does not belong in the bucket. The configuration always
/// has the same path there, even if it was read from another one.
pub fn path_of(source: &Source) -> Option<&str> {
    match source.kind() {
        FileKind::Config => Some(FILE_NAME),
        FileKind::Control | FileKind::Framework | FileKind::Exception | FileKind::GuardRule | FileKind::Keywords => {
            Some(source.path())
        }
        FileKind::Ignored => None,
    }
}

/// Returns the catalog name in a configuration.
pub fn catalog_of(configuration: Vec<u8>) -> String {
    let source = Source::new(FILE_NAME, FileKind::Config, Content::Bytes(configuration));
    check(Sources::new(vec![source]), &Options::default()).catalog.name
}

/// Returns the kind of an object below the prefix, if it belongs to a catalog.
fn catalog_kind(path: &str) -> Option<FileKind> {
    catalog_path::kind_of(path).filter(|kind| *kind != FileKind::Ignored)
}

impl Comparison {
    /// Compares the files with a listing of all objects below the prefix.
    pub fn new(sources: &Sources, stored: &[Stored]) -> Self {
        let sizes: BTreeMap<&str, u64> = stored.iter().map(|object| (object.path.as_str(), object.size)).collect();
        let mut paths = BTreeSet::new();
        let (mut differing, mut alike) = (Vec::new(), Vec::new());
        for (file, source) in sources.iter() {
            let Some(path) = path_of(source) else { continue };
            paths.insert(path);
            let same_size = sizes.get(path) == Some(&(source.text_or_empty().len() as u64));
            if same_size { alike.push(file) } else { differing.push(file) }
        }
        let without_file =
            |object: &&Stored| catalog_kind(&object.path).is_some() && !paths.contains(object.path.as_str());
        let mut surplus: Vec<String> = stored.iter().filter(without_file).map(|object| object.path.clone()).collect();
        surplus.sort();
        Self { differing, alike, surplus }
    }

    /// Plans the uploads and deletions, given which of the files of the same size are equal.
    pub fn work(&self, sources: &Sources, same: &BTreeSet<FileId>, delete: bool) -> PushPlan {
        let alike: BTreeSet<FileId> = self.alike.iter().copied().collect();
        let mut uploads: Vec<FileId> = alike.difference(same).chain(&self.differing).copied().collect();
        uploads.sort_unstable();
        let mut phases: Vec<Vec<Task>> = Vec::new();
        for kinds in PHASES {
            let of_phase = uploads.iter().map(|file| (*file, sources.get(*file)));
            let of_phase = of_phase.filter(|(_, source)| kinds.contains(&source.kind()));
            phases.push(
                of_phase
                    .filter_map(|(file, source)| {
                        Some(Task { path: path_of(source)?.to_owned(), action: Action::Upload(file) })
                    })
                    .collect(),
            );
        }
        if delete {
            for kinds in PHASES.iter().rev() {
                let of_phase =
                    self.surplus.iter().filter(|path| catalog_kind(path).is_some_and(|kind| kinds.contains(&kind)));
                phases.push(of_phase.map(|path| Task { path: path.clone(), action: Action::Delete }).collect());
            }
        }
        phases.retain(|phase| !phase.is_empty());
        let unchanged = alike.len() - alike.difference(same).count();
        PushPlan { phases, unchanged, left: if delete { 0 } else { self.surplus.len() } }
    }
}

impl PushPlan {
    /// Returns all tasks in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.phases.iter().flatten()
    }

    /// Returns the files to upload.
    pub fn uploads(&self) -> impl Iterator<Item = FileId> {
        self.tasks().filter_map(|task| match task.action {
            Action::Upload(file) => Some(file),
            Action::Delete => None,
        })
    }

    /// Returns the paths of the objects to delete.
    pub fn deletions(&self) -> impl Iterator<Item = &str> {
        self.tasks().filter(|task| task.action == Action::Delete).map(|task| task.path.as_str())
    }
}

/// Origin of the content of a file, from git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOrigin {
    /// The last commit that changed the file.
    Committed {
        /// Full hash of the commit.
        commit: String,
        /// Name of the author.
        author: String,
    },
    /// The file differs from the last commit.
    Uncommitted {
        /// The configured user name, if git has one.
        author: Option<String>,
    },
}

/// Metadata key of the commit of an object's content.
pub const COMMIT_METADATA: &str = "controlsync-commit";
/// Metadata key of the author of an object's content, percent-encoded UTF-8: metadata is ASCII.
pub const AUTHOR_METADATA: &str = "controlsync-author";
/// Commit value for uncommitted content.
pub const UNCOMMITTED: &str = "uncommitted";
/// Maximum length of author names, longer ones are truncated: an object has up to 2 KB of metadata
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>).
const MAX_AUTHOR: usize = 128;
/// Characters to encode in a URL: all except the unreserved ones.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl FileOrigin {
    /// Returns the metadata of the object.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let (commit, author) = match self {
            Self::Committed { commit, author } => (commit.as_str(), Some(author)),
            Self::Uncommitted { author } => (UNCOMMITTED, author.as_ref()),
        };
        let author = author.filter(|author| !author.is_empty()).map(|author| {
            let author: String = author.chars().take(MAX_AUTHOR).collect();
            (AUTHOR_METADATA.to_owned(), utf8_percent_encode(&author, UNRESERVED).to_string())
        });
        std::iter::once((COMMIT_METADATA.to_owned(), commit.to_owned())).chain(author).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Content;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let kind = |path: &str| catalog_path::kind_of(path).unwrap_or(FileKind::Config);
        let source = |(path, text): &(&str, &str)| Source::new(*path, kind(path), Content::Bytes((*text).into()));
        Sources::new(files.iter().map(source).collect())
    }

    fn stored(objects: &[(&str, u64)]) -> Vec<Stored> {
        objects.iter().map(|(path, size)| Stored { path: (*path).to_owned(), size: *size }).collect()
    }

    fn phases(work: &PushPlan) -> Vec<Vec<&str>> {
        work.phases.iter().map(|phase| phase.iter().map(|task| task.path.as_str()).collect()).collect()
    }

    const CATALOG: [(&str, &str); 6] = [
        ("frameworks/f.yaml", "name: F"),
        ("controls/b.yaml", "name: B"),
        ("controls/a.yaml", "\u{feff}name: A\r\n"),
        ("keywords/AWS_Config.txt", "X"),
        ("controlsync.toml", ""),
        ("controls/a.yaml.bak", "name: A"),
    ];

    #[test]
    fn dependencies_are_uploaded_first_and_deleted_last() {
        let sources = sources(&CATALOG);
        let old = ["controls/old.yaml", "controlsync.toml", "frameworks/old.yaml", "keywords/AWS_Cloudtrail.txt"];
        let comparison = Comparison::new(&sources, &stored(&old.map(|path| (path, 99))));
        let expected = [
            vec!["controlsync.toml", "keywords/AWS_Config.txt"],
            vec!["controls/a.yaml", "controls/b.yaml"],
            vec!["frameworks/f.yaml"],
        ];
        let work = comparison.work(&sources, &BTreeSet::new(), false);
        assert_eq!((phases(&work), work.left), (expected.to_vec(), 3));
        let work = comparison.work(&sources, &BTreeSet::new(), true);
        let deletions = [vec!["frameworks/old.yaml"], vec!["controls/old.yaml"], vec!["keywords/AWS_Cloudtrail.txt"]];
        assert_eq!((phases(&work), work.left), ([expected.to_vec(), deletions.to_vec()].concat(), 0));
        assert_eq!((work.uploads().count(), work.deletions().count()), (5, 3));
    }

    #[test]
    fn files_of_the_same_size_are_compared_by_checksum() {
        let sources = sources(&CATALOG[..3]);
        // Twelve bytes: the byte order mark and the line break are part of the file.
        let objects = stored(&[("controls/a.yaml", 12), ("controls/b.yaml", 7), ("frameworks/f.yaml", 8)]);
        let comparison = Comparison::new(&sources, &objects);
        let alike: Vec<&str> = comparison.alike.iter().map(|file| sources.get(*file).path()).collect();
        assert_eq!(alike, ["controls/a.yaml", "controls/b.yaml"]);
        let same = BTreeSet::from([comparison.alike[0]]);
        let work = comparison.work(&sources, &same, false);
        assert_eq!((phases(&work), work.unchanged), (vec![vec!["controls/b.yaml"], vec!["frameworks/f.yaml"]], 1));
        let same: BTreeSet<FileId> = comparison.alike.iter().copied().collect();
        assert_eq!(phases(&comparison.work(&sources, &same, true)), [["frameworks/f.yaml"]]);
    }

    #[test]
    fn only_catalog_files_count_as_surplus() {
        let objects = stored(&[
            (".controlsync/state.json", 1),
            ("README.md", 1),
            ("controls/", 0),
            ("controls/.hidden.yaml", 1),
            ("controls/deep/er/x.JSON", 1),
            ("controls/notes.txt", 1),
            ("controls/x.yaml.bak", 1),
            ("controlsync.toml", 1),
            ("keywords/sub/AWS_Config.txt", 1),
            ("other/controls/x.yaml", 1),
        ]);
        let comparison = Comparison::new(&sources(&[("controls/a.yaml", "")]), &objects);
        assert_eq!(comparison.surplus, ["controls/deep/er/x.JSON", "controlsync.toml"]);
    }

    #[test]
    fn the_configuration_always_has_the_same_path() {
        let sources = sources(&[("/etc/team.toml", "catalog = \"a\"")]);
        let comparison = Comparison::new(&sources, &stored(&[("controlsync.toml", 99)]));
        let work = comparison.work(&sources, &BTreeSet::new(), true);
        assert_eq!((phases(&work), work.deletions().count()), (vec![vec!["controlsync.toml"]], 0));
    }

    #[test]
    fn metadata_is_ascii_and_fits() {
        let of = |origin: FileOrigin| origin.metadata().into_iter().collect::<Vec<_>>();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let committed = FileOrigin::Committed { commit: "c0ffee".into(), author: "José Ünal-Ng 100%".into() };
        assert_eq!(
            of(committed),
            [pair(AUTHOR_METADATA, "Jos%C3%A9%20%C3%9Cnal-Ng%20100%25"), pair(COMMIT_METADATA, "c0ffee")]
        );
        assert_eq!(of(FileOrigin::Uncommitted { author: None }), [pair(COMMIT_METADATA, UNCOMMITTED)]);
        let long = of(FileOrigin::Uncommitted { author: Some("🔑".repeat(500)) });
        assert!(long.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() < 2000);
    }
}
