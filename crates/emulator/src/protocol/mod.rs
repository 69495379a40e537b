//! What several services have in common: parts of requests and responses, and the protocols that they are sent in.
//!
//! In reading order; a module uses only modules before it.
//!
//! - `time`: points in time, in the forms of the services.
//! - `pattern`, `shape`: the vocabulary for constraints of a service model as data. `validate`: the violations of a request.
//! - `account`: account IDs. `token`: tokens that contain what they stand for. `caller`: who sends a request, as which account.
//! - `pages`: pages of a list.
//! - `service_options`: the options that several services have.
//! - `reply`: a response before HTTP. `operation`: what a service says about each of its operations.
//! - `rest`, `aws_json`, `query`: the three protocols, `restJson1`, `awsJson1.1` and `awsQuery`.

pub(crate) mod time;
pub(crate) mod pattern;
pub(crate) mod shape;
pub(crate) mod validate;
pub(crate) mod account;
pub(crate) mod token;
pub(crate) mod caller;
pub(crate) mod pages;
pub(crate) mod service_options;
pub(crate) mod reply;
pub(crate) mod operation;
pub(crate) mod rest;
pub(crate) mod aws_json;
pub(crate) mod query;
