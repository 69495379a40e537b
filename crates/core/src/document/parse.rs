//! Reads a text, or says why it cannot be read.

use std::borrow::Cow;

use granit_parser::{Parser, options};

use super::build::{Builder, MAX_NESTING, Tags};
use super::json::{self, StandIns};
use super::{COMMENT_MARK, Document, rules};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, MAX_FILE_BYTES, NoText, Source, Span};

/// Parses a YAML or JSON text.
///
/// Returns no document if there is a syntax error or a budget is exceeded. After all other errors, the rest of the file
/// is still checked.
pub fn parse(file: FileId, source: &Source) -> (Option<Document>, Vec<Diagnostic>) {
    parse_with(file, source, Tags::Core)
}

/// Parses a template of AWS CloudFormation, see [`parse`]. Functions in short form become the long one.
pub(crate) fn parse_template(file: FileId, source: &Source) -> (Option<Document>, Vec<Diagnostic>) {
    parse_with(file, source, Tags::Functions)
}

fn parse_with(file: FileId, source: &Source, tags: Tags) -> (Option<Document>, Vec<Diagnostic>) {
    if let Err(reason) = source.text() {
        return (None, vec![no_text(file, reason)]);
    }
    let limit = MAX_NESTING + 1;
    let options = options! {
        // Few files have such comments, and the parser is faster without comments.
        emit_comments: source.text_or_empty().contains(COMMENT_MARK),
        max_buffered_comment_events: usize::MAX,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limit,
        block_nesting_limit: limit,
    };
    let text = source.text_or_empty();
    let (text, stand_ins) =
        if source.is_json() { json::for_yaml(text) } else { (Cow::Borrowed(text), StandIns::default()) };
    let mut builder = Builder::new(file, source, tags, stand_ins);
    for next in Parser::new_from_str_with_options(&text, options) {
        let step = match next {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if let Err(fatal) = step {
            return (None, builder.fail(*fatal));
        }
    }
    let (document, mut diagnostics) = builder.finish();
    if document.is_none() {
        diagnostics.push(empty(file, source));
    }
    (document, diagnostics)
}

/// Returns what is wrong with a file that is used as it is: it cannot be read, or it is empty.
pub(crate) fn check_text(file: FileId, source: &Source) -> Option<Diagnostic> {
    match source.text() {
        Err(reason) => Some(no_text(file, reason)),
        Ok(text) if text.trim().is_empty() => Some(empty(file, source)),
        Ok(_) => None,
    }
}

fn empty(file: FileId, source: &Source) -> Diagnostic {
    let message = format!("the file does not contain a {}", source.kind().noun());
    let empty = Diagnostic::new(&rules::empty_file::RULE, file, Span::default(), message);
    empty.help("write the definition, or remove the file")
}

pub(super) fn no_text(file: FileId, reason: &NoText) -> Diagnostic {
    let (rule, message, help) = match reason {
        NoText::TooLarge(size) => (
            &rules::file_too_large::RULE,
            format!("the file has {size} bytes; at most {MAX_FILE_BYTES} are allowed"),
            "a definition is much smaller: move other files out of the catalog",
        ),
        NoText::SymbolicLink => (
            &rules::symbolic_link::RULE,
            "the file is a symbolic link; links are not followed".to_owned(),
            "replace the link with the file, or remove it",
        ),
        NoText::NotUtf8 { offset, line } => (
            &rules::invalid_encoding::RULE,
            format!("the file is not valid UTF-8: invalid byte at offset {offset} on line {line}"),
            "save the file as UTF-8",
        ),
        NoText::Unreadable(reason) => (
            &rules::unreadable_file::RULE,
            format!("the file cannot be read: {reason}"),
            "grant permission to read the file and to use its encryption key, or remove the file",
        ),
    };
    Diagnostic::new(rule, file, Span::default(), message).help(help)
}
