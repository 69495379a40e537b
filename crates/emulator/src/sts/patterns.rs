//! The patterns of the model of STS.

use crate::protocol::pattern::{Pattern, has_only};

/// As Java reads it: the last range is that from `0` to U+10FF and two letters, so that nothing beyond U+FFFD matches.
pub(crate) static ARN: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    matches: |text| !text.is_empty() && text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}')),
};

pub(crate) static POLICY: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    matches: |text| !text.is_empty() && text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')),
};

pub(crate) static SESSION_NAME: Pattern = Pattern { text: r"[\w+=,.@-]*", matches: |text| is_name(text, "") };

pub(crate) static EXTERNAL_ID: Pattern = Pattern { text: r"[\w+=,.@:\/-]*", matches: |text| is_name(text, ":/") };

pub(crate) static SERIAL_NUMBER: Pattern = Pattern { text: r"[\w+=/:,.@-]*", matches: |text| is_name(text, ":/") };

pub(crate) static TOKEN_CODE: Pattern =
    Pattern { text: r"[\d]*", matches: |text| text.chars().all(|c| c.is_ascii_digit()) };

pub(crate) static TAG_KEY: Pattern =
    Pattern { text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", matches: |text| !text.is_empty() && is_tag(text) };

pub(crate) static TAG_VALUE: Pattern = Pattern { text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", matches: is_tag };

fn is_name(text: &str, others: &str) -> bool {
    text.is_empty() || text.chars().all(|c| has_only(c.encode_utf8(&mut [0; 4]), "_+=,.@-") || others.contains(c))
}

/// Letters are those of Unicode's `Alphabetic`, which has a few marks more than `\p{L}`.
fn is_tag(text: &str) -> bool {
    let is_separator = |c| {
        matches!(
            c,
            ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
    };
    text.chars().all(|c| c.is_alphabetic() || c.is_numeric() || is_separator(c) || "_.:/=+-@".contains(c))
}
