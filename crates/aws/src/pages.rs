//! Lists of a service, page by page. Every list ends, whatever the service answers.

use std::collections::HashSet;
use std::future::Future;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    let mut distinct = Distinct::default();
    visit_pages(operation, usize::MAX, |items| distinct.keep(&id, items), page).await?;
    Ok(distinct.items)
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
    let mut distinct = Distinct::default();
    visit_pages(operation, most, |items| distinct.keep(&id, items), page).await?;
    Ok(distinct.items)
}

/// Items, each ID once.
struct Distinct<T> {
    items: Vec<T>,
    ids: HashSet<String>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { items: Vec::new(), ids: HashSet::new() }
    }
}

impl<T> Distinct<T> {
    /// Keeps the items with new IDs, and returns whether there are any.
    fn keep(&mut self, id: impl Fn(&T) -> String, items: Vec<T>) -> bool {
        let before = self.items.len();
        self.items.extend(items.into_iter().filter(|item| self.ids.insert(id(item))));
        self.items.len() > before
    }
}

/// Gives each item of a list operation to `visit`, and keeps none: an item can be given again. A page with the items of an earlier one
/// brings nothing new.
///
/// # Errors
///
/// Those of [`all_pages`].
pub async fn each_item<T, F>(
    operation: &'static str,
    id: impl Fn(&T) -> String,
    page: impl Fn(Option<String>) -> F,
    mut visit: impl FnMut(T),
) -> Result<(), Failure>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Failure>>,
{
    let mut pages = HashSet::new();
    let visit_page = |items: Vec<T>| {
        let mut hasher = DefaultHasher::new();
        for item in &items {
            id(item).hash(&mut hasher);
        }
        let is_new = !items.is_empty() && pages.insert(hasher.finish());
        items.into_iter().for_each(&mut visit);
        is_new
    };
    visit_pages(operation, usize::MAX, visit_page, page).await
}

/// Gives each page to `visit`, which returns whether it brought something new.
async fn visit_pages<T, F>(
    operation: &'static str,
    most: usize,
    mut visit: impl FnMut(Vec<T>) -> bool,
    page: impl Fn(Option<String>) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Failure>>,
{
    let (mut token, mut tokens, mut barren) = (None, HashSet::new(), 0);
    for _ in 0..most {
        let (items, next) = page(token).await?;
        barren = if visit(items) { 0 } else { barren + 1 };
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(()) };
        if !tokens.insert(next.clone()) {
            return Err(Failure::new(operation, "the list does not end: the service repeated the token of a page"));
        }
        if barren >= MAX_BARREN {
            let message = format!("the list does not end: {MAX_BARREN} pages in a row have nothing new");
            return Err(Failure::new(operation, message));
        }
        token = Some(next);
    }
    Ok(())
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
    fn items_that_are_not_kept_end_as_well() {
        let visited = std::cell::RefCell::new(Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let number = std::cell::Cell::new(0);
        let read = |endless: bool| {
            number.set(0);
            visited.borrow_mut().clear();
            let page = |_| {
                let at = number.replace(number.get() + 1);
                let more = endless || at < 2;
                std::future::ready(Ok((vec![if endless { 7 } else { at }], more.then(|| at.to_string()))))
            };
            let ended =
                runtime.block_on(each_item("ListThings", i32::to_string, page, |item| visited.borrow_mut().push(item)));
            (ended, visited.borrow().clone())
        };
        assert_eq!(read(false), (Ok(()), vec![0, 1, 2]));
        let (endless, items) = read(true);
        assert_eq!(
            endless.unwrap_err().to_string(),
            "ListThings: the list does not end: 100 pages in a row have nothing new"
        );
        assert_eq!(items.len(), 101);
    }

    #[test]
    fn endless_pages_without_anything_new_are_an_error() {
        let endless = read(|number, _| (vec![7], Some(number.to_string()))).unwrap_err();
        assert_eq!(endless.to_string(), "ListThings: the list does not end: 100 pages in a row have nothing new");
    }
}
