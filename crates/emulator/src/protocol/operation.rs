//! What a service says about each of its operations.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::protocol::caller::Caller;
use crate::protocol::reply::Rejection;
use crate::protocol::shape::Member;
use crate::protocol::time::Time;

/// The result of an operation: a body, an empty body, or an error.
pub(crate) type Outcome = Result<Option<Value>, Rejection>;

/// What an operation knows besides the state of its service and its input.
#[derive(Debug)]
pub(crate) struct Context<'a, O> {
    /// The account that the request belongs to.
    pub(crate) account: &'a str,
    /// The home account.
    pub(crate) home: &'a str,
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a str,
    pub(crate) now: Time,
    pub(crate) options: &'a O,
}

impl<O> Context<'_, O> {
    /// The ARN of a resource of the account.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }
}

/// The states of a service in all accounts and Regions: what an administrator or an aggregator sees.
#[derive(Debug)]
pub(crate) struct Everywhere<'a, S> {
    /// That of the account and Region of the request.
    pub(crate) own: &'a S,
    /// By account and Region.
    pub(crate) places: BTreeMap<(&'a str, &'a str), &'a S>,
}

/// What an operation does with a validated input.
pub(crate) enum Work<S: 'static, O: 'static> {
    /// Reads the state.
    Read(fn(&S, &Context<O>, &Value) -> Outcome),
    /// Reads the states of all accounts and Regions.
    ReadAll(fn(&Everywhere<S>, &Context<O>, &Value) -> Outcome),
    /// Changes a copy of the state; after an error the copy may be incomplete, and is dropped.
    Write(fn(&mut S, &Context<O>, &Value) -> Outcome),
}

/// An operation of a service with state `S` and options `O`.
pub(crate) struct Operation<S: 'static, O: 'static> {
    /// The name in the model.
    pub(crate) name: &'static str,
    pub(crate) input: &'static [Member],
    pub(crate) work: Work<S, O>,
}

/// A member of an input that is a string; empty if the input does not have it.
pub(crate) fn text<'a>(input: &'a Value, member: &str) -> &'a str {
    input[member].as_str().unwrap_or_default()
}

/// A member of an input that is a list of strings; `None` if the input does not have it.
pub(crate) fn texts(input: &Value, member: &str) -> Option<Vec<String>> {
    let items = input[member].as_array()?;
    Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Copies the members that an object has.
pub(crate) fn copy(from: &Value, to: &mut Value, members: &[&str]) {
    for member in members {
        if let Some(value) = from.get(member).filter(|value| !value.is_null()) {
            to[*member] = value.clone();
        }
    }
}
