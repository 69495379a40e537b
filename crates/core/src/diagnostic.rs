//! The one type in which everything that is wrong with the input is told.

use crate::source::{FileId, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The service would refuse it, or do what nobody wants: no plan is made from it.
    Error,
    /// Most likely a mistake.
    Warning,
    /// Good to know.
    Info,
}

impl Level {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The word for people and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// What can be wrong: the identity of a finding and its documentation. The registry of all of them is
/// [`crate::rules::all`].
#[derive(Debug)]
pub struct Rule {
    /// A kebab-case noun for the fault, unique and never reused.
    pub id: &'static str,
    /// How bad it is where the configuration says nothing else.
    pub level: Level,
    /// Whether the service, or the catalog, cannot work with what it finds. Such findings are always errors: they can
    /// be neither lowered nor suppressed.
    pub hard: bool,
    /// The version of controlsync that had it first.
    pub since: &'static str,
    /// One sentence for lists.
    pub summary: &'static str,
    /// Why it matters and what to do, as Markdown.
    pub why: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub file: FileId,
    /// The place in it.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in the file of the finding.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A way to mend a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// Whether the meaning surely stays what the author wanted.
    pub safe: bool,
    /// The replacements; they do not overlap.
    pub edits: Vec<Edit>,
    /// JSON pointers of the members whose values it may change; everything else in the file keeps its value.
    pub scope: Vec<String>,
}

impl Fix {
    /// Whether it takes away what it is about, and puts nothing in its place.
    pub fn removes(&self) -> bool {
        self.edits.iter().all(|edit| edit.text.is_empty())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of fault it is.
    pub rule: &'static Rule,
    /// How bad it is.
    pub level: Level,
    /// What is wrong: a sentence without a full stop, with the measured and the allowed figure.
    pub message: String,
    /// The file.
    pub file: FileId,
    /// The place in it; empty at 0 where the whole file is meant.
    pub span: Span,
    /// JSON pointer of the member, as written in the file.
    pub pointer: Option<String>,
    /// Other places.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<String>,
    /// A way to mend it by machine.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding of a rule at a place, with the rule's own level.
    pub fn new(rule: &'static Rule, file: FileId, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            message: message.into(),
            file,
            span,
            pointer: None,
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Names the member.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, file: FileId, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { file, span, message: message.into() });
        self
    }

    /// Adds a way to mend it by machine, where there is one.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// The order of every report: by file, then place, then rule, then message.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        (a.file, a.span.start, a.rule.id, &a.message, a.span.end).cmp(&(
            b.file,
            b.span.start,
            b.rule.id,
            &b.message,
            b.span.end,
        ))
    });
}

/// `1 control`, `2 controls`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
