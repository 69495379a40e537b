//! Applies automatic fixes.
//!
//! Overlapping fixes wait for the next round; after every round the catalog is checked again. A fix that would change
//! the meaning of another part of its file is not applied: the parsed file is compared before and after. A file with
//! parse errors is not changed: its meaning is uncertain.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Checked, Options, check};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::document::{self, Document, Node, Value, escape};
use crate::source::{Content, FileId, FileKind, Source};

/// Maximum number of rounds: more than the overlapping fixes of any file need.
const MAX_ROUNDS: usize = 100;

/// Fixes to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// Fixes that certainly keep the meaning.
    Safe,
    /// All fixes.
    All,
}

impl Fixes {
    /// Whether a fix is included.
    pub const fn include(self, fix: &Fix) -> bool {
        match self {
            Self::Safe => fix.safe,
            Self::All => true,
        }
    }
}

/// Result of applying fixes.
#[derive(Debug)]
pub struct Fixed {
    /// The catalog, checked again.
    pub checked: Checked,
    /// The changed files.
    pub files: Vec<FixedFile>,
    /// Number of applied fixes.
    pub count: usize,
}

/// A changed file.
#[derive(Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Path from ROOT.
    pub path: String,
    /// Text before the fixes.
    pub before: String,
    /// Text after the fixes.
    pub after: String,
}

/// Applies the fixes of the selected files, and checks the catalog again.
pub fn fix(mut checked: Checked, options: &Options, which: Fixes, chosen: impl Fn(&str) -> bool) -> Fixed {
    let mut originals: Vec<(FileId, String)> = Vec::new();
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let round = one_round(&checked, which, &chosen);
        if round.is_empty() {
            break;
        }
        let Checked { mut sources, .. } = checked;
        for (file, text, applied) in round {
            count += applied;
            if originals.iter().all(|(known, _)| *known != file) {
                originals.push((file, sources.get(file).text_or_empty().to_owned()));
            }
            sources.replace(file, Content::Bytes(text.into_bytes()));
        }
        checked = check(sources, options);
    }
    originals.sort_by_key(|(file, _)| *file);
    let changed = |(file, before): (FileId, String)| {
        let source = checked.sources.get(file);
        let after = source.text_or_empty().to_owned();
        (before != after).then(|| FixedFile { path: source.path().to_owned(), before, after })
    };
    let files = originals.into_iter().filter_map(changed).collect();
    Fixed { checked, files, count }
}

/// Returns the files that are not fixed because they have parse errors.
pub fn not_fixed(checked: &Checked) -> BTreeSet<FileId> {
    let of_form = checked.diagnostics.iter().filter(|diagnostic| document::rules::ALL.contains(&diagnostic.rule));
    of_form.map(|diagnostic| diagnostic.file).collect()
}

/// Returns the files that one round changes, with their new text and the number of applied fixes.
fn one_round(checked: &Checked, which: Fixes, chosen: &impl Fn(&str) -> bool) -> Vec<(FileId, String, usize)> {
    let wanted = |diagnostic: &&Diagnostic| diagnostic.fix.as_ref().is_some_and(|fix| which.include(fix));
    let skipped = not_fixed(checked);
    let fixable: Vec<&Diagnostic> =
        checked.diagnostics.iter().filter(wanted).filter(|diagnostic| !skipped.contains(&diagnostic.file)).collect();
    let of_file = fixable.chunk_by(|a, b| a.file == b.file);
    of_file
        .filter(|of_file| chosen(checked.sources.get(of_file[0].file).path()))
        .filter_map(|of_file| {
            let file = of_file[0].file;
            let fixes: Vec<&Fix> = of_file.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
            let (text, applied) = fixed_text(checked.sources.get(file), file, &fixes)?;
            Some((file, text, applied))
        })
        .collect()
}

/// Returns the text after all compatible fixes, and their number.
fn fixed_text(source: &Source, file: FileId, fixes: &[&Fix]) -> Option<(String, usize)> {
    let before = parse(file, source)?;
    let mut compatible = CompatibleFixes::default();
    let fixes: Vec<&Fix> = fixes.iter().copied().filter(|fix| compatible.add(fix)).collect();
    if let Some(text) = apply(source, &before, file, &fixes) {
        return Some((text, fixes.len()));
    }
    // One of them changes something outside its scope: apply the others.
    let valid = within_scope(source, &before, file, &fixes);
    apply(source, &before, file, &valid).map(|text| (text, valid.len()))
}

/// Returns the fixes that change nothing outside their scope; bisects, because nearly all of them qualify.
fn within_scope<'a>(source: &Source, before: &ParsedFile, file: FileId, fixes: &[&'a Fix]) -> Vec<&'a Fix> {
    if fixes.is_empty() || apply(source, before, file, fixes).is_some() {
        return fixes.to_vec();
    }
    if fixes.len() == 1 {
        return Vec::new();
    }
    let (first, second) = fixes.split_at(fixes.len() / 2);
    let (first, second) = (within_scope(source, before, file, first), within_scope(source, before, file, second));
    let both = [first.as_slice(), second.as_slice()].concat();
    // If each half is valid but both together are not, one of them waits for the next round.
    if first.is_empty() || second.is_empty() || apply(source, before, file, &both).is_some() { both } else { first }
}

/// Compatible fixes: their replacements do not touch, and their scopes do not overlap. Removals of adjacent parts are
/// compatible.
#[derive(Default)]
struct CompatibleFixes<'a> {
    /// Replacements: ends by their starts, and whether they are removals.
    edits: BTreeMap<u32, (u32, bool)>,
    /// Scopes of the fixes, and whether they remove them.
    scope: BTreeMap<&'a str, bool>,
}

