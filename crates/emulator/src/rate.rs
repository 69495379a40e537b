//! The request rate of each account, for each service.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::service::Service;

const WINDOW: Duration = Duration::from_secs(1);

/// The accepted requests of the last second.
#[derive(Debug, Default)]
pub(crate) struct Rate(Mutex<BTreeMap<(String, Service), VecDeque<Instant>>>);

impl Rate {
    /// Whether a service allows another request of an account, with at most `limit` in any second.
    pub(crate) fn allows(&self, account: &str, service: Service, limit: u32, now: Instant) -> bool {
        let mut services = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let accepted = services.entry((account.to_owned(), service)).or_default();
        while accepted.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            accepted.pop_front();
        }
        let allowed = accepted.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        if allowed {
            accepted.push_back(now);
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_second_has_at_most_the_limit() {
        let (rate, start) = (Rate::default(), Instant::now());
        let after = |millis| rate.allows("000000000000", Service::Config, 2, start + Duration::from_millis(millis));
        assert_eq!(
            [0, 500, 900, 999, 1000, 1001, 1499, 1500].map(after),
            [true, true, false, false, true, false, false, true]
        );
        assert!(rate.allows("222222222222", Service::Config, 2, start + Duration::from_millis(1500)));
    }
}
