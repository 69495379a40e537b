//! Faults on demand.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::operation::Operation;

/// Something that goes wrong for the next requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The operation that it strikes (`"UpdateControl"`); none is every operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// How many such requests pass unharmed before.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it strikes.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens to them.
    pub effect: Effect,
}

/// What a fault does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Effect {
    /// `ThrottlingException`; nothing is done.
    Throttle,
    /// `AccessDeniedException`, as without permission for the operation; nothing is done.
    Deny,
    /// A server's error of this status; nothing is done.
    Fail {
        /// 500 to 599.
        status: u16,
    },
    /// The work is done, and then answered with a server's error of this status.
    FailAfterWork {
        /// 500 to 599.
        status: u16,
    },
    /// The connection is closed without an answer; nothing is done.
    CloseBeforeWork,
    /// The work is done, and then the connection is closed without an answer.
    CloseAfterWork,
    /// The work is done, this much later.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The work is done, and answered this much later. The request log has the answer's status as soon as it is done.
    DelayAfterWork {
        /// Milliseconds.
        millis: u64,
    },
}

/// Why a fault was not taken: it would never strike, and a test that waits for it would pass for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// No operation served here has the name.
    #[error("there is no operation \"{0}\" here; names are as in the service model, for example \"UpdateControl\"")]
    UnknownOperation(String),
    /// A server's error has another status.
    #[error("{0} is not the status of a server's error; choose one from 500 to 599")]
    NotAServerError(u16),
}

fn once() -> u32 {
    1
}

/// The faults that are still to come.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// # Errors
    ///
    /// The fault would never strike.
    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        if let Some(name) = fault.operation.as_ref().filter(|name| !Operation::exists(name)) {
            return Err(FaultError::UnknownOperation(name.clone()));
        }
        if let Effect::Fail { status } | Effect::FailAfterWork { status } = fault.effect
            && !(500..600).contains(&status)
        {
            return Err(FaultError::NotAServerError(status));
        }
        self.with(|faults| faults.push(fault));
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.with(Vec::clear);
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.with(|faults| faults.clone())
    }

    /// What happens to a request of this operation: the oldest fault that is due.
    pub(crate) fn next(&self, operation: &str) -> Option<Effect> {
        self.with(|faults| {
            let mut effect = None;
            for fault in faults.iter_mut() {
                if fault.operation.as_deref().is_some_and(|name| name != operation) {
                    continue;
                }
                if fault.skip > 0 {
                    fault.skip -= 1;
                } else if effect.is_none() && fault.times > 0 {
                    fault.times -= 1;
                    effect = Some(fault.effect);
                }
            }
            faults.retain(|fault| fault.times > 0);
            effect
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_its_operation_as_often_as_it_says_and_no_sooner() {
        let faults = Faults::default();
        let fault = r#"{"operation":"GetControl","skip":1,"times":2,"effect":{"delay":{"millis":5}}}"#;
        faults.add(serde_json::from_str(fault).unwrap()).unwrap();
        faults.add(serde_json::from_str(r#"{"effect":"throttle"}"#).unwrap()).unwrap();
        let delay = Some(Effect::Delay { millis: 5 });
        assert_eq!(faults.next("ListControls"), Some(Effect::Throttle));
        let struck: Vec<_> = (0..4).map(|_| faults.next("GetControl")).collect();
        assert_eq!(struck, [None, delay, delay, None]);
        assert!(faults.all().is_empty());
    }

    #[test]
    fn a_fault_that_would_never_strike_is_refused() {
        let faults = Faults::default();
        for fault in [r#"{"operation":"getControl","effect":"throttle"}"#, r#"{"effect":{"fail":{"status":404}}}"#] {
            assert!(faults.add(serde_json::from_str(fault).unwrap()).is_err(), "{fault}");
        }
    }
}
