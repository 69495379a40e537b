//! `controlsync.toml`.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::diagnostic::Level;
use crate::document::{Document, Node};
use crate::schema;
use crate::source::FileKind;

/// The name of the file, at the root of the catalog.
pub const FILE_NAME: &str = "controlsync.toml";
/// The catalog's name where none is given.
pub const DEFAULT_CATALOG: &str = "default";

/// What the configuration says; flags and environment are the caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The catalog's name, which owns its objects.
    pub catalog: Option<String>,
    /// `[lint.rules]`: what becomes of the findings of a rule, by its id.
    pub levels: BTreeMap<String, RuleLevel>,
    /// `[lint] ignore`: paths whose findings are not reported, as globs.
    pub ignored: Vec<String>,
    /// Tags that every object gets.
    pub tags: BTreeMap<String, String>,
    /// Where the catalog belongs.
    pub target: Target,
    /// Where its files are pushed.
    pub bucket: Bucket,
}

/// What becomes of the findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleLevel {
    /// Nothing: they are not reported.
    Off,
    /// They are reported with this level.
    Report(Level),
}

/// `[target]`: where the catalog belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Account id; a plan for another account is refused.
    pub account: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// Profile of the AWS configuration files.
    pub profile: Option<String>,
    /// Role to assume.
    pub role_arn: Option<String>,
    /// Another address of Audit Manager.
    pub endpoint_url: Option<String>,
}

/// `[bucket]`: where the catalog's files are pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Name of the bucket.
    pub name: Option<String>,
    /// What the keys begin with, as it was written; [`crate::catalog_path::key_prefix`] makes it one.
    pub prefix: Option<String>,
}

impl Config {
    /// Reads a document that the schema has been held against; members of a wrong type are left out.
    pub(crate) fn from_document(document: &Document) -> Self {
        let root = &document.root;
        let text_of = |table: &str, key: &str| {
            root.get(table).and_then(|table| table.get(key)).and_then(Node::as_str).map(str::to_owned)
        };
        let text = |key: &str| text_of("target", key);
        let entries = |node: Option<&Node>| node.map(Node::entries).unwrap_or_default().to_vec();
        Self {
            catalog: root.get("catalog").and_then(Node::as_str).map(str::to_owned),
            levels: entries(root.get("lint").and_then(|lint| lint.get("rules")))
                .into_iter()
                .filter_map(|entry| Some((entry.key, level(entry.value.as_str()?)?)))
                .collect(),
            ignored: root
                .get("lint")
                .and_then(|lint| lint.get("ignore"))
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            tags: entries(root.get("tags"))
                .into_iter()
                .filter_map(|entry| Some((entry.key, entry.value.as_str()?.to_owned())))
                .collect(),
            target: Target {
                account: text("account"),
                region: text("region"),
                profile: text("profile"),
                role_arn: text("role_arn"),
                endpoint_url: text("endpoint_url"),
            },
            bucket: Bucket { name: text_of("bucket", "name"), prefix: text_of("bucket", "prefix") },
        }
    }
}

/// Which paths `[lint] ignore` names: a pattern also means everything below it. Patterns that are none name nothing.
pub(crate) fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        for pattern in [pattern.clone(), format!("{}/**", pattern.trim_end_matches('/'))] {
            if let Ok(glob) = glob(&pattern) {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_default()
}

/// A pattern of `[lint] ignore`: `*` and `?` stay within a folder, `**` does not.
///
/// # Errors
///
/// It is none.
pub(crate) fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

fn level(word: &str) -> Option<RuleLevel> {
    match word {
        "off" => Some(RuleLevel::Off),
        "info" => Some(RuleLevel::Report(Level::Info)),
        "warning" => Some(RuleLevel::Report(Level::Warning)),
        "error" => Some(RuleLevel::Report(Level::Error)),
        _ => None,
    }
}

/// Whether a catalog can have this name.
pub fn is_catalog_name(name: &str) -> bool {
    schema::accepts(FileKind::Config, &serde_json::json!({ "catalog": name }))
}

/// Whether a bucket can have this name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
pub fn is_bucket_name(name: &str) -> bool {
    schema::accepts(FileKind::Config, &serde_json::json!({ "bucket": { "name": name } }))
}
