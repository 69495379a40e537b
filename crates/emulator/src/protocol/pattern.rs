//! Patterns of service models, as plain functions.
//!
//! A pattern must match the full string, with the character classes of Java, the language of the services: `\s` is ASCII
//! whitespace, and `.` is anything but a line terminator.

/// A pattern of a model: its text, for messages, and its implementation.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The pattern as written in the model.
    pub(crate) text: &'static str,
    /// Whether a full string matches.
    pub(crate) matches: fn(&str) -> bool,
}

pub(crate) static NOT_BLANK: Pattern = Pattern {
    text: r".*\S.*",
    matches: |text| !text.contains(is_line_terminator) && text.chars().any(|c| !is_java_space(c)),
};

/// The range `+-=` includes the digits and `+ , - . / : ; < =`, but not a space or `@`.
pub(crate) static TAG_KEY: Pattern = Pattern {
    text: r"^(?!aws:)[a-zA-Z+-=._:/]+$",
    matches: |text| {
        !text.is_empty()
            && !text.starts_with("aws:")
            && text.chars().all(|c| c.is_ascii_alphabetic() || ('+'..='=').contains(&c) || c == '_')
    },
};

/// Whether a text is not empty and has only ASCII letters, digits and these characters.
pub(crate) fn has_only(text: &str, others: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

pub(crate) fn is_java_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')
}

pub(crate) fn is_line_terminator(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
