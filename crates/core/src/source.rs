//! Files as text, and the line and column of a byte offset.

use std::sync::OnceLock;

/// Largest file that is read, in bytes. A control with 100 data sources and every string at the limit of the service
/// model is below 400 KiB.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What a file of the catalog contains; depends on its path, see [`crate::catalog_path::kind_of`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `controlsync.toml`.
    Config,
    /// One control, in `controls/`.
    Control,
    /// One framework, in `frameworks/`.
    Framework,
    /// An exception, in `exceptions/`.
    Exception,
    /// A rule in the language of AWS CloudFormation Guard, in `rules/`. Its content is not read.
    GuardRule,
    /// A keyword list, in `keywords/`.
    Keywords,
    /// A file that looks like one of the others but is ignored; its content is not read.
    Ignored,
}

impl FileKind {
    /// Name in messages.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Config => "configuration",
            Self::Control => "control",
            Self::Framework => "framework",
            Self::Exception => "exception",
            Self::GuardRule => "Guard rule",
            Self::Keywords => "keyword list",
            Self::Ignored => "file",
        }
    }
}

/// A byte range in a text: start inclusive, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Creates a span from byte offsets. Offsets within [`MAX_FILE_BYTES`] always fit.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// Returns the smallest span that contains both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns the range for slicing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A position in a text, as editors count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Bytes from the start of the file, 0-based.
    pub offset: usize,
    /// Line, 1-based.
    pub line: usize,
    /// Column in Unicode code points, 1-based.
    pub column: usize,
}

/// Result of reading a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// The bytes of the file.
    Bytes(Vec<u8>),
    /// Not read: larger than [`MAX_FILE_BYTES`]; the size in bytes.
    TooLarge(u64),
    /// Not followed: a symbolic link.
    SymbolicLink,
    /// Exists but cannot be read: the reason.
    Unreadable(String),
}

/// Why a file has no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoText {
    /// Larger than [`MAX_FILE_BYTES`]; the size in bytes.
    TooLarge(u64),
    /// A symbolic link.
    SymbolicLink,
    /// Not UTF-8; the offset and line of the first invalid byte.
    NotUtf8 {
        /// Bytes from the start of the file.
        offset: usize,
        /// Line, 1-based.
        line: usize,
    },
    /// Exists but cannot be read: the reason.
    Unreadable(String),
}

/// One file of the catalog.
#[derive(Debug)]
pub struct Source {
    path: String,
    kind: FileKind,
    text: Result<String, NoText>,
    line_starts: OnceLock<Vec<u32>>,
    code_points: OnceLock<Vec<u32>>,
}

/// Code points are counted once per block of this many bytes, so that a column in a long line is found without scanning
/// the line.
const BLOCK: usize = 1024;

