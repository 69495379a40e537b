//! When the messages that triggered a failed run are redelivered.

use crate::change_result::ChangeResult;

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

/// Makes denied changes transient, if this is the first attempt of all messages that triggered the run: permissions take effect with
/// a delay, as after a change of the function's mode
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency>). Returns their
/// number. With the second attempt, they are final. So they are without a queue, since nothing redelivers the event.
pub fn defer_denied(results: &mut [ChangeResult], receives: &[u32]) -> usize {
    if receives.is_empty() || receives.iter().any(|receives| *receives > 1) {
        return 0;
    }
    let failures = results.iter_mut().filter_map(|result| match result {
        ChangeResult::Failed(failure) if failure.is_denied() && !failure.transient => Some(failure),
        _ => None,
    });
    failures.map(|failure| failure.transient = true).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change_result::Failure;

    #[test]
    fn a_denied_change_is_transient_in_the_first_attempt_of_all_messages() {
        let failed = |code: &str| {
            ChangeResult::Failed(Failure { code: Some(code.to_owned()), ..Failure::new("CreateControl", "no") })
        };
        let denied = failed("AccessDeniedException");
        for (result, receives, deferred) in [
            (&denied, &[1][..], true),
            (&denied, &[1, 1], true),
            // Another message had an attempt already.
            (&denied, &[1, 2], false),
            (&denied, &[2], false),
            (&denied, &[5], false),
            // Without a queue there is no second attempt.
            (&denied, &[], false),
            (&failed("ValidationException"), &[1], false),
            (&failed("ServiceQuotaExceededException"), &[1], false),
            (&ChangeResult::NotStarted, &[1], false),
        ] {
            let mut results = [ChangeResult::Unchanged, result.clone()];
            assert_eq!(defer_denied(&mut results, receives), usize::from(deferred), "{result:?} {receives:?}");
            let transient = matches!(&results[1], ChangeResult::Failed(failure) if failure.transient);
            assert_eq!((transient, &results[0]), (deferred, &ChangeResult::Unchanged), "{result:?} {receives:?}");
        }
    }

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
