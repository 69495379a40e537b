//! The log of requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// Maximum number of requests in the log; the oldest are removed first.
const MAX_REQUESTS: usize = 10_000;

/// A request that the emulator has received.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The name of the operation with its service (`"auditmanager:UpdateControl"`); empty if it is unknown.
    pub operation: String,
    /// The account that it belongs to.
    pub account: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The status of the response; `None` while in progress, or if the connection was closed without one.
    pub status: Option<u16>,
    /// The JSON body, or the fields of a form; null if there is none.
    pub body: Value,
}

/// The requests in the order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    requests: BTreeMap<u64, Request>,
}

impl Log {
    /// Adds a request; returns its number for [`Log::answered`].
    pub(crate) fn received(&self, request: Request) -> u64 {
        self.with(|entries| {
            let number = entries.next;
            entries.next += 1;
            entries.requests.insert(number, request);
            if entries.requests.len() > MAX_REQUESTS {
                entries.requests.pop_first();
            }
            number
        })
    }

    /// Sets the status of the response to a request.
    pub(crate) fn answered(&self, number: u64, status: u16) {
        self.with(|entries| {
            if let Some(request) = entries.requests.get_mut(&number) {
                request.status = Some(status);
            }
        });
    }

    pub(crate) fn all(&self) -> Vec<Request> {
        self.with(|entries| entries.requests.values().cloned().collect())
    }

    pub(crate) fn take(&self) -> Vec<Request> {
        self.with(|entries| std::mem::take(&mut entries.requests).into_values().collect())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Entries) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
