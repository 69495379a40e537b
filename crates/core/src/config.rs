//! `controlsync.toml`.

use std::collections::BTreeMap;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::diagnostic::Level;
use crate::document::{Document, Node};
use crate::quotas::Quotas;
use crate::schema;
use crate::source::FileKind;

/// Name of the file, in ROOT.
pub const FILE_NAME: &str = "controlsync.toml";
/// Name of the catalog if none is set.
pub const DEFAULT_CATALOG: &str = "default";

/// The configuration; flags and environment variables are up to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Name of the catalog, which owns its objects.
    pub catalog: Option<String>,
    /// `[lint.rules]`: what happens to the findings of a rule, by its ID.
    pub levels: BTreeMap<String, RuleLevel>,
    /// `[lint] ignore`: paths whose findings are not reported, as globs.
    pub ignored: Vec<String>,
    /// Tags for all objects.
    pub tags: BTreeMap<String, String>,
    /// The account to apply the catalog to.
    pub target: Target,
    /// The bucket to push its files to.
    pub bucket: Bucket,
    /// `[quotas]`: the quotas of the account.
    pub quotas: Quotas,
}

/// What happens to the findings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleLevel {
    /// They are not reported.
    Off,
    /// They are reported with this level.
    Report(Level),
}

/// `[target]`: the account to apply the catalog to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Account ID; plans for other accounts are rejected.
    pub account: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// Profile in the AWS configuration files.
    pub profile: Option<String>,
    /// Role to assume.
    pub role_arn: Option<String>,
    /// Custom endpoint of Audit Manager.
    pub endpoint_url: Option<String>,
}

/// `[bucket]`: the bucket to push the catalog's files to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Name of the bucket.
    pub name: Option<String>,
    /// Prefix of the keys, as written; [`crate::catalog_path::key_prefix`] normalizes it.
    pub prefix: Option<String>,
}

impl Config {
    /// Reads a document that was validated with the schema; values of a wrong type are skipped.
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
            quotas: quotas(root.get("quotas")),
        }
    }
}

fn quotas(table: Option<&Node>) -> Quotas {
    let mut quotas = Quotas::default();
    for entry in table.map(Node::entries).unwrap_or_default() {
        if let Some(figure) = entry.value.as_int().and_then(|figure| usize::try_from(figure).ok()) {
            quotas.set(&entry.key, figure);
        }
    }
    quotas
}

/// Returns the paths that `[lint] ignore` matches: a pattern also matches everything below it. Invalid patterns are
/// skipped.
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

/// Parses a pattern of `[lint] ignore`: `*` and `?` do not match `/`, `**` does.
///
/// # Errors
///
/// If the pattern is invalid.
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

/// Whether this is a valid catalog name.
pub fn is_catalog_name(name: &str) -> bool {
    schema::accepts(FileKind::Config, &serde_json::json!({ "catalog": name }))
}

/// Whether this is a valid bucket name
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
pub fn is_bucket_name(name: &str) -> bool {
    schema::accepts(FileKind::Config, &serde_json::json!({ "bucket": { "name": name } }))
}
