//! Pages of a list, with tokens that stay valid if the list changes between two pages.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::token;

/// Pages of a list that are not as they should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pages {
    /// Nothing is wrong.
    #[default]
    Exact,
    /// Every page has its first entry twice.
    RepeatEntries,
    /// A page starts with the last entry of the page before.
    Overlap,
    /// The last page has an empty token.
    EmptyToken,
    /// Every page has the token that it was requested with, or that of the second page.
    SameToken,
    /// Every page has a token, also after the last entry.
    Endless,
    /// Every other page, from the first on, has no entry but a token, as AWS Config documents of aggregators
    /// (<https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeAggregateComplianceByConfigRules.html>).
    EmptyPages,
}

/// The end of a token of [`Pages::EmptyPages`]: the page that it is for has entries.
const FULL: char = '\u{2}';

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    /// The token of the next page.
    pub(crate) next: Option<String>,
}

/// The list has not returned this token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownToken;

/// Returns a page of at most `size` items. The keys of `items` must ascend.
///
/// A token contains the last key of the page before, so that insertions and deletions between two pages neither repeat
/// nor skip another item. `list` identifies the list: a token is valid only for its own list.
///
/// # Errors
///
/// The list has not returned this token.
pub(crate) fn page(
    size: usize,
    requested: Option<&str>,
    list: &str,
    items: impl Iterator<Item = (String, Value)>,
    kind: Pages,
) -> Result<Page, UnknownToken> {
    page_from(size, requested, list, |_| items, kind)
}

/// As [`page`], of a list that can start anywhere: `items` gets the key that the page starts after, and may leave out items
/// before this key. So a page of a long list takes no longer than one of a short list.
///
/// # Errors
///
/// The list has not returned this token.
pub(crate) fn page_from<I: Iterator<Item = (String, Value)>>(
    size: usize,
    requested: Option<&str>,
    list: &str,
    items: impl FnOnce(Option<&str>) -> I,
    kind: Pages,
) -> Result<Page, UnknownToken> {
    let mut after = match requested {
        None => None,
        Some(token) => Some(token::open(token, list).ok_or(UnknownToken)?),
    };
    if kind == Pages::EmptyPages {
        let Some(start) = after.as_deref().and_then(|after| after.strip_suffix(FULL)) else {
            let next = token::seal(&format!("{}{FULL}", after.unwrap_or_default()), list);
            return Ok(Page { items: Vec::new(), next: Some(next) });
        };
        after = Some(start.to_owned()).filter(|start| !start.is_empty());
    }
    let is_before = |key: &String| {
        after.as_ref().is_some_and(|after| if kind == Pages::Overlap { key < after } else { key <= after })
    };
    let mut items = items(after.as_deref()).skip_while(|(key, _)| is_before(key));
    let size = size + usize::from(kind == Pages::Overlap && after.is_some());
    let mut page: Vec<(String, Value)> = Vec::new();
    page.extend(items.by_ref().take(size));
    let next = page.last().and_then(|(last, _)| items.next().map(|_| token::seal(last, list)));
    let next = match kind {
        Pages::Exact | Pages::Overlap | Pages::RepeatEntries | Pages::EmptyPages => next,
        Pages::EmptyToken => Some(next.unwrap_or_default()),
        Pages::SameToken => {
            let first = || page.last().map_or_else(String::new, |(key, _)| token::seal(key, list));
            Some(requested.map_or_else(first, str::to_owned))
        }
        // A new token for the same place, so that only the entries show that nothing is new.
        Pages::Endless => next.or_else(|| {
            let key = page.last().map(|(key, _)| key.clone()).or(after).unwrap_or_default();
            Some(token::seal(&format!("{key}\u{1}"), list))
        }),
    };
    if kind == Pages::RepeatEntries
        && let Some(first) = page.first().cloned()
    {
        page.insert(0, first);
    }
    Ok(Page { items: page.into_iter().map(|(_, value)| value).collect(), next })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_page(
        size: usize,
        token: Option<&str>,
        list: &str,
        keys: &[&str],
    ) -> Result<(Vec<String>, Option<String>), UnknownToken> {
        let items = keys.iter().map(|key| ((*key).to_owned(), Value::from(*key)));
        let page = page(size, token, list, items, Pages::Exact)?;
        let values = page.items.iter().map(|value| value.as_str().unwrap().to_owned()).collect();
        Ok((values, page.next))
    }

    fn all_pages(keys: &[&str], size: usize) -> Vec<String> {
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let (values, next) = one_page(size, token.as_deref(), "L", keys).unwrap();
            assert!(values.len() <= size);
            seen.extend(values);
            match next {
                None => return seen,
                next => token = next,
            }
        }
    }

    proptest! {
        #[test]
        fn pages_add_up_to_the_list(keys in proptest::collection::btree_set(".{0,8}", 0..20), size in 1_usize..8) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            prop_assert_eq!(all_pages(&keys, size), keys);
        }

        #[test]
        fn unknown_tokens_are_rejected(token in "[A-Za-z0-9+/=]{1,40}") {
            prop_assert!(one_page(1, Some(&token), "L", &["a"]).is_err());
        }
    }

    #[test]
    fn every_other_page_can_be_empty() {
        let items = || ["a", "b", "c"].into_iter().map(|key| (key.to_owned(), Value::from(key)));
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let page = page(2, token.as_deref(), "L", items(), Pages::EmptyPages).unwrap();
            seen.push(page.items.len());
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, [0, 2, 0, 1]);
    }

    #[test]
    fn a_token_survives_insertions_and_deletions_and_is_valid_for_one_list_only() {
        let (_, token) = one_page(2, None, "L", &["b", "d", "f"]).unwrap();
        let token = token.unwrap();
        assert!(token.chars().all(|c| c.is_ascii_hexdigit()));
        let later = ["a", "b", "c", "e", "f"];
        let (values, next) = one_page(2, Some(&token), "L", &later).unwrap();
        assert_eq!((values, next), (vec!["e".to_owned(), "f".to_owned()], None));
        assert!(one_page(2, Some(&token), "other", &later).is_err());
    }
}
