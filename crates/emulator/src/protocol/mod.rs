//! What several services have in common: parts of requests and responses, and the protocols that they are sent in.
//!
//! In reading order; a module uses only modules before it.
//!
//! - `time`: points in time, in the forms of the services.
//! - `pattern`, `shape`: the vocabulary for constraints of a service model as data. `validate`: the violations of a request.
//! - `pages`: pages of a list, and their tokens.
//! - `service_options`: the options that several services have.
//! - `reply`: a response before HTTP. `operation`: what a service says about each of its operations.
//! - `rest`, `aws_json`: the two protocols, `restJson1` and `awsJson1.1`.

pub(crate) mod time;
pub(crate) mod pattern;
pub(crate) mod shape;
pub(crate) mod validate;
pub(crate) mod pages;
pub(crate) mod service_options;
pub(crate) mod reply;
pub(crate) mod operation;
pub(crate) mod rest;
pub(crate) mod aws_json;
