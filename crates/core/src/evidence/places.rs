//! Accounts in messages.

use std::collections::BTreeSet;

use super::facts::Place;
use crate::diagnostic::counted;

/// Accounts that a message lists; the others are counted.
const LISTED: usize = 3;

/// Returns accounts in words: all of them, or the first ones with the number of the others.
pub fn in_words(places: &BTreeSet<&Place>) -> String {
    let mut accounts = places.iter();
    match (accounts.next(), places.len()) {
        (Some(only), 1) => only.to_string(),
        (Some(first), all) => {
            let more = match all.saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let listed = |name: fn(&Place) -> String| {
                let names: Vec<String> = places.iter().take(LISTED).map(|place| name(place)).collect();
                names.join(", ")
            };
            if accounts.all(|place| place.region == first.region) {
                let names = listed(|place| place.account.clone());
                return format!("{} in {} ({names}{more})", counted(all, "account"), first.region);
            }
            let names = listed(|place| format!("{} in {}", place.account, place.region));
            format!("{all} accounts and Regions ({names}{more})")
        }
        (None, _) => "no account".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_accounts_are_counted() {
        let place = |account: &str| Place { account: account.to_owned(), region: "eu-west-1".to_owned() };
        let all = ["111111111111", "222222222222", "333333333333", "444444444444"].map(place);
        let words = |count| in_words(&all.iter().take(count).collect());
        assert_eq!(words(0), "no account");
        assert_eq!(words(1), "account 111111111111 in eu-west-1");
        assert_eq!(words(2), "2 accounts in eu-west-1 (111111111111, 222222222222)");
        assert_eq!(words(4), "4 accounts in eu-west-1 (111111111111, 222222222222, 333333333333 and 1 more)");
        let elsewhere = Place { region: "us-east-1".to_owned(), ..all[0].clone() };
        let two = in_words(&[&all[0], &elsewhere].into());
        assert_eq!(two, "2 accounts and Regions (111111111111 in eu-west-1, 111111111111 in us-east-1)");
    }
}
