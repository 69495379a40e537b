//! Comments that suppress a finding: `# controlsync: ignore RULE reason`, on the same line or above it.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::document::{COMMENT_MARK as MARK, Document};
use crate::edit::{is_block_header, is_empty_line, line_end, line_start};
use crate::plan;
use crate::rules::{self, Silencing, invalid_suppression, suppression_without_reason, unused_suppression};
use crate::source::{FileId, Source, Span};
use crate::suggest::closest;

/// A valid suppression comment.
struct Suppression<'a> {
    rule: &'a str,
    comment: Span,
    /// Line that it applies to, 1-based.
    line: usize,
    /// Whether it also applies to the file itself: it is above all other content.
    head: bool,
    used: bool,
}

/// Removes the findings of one file that a comment suppresses, and reports unused and invalid comments.
pub(crate) fn apply(file: FileId, source: &Source, document: &Document, found: &mut Vec<Diagnostic>) {
    let mut added = Vec::new();
    let lines = Lines::of(source);
    let read = |comment: &Span| read(file, source, &lines, *comment, &mut added);
    let mut suppressions: Vec<Suppression<'_>> = document.comments.iter().filter_map(read).collect();
    let mut by_target: BTreeMap<(&str, CommentTarget), Vec<usize>> = BTreeMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        by_target.entry((suppression.rule, CommentTarget::Line(suppression.line))).or_default().push(index);
        if suppression.head {
            by_target.entry((suppression.rule, CommentTarget::File)).or_default().push(index);
        }
    }
    found.retain(|diagnostic| {
        if diagnostic.rule.hard {
            return true;
        }
        let line = |span: Span| CommentTarget::Line(source.position(span.start).line);
        let of = |target| by_target.get(&(diagnostic.rule.id, target));
        let matching = if diagnostic.span == Span::default() {
            of(CommentTarget::File)
        } else {
            // A block scalar cannot contain a comment: it is at the key.
            of(line(diagnostic.span)).or_else(|| of(line(key_of(document, diagnostic)?)))
        };
        for index in matching.into_iter().flatten() {
            suppressions[*index].used = true;
        }
        matching.is_none()
    });
    for suppression in suppressions.iter().filter(|suppression| !suppression.used) {
        let message = format!("no finding of `{}` to ignore here", suppression.rule);
        let finding = Diagnostic::new(&unused_suppression::RULE, file, suppression.comment, message);
        found.push(finding.help("remove the comment").fix(without_comment(source, &lines, suppression.comment)));
    }
    found.append(&mut added);
}

/// Returns the key of the value that a finding is about.
fn key_of(document: &Document, diagnostic: &Diagnostic) -> Option<Span> {
    document.locate(diagnostic.pointer.as_deref()?)?.key
}

/// What a suppression applies to.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum CommentTarget {
    File,
    /// 1-based.
    Line(usize),
}

fn read<'a>(
    file: FileId,
    source: &'a Source,
    lines: &Lines,
    comment: Span,
    found: &mut Vec<Diagnostic>,
) -> Option<Suppression<'a>> {
    let text = source.slice(comment).trim_start_matches('#').trim();
    let rest = text.strip_prefix(MARK)?.trim_start();
    let mut invalid = |message: String, help: String| {
        found.push(Diagnostic::new(&invalid_suppression::RULE, file, comment, message).help(help));
    };
    let mut words = rest.splitn(2, char::is_whitespace);
    let directive = words.next().unwrap_or_default();
    if directive != "ignore" {
        let message = match directive {
            "" => "the comment has no directive".to_owned(),
            _ => format!("unknown directive `{directive}`"),
        };
        invalid(message, format!("write `# {MARK} ignore RULE reason`"));
        return None;
    }
    let mut words = words.next().unwrap_or_default().trim_start().splitn(2, char::is_whitespace);
    let id = words.next().unwrap_or_default();
    let reason = words.next().unwrap_or_default().trim();
    let Some(rule) = rules::find(id) else {
        let help = match closest(id, rules::all().map(|rule| rule.id)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write `# {MARK} ignore RULE reason`; `controlsync explain` lists the rules"),
        };
        invalid(
            if id.is_empty() { "the comment does not name a rule".to_owned() } else { format!("unknown rule `{id}`") },
            help,
        );
        return None;
    };
    if rule.hard {
        let message =
            format!("findings of `{id}` cannot be ignored: the service or the catalog cannot use such a definition");
        invalid(message, "fix what the rule reports, and remove the comment".to_owned());
        return None;
    }
    if rules::silencing(rule) != Silencing::Comment {
        let why = if plan::rules::ALL.contains(&rule) {
            "they depend on the account"
        } else {
            "comments apply only to definitions"
        };
        let message = format!("findings of `{id}` cannot be ignored by a comment: {why}");
        invalid(message, "remove the comment".to_owned());
        return None;
    }
    if reason.is_empty() {
        let message = format!("the comment gives no reason to ignore `{id}`");
        let finding = Diagnostic::new(&suppression_without_reason::RULE, file, comment, message);
        found.push(finding.help(format!("add it after the rule: `# {MARK} ignore {id} reason`")));
    }
    let (line, head) = lines.of_comment(source, comment);
    Some(Suppression { rule: rule.id, comment, line, head, used: false })
}

/// Lines of a file with more than comments, 1-based, in order.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &Source) -> Self {
        // As for positions, a lone carriage return does not end a line.
        let lines = source.text_or_empty().split('\n').enumerate();
        Self(lines.filter(|(_, line)| !is_empty_line(line)).map(|(index, _)| index + 1).collect())
    }

    /// Returns the line that a comment applies to (its own or, if it is alone there, the next line with content), and
    /// whether all content is below it.
    fn of_comment(&self, source: &Source, comment: Span) -> (usize, bool) {
        let own = source.position(comment.start).line;
        let next = self.0.partition_point(|line| *line < own);
        match self.0.get(next) {
            Some(line) if *line == own => (own, false),
            Some(line) => (*line, next == 0),
            None => (own + 1, next == 0),
        }
    }

    /// Returns the last line with content above a comment.
    fn above<'a>(&self, source: &'a Source, comment: Span) -> Option<&'a str> {
        let own = source.position(comment.start).line;
        let above = self.0.get(self.0.partition_point(|line| *line < own).checked_sub(1)?)?;
        source.text_or_empty().get(source.line_start(*above)..source.line_start(above + 1)).map(str::trim_end)
    }
}

/// Removes a comment: with its line if it is alone there, otherwise with the whitespace before it. `None` if it ends a
/// block scalar, which would continue without it.
fn without_comment(source: &Source, lines: &Lines, comment: Span) -> Option<Fix> {
    let text = source.text_or_empty();
    let line = line_start(text, comment.start as usize);
    let line = line + if text[line..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let before = &text[line..comment.start as usize];
    let span = if before.trim().is_empty() {
        if lines.above(source, comment).is_some_and(is_block_header) {
            return None;
        }
        Span::new(line, line_end(text, comment.end as usize))
    } else {
        Span::new(line + before.trim_end().len(), comment.end as usize)
    };
    let edits = vec![Edit { span, text: String::new() }];
    Some(Fix { title: "remove the comment".to_owned(), safe: true, edits, scope: Vec::new() })
}
