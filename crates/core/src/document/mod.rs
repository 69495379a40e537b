//! One parse per file, into a tree of nodes in which every key and value has its location.
//!
//! [`parse()`] reads YAML and JSON, `parse_template` also CloudFormation's short functions, [`parse_toml`] reads `controlsync.toml`; both return the same tree.

pub(crate) mod rules;
mod tree;
mod scalar;
mod syntax;
mod json;
mod functions;
mod build;
mod parse;
mod toml;

pub use build::{MAX_ALIAS_BYTES, MAX_NESTING, MAX_NODES};
pub use parse::parse;
pub(crate) use parse::{check_text, parse_template};
pub use scalar::quoted;
pub(crate) use scalar::{ambiguous, is_plain_string};
pub use toml::parse_toml;
pub(crate) use tree::pointer_to;
pub use tree::{COMMENT_MARK, Document, Entry, Located, Node, Value, escape, unescape};
