//! The log of requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

/// How many requests the log holds; the oldest go first.
const MOST_REQUESTS: usize = 10_000;

/// A request that the emulator has received.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The name of the operation (`"UpdateControl"`); empty when it names none.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The status answered; none while it is under way and when the connection was closed instead.
    pub status: Option<u16>,
    /// The JSON body; null without one.
    pub body: Value,
}

/// The requests in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    requests: BTreeMap<u64, Request>,
}

impl Log {
    /// Enters a request; the number is for [`Log::answered`].
    pub(crate) fn received(&self, request: Request) -> u64 {
        self.with(|entries| {
            let number = entries.next;
            entries.next += 1;
            entries.requests.insert(number, request);
            if entries.requests.len() > MOST_REQUESTS {
                entries.requests.pop_first();
            }
            number
        })
    }

    /// Notes what a request was answered with.
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
