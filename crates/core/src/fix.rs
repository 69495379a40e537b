//! Mends what can be mended by machine.
//!
//! Fixes that overlap wait for the next round; after every round everything is checked again. A fix that would change what
//! another part of its file means is not carried out: each is held against the parsed text before and after. A file whose
//! very form is faulty is left alone: what it means is not certain.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Checked, Options, check};
use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::document::{self, Document, Node, Value, escape};
use crate::source::{Content, FileId, FileKind, Source};

/// Rounds after which it ends, whatever is left: more than overlapping fixes of any file need.
const MAX_ROUNDS: usize = 100;

/// Which fixes are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// Those that surely keep the meaning.
    Safe,
    /// All of them.
    All,
}

impl Fixes {
    /// Whether a fix is one of them.
    pub const fn include(self, fix: &Fix) -> bool {
        match self {
            Self::Safe => fix.safe,
            Self::All => true,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Fixed {
    /// Everything checked again.
    pub checked: Checked,
    /// The files that changed.
    pub files: Vec<FixedFile>,
    /// How many fixes were carried out.
    pub count: usize,
}

/// A file that changed.
#[derive(Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Path from ROOT.
    pub path: String,
    /// The text as it was.
    pub before: String,
    /// The text as it is now.
    pub after: String,
}

/// Carries out the fixes of the chosen files, and checks again.
pub fn fix(mut checked: Checked, options: &Options, which: Fixes, chosen: impl Fn(&str) -> bool) -> Fixed {
    let mut originals: Vec<(FileId, String)> = Vec::new();
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let round = one_round(&checked, which, &chosen);
        if round.is_empty() {
            break;
        }
        let Checked { mut sources, .. } = checked;
        for (file, text, carried_out) in round {
            count += carried_out;
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

/// The files whose very form is faulty: no fix touches them.
pub fn left_alone(checked: &Checked) -> BTreeSet<FileId> {
    let of_form = checked.diagnostics.iter().filter(|diagnostic| document::rules::ALL.contains(&diagnostic.rule));
    of_form.map(|diagnostic| diagnostic.file).collect()
}

/// The new texts of the files that one round changes, and how many fixes each had.
fn one_round(checked: &Checked, which: Fixes, chosen: &impl Fn(&str) -> bool) -> Vec<(FileId, String, usize)> {
    let wanted = |diagnostic: &&Diagnostic| diagnostic.fix.as_ref().is_some_and(|fix| which.include(fix));
    let faulty = left_alone(checked);
    let fixable: Vec<&Diagnostic> =
        checked.diagnostics.iter().filter(wanted).filter(|diagnostic| !faulty.contains(&diagnostic.file)).collect();
    let of_file = fixable.chunk_by(|a, b| a.file == b.file);
    of_file
        .filter(|of_file| chosen(checked.sources.get(of_file[0].file).path()))
        .filter_map(|of_file| {
            let file = of_file[0].file;
            let fixes: Vec<&Fix> = of_file.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()).collect();
            let (text, carried_out) = mended(checked.sources.get(file), file, &fixes)?;
            Some((file, text, carried_out))
        })
        .collect()
}

/// The text after all fixes that get along with each other.
fn mended(source: &Source, file: FileId, fixes: &[&Fix]) -> Option<(String, usize)> {
    let before = parse(file, source)?;
    let mut together = Together::default();
    let together: Vec<&Fix> = fixes.iter().copied().filter(|fix| together.take(fix)).collect();
    if let Some(text) = carried_out(source, &before, file, &together) {
        return Some((text, together.len()));
    }
    // One of them does more than it should: all that do not.
    let kept = possible(source, &before, file, &together);
    carried_out(source, &before, file, &kept).map(|text| (text, kept.len()))
}

/// Those of some fixes that do what they should, found by halves: few of many do not.
fn possible<'a>(source: &Source, before: &Reading, file: FileId, fixes: &[&'a Fix]) -> Vec<&'a Fix> {
    if fixes.is_empty() || carried_out(source, before, file, fixes).is_some() {
        return fixes.to_vec();
    }
    if fixes.len() == 1 {
        return Vec::new();
    }
    let (first, second) = fixes.split_at(fixes.len() / 2);
    let (first, second) = (possible(source, before, file, first), possible(source, before, file, second));
    let both = [first.as_slice(), second.as_slice()].concat();
    // Where each half is well but both are not, one of them waits for the next round.
    if first.is_empty() || second.is_empty() || carried_out(source, before, file, &both).is_some() {
        both
    } else {
        first
    }
}

