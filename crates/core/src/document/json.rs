//! JSON files, which the YAML parser reads.
//!
//! YAML is a superset of JSON except for some characters: JSON (RFC 8259) allows all but the C0 controls in strings, YAML (5.1) fewer.
//! While the text is parsed, a character of the same length that the text does not have stands for each of them.

use std::borrow::Cow;

use crate::source::Span;

/// Characters of a text that stand for others.
#[derive(Default)]
pub(super) struct StandIns(Vec<(char, char)>);

/// Returns a JSON text that the YAML parser accepts, with spans that are the same as those of the text.
pub(super) fn for_yaml(text: &str) -> (Cow<'_, str>, StandIns) {
    let is_refused = |c: char| !is_printable(c) || c == '\u{feff}';
    let mut stand_ins = StandIns::default();
    let body = text.trim_start_matches('\u{feff}');
    if !body.contains(is_refused) {
        return (Cow::Borrowed(text), stand_ins);
    }
    let mut replaced = text[..text.len() - body.len()].to_owned();
    for c in body.chars() {
        let known = stand_ins.0.iter().find(|(_, original)| *original == c).map(|(stand_in, _)| *stand_in);
        let stand_in = match known {
            _ if !is_refused(c) => c,
            Some(known) => known,
            None => {
                let unused = stand_ins.unused(text, c.len_utf8()).unwrap_or(c);
                stand_ins.0.push((unused, c));
                unused
            }
        };
        replaced.push(stand_in);
    }
    (Cow::Owned(replaced), stand_ins)
}

impl StandIns {
    /// Returns a character of a length in bytes that neither a text nor a stand-in uses.
    fn unused(&self, text: &str, length: usize) -> Option<char> {
        let candidates = match length {
            1 => '~'..='~',
            2 => '\u{a1}'..='\u{7ff}',
            _ => '\u{800}'..='\u{d7ff}',
        };
        let others = if length == 1 { "^`@%|$;?!&*=<>#".chars() } else { "".chars() };
        candidates.chain(others).find(|c| !text.contains(*c) && self.0.iter().all(|(used, _)| used != c))
    }

    /// Returns a string of the parser with the characters of the file.
    pub(super) fn restored<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.0.is_empty() {
            return text;
        }
        let original =
            |c: char| self.0.iter().find(|(stand_in, _)| *stand_in == c).map_or(c, |(_, original)| *original);
        Cow::Owned(text.chars().map(original).collect())
    }
}

/// Whether YAML allows a character (<https://yaml.org/spec/1.2.2/#51-character-set>). Controls that JSON does not allow either count as
/// allowed: the parser reports them.
fn is_printable(c: char) -> bool {
    matches!(c, '\u{0}'..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Returns what is wrong with a JSON text, and where; `None` if it is valid.
pub(super) fn error(text: &str) -> Option<(String, Span)> {
    let body = text.trim_start_matches('\u{feff}');
    let error = serde_json::from_str::<serde::de::IgnoredAny>(body).err()?;
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let skipped = text.len() - body.len();
    let line = body.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    // The column counts bytes, and is that of the last byte read.
    let mut at = (line + error.column().saturating_sub(1)).min(body.len());
    while !body.is_char_boundary(at) {
        at -= 1;
    }
    let width = body[at..].chars().next().filter(|next| !next.is_whitespace()).map_or(0, char::len_utf8);
    Some((message.to_owned(), Span::new(skipped + at, skipped + at + width)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_json_come_back() {
        for text in ["{\"a\": \"b\"}", "\"\u{92}\u{7f}~\u{a1}\u{ffff}x\u{feff}\u{92}\"", "\u{feff}\"\u{9b}\""] {
            let (replaced, stand_ins) = for_yaml(text);
            assert_eq!(replaced.len(), text.len());
            assert_eq!(stand_ins.restored(replaced), text);
        }
    }

    #[test]
    fn errors_have_their_place() {
        for (text, message, at) in [
            ("{\"a\": 1\n\"b\": 2}", "expected `,` or `}`", 8..9),
            ("{\"a\": ", "EOF while parsing a value", 5..5),
            ("\u{feff}[1,]", "expected value", 6..7),
        ] {
            let (found, span) = error(text).unwrap();
            assert_eq!((found.as_str(), span.range()), (message, at), "{text}");
        }
        assert_eq!(error("{\"a\": \"\u{92}\"}"), None);
    }
}
