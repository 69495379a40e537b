//! Did you mean: the known word that a mistyped one is closest to.

/// The most letters that a mistyped word may be away from the one that is meant.
const MAX_DISTANCE: usize = 5;
/// Longer words are not compared letter by letter where they differ in more than this.
const MAX_COMPARED: usize = 48;

/// Known words, prepared for many questions.
pub struct Words<'a>(Vec<(Vec<char>, &'a str)>);

impl<'a> Words<'a> {
    /// Prepares words.
    pub fn new(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(words.into_iter().map(|word| (folded(word), word)).collect())
    }

    /// The closest word, where one is close enough to be meant: the same but for case, `_`, `-` and blanks, or at most a
    /// third of the letters away.
    pub fn closest(&self, word: &str) -> Option<&'a str> {
        let mut search = Search::new(word);
        self.0.iter().any(|(known, word)| search.compare(known, word));
        search.best.map(|(_, word)| word)
    }
}

/// A word and the best that was found for it so far.
struct Search<'a> {
    wanted: Vec<char>,
    allowed: usize,
    best: Option<(usize, &'a str)>,
}

impl<'a> Search<'a> {
    fn new(word: &str) -> Self {
        let wanted = folded(word);
        let allowed = (wanted.len() / 3).clamp(1, MAX_DISTANCE);
        Self { wanted, allowed, best: None }
    }

    /// The most letters that the next word may be away.
    fn limit(&self) -> usize {
        self.best.map_or(self.allowed, |(least, _)| least.saturating_sub(1))
    }

    /// Looks at a word; true where none can be closer.
    fn compare(&mut self, known: &[char], word: &'a str) -> bool {
        let distance = distance(&self.wanted, known, self.limit());
        if let Some(distance) = distance {
            self.best = Some((distance, word));
        }
        distance == Some(0)
    }
}

/// Known words for so many questions: after many the reader has other worries.
pub struct Known<'a> {
    words: Words<'a>,
    left: usize,
}

impl<'a> Known<'a> {
    /// Prepares words for at most so many questions.
    pub fn new(words: impl IntoIterator<Item = &'a str>, questions: usize) -> Self {
        Self { words: Words::new(words), left: questions }
    }

    /// The closest word, see [`Words::closest`].
    pub fn closest(&mut self, word: &str) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        self.words.closest(word)
    }
}

/// The closest of some words, see [`Words::closest`].
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut search = Search::new(word);
    for candidate in candidates {
        // Most words are too long or too short, which shows before they are folded.
        let letters = candidate.chars().filter(|letter| !is_separator(*letter)).count();
        let may_be_close = !candidate.is_ascii() || letters.abs_diff(search.wanted.len()) <= search.limit();
        if may_be_close && search.compare(&folded(candidate), candidate) {
            break;
        }
    }
    search.best.map(|(_, word)| word)
}

/// How many letters two words are away from each other, where that is not more than `limit`.
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

/// Letters of one word that the other lacks: no distance is smaller.
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

const fn is_separator(letter: char) -> bool {
    matches!(letter, '_' | '-' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let keys = ["name", "description", "datasources", "tags"];
        assert_eq!(closest("descripton", keys), Some("description"));
        assert_eq!(closest("desrciption", keys), Some("description"));
        assert_eq!(closest("data_sources", keys), Some("datasources"));
        assert_eq!(closest("Tags", keys), Some("tags"));
        assert_eq!(closest("owner", keys), None);
        assert_eq!(closest("", keys), None);
    }

    #[test]
    fn shortcuts_change_no_distance() {
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
    fn only_so_many_questions_are_answered() {
        let mut known = Known::new(["name"], 1);
        assert_eq!((known.closest("nam"), known.closest("nam")), (Some("name"), None));
    }
}