/// Fixes that get along: no replacement of one touches one of another, and none changes what another is about. Parts that
/// are taken out of one whole can stand side by side.
#[derive(Default)]
struct Together<'a> {
    /// Ends of the replacements by their starts, and whether they are removals.
    edits: BTreeMap<u32, (u32, bool)>,
    /// What the fixes are about, and whether they remove it.
    scope: BTreeMap<&'a str, bool>,
}

impl<'a> Together<'a> {
    /// Takes a fix where it gets along with those before.
    fn take(&mut self, fix: &'a Fix) -> bool {
        let removes = fix.removes();
        if fix.edits.iter().any(|edit| self.touches(edit, removes))
            || fix.scope.iter().any(|scope| self.is_about(scope, removes))
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
        let behind = self.edits.range(edit.span.start..).next();
        before.is_some_and(|(_, (end, other))| !apart(*end, edit.span.start, removes && *other))
            || behind.is_some_and(|(start, (_, other))| !apart(edit.span.end, *start, removes && *other))
    }

    fn is_about(&self, scope: &str, removes: bool) -> bool {
        let within = format!("{scope}/");
        self.scope.get(scope).is_some_and(|other| !(removes && *other))
            || scope.match_indices('/').any(|(end, _)| self.scope.contains_key(&scope[..end]))
            || self.scope.range(within.as_str()..).next().is_some_and(|(other, _)| other.starts_with(&within))
    }
}

/// The text with these fixes, where nothing else changes what it means.
fn carried_out(source: &Source, before: &Reading, file: FileId, fixes: &[&Fix]) -> Option<String> {
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
    let reading = parse(file, &changed)?;
    if reading.faults > before.faults {
        return None;
    }
    let mut scope = BTreeMap::new();
    for fix in fixes {
        scope.extend(fix.scope.iter().map(|scope| (scope.as_str(), fix.removes())));
    }
    let comparison = Comparison { before: source, after: &changed, scope: &scope };
    comparison.same(&before.document.root, &reading.document.root, "").then_some(after)
}

/// A file as the parser reads it.
struct Reading {
    document: Document,
    /// How many faults the parser tells: an alias without its anchor is one.
    faults: usize,
}

fn parse(file: FileId, source: &Source) -> Option<Reading> {
    if source.kind() == FileKind::Config {
        return Some(Reading { document: document::parse_toml(file, source).ok()?, faults: 0 });
    }
    let (document, faults) = document::parse(file, source);
    Some(Reading { document: document?, faults: faults.len() })
}

/// Two readings of one file.
struct Comparison<'a> {
    before: &'a Source,
    after: &'a Source,
    /// What the fixes are about, and whether they remove it.
    scope: &'a BTreeMap<&'a str, bool>,
}

impl Comparison<'_> {
    /// Whether the values are the same, those in the scope aside.
    fn same(&self, a: &Node, b: &Node, pointer: &str) -> bool {
        if self.scope.contains_key(pointer) {
            return true;
        }
        match (&a.value, &b.value) {
            (Value::Null, Value::Null) | (Value::Unresolved, Value::Unresolved) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int, Value::Int) | (Value::Float, Value::Float) | (Value::Date, Value::Date) => {
                let place = |node: &Node| node.anchor.unwrap_or(node.span);
                self.before.slice(place(a)) == self.after.slice(place(b))
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
        // A key that stands in several places of a TOML file would be there under both names.
        keys(a) == keys(b)
            && b.entries().len() <= a.entries().len()
            && a.entries().iter().all(|entry| match b.get(&entry.key) {
                Some(other) => self.same(&entry.value, other, &of(&entry.key)),
                None => !outside(&entry.key),
            })
    }
}
