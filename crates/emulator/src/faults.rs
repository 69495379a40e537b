//! Injected faults.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::protocol::account;
use crate::service;

/// A failure to inject into the next requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Name of the operation with its service (`"auditmanager:UpdateControl"`); `None` for every operation.
    #[serde(default)]
    pub operation: Option<String>,
    /// The account that requests belong to; `None` for every account.
    #[serde(default)]
    pub account: Option<String>,
    /// Number of such requests to skip first.
    #[serde(default)]
    pub skip: u32,
    /// Number of requests that it applies to.
    #[serde(default = "once")]
    pub times: u32,
    /// The effect on these requests.
    pub effect: Effect,
}

/// The effect of a fault on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Effect {
    /// `ThrottlingException`; the request is not processed.
    Throttle,
    /// `AccessDeniedException`, as without permission for the operation; the request is not processed.
    Deny,
    /// `ValidationException` (Security Hub: `InvalidInputException`), as for a request that the service does not accept; the request is not processed.
    Refuse,
    /// A server error with this status; the request is not processed.
    Fail {
        /// 500 to 599.
        status: u16,
    },
    /// The request is processed, then a server error with this status.
    FailAfterWork {
        /// 500 to 599.
        status: u16,
    },
    /// The connection closes without a response; the request is not processed.
    CloseBeforeWork,
    /// The request is processed, then the connection closes without a response.
    CloseAfterWork,
    /// The request is processed, and the response ends in the middle of its body.
    CutShort,
    /// The request is processed, and the response has status 200 and a body that is not JSON.
    Malformed,
    /// The request is processed, and the response has status 200 and the body `{}`.
    Empty,
    /// The request is processed after a delay.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The request is processed, and the response delayed. The request log has the status once it is processed.
    DelayAfterWork {
        /// Milliseconds.
        millis: u64,
    },
}

impl Effect {
    /// Whether the request is not processed, and gets another response.
    pub(crate) fn prevents_work(self) -> bool {
        matches!(self, Self::Throttle | Self::Deny | Self::Refuse | Self::Fail { .. })
    }
}

/// The reason a fault was rejected: it could never apply, and a test that relies on it would be meaningless.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// The emulator has no operation with this name.
    #[error("unknown operation \"{name}\"; {}", service::meant(.alike.as_deref()))]
    UnknownOperation {
        /// The requested name.
        name: String,
        /// The operation that may be meant.
        alike: Option<String>,
    },
    /// The status is not that of a server error.
    #[error("{0} is not the status of a server error; use 500 to 599")]
    NotAServerError(u16),
    /// The account is not an ID; the text is the message.
    #[error("{0}")]
    NotAnAccount(String),
}

fn once() -> u32 {
    1
}

/// The pending faults.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// # Errors
    ///
    /// The fault could never apply.
    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        if let Some(name) = &fault.operation {
            service::check_operation(name)
                .map_err(|alike| FaultError::UnknownOperation { name: name.clone(), alike })?;
        }
        if let Some(account) = &fault.account {
            account::check(account).map_err(FaultError::NotAnAccount)?;
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

    /// Returns the effect on a request of this operation in this account: that of the oldest fault that is due.
    pub(crate) fn next(&self, operation: &str, account: &str) -> Option<Effect> {
        self.with(|faults| {
            let mut effect = None;
            for fault in faults.iter_mut() {
                if fault.operation.as_deref().is_some_and(|name| name != operation)
                    || fault.account.as_deref().is_some_and(|of| of != account)
                {
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

    const HOME: &str = "000000000000";

    #[test]
    fn a_fault_of_an_account_applies_to_no_other() {
        let faults = Faults::default();
        let fault = r#"{"account":"222222222222","effect":"throttle"}"#;
        faults.add(serde_json::from_str(fault).unwrap()).unwrap();
        let effects = [HOME, "222222222222", "222222222222"].map(|of| faults.next("config:DescribeConfigRules", of));
        assert_eq!(effects, [None, Some(Effect::Throttle), None]);
    }

    #[test]
    fn a_fault_applies_to_its_operation_after_skip_and_for_times() {
        let faults = Faults::default();
        let fault = r#"{"operation":"auditmanager:GetControl","skip":1,"times":2,"effect":{"delay":{"millis":5}}}"#;
        faults.add(serde_json::from_str(fault).unwrap()).unwrap();
        faults.add(serde_json::from_str(r#"{"effect":"throttle"}"#).unwrap()).unwrap();
        let delay = Some(Effect::Delay { millis: 5 });
        assert_eq!(faults.next("auditmanager:ListControls", HOME), Some(Effect::Throttle));
        let effects: Vec<_> = (0..4).map(|_| faults.next("auditmanager:GetControl", HOME)).collect();
        assert_eq!(effects, [None, delay, delay, None]);
        assert!(faults.all().is_empty());
    }

    #[test]
    fn a_fault_that_could_never_apply_is_rejected() {
        let faults = Faults::default();
        let error = |fault| faults.add(serde_json::from_str(fault).unwrap()).unwrap_err().to_string();
        assert_eq!(
            error(r#"{"operation":"GetControl","effect":"throttle"}"#),
            "unknown operation \"GetControl\"; did you mean \"auditmanager:GetControl\"?"
        );
        assert_eq!(
            error(r#"{"operation":"auditmanager:getControl","effect":"throttle"}"#),
            "unknown operation \"auditmanager:getControl\"; use the service and the name in its model, for example \
             \"auditmanager:UpdateControl\""
        );
        assert_eq!(
            error(r#"{"account":"2222","effect":"throttle"}"#),
            "\"2222\" is not a valid account ID; use 12 digits"
        );
        assert_eq!(
            error(r#"{"effect":{"fail":{"status":404}}}"#),
            "404 is not the status of a server error; use 500 to 599"
        );
    }
}