impl<'a> CompatibleFixes<'a> {
    /// Adds a fix if it is compatible with the previous ones.
    fn add(&mut self, fix: &'a Fix) -> bool {
        let removes = fix.removes();
        if fix.edits.iter().any(|edit| self.touches(edit, removes))
            || fix.scope.iter().any(|scope| self.overlaps_scope(scope, removes))
        {
            return false;
        }
        self.edits.extend(fix.edits.iter().map(|edit| (edit.span.start, (edit.span.end, removes))));
        self.scope.extend(fix.scope.iter().map(|scope| (scope.as_str(), removes)));
        true
    }

    fn touches(&self, edit: &Edit, removes: bool) -> bool {
        let apart = |end: u32, start: u32, both_remove: bool| end < start || both_remove && end == start;
        let before = self.edits.range(..=edit.span.start).next_back();
        let after = self.edits.range(edit.span.start..).next();
        before.is_some_and(|(_, (end, other))| !apart(*end, edit.span.start, removes && *other))
            || after.is_some_and(|(start, (_, other))| !apart(edit.span.end, *start, removes && *other))
    }

    fn overlaps_scope(&self, scope: &str, removes: bool) -> bool {
        let within = format!("{scope}/");
        self.scope.get(scope).is_some_and(|other| !(removes && *other))
            || scope.match_indices('/').any(|(end, _)| self.scope.contains_key(&scope[..end]))
            || self.scope.range(within.as_str()..).next().is_some_and(|(other, _)| other.starts_with(&within))
    }
}

/// Returns the text with these fixes, if nothing outside their scopes changes its meaning.
fn apply(source: &Source, before: &ParsedFile, file: FileId, fixes: &[&Fix]) -> Option<String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    let text = source.text().ok()?;
    let mut after = String::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        after.push_str(text.get(from..edit.span.start as usize)?);
        after.push_str(&edit.text);
        from = edit.span.end as usize;
    }
    after.push_str(text.get(from..)?);
    if after == text {
        return None;
    }
    let changed = Source::new(source.path(), source.kind(), Content::Bytes(after.clone().into_bytes()));
    let parsed = parse(file, &changed)?;
    if parsed.errors > before.errors {
        return None;
    }
    let mut scope = BTreeMap::new();
    for fix in fixes {
        scope.extend(fix.scope.iter().map(|scope| (scope.as_str(), fix.removes())));
    }
    let comparison = Comparison { before: source, after: &changed, scope: &scope };
    comparison.same(&before.document.root, &parsed.document.root, "").then_some(after)
}

/// A parsed file.
struct ParsedFile {
    document: Document,
    /// Number of errors that the parser reports, such as an alias without an anchor.
    errors: usize,
}

fn parse(file: FileId, source: &Source) -> Option<ParsedFile> {
    if source.kind() == FileKind::Config {
        return Some(ParsedFile { document: document::parse_toml(file, source).ok()?, errors: 0 });
    }
    let (document, errors) = document::parse(file, source);
    Some(ParsedFile { document: document?, errors: errors.len() })
}

/// Comparison of a file before and after fixes.
struct Comparison<'a> {
    before: &'a Source,
    after: &'a Source,
    /// Scopes of the fixes, and whether they remove them.
    scope: &'a BTreeMap<&'a str, bool>,
}

impl Comparison<'_> {
    /// Whether the values outside the scopes are equal.
    fn same(&self, a: &Node, b: &Node, pointer: &str) -> bool {
        if self.scope.contains_key(pointer) {
            return true;
        }
        match (&a.value, &b.value) {
            (Value::Null, Value::Null) | (Value::Unresolved, Value::Unresolved) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(_), Value::Int(_)) | (Value::Float(_), Value::Float(_)) | (Value::Date, Value::Date) => {
                let span = |node: &Node| node.anchor.unwrap_or(node.span);
                self.before.slice(span(a)) == self.after.slice(span(b))
            }
            (Value::String(a), Value::String(b)) => a == b,
            (Value::Sequence(a), Value::Sequence(b)) => {
                let with_pointer = |(index, node)| (format!("{pointer}/{index}"), node);
                let stays = |(pointer, _): &(String, &Node)| self.scope.get(pointer.as_str()) != Some(&true);
                let a: Vec<(String, &Node)> = a.iter().enumerate().map(with_pointer).filter(stays).collect();
                a.len() == b.len() && a.iter().zip(b).all(|((pointer, a), b)| self.same(a, b, pointer))
            }
            (Value::Mapping(_), Value::Mapping(_)) => self.same_mapping(a, b, pointer),
            _ => false,
        }
    }

    fn same_mapping(&self, a: &Node, b: &Node, pointer: &str) -> bool {
        let of = |key: &str| format!("{pointer}/{}", escape(key));
        let outside = |key: &str| !self.scope.contains_key(of(key).as_str());
        let keys = |node: &Node| -> Vec<String> {
            node.entries().iter().map(|entry| entry.key.clone()).filter(|key| outside(key)).collect()
        };
        // A TOML table that is named in several places would exist under both names.
        keys(a) == keys(b)
            && b.entries().len() <= a.entries().len()
            && a.entries().iter().all(|entry| match b.get(&entry.key) {
                Some(other) => self.same(&entry.value, other, &of(&entry.key)),
                None => !outside(&entry.key),
            })
    }
}
