//! Messages and help for the parser's errors.

use granit_parser::ErrorKind;

use super::rules;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Whether the error is about a tab.
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

/// Returns a finding for an unresolved git merge conflict, at its first marker.
pub(super) fn conflict(file: FileId, text: &str) -> Option<Diagnostic> {
    let line_starting = |marker: &str, from: usize| {
        let mut found = text[from..].match_indices(marker).map(|(at, _)| from + at);
        found.find(|at| *at == 0 || text[..*at].ends_with('\n'))
    };
    let start = line_starting("<<<<<<< ", 0)?;
    line_starting(">>>>>>> ", start)?;
    let span = Span::new(start, start + "<<<<<<<".len());
    let finding = Diagnostic::new(&rules::syntax_error::RULE, file, span, "unresolved merge conflict");
    Some(finding.help("keep the correct version, and remove the lines that start with <<<<<<<, ======= and >>>>>>>"))
}

/// Returns the message and the help for a parser error.
#[expect(clippy::too_many_lines, reason = "a table: one entry for each error of the parser")]
pub(super) fn explain(kind: &ErrorKind) -> (String, Option<&'static str>) {
    use ErrorKind as K;
    let (message, help) = match kind {
        tab if is_tab(tab) => ("a tab is used for indentation", Some("indent with spaces")),
        K::MappingValueNotAllowed | K::InvalidColonPlacement => (
            "unexpected `:`: no value can start here",
            Some("quote a string that contains `: `, or check the indentation of this line and the one above"),
        ),
        K::MappingKeyNotAllowed | K::SimpleKeyExpected | K::InvalidSimpleKey | K::ExpectedBlockMappingKey => (
            "expected `key: value`",
            Some(
                "add the missing `:`, or indent the line if it continues the string above; quote a string that starts \
                 with a special character",
            ),
        ),
        K::ExpectedBlockSequenceEntry | K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection => (
            "unexpected list item",
            Some("give every `- ` of a list the same indentation; quote a string that starts with `- `"),
        ),
        K::InvalidIndentation | K::InvalidFlowScalarIndent | K::InvalidBlockScalarIndent => {
            ("wrong indentation", Some("indent with the same number of spaces as the lines that it belongs to"))
        }
        K::InvalidQuotedScalarIndent | K::UnclosedQuotedScalar | K::DocumentIndicatorInQuotedScalar => {
            ("unclosed quoted string", Some("add the closing quote; inside '…' write an apostrophe as ''"))
        }
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => (
            "unexpected text after the closing quote",
            Some("quote the complete string; inside '…' write an apostrophe as '', inside \"…\" a quote as \\\""),
        ),
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidUnicodeEscape
        | K::InvalidLowSurrogate
        | K::InvalidLowSurrogateHexEscape
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate => {
            ("invalid escape in a quoted string", Some("write a backslash as \\\\, or use '…' quotes"))
        }
        K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator => (
            "unclosed `[` or `{`, or missing comma",
            Some("close it, or put a comma between the items; quote a string that starts with [ or {"),
        ),
        K::MisplacedFlowCollectionEnd | K::MismatchedFlowCollectionEnd { .. } => {
            ("unexpected `]` or `}`", Some("remove it, or quote the string that it belongs to"))
        }
        K::UnexpectedCharacter { character: '@' | '`' | '%' | '|' | '>' } => {
            ("an unquoted string cannot start with this character", Some("quote the string"))
        }
        K::UnexpectedCharacter { .. } => (
            "YAML does not allow control characters",
            Some("remove it, or write it as an escape such as \\u0007 in a \"…\" string"),
        ),
        K::PlainScalarStartsWithDashFlowIndicator => {
            ("an unquoted string cannot start with `-` followed by , [ ] { or }", Some("quote the string"))
        }
        K::RecursionLimitExceeded => {
            ("the nesting is too deep", Some("a control or a framework needs only four levels"))
        }
        K::BomInsideDocument => {
            ("byte order mark inside the text", Some("remove it; it is allowed only at the start of a file"))
        }
        K::CommentInterceptedScalar => (
            "comment inside a multi-line string",
            Some("quote the string if `#` belongs to it; otherwise move the comment to a line above"),
        ),
        K::CommentNotSeparated => ("missing space before `#`", Some("put a space before the comment")),
        K::MissingAnchorOrAliasName => ("missing name after `*` or `&`", Some("quote a string that starts with it")),
        K::InvalidBlockScalarHeader | K::ZeroBlockScalarIndent => (
            "invalid text after `|` or `>`",
            Some("move the text to the next line, or quote a string that starts with `|` or `>`"),
        ),
        K::InvalidTagTerminator | K::MissingTagUri | K::UnclosedVerbatimTag => {
            ("missing tag name after `!`", Some("quote a string that starts with `!`"))
        }
        K::UndeclaredTagHandle => ("undeclared tag", Some("remove the tag, or quote a string that starts with `!`")),
        K::InvalidDocumentEnd => {
            ("unexpected text after the end of the document", Some("remove the `...` line or the text after it"))
        }
        _ => {
            return (
                kind.to_string(),
                Some("check this line and the one above it; quote strings with special characters"),
            );
        }
    };
    (message.to_owned(), help)
}
