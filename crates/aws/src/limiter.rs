//! A shared rate limit for all requests: the account's quota also applies to its console users.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Factor by which each throttled response slows requests down.
const SLOWER: f64 = 1.5;
/// Factor by which each successful response speeds requests up, until the configured rate is reached again.
const FASTER: f64 = 0.95;
/// Maximum interval between requests.
const SLOWEST: Duration = Duration::from_secs(2);

/// Spaces requests evenly, more widely after throttling.
#[derive(Debug)]
pub struct Limiter {
    wanted: Duration,
    pace: Mutex<Pace>,
}

#[derive(Debug)]
struct Pace {
    interval: Duration,
    next: Instant,
}

impl Limiter {
    /// Allows at most this many requests per second.
    pub fn new(rate: f64) -> Self {
        let wanted = Duration::from_secs_f64(1.0 / rate.max(0.1));
        Self { wanted, pace: Mutex::new(Pace { interval: wanted, next: Instant::now() }) }
    }

    /// Returns a limiter with the same number of requests per second, which has sent none yet.
    pub fn without_history(&self) -> Self {
        let wanted = self.wanted;
        Self { wanted, pace: Mutex::new(Pace { interval: wanted, next: Instant::now() }) }
    }

    /// Waits until the next request may be sent.
    pub async fn acquire(&self) {
        let slot = self.slot(Instant::now());
        tokio::time::sleep_until(slot).await;
    }

    /// Returns the time of the next request, not before `now`.
    fn slot(&self, now: Instant) -> Instant {
        let mut pace = self.pace();
        let slot = pace.next.max(now);
        pace.next = slot + pace.interval;
        slot
    }

    /// Slows down after a throttled response.
    pub fn slow_down(&self) {
        let mut pace = self.pace();
        pace.interval = pace.interval.mul_f64(SLOWER).min(SLOWEST);
    }

    /// Speeds up after a successful response.
    pub fn recover(&self) {
        let mut pace = self.pace();
        pace.interval = pace.interval.mul_f64(FASTER).max(self.wanted);
    }

    /// The state stays valid even if a thread panicked while it held the lock.
    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_requests_and_slows_down_and_recovers() {
        let limiter = Limiter::new(10.0);
        let start = Instant::now() + Duration::from_secs(1);
        let slots = |count: usize| (0..count).map(|_| limiter.slot(start)).collect::<Vec<_>>();
        assert_eq!(slots(11).last(), Some(&(start + Duration::from_secs(1))));
        limiter.slow_down();
        let [_, before, after] = slots(3)[..] else { panic!() };
        assert_eq!(after - before, Duration::from_millis(150));
        for _ in 0..20 {
            limiter.recover();
        }
        let [_, before, after] = slots(3)[..] else { panic!() };
        assert_eq!(after - before, Duration::from_millis(100));
    }
}
