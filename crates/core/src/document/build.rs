//! From the parser's events to the tree. Every form of hostile input ends here: nesting, node and alias budgets, one
//! document, no merge keys, no keys that are collections. Nothing recurses on input deeper than [`MAX_NESTING`].

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use super::{COMMENT_MARK, Document, Entry, Node, Value, rules, scalar, syntax};
use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{FileId, MAX_FILE_BYTES, NoText, Source, Span};

/// How deep lists and mappings may be nested; a framework needs four levels.
pub const MAX_NESTING: usize = 64;
/// How many values a file may hold, those that aliases bring in counted each time. A framework of 1,400 controls has
/// some 1,500, a control of 100 data sources some 1,000.
pub const MAX_NODES: usize = 50_000;
/// How many bytes of text anchors and aliases may bring in.
pub const MAX_ALIAS_BYTES: usize = 1024 * 1024;

/// Parses a YAML or JSON text.
///
/// No document where the syntax is broken or a budget is exceeded; for every other fault the rest of the file is still
/// there to be checked.
pub fn parse(file: FileId, source: &Source) -> (Option<Document>, Vec<Diagnostic>) {
    if let Err(reason) = source.text() {
        return (None, vec![no_text(file, reason)]);
    }
    let limit = MAX_NESTING + 1;
    let options = options! {
        // Few files have such comments, and the parser is faster without.
        emit_comments: source.text_or_empty().contains(COMMENT_MARK),
        max_buffered_comment_events: usize::MAX,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limit,
        block_nesting_limit: limit,
    };
    let mut builder = Builder::new(file, source);
    for next in Parser::new_from_str_with_options(source.text_or_empty(), options) {
        let step = match next {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if let Err(fatal) = step {
            builder.diagnostics.push(*fatal);
            return (None, builder.diagnostics);
        }
    }
    if builder.root.is_none() {
        let message = format!("the file holds no {}", source.kind().noun());
        let empty = Diagnostic::new(&rules::empty_file::RULE, file, Span::default(), message);
        builder.diagnostics.push(empty.help("write the definition, or remove the file"));
    }
    let Builder { root, comments, repeated, tagged, diagnostics, .. } = builder;
    (root.map(|root| Document { root, comments, repeated, tagged }), diagnostics)
}

pub(super) fn no_text(file: FileId, reason: &NoText) -> Diagnostic {
    let (rule, message, help) = match reason {
        NoText::TooLarge(size) => (
            &rules::file_too_large::RULE,
            format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are read"),
            "a definition needs a small part of that: move everything else out of the catalog",
        ),
        NoText::SymbolicLink => (
            &rules::symbolic_link::RULE,
            "the file is a symbolic link; links are not followed".to_owned(),
            "put the file itself here, or remove the link",
        ),
        NoText::NotUtf8 { offset, line } => (
            &rules::invalid_encoding::RULE,
            format!("the file is not UTF-8: byte {offset}, on line {line}, belongs to no character"),
            "save the file as UTF-8",
        ),
        NoText::Unreadable(reason) => (
            &rules::unreadable_file::RULE,
            format!("the file cannot be read: {reason}"),
            "give the reader of the catalog permission to the file and to its key, or remove the file",
        ),
    };
    Diagnostic::new(rule, file, Span::default(), message).help(help)
}

/// A fault after which the rest of the file means nothing.
type Fatal = Box<Diagnostic>;

/// What a subtree costs when an alias repeats it.
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
    measure: Measure,
}

enum Container {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, seen: HashMap<String, Span>, key: Key },
}

/// Where a mapping stands between its events.
enum Key {
    Awaited,
    Read(String, Span),
    /// A key that was reported: its value is parsed and dropped.
    Refused(Span),
}

