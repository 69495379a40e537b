//! Typos: which keyword a misspelled one was meant to be.
//!
//! Lists lag behind AWS, so an unknown keyword may be a correct one. A keyword counts as a typo only if it has a word that no
//! known keyword has: `ReEncrypt` is another operation than `Encrypt`, but no operation has the word `Encrpyt`.

use std::collections::HashSet;

use crate::suggest::{MAX_TYPOS, closest_within};

/// The words of known keywords, in lowercase.
pub(super) struct Vocabulary(HashSet<String>);

impl Vocabulary {
    pub(super) fn of<'k>(keywords: impl IntoIterator<Item = &'k str>) -> Self {
        Self(keywords.into_iter().flat_map(words).collect())
    }

    /// Whether a keyword has a word that no known keyword has.
    pub(super) fn lacks_a_word_of(&self, keyword: &str) -> bool {
        words(keyword).any(|word| !self.0.contains(&word) && !word.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// Returns the keyword that a misspelled one was meant to be; `None` if it may be a correct one.
    pub(super) fn intended<'k>(&self, written: &str, keywords: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
        self.lacks_a_word_of(written).then(|| closest_within(written, keywords, MAX_TYPOS)).flatten()
    }
}

/// Returns the words of a keyword in lowercase: `DescribeDBInstances` has `describe`, `db` and `instances`.
fn words(keyword: &str) -> impl Iterator<Item = String> {
    keyword.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let mut found: Vec<String> = Vec::new();
        let letters: Vec<char> = part.chars().collect();
        for (index, letter) in letters.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| letters.get(before));
            let after = letters.get(index + 1);
            let starts = letter.is_ascii_uppercase()
                && (before.is_some_and(char::is_ascii_lowercase) || after.is_some_and(char::is_ascii_lowercase));
            match found.last_mut() {
                Some(word) if !starts => word.push(letter.to_ascii_lowercase()),
                _ => found.push(letter.to_ascii_lowercase().to_string()),
            }
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_split_into_words() {
        for (keyword, expected) in [
            ("DescribeDBInstances", vec!["describe", "db", "instances"]),
            ("S3_BUCKET_SSL", vec!["s3", "bucket", "ssl"]),
            ("CreateFunction20150331", vec!["create", "function20150331"]),
            ("", vec![]),
        ] {
            assert_eq!(words(keyword).collect::<Vec<_>>(), expected, "{keyword}");
        }
    }

    #[test]
    fn only_a_keyword_with_an_unknown_word_is_a_typo() {
        let known = ["Encrypt", "DeleteBucket", "DeleteBucketPolicy"];
        let vocabulary = Vocabulary::of(known.into_iter().chain(["ReEncrypt"]));
        for (written, expected) in [
            ("Encrpyt", Some("Encrypt")),
            ("DeleteBukcet", Some("DeleteBucket")),
            ("ReEncrypt", None),
            ("DeleteBucketCors", None),
            ("PolicyDelete", None),
        ] {
            assert_eq!(vocabulary.intended(written, known), expected, "{written}");
        }
    }
}