impl Source {
    /// Creates a file from its path relative to ROOT with `/` separators, its kind, and what was read.
    pub fn new(path: impl Into<String>, kind: FileKind, content: Content) -> Self {
        let text = match content {
            Content::TooLarge(size) => Err(NoText::TooLarge(size)),
            Content::SymbolicLink => Err(NoText::SymbolicLink),
            Content::Unreadable(reason) => Err(NoText::Unreadable(reason)),
            Content::Bytes(bytes) if bytes.len() as u64 > MAX_FILE_BYTES => Err(NoText::TooLarge(bytes.len() as u64)),
            Content::Bytes(bytes) => String::from_utf8(bytes).map_err(|error| {
                let offset = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..offset].split(|byte| *byte == b'\n').count();
                NoText::NotUtf8 { offset, line }
            }),
        };
        Self { path: path.into(), kind, text, line_starts: OnceLock::new(), code_points: OnceLock::new() }
    }

    /// Path relative to ROOT, with `/` separators.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the file contains.
    pub const fn kind(&self) -> FileKind {
        self.kind
    }

    /// Returns a key with its value as the file writes it, for messages: `id: …`, or `"id": "…"` in JSON.
    pub fn entry(&self, key: &str, value: &str) -> String {
        if self.is_json() { format!("\"{key}\": \"{value}\"") } else { format!("{key}: {value}") }
    }

    /// Whether the name of the file ends in `.json`.
    pub fn is_json(&self) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"))
    }

    /// Returns the text.
    ///
    /// # Errors
    ///
    /// If there is no text: the reason.
    pub fn text(&self) -> Result<&str, &NoText> {
        self.text.as_deref()
    }

    /// Returns what was read, as far as it was kept.
    pub fn content(&self) -> Content {
        match self.text() {
            Ok(text) => Content::Bytes(text.as_bytes().to_vec()),
            Err(NoText::TooLarge(size)) => Content::TooLarge(*size),
            Err(NoText::SymbolicLink) => Content::SymbolicLink,
            Err(NoText::NotUtf8 { .. }) => Content::Bytes(vec![0xff]),
            Err(NoText::Unreadable(reason)) => Content::Unreadable(reason.clone()),
        }
    }

    /// Returns the text; empty if there is none.
    pub fn text_or_empty(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Returns the text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text_or_empty().get(span.range()).unwrap_or_default()
    }

    /// Returns the position of a byte offset. The byte order mark has no column.
    pub fn position(&self, offset: u32) -> Position {
        let text = self.text_or_empty();
        let offset = (offset as usize).min(text.len());
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= offset).max(1);
        let start = starts[line - 1] as usize;
        let byte_order_mark = usize::from(start == 0 && offset > 0 && text.starts_with('\u{feff}'));
        let column = self.code_points_before(offset) - self.code_points_before(start) - byte_order_mark + 1;
        Position { offset, line, column }
    }

    fn code_points_before(&self, offset: usize) -> usize {
        let bytes = self.text_or_empty().as_bytes();
        // Every byte except a UTF-8 continuation byte starts a code point.
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        let blocks = self.code_points.get_or_init(|| {
            let mut before = 0;
            let blocks = bytes.chunks(BLOCK).map(|block| {
                before += count(block);
                u32::try_from(before).unwrap_or(u32::MAX)
            });
            std::iter::once(0).chain(blocks).collect()
        });
        let block = offset / BLOCK;
        blocks.get(block).map_or(0, |before| *before as usize)
            + count(bytes.get(block * BLOCK..offset).unwrap_or_default())
    }

    /// Returns the byte offset of the start of a line; `line` is 1-based, lines past the end start at the end.
    pub fn line_start(&self, line: usize) -> usize {
        let starts = self.line_starts();
        starts.get(line.saturating_sub(1)).map_or(self.text_or_empty().len(), |start| *start as usize)
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = self.text_or_empty().bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
        })
    }
}

/// Index of a file in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// Returns the index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// All files of a catalog, sorted by path.
///
/// Everything in this crate starts from them: it reads no files itself, and a [`FileId`] in a finding or a definition is a position
/// here.
///
/// ```
/// use controlsync_core::source::{Content, FileKind, Source, Sources};
/// let file = |path: &str| Source::new(path, FileKind::Control, Content::Bytes(b"name: Backup".to_vec()));
/// let sources = Sources::new(vec![file("controls/b.yaml"), file("controls/a.yaml")]);
/// let paths: Vec<&str> = sources.iter().map(|(_, source)| source.path()).collect();
/// assert_eq!(paths, ["controls/a.yaml", "controls/b.yaml"]);
/// ```
#[derive(Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Sorts the files by path.
    pub fn new(mut files: Vec<Source>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self(files)
    }

    /// Returns a file.
    ///
    /// # Panics
    ///
    /// If the ID comes from other sources.
    pub fn get(&self, file: FileId) -> &Source {
        &self.0[file.index()]
    }

    /// Replaces the content of a file.
    pub(crate) fn replace(&mut self, file: FileId, content: Content) {
        let old = &self.0[file.index()];
        self.0[file.index()] = Source::new(old.path.clone(), old.kind, content);
    }

    /// Returns all files with their IDs.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (FileId, &Source)> {
        self.0.iter().enumerate().map(|(index, source)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), source))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(text.into()))
    }

    #[test]
    fn positions_count_code_points_from_one() {
        let source = source("\u{feff}né: 1\r\nb: 2\n");
        let of = |offset| {
            let position = source.position(offset);
            (position.line, position.column)
        };
        assert_eq!(of(0), (1, 1));
        assert_eq!(of(3), (1, 1), "the byte order mark has no column");
        assert_eq!(of(6), (1, 3), "two bytes, one column");
        assert_eq!(of(11), (2, 1));
        assert_eq!(of(999), (3, 1), "past the end counts as the end");
    }

    #[test]
    fn columns_are_correct_in_long_lines() {
        let text = format!("a: 1\n\"{}\u{feff}x\"", "né".repeat(5000));
        let source = source(&text);
        for (offset, _) in text.char_indices().skip(5) {
            let expected = text[5..offset].chars().count() + 1;
            assert_eq!(source.position(u32::try_from(offset).unwrap()).column, expected, "{offset}");
        }
    }

    #[test]
    fn invalid_utf8_is_reported_with_its_line() {
        let source = Source::new("controls/a.yaml", FileKind::Control, Content::Bytes(b"a: 1\nb: \xff".to_vec()));
        assert_eq!(source.text(), Err(&NoText::NotUtf8 { offset: 8, line: 2 }));
    }
}
