//! Comments that say why a finding is none: `# controlsync: ignore RULE reason`, on the line or above it.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::document::{COMMENT_MARK as MARK, Document};
use crate::edit::{is_block_header, is_empty_line, line_end, line_start};
use crate::plan;
use crate::rules::{self, Silencing, invalid_suppression, suppression_without_reason, unused_suppression};
use crate::source::{FileId, Source, Span};
use crate::suggest::closest;

/// A comment that is well formed.
struct Suppression<'a> {
    rule: &'a str,
    comment: Span,
    /// The line that it speaks of, from 1.
    line: usize,
    /// Whether it also speaks of the file as a whole: it stands above everything.
    head: bool,
    used: bool,
}

/// Takes out of the findings of one file those that a comment speaks of, and reports comments that do no good.
pub(crate) fn apply(file: FileId, source: &Source, document: &Document, found: &mut Vec<Diagnostic>) {
    let mut added = Vec::new();
    let lines = Lines::of(source);
    let read = |comment: &Span| read(file, source, &lines, *comment, &mut added);
    let mut suppressions: Vec<Suppression<'_>> = document.comments.iter().filter_map(read).collect();
    let mut of_place: BTreeMap<(&str, CommentTarget), Vec<usize>> = BTreeMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        of_place.entry((suppression.rule, CommentTarget::Line(suppression.line))).or_default().push(index);
        if suppression.head {
            of_place.entry((suppression.rule, CommentTarget::File)).or_default().push(index);
        }
    }
    found.retain(|diagnostic| {
        if diagnostic.rule.hard {
            return true;
        }
        let line = |span: Span| CommentTarget::Line(source.position(span.start).line);
        let of = |place| of_place.get(&(diagnostic.rule.id, place));
        let matching = if diagnostic.span == Span::default() {
            of(CommentTarget::File)
        } else {
            // A block of text has no place for a comment: that stands at its key.
            of(line(diagnostic.span)).or_else(|| of(line(key_of(document, diagnostic)?)))
        };
        for index in matching.into_iter().flatten() {
            suppressions[*index].used = true;
        }
        matching.is_none()
    });
    for suppression in suppressions.iter().filter(|suppression| !suppression.used) {
        let message = format!("there is no finding of `{}` here that could be ignored", suppression.rule);
        let fault = Diagnostic::new(&unused_suppression::RULE, file, suppression.comment, message);
        found.push(fault.help("remove the comment").fix(without_comment(source, &lines, suppression.comment)));
    }
    found.append(&mut added);
}

/// The key of the member that a finding is about.
fn key_of(document: &Document, diagnostic: &Diagnostic) -> Option<Span> {
    document.locate(diagnostic.pointer.as_deref()?)?.key
}

/// What a finding is about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum CommentTarget {
    File,
    /// From 1.
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
    let verb = words.next().unwrap_or_default();
    if verb != "ignore" {
        let message = match verb {
            "" => "the comment asks for nothing".to_owned(),
            _ => format!("`{verb}` is nothing that a comment can ask for"),
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
            if id.is_empty() { "the comment names no rule".to_owned() } else { format!("there is no rule `{id}`") },
            help,
        );
        return None;
    };
    if rule.hard {
        let message =
            format!("findings of `{id}` cannot be ignored: the service, or the catalog, cannot work with them");
        invalid(message, "mend what the rule finds, and remove the comment".to_owned());
        return None;
    }
    if rules::silencing(rule) != Silencing::Comment {
        let why = if plan::rules::ALL.contains(&rule) {
            "they depend on the account"
        } else {
            "comments speak of definitions only"
        };
        let message = format!("findings of `{id}` cannot be ignored by a comment: {why}");
        invalid(message, "remove the comment".to_owned());
        return None;
    }
    if reason.is_empty() {
        let message = format!("the comment does not say why `{id}` is ignored");
        let fault = Diagnostic::new(&suppression_without_reason::RULE, file, comment, message);
        found.push(fault.help(format!("write it behind the rule: `# {MARK} ignore {id} reason`")));
    }
    let (line, head) = lines.of_comment(source, comment);
    Some(Suppression { rule: rule.id, comment, line, head, used: false })
}

/// The lines of a file that hold more than comments, from 1, in order.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &Source) -> Self {
        // As lines are counted for places: a lone carriage return ends none.
        let lines = source.text_or_empty().split('\n').enumerate();
        Self(lines.filter(|(_, line)| !is_empty_line(line)).map(|(index, _)| index + 1).collect())
    }

    /// The line that a comment speaks of: its own, or, where it stands alone, the next one; and whether nothing stands
    /// above it.
    fn of_comment(&self, source: &Source, comment: Span) -> (usize, bool) {
        let own = source.position(comment.start).line;
        let next = self.0.partition_point(|line| *line < own);
        match self.0.get(next) {
            Some(line) if *line == own => (own, false),
            Some(line) => (*line, next == 0),
            None => (own + 1, next == 0),
        }
    }

    /// The line above a comment.
    fn above<'a>(&self, source: &'a Source, comment: Span) -> Option<&'a str> {
        let own = source.position(comment.start).line;
        let above = self.0.get(self.0.partition_point(|line| *line < own).checked_sub(1)?)?;
        source.text_or_empty().get(source.line_start(*above)..source.line_start(above + 1)).map(str::trim_end)
    }
}

/// The comment taken away: with its line where it stands alone, else with the blanks before it. None where it ends a
/// block of text, which would go on without it.
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
