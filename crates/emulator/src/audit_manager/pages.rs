//! Pages of a list, with tokens that stay valid if the list changes between two pages.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::Answer;
use crate::audit_manager::switches::Pages;

/// Items on a page if the request has no `maxResults`. The default of the service is not documented.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 50;

/// The page that a request asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageRequest {
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// Returns the response of a list: the requested page under `member`, and the token of the next page if there is one.
/// The keys of `items` must ascend.
///
/// A token contains the last key of the page before, so that insertions and deletions between two pages neither repeat
/// nor skip another item. `list` identifies the list: a token is valid only for its own list.
///
/// # Errors
///
/// `ValidationException` for a token that this list has not returned.
pub(crate) fn page(
    request: &PageRequest,
    list: &str,
    member: &str,
    items: impl Iterator<Item = (String, Value)>,
    kind: Pages,
) -> Answer {
    let unknown = || ServiceError::field("nextToken", "Member must be a token that this list returned");
    let after = match &request.next_token {
        None => None,
        Some(token) => Some(key_of(token, list).ok_or_else(unknown)?),
    };
    let is_before = |key: &String| {
        after.as_ref().is_some_and(|after| if kind == Pages::Overlap { key < after } else { key <= after })
    };
    let mut items = items.skip_while(|(key, _)| is_before(key));
    let size =
        request.max_results.unwrap_or(DEFAULT_PAGE_SIZE) + usize::from(kind == Pages::Overlap && after.is_some());
    let mut page: Vec<(String, Value)> = Vec::new();
    page.extend(items.by_ref().take(size));
    let next = page.last().and_then(|(last, _)| items.next().map(|_| token_of(last, list)));
    let token = match kind {
        Pages::Exact | Pages::Overlap | Pages::RepeatEntries => next,
        Pages::EmptyToken => Some(next.unwrap_or_default()),
        Pages::SameToken => {
            let first = || page.last().map_or_else(String::new, |(key, _)| token_of(key, list));
            Some(request.next_token.clone().unwrap_or_else(first))
        }
        // A new token for the same place, so that only the entries show that nothing is new.
        Pages::Endless => next.or_else(|| {
            let key = page.last().map(|(key, _)| key.clone()).or(after).unwrap_or_default();
            Some(token_of(&format!("{key}\u{1}"), list))
        }),
    };
    if kind == Pages::RepeatEntries
        && let Some(first) = page.first().cloned()
    {
        page.insert(0, first);
    }

    let values: Vec<Value> = page.into_iter().map(|(_, value)| value).collect();
    let mut answer = json!({ member: values });
    if let Some(token) = token {
        answer["nextToken"] = Value::from(token);
    }
    Ok(Some(answer))
}

/// List and key with a checksum, so that no other string is a valid token; hexadecimal, which the pattern allows.
fn token_of(key: &str, list: &str) -> String {
    let plain = format!("{list}\n{key}");
    let checksum = checksum(&plain).to_be_bytes();
    let bytes = checksum.into_iter().chain(plain.into_bytes());
    bytes.flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn key_of(token: &str, list: &str) -> Option<String> {
    let mut digits = token.chars().map(|c| c.to_digit(16));
    let mut bytes = Vec::new();
    while let Some(high) = digits.next() {
        bytes.push(u8::try_from(high? * 16 + digits.next()??).ok()?);
    }
    let plain = std::str::from_utf8(bytes.get(4..)?).ok()?;
    let key = plain.strip_prefix(list)?.strip_prefix('\n')?;
    (bytes[..4] == checksum(plain).to_be_bytes()).then(|| key.to_owned())
}

/// FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>): against mistakes, not against attacks.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(max_results: usize, next_token: Option<String>) -> PageRequest {
        PageRequest { max_results: Some(max_results), next_token }
    }

    fn one_page(
        request: &PageRequest,
        list: &str,
        keys: &[&str],
    ) -> Result<(Vec<String>, Option<String>), ServiceError> {
        let items = keys.iter().map(|key| ((*key).to_owned(), Value::from(*key)));
        let answer = page(request, list, "items", items, Pages::Exact)?.unwrap();
        let values = serde_json::from_value(answer["items"].clone()).unwrap();
        Ok((values, answer.get("nextToken").and_then(Value::as_str).map(str::to_owned)))
    }

    fn all_pages(keys: &[&str], size: usize) -> Vec<String> {
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let (values, next) = one_page(&request(size, token), "L", keys).unwrap();
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
            prop_assert!(one_page(&request(1, Some(token)), "L", &["a"]).is_err());
        }
    }

    #[test]
    fn a_token_survives_insertions_and_deletions_and_is_valid_for_one_list_only() {
        let (_, token) = one_page(&request(2, None), "L", &["b", "d", "f"]).unwrap();
        let token = token.unwrap();
        assert!(token.chars().all(|c| c.is_ascii_hexdigit()));
        let later = ["a", "b", "c", "e", "f"];
        let (values, next) = one_page(&request(2, Some(token.clone())), "L", &later).unwrap();
        assert_eq!((values, next), (vec!["e".to_owned(), "f".to_owned()], None));
        assert!(one_page(&request(2, Some(token)), "other", &later).is_err());
    }
}
