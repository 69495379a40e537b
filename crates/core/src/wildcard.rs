//! Patterns in which `*` is any number of characters and `?` is one.

/// Whether a text matches a pattern as a whole.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last `*`, and the text that it has not taken yet: on a mismatch it takes one character more.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches;

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, text, expected) in [
            ("111122223333", "111122223333", true),
            ("1111*", "111122223333", true),
            ("*3333", "111122223333", true),
            ("1*2*3", "111122223333", true),
            ("1*2*4", "111122223333", false),
            ("????", "1111", true),
            ("????", "11111", false),
            ("*", "", true),
            ("", "1", false),
            ("a?*", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_with_parts_replaced_by_wildcards_matches(text in "[ab*]{0,12}", mask in proptest::collection::vec(0..3, 12)) {
            let pattern: String = text.chars().zip(mask).map(|(c, kind)| ['*', '?', c][usize::try_from(kind).unwrap()]).collect();
            prop_assert!(matches(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
