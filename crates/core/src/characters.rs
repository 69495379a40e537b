//! Characters that cannot be seen, and how they are shown.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// Whether a character is invisible, moves the cursor or can end a line: control characters, unusual spaces, line separators,
/// direction marks, variation selectors, private use and noncharacters
/// (<https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>).
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Whether the user guide of Audit Manager allows a character in tag values
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>).
pub(crate) fn is_of_tag_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_mark_of_tag_value(c)
}

/// Whether a character besides letters and digits is allowed in tag values.
pub(crate) fn is_mark_of_tag_value(c: char) -> bool {
    " _.:/=+-@".contains(c)
}

/// Escapes hidden characters except tabs, so that a text can neither move the cursor nor color the terminal.
pub fn printable(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c != '\t' && is_hidden(c);
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Escapes hidden characters in each line of a text, such as a difference between files.
pub fn printable_lines(text: &str) -> String {
    let line = |line: &str| {
        let end = line.len() - line.trim_end_matches(['\n', '\r']).len();
        let (line, end) = line.split_at(line.len() - end);
        format!("{}{end}", printable(line))
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Also escapes whitespace at the end, for lines of values that are compared.
pub(crate) fn visible(text: &str) -> String {
    let text = printable(text);
    // Leading whitespace is visible, trailing whitespace is not.
    let shown = text.trim_end_matches([' ', '\t']);
    let escaped: String = text[shown.len()..].chars().flat_map(char::escape_unicode).collect();
    format!("{shown}{escaped}")
}

/// Whether two texts are the same, apart from whitespace at their ends, their Unicode normalization form and their line ends: a
/// service may store a text in its own form.
pub(crate) fn is_same_text(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().replace("\r\n", "\n").replace('\r', "\n").nfc().collect::<String>();
    one == other || lines(one) == lines(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_every_form_in_which_it_may_be_stored() {
        for (one, other, same) in [
            ("a\n", "a", true),
            (" a\r\nb ", "a\nb", true),
            ("e\u{301}", "\u{e9}", true),
            ("", " \n", true),
            ("a b", "ab", false),
            ("a\nb", "a b", false),
            ("a", "A", false),
        ] {
            assert_eq!((is_same_text(one, other), is_same_text(other, one)), (same, same), "{one:?} {other:?}");
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("a\u{9b}\r\n\u{202e}\n\nb"), "a\\u{9b}\r\n\\u{202e}\n\nb");
    }

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(printable("a\tb é"), "a\tb é");
        assert_eq!(printable("\u{1b}[31m\u{200b}\u{a0}"), "\\u{1b}[31m\\u{200b}\\u{a0}");
        assert_eq!(visible("  abc "), "  abc\\u{20}");
        assert_eq!(visible("abc"), "abc");
        assert_eq!(visible(" "), "\\u{20}");
    }
}
