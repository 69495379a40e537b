//! The parser's errors in words that say what to do.

use granit_parser::ErrorKind;

use super::rules;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Whether a tab is the fault.
pub(super) const fn is_tab(kind: &ErrorKind) -> bool {
    use ErrorKind as K;
    matches!(
        kind,
        K::TabInBlockIndentation
            | K::TabNotAllowed
            | K::TabInPlainScalar
            | K::TabInIndentation
            | K::TabAtBlockScalarStart
    )
}

/// The fault of a file in which git left a conflict of two versions, at the first line that it put in.
pub(super) fn conflict(file: FileId, text: &str) -> Option<Diagnostic> {
    let line_starting = |marker: &str, from: usize| {
        let mut found = text[from..].match_indices(marker).map(|(at, _)| from + at);
        found.find(|at| *at == 0 || text[..*at].ends_with('\n'))
    };
    let start = line_starting("<<<<<<< ", 0)?;
    line_starting(">>>>>>> ", start)?;
    let span = Span::new(start, start + "<<<<<<<".len());
    let fault = Diagnostic::new(&rules::syntax_error::RULE, file, span, "a merge conflict is not resolved");
    Some(fault.help("keep what is meant, and remove the lines that start with <<<<<<<, ======= and >>>>>>>"))
}

/// What is wrong and how to mend it.
pub(super) fn explain(kind: &ErrorKind) -> (String, Option<&'static str>) {
    use ErrorKind as K;
    let (message, help) = match kind {
        tab if is_tab(tab) => ("a tab is used for indentation", Some("indent with spaces")),
        K::MappingValueNotAllowed | K::InvalidColonPlacement => (
            "a `:` stands where no value can start",
            Some("quote a text that holds `: `, or check the indentation of this line and the one above"),
        ),
        K::MappingKeyNotAllowed | K::SimpleKeyExpected | K::InvalidSimpleKey | K::ExpectedBlockMappingKey => (
            "a `key: value` is expected here",
            Some(
                "add the missing `:`, or indent the line so that it belongs to the text above; quote a text that starts with a special character",
            ),
        ),
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => (
            "a list item does not fit here",
            Some("give every `- ` of a list the same indentation; quote a text that starts with `- `"),
        ),
        K::InvalidIndentation | K::InvalidFlowScalarIndent | K::InvalidBlockScalarIndent => {
            ("the indentation does not fit", Some("indent with the same number of spaces as the lines it belongs to"))
        }
        K::InvalidQuotedScalarIndent | K::UnclosedQuotedScalar | K::DocumentIndicatorInQuotedScalar => {
            ("a quoted text is not closed", Some("add the closing quote; inside '…' write an apostrophe as ''"))
        }
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => (
            "there is text after the closing quote",
            Some("quote the whole text; inside '…' write an apostrophe as '', inside \"…\" a quote as \\\""),
        ),
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidUnicodeEscape
        | K::InvalidLowSurrogate
        | K::InvalidLowSurrogateHexEscape
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate => (
            "an escape in a quoted text is not one that YAML knows",
            Some("write a backslash as \\\\, or use '…' quotes"),
        ),
        K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator => (
            "a `[` or `{` is not closed, or a comma is missing",
            Some("close it, or put a comma between the items; quote a text that starts with [ or {"),
        ),
        K::MisplacedFlowCollectionEnd | K::MismatchedFlowCollectionEnd { .. } => {
            ("a `]` or `}` closes nothing", Some("remove it, or quote the text that it belongs to"))
        }
        K::UnexpectedCharacter { character: '@' | '`' | '%' | '|' | '>' } => {
            ("a text cannot start with this character", Some("quote the text"))
        }
        K::UnexpectedCharacter { .. } => (
            "a control character is not allowed in YAML",
            Some("remove it, or write it as an escape such as \\u0007 in a \"…\" text"),
        ),
        K::PlainScalarStartsWithDashFlowIndicator => {
            ("a text cannot start with `-` followed by , [ ] { or }", Some("quote the text"))
        }
        K::RecursionLimitExceeded => {
            ("the nesting is too deep", Some("a control or a framework needs no more than four levels"))
        }
        K::BomInsideDocument => {
            ("a byte order mark stands inside the text", Some("remove it; it may only start the file"))
        }
        K::CommentInterceptedScalar => (
            "a comment stands within a text that goes on below",
            Some("quote the text where `#` belongs to it, else put the comment on a line above"),
        ),
        K::CommentNotSeparated => ("a `#` stands right behind a value", Some("put a blank before the comment")),
        K::MissingAnchorOrAliasName => {
            ("a `*` or `&` that starts a value needs a name behind it", Some("quote a text that starts with it"))
        }
        K::InvalidBlockScalarHeader | K::ZeroBlockScalarIndent => (
            "a block of text starts on the line below `|` or `>`",
            Some("move the text there, or quote a text that starts with `|` or `>`"),
        ),
        K::InvalidTagTerminator | K::MissingTagUri | K::UnclosedVerbatimTag => {
            ("a `!` that starts a value needs the name of a tag", Some("quote a text that starts with `!`"))
        }
        K::UndeclaredTagHandle => {
            ("a `!` tag is used that nothing declares", Some("remove the tag, or quote a text that starts with `!`"))
        }
        K::InvalidDocumentEnd => {
            ("there is text after the end of the document", Some("remove the `...` line or what follows it"))
        }
        _ => {
            return (
                kind.to_string(),
                Some("check this line and the one above it; quote texts with special characters"),
            );
        }
    };
    (message.to_owned(), help)
}