struct Builder<'a> {
    file: FileId,
    source: &'a Source,
    stack: Vec<Frame>,
    anchors: HashMap<usize, (Node, Measure)>,
    anchor_names: HashMap<usize, Span>,
    nodes: usize,
    alias_bytes: usize,
    documents: usize,
    comments: Vec<Span>,
    repeated: Vec<Span>,
    tagged: Vec<Span>,
    /// The end of what was read last.
    read_to: u32,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, source: &'a Source) -> Self {
        Self {
            file,
            source,
            stack: Vec::new(),
            anchors: HashMap::new(),
            anchor_names: HashMap::new(),
            nodes: 0,
            alias_bytes: 0,
            documents: 0,
            comments: Vec::new(),
            repeated: Vec::new(),
            tagged: Vec::new(),
            read_to: 0,
            root: None,
            diagnostics: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, at: &granit_parser::Span) -> Result<(), Fatal> {
        let span = self.span(at);
        self.read_to = self.read_to.max(span.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "the file holds more than one document";
                    let help =
                        "one file holds one control or one framework: move what follows `---` to a file of its own";
                    return Err(Box::new(self.fault(&rules::multiple_documents::RULE, span, message).help(help)));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), at, span);
                let span = self.trimmed(span);
                if tag.is_some() {
                    self.tagged.push(span);
                }
                if self.awaits_key() {
                    self.count(1, span)?;
                    self.key(&text, style, span);
                    if anchor != 0 {
                        let node = Node { value: Value::String(text.into_owned()), span, anchor: None };
                        let measure = Measure { nodes: 1, bytes: span.range().len(), height: 0 };
                        self.remember(anchor, &node, measure, span)?;
                    }
                } else {
                    let span = if span.is_empty() { self.nothing(span) } else { span };
                    let node = Node { value, span, anchor: None };
                    self.count(1, span)?;
                    self.place(node, Measure { nodes: 1, bytes: text.len(), height: 0 }, anchor)?;
                }
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", at, span);
                self.open(Container::Sequence(Vec::new()), style, anchor, span)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", at, span);
                let container = Container::Mapping { entries: Vec::new(), seen: HashMap::new(), key: Key::Awaited };
                self.open(container, style, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => self.alias(id, span)?,
            Event::UnresolvedAlias(name) => {
                let message = format!("the alias `*{name}` has no anchor above it");
                let fault = self.fault(&rules::unresolved_alias::RULE, span, message);
                self.diagnostics
                    .push(fault.help("define `&name` before it is used, or quote a text that starts with `*`"));
                self.count(1, span)?;
                self.place_or_refuse_key(Node { value: Value::Unresolved, span, anchor: None }, 0, span)?;
            }
            Event::Comment(text, _) if text.contains(COMMENT_MARK) => self.comments.push(span),
            Event::Anchor(id, _) => {
                self.anchor_names.insert(id, span);
            }
            // Stream and document ends; what a later parser may add is presentation.
            _ => {}
        }
        Ok(())
    }

    /// A value that is not a scalar: where a key is awaited, that is a fault of its own.
    fn place_or_refuse_key(&mut self, node: Node, anchor: usize, span: Span) -> Result<(), Fatal> {
        if self.awaits_key() {
            self.refuse_key(span);
            return Ok(());
        }
        self.place(node, Measure { nodes: 1, bytes: 0, height: 0 }, anchor)
    }

    fn refuse_key(&mut self, span: Span) {
        let fault = self.fault(&rules::complex_key::RULE, span, "a key must be a plain text");
        self.diagnostics.push(fault.help("write the key as a text; lists, mappings and aliases cannot be keys"));
        if let Some(Frame { container: Container::Mapping { key, .. }, .. }) = self.stack.last_mut() {
            *key = Key::Refused(span);
        }
    }

    fn open(&mut self, container: Container, style: StructureStyle, anchor: usize, span: Span) -> Result<(), Fatal> {
        if self.stack.len() >= MAX_NESTING {
            return Err(self.too_deep(span));
        }
        self.count(1, span)?;
        let flow = style == StructureStyle::Flow;
        let measure = Measure { nodes: 1, bytes: 0, height: 1 };
        self.stack.push(Frame { container, start: span.start, end: span.end, flow, anchor, measure });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Fatal> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let end = if frame.flow { span.end } else { frame.end };
        let span = Span { start: frame.start, end: end.max(frame.start) };
        if self.awaits_key() {
            self.refuse_key(span);
            return Ok(());
        }
        let value = match frame.container {
            Container::Sequence(items) => Value::Sequence(items),
            Container::Mapping { entries, .. } => Value::Mapping(entries),
        };
        self.place(Node { value, span, anchor: None }, frame.measure, frame.anchor)
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Fatal> {
        let Some((node, measure)) = self.anchors.get(&id) else {
            let fault = self.fault(
                &rules::unresolved_alias::RULE,
                span,
                "the alias stands inside the value that its anchor names",
            );
            self.diagnostics.push(fault.help("write the value out"));
            self.count(1, span)?;
            return self.place_or_refuse_key(Node { value: Value::Unresolved, span, anchor: None }, 0, span);
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
        if self.awaits_key() {
            self.refuse_key(span);
            return Ok(());
        }
        self.place(node, measure, 0)
    }

    /// Puts a finished value where it belongs.
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
                if let Key::Read(key, key_span) = std::mem::replace(key, Key::Awaited) {
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

    fn awaits_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { container: Container::Mapping { key: Key::Awaited, .. }, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, span: Span) {
        let merge = text == "<<" && style == ScalarStyle::Plain;
        let (file, span_of_key) = (self.file, span);
        let Some(frame) = self.stack.last_mut() else { return };
        frame.end = frame.end.max(span.end);
        let Container::Mapping { key, seen, .. } = &mut frame.container else { return };
        if merge {
            *key = Key::Refused(span);
            let fault =
                Diagnostic::new(&rules::merge_key::RULE, file, span, "merge keys (`<<`) are not part of YAML 1.2");
            self.diagnostics.push(fault.help("write the members out, or use an alias for a whole value"));
            return;
        }
        if let Some(first) = seen.get(text) {
            *key = Key::Refused(span);
            let fault = Diagnostic::new(
                &rules::duplicate_key::RULE,
                file,
                span_of_key,
                format!("the key `{text}` is there twice"),
            );
            let fault = fault.related(file, *first, "first here").help("remove one of the two");
            self.diagnostics.push(fault);
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

    fn check_collection_tag(&mut self, tag: Option<&Tag>, expected: &str, at: &granit_parser::Span, span: Span) {
        if tag.is_some_and(|tag| tag.core_suffix() != Some(expected)) {
            self.unsupported_tag(at, span);
        }
    }

    fn unsupported_tag(&mut self, at: &granit_parser::Span, span: Span) {
        let tag = at.tag_span().map_or(span, |tag| self.span(&tag));
        let message = format!("the tag `{}` means nothing here", self.source.slice(tag));
        let fault = self.fault(&rules::unsupported_tag::RULE, tag, message);
        self.diagnostics.push(fault.help("remove the tag, or quote a text that starts with `!`"));
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Fatal> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            let message = format!("the file holds more than {MAX_NODES} values");
            let fault = self.fault(&rules::file_too_complex::RULE, span, message);
            return Err(Box::new(fault.help("a file holds one control or one framework; split it")));
        }
        Ok(())
    }

    fn too_deep(&self, span: Span) -> Fatal {
        let message = format!("lists and mappings are nested deeper than {MAX_NESTING} levels");
        Box::new(
            self.fault(&rules::nesting_too_deep::RULE, span, message)
                .help("a control or a framework needs no more than four levels"),
        )
    }

    fn alias_budget(&self, span: Span) -> Fatal {
        let message =
            format!("anchors and aliases bring in more than {MAX_NODES} values or {MAX_ALIAS_BYTES} bytes of text");
        Box::new(
            self.fault(&rules::alias_expansion::RULE, span, message).help("write the values out, or split the file"),
        )
    }

    fn syntax_error(&self, error: &granit_parser::ScanError) -> Fatal {
        let text = self.source.text_or_empty();
        if let Some(conflict) = syntax::conflict(self.file, text) {
            return Box::new(conflict);
        }
        let offset = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
        let start = if text.is_char_boundary(offset) { offset } else { text.len() };
        // The parser notices a tab where the line before it ends.
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
        let mut fault = self.fault(rule, quote.unwrap_or(span), message);
        fault.help = help.map(str::to_owned);
        if let Some(frame) = self.stack.last().filter(|frame| frame.flow && quote.is_none()) {
            let opening = Span { start: frame.start, end: frame.start + 1 };
            // A lone `key: value` in a list is a mapping too, and nothing opens it.
            if matches!(self.source.slice(opening), "[" | "{") {
                fault = fault.related(self.file, opening, "opened here");
            }
        }
        Box::new(fault)
    }

    /// Where a quoted text starts that does not end: the first quote behind what was read last.
    fn opening_quote(&self, kind: &ErrorKind) -> Option<Span> {
        let unclosed = [
            ErrorKind::UnclosedQuotedScalar,
            ErrorKind::InvalidQuotedScalarIndent,
            ErrorKind::DocumentIndicatorInQuotedScalar,
        ];
        let rest = self.source.text_or_empty().get(self.read_to as usize..).filter(|_| unclosed.contains(kind))?;
        let at = self.read_to as usize + rest.find(['"', '\''])?;
        Some(Span::new(at, at + 1))
    }

    fn fault(&self, rule: &'static Rule, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(rule, self.file, span, message)
    }

    fn span(&self, span: &granit_parser::Span) -> Span {
        let end = self.source.text_or_empty().len();
        let offset = |marker: granit_parser::Marker| marker.byte_offset().unwrap_or(end).min(end);
        Span::new(offset(span.start), offset(span.end))
    }

    /// Without the blank lines that the parser counts to a block scalar.
    fn trimmed(&self, span: Span) -> Span {
        Span::new(span.start as usize, span.start as usize + self.source.slice(span).trim_end().len())
    }

    /// The place of a value that is not there: right behind its key.
    fn nothing(&self, span: Span) -> Span {
        match self.stack.last() {
            Some(Frame {
                container: Container::Mapping { key: Key::Read(_, key) | Key::Refused(key), .. }, ..
            }) => Span { start: key.end, end: key.end },
            _ => span,
        }
    }
}

/// What an alias brings in stands where the alias stands.
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
