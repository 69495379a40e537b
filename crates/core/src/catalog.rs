//! All definitions by name, with the way back to the text.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::{Document, Node, Value, escape};
use crate::model::{Control, ControlRef, Framework};
use crate::schema;
use crate::source::{FileId, Kind, Source, Sources, Span};
use crate::suggest::Known;

/// Two files define one control.
pub static DUPLICATE_CONTROL_NAME: Rule =
    Rule::error("duplicate-control-name", "Two files define a control of the same name.");
/// Two files define one framework.
pub static DUPLICATE_FRAMEWORK_NAME: Rule =
    Rule::error("duplicate-framework-name", "Two files define a framework of the same name.");
/// Two control sets of a framework have one name.
pub static DUPLICATE_CONTROL_SET: Rule =
    Rule::error("duplicate-control-set", "Two control sets of a framework have the same name.");
/// A framework names a control that the catalogue lacks.
pub static UNKNOWN_CONTROL: Rule =
    Rule::warning("unknown-control", "A framework names a control that the catalogue does not define.");
/// `datasources` and `controlMappingSources` are both there.
pub static CONFLICTING_KEYS: Rule =
    Rule::error("conflicting-keys", "A control has both `datasources` and `controlMappingSources`.");
/// A member is one that the service prints and a file cannot set.
pub static RESPONSE_MEMBER: Rule =
    Rule::warning("response-member", "A member is one that Audit Manager prints and that a file cannot set.");
/// An object has more than 47 tags, those of the configuration counted.
pub static TOO_MANY_MERGED_TAGS: Rule =
    Rule::error("too-many-merged-tags", "An object has more than 47 tags, those of `controlsync.toml` counted.");

/// All rules of this module.
pub static ALL: &[&Rule] = &[
    &DUPLICATE_CONTROL_NAME,
    &DUPLICATE_FRAMEWORK_NAME,
    &DUPLICATE_CONTROL_SET,
    &UNKNOWN_CONTROL,
    &CONFLICTING_KEYS,
    &RESPONSE_MEMBER,
    &TOO_MANY_MERGED_TAGS,
];

/// How many tags AWS takes on an object, <https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>.
pub const MAX_TAGS: usize = 50;
/// How many tags the author of an object may set: those of AWS less the three ownership tags.
pub const MAX_USER_TAGS: usize = MAX_TAGS - 3;

/// How many unknown names are looked up among the known ones.
pub(crate) const MAX_SUGGESTIONS: usize = 100;

/// A definition and the file it stands in.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// The file.
    pub file: FileId,
    /// The definition.
    pub value: T,
}

/// Everything that the files define. Files with errors are not in it.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The name that owns the objects.
    pub name: String,
    /// Controls by name.
    pub controls: BTreeMap<String, Entry<Control>>,
    /// Frameworks by name.
    pub frameworks: BTreeMap<String, Entry<Framework>>,
    /// Names of controls that a file with errors defines: they exist, but what they hold is not known.
    pub unusable_controls: BTreeSet<String>,
    documents: BTreeMap<FileId, Document>,
}

impl Catalog {
    /// The place to point at for a member of a file.
    pub fn span(&self, sources: &Sources, file: FileId, pointer: &str) -> Span {
        let Some(document) = self.documents.get(&file) else { return Span::default() };
        document.locate(pointer).map_or(Span::default(), |located| located.narrow(sources.get(file)))
    }
}

/// What one file defines.
#[derive(Debug)]
pub(crate) enum Definition {
    Control(Control),
    Framework(Framework),
}

/// One file after everything that can be said about it alone.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub document: Option<Document>,
    pub definition: Option<Definition>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Everything that can be said about one file alone.
pub(crate) fn load(file: FileId, source: &Source, default_tags: &BTreeMap<String, String>) -> Loaded {
    let (document, mut diagnostics) = crate::document::parse(file, source);
    let Some(document) = document else { return Loaded { diagnostics, ..Loaded::default() } };
    diagnostics.extend(schema::check(file, source, &document));
    response_members(file, source.kind(), &document, &mut diagnostics);
    if source.kind() == Kind::Control
        && let (Some(first), Some(second)) =
            (document.root.entry("datasources"), document.root.entry("controlMappingSources"))
    {
        let message = "`controlMappingSources` and `datasources` are two names of one member";
        let fault = Diagnostic::new(&CONFLICTING_KEYS, file, second.key_span, message).at("/controlMappingSources");
        diagnostics.push(fault.related(file, first.key_span, "the other one").help("keep one of them"));
    }
    duplicate_sets(file, &document, &mut diagnostics);
    let usable = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    let definition = usable.then(|| match source.kind() {
        Kind::Framework => Definition::Framework(Framework::from_document(&document, default_tags)),
        Kind::Config | Kind::Control => Definition::Control(Control::from_document(&document, default_tags)),
    });
    if let Some(Definition::Control(Control { tags, .. }) | Definition::Framework(Framework { tags, .. })) = &definition
        && tags.len() > MAX_USER_TAGS
    {
        let message = format!(
            "with those of `controlsync.toml` there are {} tags; at most {MAX_USER_TAGS} are allowed",
            tags.len()
        );
        let span = document.root.entry("tags").map_or(Span::default(), |entry| entry.key_span);
        diagnostics
            .push(Diagnostic::new(&TOO_MANY_MERGED_TAGS, file, span, message).at("/tags").help("remove some of them"));
        return Loaded { document: Some(document), definition: None, diagnostics };
    }
    Loaded { document: Some(document), definition, diagnostics }
}

