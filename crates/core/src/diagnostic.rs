//! The type of all findings about the input.

use crate::source::{FileId, Span};

/// Level of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The service would reject it, or do something unintended: it blocks the plan.
    Error,
    /// Probably a mistake.
    Warning,
    /// Good to know.
    Info,
}

impl Level {
    /// All levels, the most severe first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// Name in messages and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A rule: the ID and the documentation of a kind of finding. [`crate::rules::all`] lists all rules.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case noun for the problem, unique and never reused.
    pub id: &'static str,
    /// Level, unless the configuration sets another one.
    pub level: Level,
    /// Whether neither the service nor the catalog can use what the rule reports. Such findings are always errors: they
    /// cannot be lowered or suppressed.
    pub hard: bool,
    /// First version of controlsync with this rule.
    pub since: &'static str,
    /// Summary for lists, one sentence.
    pub summary: &'static str,
    /// Why it matters and what to do, as Markdown.
    pub why: &'static str,
}

impl Rule {
    /// URL of its section on the page that documents all rules.
    pub fn url(&self) -> String {
        format!("{}/blob/main/docs/reference/rules.md#{}", env!("CARGO_PKG_REPOSITORY"), self.id)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// Another location that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub file: FileId,
    /// Location in the file.
    pub span: Span,
    /// What is at this location.
    pub message: String,
}

/// One text replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The replaced span, in the file of the finding.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A fix for a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// Whether it certainly keeps the intended meaning.
    pub safe: bool,
    /// Replacements; they do not overlap.
    pub edits: Vec<Edit>,
    /// JSON pointers of the keys whose values it may change; everything else in the file keeps its value.
    pub scope: Vec<String>,
}

impl Fix {
    /// Whether it only removes text.
    pub fn removes(&self) -> bool {
        self.edits.iter().all(|edit| edit.text.is_empty())
    }
}

/// One finding: what is wrong, where, and what to do.
///
/// A span is a position in the text of a file, a pointer one in the value (JSON Pointer, RFC 6901); a report needs either, and a
/// finding of the schema has both. A fix is offered only if it leaves no other choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The violated rule.
    pub rule: &'static Rule,
    /// Its level.
    pub level: Level,
    /// What is wrong: a sentence without a period, with the actual and the allowed number.
    pub message: String,
    /// The file.
    pub file: FileId,
    /// Location in the file; empty at 0 if the finding is about the complete file.
    pub span: Span,
    /// JSON pointer of the key, as spelled in the file.
    pub pointer: Option<String>,
    /// Related locations.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<String>,
    /// Automatic fix.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Creates a finding with the default level of the rule.
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

    /// Sets the pointer.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a related location.
    #[must_use]
    pub fn related(mut self, file: FileId, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { file, span, message: message.into() });
        self
    }

    /// Sets the automatic fix, if there is one.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// Sorts findings as reports list them: by file, location, rule and message.
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
