//! Lists of a service, page by page. Every list ends, whatever the service answers.

use std::collections::HashSet;
use std::future::Future;

use controlsync_core::change_result::Failure;

/// Pages in a row that may bring nothing new. A service may filter after it has cut a page, so some can be empty.
const MAX_BARREN: usize = 100;

/// Returns all items of a list operation, each ID once: a list that changes while it is read may repeat an item. The list ends with
/// a page without a token, or with an empty one.
///
/// # Errors
///
/// A request failed; the service repeated a token, or sent a hundred pages in a row with nothing new.
pub async fn all_pages<T, F>(
    operation: &'static str,
    id: impl Fn(&T) -> String,
    page: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Failure>>,
{
    first_pages(operation, usize::MAX, id, page).await
}

/// Returns the items of the first pages of a list operation, as [`all_pages`] does: of `most` pages, if it has more.
///
/// # Errors
///
/// Those of [`all_pages`].
pub async fn first_pages<T, F>(
    operation: &'static str,
    most: usize,
    id: impl Fn(&T) -> String,
    page: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Failure>>,
{
    let (mut all, mut ids, mut tokens) = (Vec::new(), HashSet::new(), HashSet::new());
    let mut token = None;
    let mut barren = 0;
    for _ in 0..most {
        let (items, next) = page(token).await?;
        let before = all.len();
        all.extend(items.into_iter().filter(|item| ids.insert(id(item))));
        barren = if all.len() == before { barren + 1 } else { 0 };
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(all) };
        if !tokens.insert(next.clone()) {
            return Err(Failure::new(operation, "the list does not end: the service repeated the token of a page"));
        }
        if barren >= MAX_BARREN {
            let message = format!("the list does not end: {MAX_BARREN} pages in a row have nothing new");
            return Err(Failure::new(operation, message));
        }
        token = Some(next);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a list whose pages follow from the number of the request and the token.
    fn read(page: impl Fn(usize, Option<&str>) -> (Vec<u32>, Option<String>)) -> Result<(Vec<u32>, usize), Failure> {
        let requests = std::cell::Cell::new(0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let all = runtime.block_on(all_pages("ListThings", u32::to_string, |token| {
            let number = requests.replace(requests.get() + 1);
            std::future::ready(Ok(page(number, token.as_deref())))
        }));
        all.map(|all| (all, requests.get()))
    }

    #[test]
    fn a_list_ends_without_a_token_or_with_an_empty_one() {
        assert_eq!(read(|_, _| (vec![1], None)), Ok((vec![1], 1)));
        assert_eq!(read(|_, _| (vec![1], Some(String::new()))), Ok((vec![1], 1)));
        let pages = read(|number, _| (vec![u32::try_from(number).unwrap()], (number < 2).then(|| number.to_string())));
        assert_eq!(pages, Ok((vec![0, 1, 2], 3)));
    }

    #[test]
    fn an_item_of_two_pages_is_read_once() {
        let pages = read(|number, _| match number {
            0 => (vec![1, 2], Some("a".to_owned())),
            // An empty page is no end.
            1 => (vec![], Some("b".to_owned())),
            _ => (vec![2, 3], None),
        });
        assert_eq!(pages, Ok((vec![1, 2, 3], 3)));
    }

    #[test]
    fn a_repeated_token_is_an_error_that_names_the_operation() {
        let same = read(|number, _| (vec![u32::try_from(number).unwrap()], Some("a".to_owned()))).unwrap_err();
        assert_eq!(same.to_string(), "ListThings: the list does not end: the service repeated the token of a page");
        assert!(!same.transient);
        let turns = read(|number, _| (vec![], Some(["a", "b"][number % 2].to_owned())));
        assert_eq!(turns.unwrap_err(), same);
    }

    #[test]
    fn endless_pages_without_anything_new_are_an_error() {
        let endless = read(|number, _| (vec![7], Some(number.to_string()))).unwrap_err();
        assert_eq!(endless.to_string(), "ListThings: the list does not end: 100 pages in a row have nothing new");
    }
}
