//! The request rate of each account, for each service.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::protocol::service_options::OperationRate;
use crate::service::Service;

const WINDOW: Duration = Duration::from_secs(1);

/// The accepted requests of the last second, and what single operations have left.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    windows: Mutex<BTreeMap<(String, Service), VecDeque<Instant>>>,
    buckets: Mutex<BTreeMap<(String, String), Bucket>>,
}

/// The requests that an operation still allows, at a time.
#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Rate {
    /// Whether a service allows another request of an account, with at most `limit` in any second.
    pub(crate) fn allows(&self, account: &str, service: Service, limit: u32, now: Instant) -> bool {
        let mut services = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Whether an operation allows another request of an account. `operation` has its service.
    pub(crate) fn allows_operation(&self, account: &str, operation: &str, rate: OperationRate, now: Instant) -> bool {
        let (per_second, burst) = (f64::from(rate.per_second), f64::from(rate.burst));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account.to_owned(), operation.to_owned());
        let bucket = buckets.entry(key).or_insert(Bucket { left: burst, at: now });
        let gained = now.duration_since(bucket.at).as_secs_f64() * per_second;
        (bucket.left, bucket.at) = ((bucket.left + gained).min(burst), now);
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
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
    #[test]
    fn an_operation_has_a_burst_and_then_its_rate() {
        let (rate, start) = (Rate::default(), Instant::now());
        let limit = OperationRate { per_second: 2, burst: 3 };
        let after = |account, millis| {
            let now = start + Duration::from_millis(millis);
            rate.allows_operation(account, "securityhub:GetFindings", limit, now)
        };
        assert_eq!([0, 0, 0, 0].map(|at| after("000000000000", at)), [true, true, true, false]);
        assert_eq!([500, 600, 1000, 60_000].map(|at| after("000000000000", at)), [true, false, true, true]);
        assert!(after("222222222222", 60_000));
    }
}