/// Sets are told apart by their names: of two with one name nobody could say which is which.
fn duplicate_sets(file: FileId, document: &Document, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
    for (index, set) in document.root.get("controlSets").map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some((name, node)) = set.get("name").and_then(|node| Some((node.as_str()?, node))) else { continue };
        if let Some(first) = seen.get(name) {
            let message = format!("a control set named `{name}` is there twice");
            let fault = Diagnostic::new(&DUPLICATE_CONTROL_SET, file, node.span, message);
            let fault = fault.at(format!("/controlSets/{index}/name")).related(file, *first, "first here");
            diagnostics.push(fault.help("rename one of the two, or bring their controls together"));
        } else {
            seen.insert(name, node.span);
        }
    }
}

fn response_members(file: FileId, kind: Kind, document: &Document, diagnostics: &mut Vec<Diagnostic>) {
    fn visit(node: &Node, pattern: &str, found: &mut impl FnMut(&str, &str, Span)) {
        match &node.value {
            Value::Mapping(entries) => {
                for entry in entries {
                    found(pattern, &entry.key, entry.key_span);
                    visit(&entry.value, &format!("{pattern}/{}", escape(&entry.key)), found);
                }
            }
            Value::Sequence(items) => items.iter().for_each(|item| visit(item, &format!("{pattern}/*"), found)),
            _ => {}
        }
    }
    let members = schema::response_members(kind);
    visit(&document.root, "", &mut |pattern, key, span| {
        if members.get(pattern).is_some_and(|names| names.iter().any(|name| name == key)) {
            let message = format!("`{key}` is set by Audit Manager; it is ignored here");
            diagnostics.push(Diagnostic::new(&RESPONSE_MEMBER, file, span, message).help("remove the line"));
        }
    });
}

/// Brings the files together.
pub(crate) fn assemble(name: String, files: Vec<(FileId, Kind, Loaded)>) -> (Catalog, Vec<Diagnostic>) {
    let mut catalog = Catalog { name, ..Catalog::default() };
    let mut diagnostics = Vec::new();
    let mut first_of: BTreeMap<(Kind, String), FileId> = BTreeMap::new();
    let mut duplicated: BTreeSet<(Kind, String)> = BTreeSet::new();
    let mut definitions = Vec::new();
    for (file, kind, loaded) in files {
        diagnostics.extend(loaded.diagnostics);
        let Some(document) = loaded.document else { continue };
        let name = document.root.get("name").and_then(Node::as_str).map(str::to_owned);
        catalog.documents.insert(file, document);
        let Some(name) = name else { continue };
        if let Some(first) = first_of.get(&(kind, name.clone())) {
            diagnostics.push(duplicate(&catalog, kind, &name, file, *first));
            duplicated.insert((kind, name.clone()));
        } else {
            first_of.insert((kind, name.clone()), file);
        }
        definitions.push((kind, name, file, loaded.definition));
    }
    for (kind, name, file, definition) in definitions {
        match definition {
            Some(Definition::Control(value)) if !duplicated.contains(&(kind, name.clone())) => {
                catalog.controls.insert(name, Entry { file, value });
            }
            Some(Definition::Framework(value)) if !duplicated.contains(&(kind, name.clone())) => {
                catalog.frameworks.insert(name, Entry { file, value });
            }
            _ if kind == Kind::Control => {
                catalog.unusable_controls.insert(name);
            }
            _ => {}
        }
    }
    diagnostics.extend(unknown_controls(&catalog));
    (catalog, diagnostics)
}

fn duplicate(catalog: &Catalog, kind: Kind, name: &str, file: FileId, first: FileId) -> Diagnostic {
    let rule = if kind == Kind::Framework { &DUPLICATE_FRAMEWORK_NAME } else { &DUPLICATE_CONTROL_NAME };
    let place = |file: FileId| {
        let document = catalog.documents.get(&file);
        document.and_then(|document| document.root.get("name")).map_or(Span::default(), |node| node.span)
    };
    Diagnostic::new(rule, file, place(file), format!("a {} named `{name}` is defined twice", kind.noun()))
        .at("/name")
        .related(first, place(first), "first here")
        .help("names identify objects in the account: rename one of the two, or remove it")
}

fn unknown_controls(catalog: &Catalog) -> Vec<Diagnostic> {
    let known = catalog.controls.keys().chain(&catalog.unusable_controls);
    let mut known = Known::new(known.map(String::as_str), MAX_SUGGESTIONS);
    let mut suggestions: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for entry in catalog.frameworks.values() {
        for (set_index, set) in entry.value.control_sets.iter().enumerate() {
            for (index, reference) in set.controls.iter().enumerate() {
                let ControlRef::Name(name) = reference;
                if catalog.controls.contains_key(name) || catalog.unusable_controls.contains(name) {
                    continue;
                }
                let meant = suggestions.entry(name).or_insert_with(|| known.closest(name));
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "define it under `controls/`; a custom control that only the account holds is found when planning".to_owned(),
                };
                let pointer = format!("/controlSets/{set_index}/controls/{index}");
                let document = catalog.documents.get(&entry.file);
                let located = document.and_then(|document| document.locate(&pointer));
                let span = located.map_or(Span::default(), |located| located.node.span);
                let message = format!("the catalogue defines no control named `{name}`");
                diagnostics.push(Diagnostic::new(&UNKNOWN_CONTROL, entry.file, span, message).at(pointer).help(help));
            }
        }
    }
    diagnostics
}
