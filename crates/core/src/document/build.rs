//! From the parser's events to the tree. All limits for hostile input are enforced here: nesting, node and alias
//! budgets, one document, no merge keys, no collections as keys. Nothing recurses deeper than [`MAX_NESTING`].

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, ScalarStyle, StructureStyle, Tag};

use super::json::{self, StandIns};
use super::{COMMENT_MARK, Document, Entry, Node, Value, functions, rules, scalar, syntax};
use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{FileId, Source, Span};

/// Maximum nesting depth of lists and mappings; a framework needs four levels.
pub const MAX_NESTING: usize = 64;
/// Maximum number of values in a file, counting values from aliases each time. A framework with 1,400 controls has
/// about 1,500, a control with 100 data sources about 1,000.
pub const MAX_NODES: usize = 50_000;
/// Maximum number of bytes of text from anchors and aliases.
pub const MAX_ALIAS_BYTES: usize = 1024 * 1024;

/// Tags that a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tags {
    /// Those of the core schema.
    Core,
    /// Those, and the functions of AWS CloudFormation.
    Functions,
}

/// An error after which the rest of the file cannot be read.
pub(super) type Fatal = Box<Diagnostic>;

/// Cost of repeating a subtree with an alias.
#[derive(Clone, Copy)]
struct Measure {
    nodes: usize,
    bytes: usize,
    height: usize,
}

struct Frame {
    container: Container,
    start: u32,
    end: u32,
    flow: bool,
    anchor: usize,
    /// The function that it is the argument of.
    function: Option<&'static str>,
    measure: Measure,
}

enum Container {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, seen: HashMap<String, Span>, key: Key },
}

/// State of a mapping between its events.
enum Key {
    Expected,
    Read(String, Span),
    /// A rejected key: its value is parsed and dropped.
    Rejected(Span),
}

