//! When the messages that triggered a failed run are redelivered.

/// Seconds until the second attempt. They double with each attempt, up to the longest wait.
const FIRST_WAIT: u32 = 30;
const LONGEST_WAIT: u32 = 600;
/// How often a message is received before it becomes a dead letter, if the limit of its queue cannot be read.
pub const DEFAULT_ATTEMPTS: u32 = 5;

/// The retry of a failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Seconds until the retry; `None` if no message has an attempt left.
    pub seconds: Option<u32>,
    /// Maximum number of attempts per message.
    pub attempts: u32,
    /// Whether a message had its last attempt.
    pub gives_up: bool,
}

impl Retry {
    /// Returns the retry of messages that were received this often, from a queue with this many attempts per message.
    pub fn of(receives: &[u32], attempts: u32) -> Self {
        let left = receives.iter().copied().filter(|receives| *receives < attempts).max();
        let wait = |receives: u32| {
            let doubled = 1_u32.checked_shl(receives.max(1) - 1).unwrap_or(u32::MAX);
            FIRST_WAIT.saturating_mul(doubled).min(LONGEST_WAIT)
        };
        let gives_up = receives.iter().any(|receives| *receives >= attempts);
        Self { seconds: left.map(wait), attempts, gives_up }
    }

    /// Returns for how many seconds a message is hidden that was received this often. One without attempts left becomes visible
    /// immediately, so that the queue moves it to its dead letters: a hidden message blocks all others of its group.
    pub fn hides(self, receives: u32) -> u32 {
        self.seconds.filter(|_| receives < self.attempts).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_the_last_attempt_frees_the_queue() {
        let waits: Vec<Option<u32>> = [1, 2, 3, 9].map(|receives| Retry::of(&[receives], 10).seconds).into();
        assert_eq!(waits, [Some(30), Some(60), Some(120), Some(600)]);
        let mixed = Retry::of(&[1, 5, 2], 5);
        assert_eq!(mixed, Retry { seconds: Some(60), attempts: 5, gives_up: true });
        assert_eq!([1, 5, 2].map(|receives| mixed.hides(receives)), [60, 0, 60]);
        assert_eq!(Retry::of(&[5], 5), Retry { seconds: None, attempts: 5, gives_up: true });
        assert_eq!(Retry::of(&[0, u32::MAX - 1], u32::MAX).seconds, Some(600));
    }
}
