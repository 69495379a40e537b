//! "Did you mean" suggestions: the known word that is closest to a misspelled one.

/// Maximum edit distance between a misspelled word and a suggestion.
const MAX_DISTANCE: usize = 5;
/// Maximum edit distance between a misspelled name and the name that was meant.
pub(crate) const MAX_TYPOS: usize = 2;
/// If the differing parts of two words are longer than this, they are not compared letter by letter.
const MAX_COMPARED: usize = 48;

/// Known words, prepared for many lookups.
struct Words<'a>(Vec<(Vec<char>, &'a str)>);

impl<'a> Words<'a> {
    fn new(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(words.into_iter().map(|word| (folded(word), word)).collect())
    }

    /// Returns the closest word, if one is close enough: equal except for case, `_`, `-` and spaces, or with at most a
    /// third of the letters and `most` letters different.
    fn closest(&self, word: &str, most: usize) -> Option<&'a str> {
        let mut search = Search::new(word, most);
        self.0.iter().any(|(known, word)| search.compare(known, word));
        search.best.map(|(_, word)| word)
    }
}

/// A word and the best match so far.
struct Search<'a> {
    word: Vec<char>,
    allowed: usize,
    best: Option<(usize, &'a str)>,
}

impl<'a> Search<'a> {
    fn new(word: &str, most: usize) -> Self {
        let word = folded(word);
        let allowed = (word.len() / 3).clamp(1, most);
        Self { word, allowed, best: None }
    }

    /// Maximum distance of a better match.
    fn limit(&self) -> usize {
        self.best.map_or(self.allowed, |(least, _)| least.saturating_sub(1))
    }

    /// Compares a known word; returns true if no word can be closer.
    fn compare(&mut self, known: &[char], word: &'a str) -> bool {
        let distance = distance(&self.word, known, self.limit());
        if let Some(distance) = distance {
            self.best = Some((distance, word));
        }
        distance == Some(0)
    }
}

/// Names of definitions, for a limited number of lookups.
pub struct Known<'a> {
    words: Words<'a>,
    left: usize,
}

impl<'a> Known<'a> {
    /// Prepares the words for at most this many lookups.
    pub fn new(words: impl IntoIterator<Item = &'a str>, lookups: usize) -> Self {
        Self { words: Words::new(words), left: lookups }
    }

    /// Returns the name that a misspelled one was meant to be: at most two letters differ, and no digit. `AC-3` is not a typo of
    /// `AC-2`, even if only the latter is known.
    pub fn closest(&mut self, name: &str) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        self.words.closest(name, MAX_TYPOS).filter(|meant| digits(meant).eq(digits(name)))
    }
}

/// Returns the closest of some words, if one is close enough: equal except for case, `_`, `-` and spaces, or with at most a third of
/// the letters different.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest_within(word, candidates, MAX_DISTANCE)
}

/// Returns the closest of some words, if also at most `most` letters differ.
pub(crate) fn closest_within<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Option<&'a str> {
    let mut search = Search::new(word, most);
    for candidate in candidates {
        // Most words are too long or too short: skip them before folding.
        let letters = candidate.chars().filter(|letter| !is_separator(*letter)).count();
        let may_be_close = !candidate.is_ascii() || letters.abs_diff(search.word.len()) <= search.limit();
        if may_be_close && search.compare(&folded(candidate), candidate) {
            break;
        }
    }
    search.best.map(|(_, word)| word)
}

/// Returns the edit distance of two words, if it is at most `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return Some(a.len().max(b.len())).filter(|distance| *distance <= limit);
    }
    if a.len().max(b.len()) > MAX_COMPARED || differing_letters(a, b) > limit {
        return None;
    }
    let (a, b): (String, String) = (a.iter().collect(), b.iter().collect());
    Some(strsim::osa_distance(&a, &b)).filter(|distance| *distance <= limit)
}

/// Lower bound of the distance: the letters that one word has and the other lacks.
fn differing_letters(a: &[char], b: &[char]) -> usize {
    let mut balance = [0_i32; 64];
    for letter in a {
        balance[*letter as usize % 64] += 1;
    }
    for letter in b {
        balance[*letter as usize % 64] -= 1;
    }
    let missing: i32 = balance.iter().filter(|count| **count > 0).sum();
    let extra: i32 = balance.iter().filter(|count| **count < 0).map(|count| -count).sum();
    usize::try_from(missing.max(extra)).unwrap_or(0)
}

fn folded(word: &str) -> Vec<char> {
    word.chars().filter(|letter| !is_separator(*letter)).flat_map(char::to_lowercase).collect()
}

fn digits(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_digit)
}

const fn is_separator(letter: char) -> bool {
    matches!(letter, '_' | '-' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_words_are_suggested() {
        let keys = ["name", "description", "datasources", "tags"];
        assert_eq!(closest("descripton", keys), Some("description"));
        assert_eq!(closest("desrciption", keys), Some("description"));
        assert_eq!(closest("data_sources", keys), Some("datasources"));
        assert_eq!(closest("Tags", keys), Some("tags"));
        assert_eq!(closest("owner", keys), None);
        assert_eq!(closest("", keys), None);
    }

    #[test]
    fn shortcuts_do_not_change_distances() {
        let words =
            ["backup", "bakcup", "backups", "lockup", "", "b", "pukcab", "Family-Control00017", "Family-Control00071"];
        for a in words {
            for b in words {
                let expected = strsim::osa_distance(&String::from_iter(folded(a)), &String::from_iter(folded(b)));
                assert_eq!(distance(&folded(a), &folded(b), 99), Some(expected), "{a} {b}");
                assert_eq!(distance(&folded(a), &folded(b), 1), Some(expected).filter(|distance| *distance <= 1));
            }
        }
    }

    #[test]
    fn lookups_are_limited() {
        let mut known = Known::new(["name"], 1);
        assert_eq!((known.closest("nam"), known.closest("nam")), (Some("name"), None));
    }

    #[test]
    fn another_name_is_no_typo() {
        let mut known = Known::new(["MFA-Enforcement", "AC-2"], 9);
        for (written, meant) in [
            ("IAM-MFAEnforcement", None),
            ("MFA-Enforcment", Some("MFA-Enforcement")),
            ("AC-3", None),
            ("AC_2", Some("AC-2")),
        ] {
            assert_eq!(known.closest(written), meant, "{written}");
        }
    }
}