/// Builds a document from the parser's events.
pub(super) struct Builder<'a> {
    file: FileId,
    source: &'a Source,
    tags: Tags,
    stack: Vec<Frame>,
    anchors: HashMap<usize, (Node, Measure)>,
    anchor_names: HashMap<usize, Span>,
    nodes: usize,
    alias_bytes: usize,
    /// Start of another document, which is an error unless nothing follows.
    next_document: Option<Span>,
    stand_ins: StandIns,
    comments: Vec<Span>,
    repeated: Vec<Span>,
    tagged: Vec<Span>,
    /// End of the last event.
    last_end: u32,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(file: FileId, source: &'a Source, tags: Tags, stand_ins: StandIns) -> Self {
        Self {
            file,
            source,
            tags,
            stack: Vec::new(),
            anchors: HashMap::new(),
            anchor_names: HashMap::new(),
            nodes: 0,
            alias_bytes: 0,
            next_document: None,
            stand_ins,
            comments: Vec::new(),
            repeated: Vec::new(),
            tagged: Vec::new(),
            last_end: 0,
            root: None,
            diagnostics: Vec::new(),
        }
    }

    /// The document, if the text has one, and what is wrong with it.
    pub(super) fn finish(self) -> (Option<Document>, Vec<Diagnostic>) {
        let Self { root, comments, repeated, tagged, diagnostics, .. } = self;
        (root.map(|root| Document { root, comments, repeated, tagged }), diagnostics)
    }

    /// What is wrong with a text that cannot be read to its end.
    pub(super) fn fail(mut self, fatal: Diagnostic) -> Vec<Diagnostic> {
        self.diagnostics.push(fatal);
        self.diagnostics
    }

    /// Adds an event.
    pub(super) fn event(&mut self, event: Event<'_>, at: &granit_parser::Span) -> Result<(), Fatal> {
        let span = self.span(at);
        self.last_end = self.last_end.max(span.end);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => self.next_document = Some(span),
            // Nothing follows a `---` at the end.
            Event::Scalar(_, ScalarStyle::Plain, 0, None) if self.next_document.is_some() && span.is_empty() => {}
            Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::MappingStart(..)
            | Event::Alias(_)
            | Event::UnresolvedAlias(_)
                if self.next_document.is_some() =>
            {
                let message = "the file contains more than one document";
                let help = "a file defines one control or one framework: move the text after `---` to another file";
                let span = self.next_document.unwrap_or(span);
                return Err(Box::new(self.finding(&rules::multiple_documents::RULE, span, message).help(help)));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let text = self.stand_ins.restored(text);
                self.add_scalar(text, style, anchor, tag.as_deref(), at)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let function = self.collection_function(tag.as_deref(), "seq", at, span);
                self.open(Container::Sequence(Vec::new()), style, anchor, function, span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let function = self.collection_function(tag.as_deref(), "map", at, span);
                let container = Container::Mapping { entries: Vec::new(), seen: HashMap::new(), key: Key::Expected };
                self.open(container, style, anchor, function, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => self.alias(id, span)?,
            Event::UnresolvedAlias(name) => {
                let message = format!("the alias `*{name}` has no anchor above it");
                let finding = self.finding(&rules::unresolved_alias::RULE, span, message);
                self.diagnostics
                    .push(finding.help("define `&name` before it is used, or quote a string that starts with `*`"));
                self.count(1, span)?;
                self.place_or_reject_key(Node { value: Value::Unresolved, span, anchor: None }, 0, span)?;
            }
            Event::Comment(text, _) if text.contains(COMMENT_MARK) => self.comments.push(span),
            Event::Anchor(id, _) => {
                self.anchor_names.insert(id, span);
            }
            // Starts and ends of streams, ends of documents, and presentation events of later parser versions.
            _ => {}
        }
        Ok(())
    }

    fn add_scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: &granit_parser::Span,
    ) -> Result<(), Fatal> {
        let span = self.span(at);
        let function = self.function(tag, at).filter(|_| !self.expects_key());
        let tag = tag.filter(|_| function.is_none());
        let value = self.scalar(&text, style, tag, at, span);
        let span = self.trimmed(span);
        if tag.is_some() {
            self.tagged.push(span);
        }
        if self.expects_key() {
            self.count(1, span)?;
            self.key(&text, style, span);
            if anchor != 0 {
                let node = Node { value: Value::String(text.into_owned()), span, anchor: None };
                let measure = Measure { nodes: 1, bytes: span.range().len(), height: 0 };
                self.remember(anchor, &node, measure, span)?;
            }
        } else {
            let span = if span.is_empty() { self.missing_value(span) } else { span };
            let node = Node { value, span, anchor: None };
            self.count(1, span)?;
            self.place_call(function, node, Measure { nodes: 1, bytes: text.len(), height: 0 }, anchor)?;
        }
        Ok(())
    }

    /// Adds a value that is not a scalar; reports an error if a key is expected.
    fn place_or_reject_key(&mut self, node: Node, anchor: usize, span: Span) -> Result<(), Fatal> {
        if self.expects_key() {
            self.reject_key(span);
            return Ok(());
        }
        self.place(node, Measure { nodes: 1, bytes: 0, height: 0 }, anchor)
    }

    fn reject_key(&mut self, span: Span) {
        let finding = self.finding(&rules::complex_key::RULE, span, "a key must be a string");
        self.diagnostics.push(finding.help("write the key as a string; lists, mappings and aliases cannot be keys"));
        if let Some(Frame { container: Container::Mapping { key, .. }, .. }) = self.stack.last_mut() {
            *key = Key::Rejected(span);
        }
    }

    fn open(
        &mut self,
        container: Container,
        style: StructureStyle,
        anchor: usize,
        function: Option<&'static str>,
        span: Span,
    ) -> Result<(), Fatal> {
        if self.stack.len() >= MAX_NESTING {
            return Err(self.too_deep(span));
        }
        self.count(1, span)?;
        let flow = style == StructureStyle::Flow;
        let measure = Measure { nodes: 1, bytes: 0, height: 1 };
        self.stack.push(Frame { container, start: span.start, end: span.end, flow, anchor, function, measure });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Fatal> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let end = if frame.flow { span.end } else { frame.end };
        let span = Span { start: frame.start, end: end.max(frame.start) };
        if self.expects_key() {
            self.reject_key(span);
            return Ok(());
        }
        let value = match frame.container {
            Container::Sequence(items) => Value::Sequence(items),
            Container::Mapping { entries, .. } => Value::Mapping(entries),
        };
        self.place_call(frame.function, Node { value, span, anchor: None }, frame.measure, frame.anchor)
    }

    /// Adds a finished value, as the argument of a function if it is one.
    fn place_call(
        &mut self,
        function: Option<&'static str>,
        node: Node,
        measure: Measure,
        anchor: usize,
    ) -> Result<(), Fatal> {
        let Some(function) = function else { return self.place(node, measure, anchor) };
        self.count(1, node.span)?;
        let measure = Measure { nodes: measure.nodes + 1, height: measure.height + 1, ..measure };
        self.place(functions::call(function, node), measure, anchor)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Fatal> {
        let Some((node, measure)) = self.anchors.get(&id) else {
            let finding =
                self.finding(&rules::unresolved_alias::RULE, span, "the alias is inside the value of its own anchor");
            self.diagnostics.push(finding.help("write out the value"));
            self.count(1, span)?;
            return self.place_or_reject_key(Node { value: Value::Unresolved, span, anchor: None }, 0, span);
        };
        let measure = *measure;
        if self.stack.len() + measure.height > MAX_NESTING {
            return Err(self.too_deep(span));
        }
        if self.nodes + measure.nodes > MAX_NODES || self.alias_bytes + measure.bytes > MAX_ALIAS_BYTES {
            return Err(self.alias_budget(span));
        }
        let mut node = node.clone();
        if !self.repeated.contains(&node.span) {
            self.repeated.push(node.span);
        }
        rebase(&mut node, span);
        self.nodes += measure.nodes;
        self.alias_bytes += measure.bytes;
        if self.expects_key() {
            self.reject_key(span);
            return Ok(());
        }
        self.place(node, measure, 0)
    }

    /// Adds a finished value to its container.
    fn place(&mut self, node: Node, measure: Measure, anchor: usize) -> Result<(), Fatal> {
        if anchor != 0 {
            self.remember(anchor, &node, measure, node.span)?;
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.measure.nodes += measure.nodes;
        frame.measure.bytes += measure.bytes;
        frame.measure.height = frame.measure.height.max(measure.height + 1);
        frame.end = frame.end.max(node.span.end);
        match &mut frame.container {
            Container::Sequence(items) => items.push(node),
            Container::Mapping { entries, key, .. } => {
                if let Key::Read(key, key_span) = std::mem::replace(key, Key::Expected) {
                    entries.push(Entry { key, key_span, value: node });
                }
            }
        }
        Ok(())
    }

    fn remember(&mut self, anchor: usize, node: &Node, measure: Measure, span: Span) -> Result<(), Fatal> {
        self.nodes += measure.nodes;
        self.alias_bytes += measure.bytes;
        if self.nodes > MAX_NODES || self.alias_bytes > MAX_ALIAS_BYTES {
            return Err(self.alias_budget(self.anchor_names.get(&anchor).copied().unwrap_or(span)));
        }
        self.anchors.insert(anchor, (node.clone(), measure));
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { container: Container::Mapping { key: Key::Expected, .. }, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, span: Span) {
        let merge = text == "<<" && style == ScalarStyle::Plain;
        let (file, span_of_key) = (self.file, span);
        let Some(frame) = self.stack.last_mut() else { return };
        frame.end = frame.end.max(span.end);
        let Container::Mapping { key, seen, .. } = &mut frame.container else { return };
        if merge {
            *key = Key::Rejected(span);
            let finding =
                Diagnostic::new(&rules::merge_key::RULE, file, span, "merge keys (`<<`) are not part of YAML 1.2");
            self.diagnostics.push(finding.help("write out the keys, or use an alias for a complete value"));
            return;
        }
        if let Some(first) = seen.get(text) {
            *key = Key::Rejected(span);
            let finding =
                Diagnostic::new(&rules::duplicate_key::RULE, file, span_of_key, format!("duplicate key `{text}`"));
            let finding = finding.related(file, *first, "first defined here").help("remove one of the two");
            self.diagnostics.push(finding);
            return;
        }
        seen.insert(text.to_owned(), span);
        *key = Key::Read(text.to_owned(), span);
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: &granit_parser::Span,
        span: Span,
    ) -> Value {
        let plain = || scalar::resolve(text);
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { plain() } else { Value::String(text.to_owned()) };
        };
        match tag.core_suffix() {
            Some("str") => return Value::String(text.to_owned()),
            Some("null" | "bool" | "int" | "float") => return plain(),
            _ if tag.handle().is_empty() && tag.suffix() == "!" => return Value::String(text.to_owned()),
            _ => {}
        }
        self.unsupported_tag(at, span);
        Value::String(text.to_owned())
    }

    /// Returns the function that a list or a mapping is the argument of; reports other tags.
    fn collection_function(
        &mut self,
        tag: Option<&Tag>,
        expected: &str,
        at: &granit_parser::Span,
        span: Span,
    ) -> Option<&'static str> {
        let function = self.function(tag, at);
        if function.is_none() && tag.is_some_and(|tag| tag.core_suffix() != Some(expected)) {
            self.unsupported_tag(at, span);
        }
        function
    }

    fn function(&self, tag: Option<&Tag>, at: &granit_parser::Span) -> Option<&'static str> {
        tag.filter(|_| self.tags == Tags::Functions)?;
        functions::long_form(self.source.slice(self.span(&at.tag_span()?)))
    }

    fn unsupported_tag(&mut self, at: &granit_parser::Span, span: Span) {
        let tag = at.tag_span().map_or(span, |tag| self.span(&tag));
        let message = format!("unsupported tag `{}`", self.source.slice(tag));
        let finding = self.finding(&rules::unsupported_tag::RULE, tag, message);
        self.diagnostics.push(finding.help("remove the tag, or quote a string that starts with `!`"));
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Fatal> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let message = format!("the file contains more than {MAX_NODES} values");
            let finding = self.finding(&rules::file_too_complex::RULE, span, message);
            return Err(Box::new(finding.help("a file defines one control or one framework: split it")));
        }
        Ok(())
    }

    fn too_deep(&self, span: Span) -> Fatal {
        let message = format!("lists and mappings are nested more than {MAX_NESTING} levels deep");
        Box::new(
            self.finding(&rules::nesting_too_deep::RULE, span, message)
                .help("a control or a framework needs only four levels"),
        )
    }

    fn alias_budget(&self, span: Span) -> Fatal {
        let message =
            format!("anchors and aliases expand to more than {MAX_NODES} values or {MAX_ALIAS_BYTES} bytes of text");
        Box::new(
            self.finding(&rules::alias_expansion::RULE, span, message).help("write out the values, or split the file"),
        )
    }

    /// What is wrong where the parser stopped.
    pub(super) fn syntax_error(&self, error: &granit_parser::ScanError) -> Fatal {
        let text = self.source.text_or_empty();
        if let Some(conflict) = syntax::conflict(self.file, text) {
            return Box::new(conflict);
        }
        if let Some((message, span)) = Some(text).filter(|_| self.source.is_json()).and_then(json::error) {
            let help = "compare the commas, quotes and brackets of this line and the one above it with those of JSON";
            return Box::new(
                self.finding(&rules::syntax_error::RULE, span, format!("invalid JSON: {message}")).help(help),
            );
        }
        let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
        let start = if text.is_char_boundary(offset) { offset } else { text.len() };
        // The parser reports a tab at the end of the previous line.
        let start =
            if syntax::is_tab(error.kind()) { text[start..].find('\t').map_or(start, |at| start + at) } else { start };
        let width = text[start..].chars().next().filter(|next| !next.is_whitespace()).map_or(0, char::len_utf8);
        let span = Span::new(start, start + width);
        let (message, help) = syntax::explain(error.kind());
        let rule = if *error.kind() == ErrorKind::RecursionLimitExceeded {
            &rules::nesting_too_deep::RULE
        } else {
            &rules::syntax_error::RULE
        };
        let quote = self.opening_quote(error.kind());
        let mut finding = self.finding(rule, quote.unwrap_or(span), message);
        finding.help = help.map(str::to_owned);
        if let Some(frame) = self.stack.last().filter(|frame| frame.flow && quote.is_none()) {
            let opening = Span { start: frame.start, end: frame.start + 1 };
            // A single `key: value` in a flow list is also a mapping, but has no opening bracket.
            if matches!(self.source.slice(opening), "[" | "{") {
                finding = finding.related(self.file, opening, "opened here");
            }
        }
        Box::new(finding)
    }

    /// Returns the start of an unclosed quoted string: the first quote after the last event.
    fn opening_quote(&self, kind: &ErrorKind) -> Option<Span> {
        let unclosed = [
            ErrorKind::UnclosedQuotedScalar,
            ErrorKind::InvalidQuotedScalarIndent,
            ErrorKind::DocumentIndicatorInQuotedScalar,
        ];
        let rest = self.source.text_or_empty().get(self.last_end as usize..).filter(|_| unclosed.contains(kind))?;
        let at = self.last_end as usize + rest.find(['"', '\''])?;
        Some(Span::new(at, at + 1))
    }

    fn finding(&self, rule: &'static Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, self.file, span, message)
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let end = self.source.text_or_empty().len();
        let offset = |marker: granit_parser::Marker| marker.byte_offset().unwrap_or(end).min(end);
        Span::new(offset(span.start), offset(span.end))
    }

    /// Removes the trailing empty lines that the parser includes in a block scalar.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start as usize, span.start as usize + self.source.slice(span).trim_end().len())
    }

    /// Returns the location of a missing value: the end of its key.
    fn missing_value(&self, span: Span) -> Span {
        match self.stack.last() {
            Some(Frame {
                container: Container::Mapping { key: Key::Read(_, key) | Key::Rejected(key), .. }, ..
            }) => Span { start: key.end, end: key.end },
            _ => span,
        }
    }
}

/// Moves a value to the location of the alias that repeats it.
fn rebase(node: &mut Node, alias: Span) {
    node.anchor = node.anchor.or(Some(node.span));
    node.span = alias;
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| rebase(item, alias)),
        Value::Mapping(entries) => {
            for entry in entries {
                entry.key_span = alias;
                rebase(&mut entry.value, alias);
            }
        }
        _ => {}
    }
}
