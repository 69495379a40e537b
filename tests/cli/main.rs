//! The program as users and CI run it: wiring, messages and exit codes.
#![expect(clippy::unwrap_used, reason = "tests panic on errors")]

mod account;
mod aws_environment;
mod compatibility;
mod compliance;
mod crash;
mod errors;
mod evidence;
mod explain;
mod export;
mod guide;
mod import;
mod init;
mod keywords;
mod lint;
mod local;
mod markdown;
mod fix;
mod orphans;
#[path = "../output_schemas.rs"]
mod output_schemas;
mod plan_rules;
mod planning;
mod probe;
mod program;
mod pull;
mod push;
mod readme;
mod show;
mod support;
