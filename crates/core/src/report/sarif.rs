//! SARIF 2.1.0, for code scanning and viewers.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::Serialize;

use super::findings::{Identities, ReportLocation};
use super::{Findings, json};
use crate::catalog_path::is_outside;
use crate::diagnostic::{Diagnostic, Fix, Level, Rule};
use crate::push::UNRESERVED;
use crate::rules;
use crate::source::Position;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The base of relative paths; code scanning replaces it by the root of the repository.
const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    original_uri_base_ids: BTreeMap<&'static str, BaseId>,
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct BaseId {
    description: Message,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: MarkdownMessage,
    help_uri: String,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct MarkdownMessage {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair>,
}

#[derive(Serialize)]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// 1-based, columns in code points, the end exclusive.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair {
    description: Message,
    artifact_changes: [Change; 1],
    properties: RepairProperties,
}

/// SARIF has no property for whether a fix keeps the meaning.
#[derive(Serialize)]
struct RepairProperties {
    safe: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

/// Returns the findings, and all rules.
pub fn findings(all: &[Findings<'_>]) -> String {
    let mut rules: Vec<&'static Rule> = rules::all().collect();
    rules.sort_by_key(|rule| rule.id);
    let mut identities = Identities::default();
    let results = Findings::each(all).map(|(findings, diagnostic, location)| {
        let fingerprint = identities.next(&location.path, diagnostic).fingerprint();
        let rule_index = rules.binary_search_by_key(&diagnostic.rule.id, |rule| rule.id).ok();
        result(findings, diagnostic, &location, rule_index, fingerprint)
    });
    let results = results.collect();
    let driver = Driver {
        name: "controlsync",
        version: env!("CARGO_PKG_VERSION"),
        rules: rules.into_iter().map(descriptor).collect(),
    };
    let root = BaseId { description: message("The root of the repository") };
    json::print(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            original_uri_base_ids: BTreeMap::from([(ROOT, root)]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn descriptor(rule: &'static Rule) -> Descriptor {
    let why = if rule.why.is_empty() { rule.summary } else { rule.why.trim() };
    Descriptor {
        id: rule.id,
        short_description: message(rule.summary),
        // Code scanning accepts 1,024 characters, and shows the help below it.
        full_description: message(why.split("\n\n").next().unwrap_or(why)),
        help: MarkdownMessage { text: why, markdown: why },
        help_uri: rule.url(),
        default_configuration: Configuration { level: level(rule.level) },
    }
}

fn result(
    findings: &Findings<'_>,
    diagnostic: &Diagnostic,
    location: &ReportLocation,
    rule_index: Option<usize>,
    fingerprint: String,
) -> Finding {
    let mut text = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    let related = diagnostic.related.iter().enumerate().map(|(index, related)| Location {
        id: Some(index + 1),
        physical: physical(&findings.location(related.file, related.span)),
        message: Some(message(&related.message)),
    });
    Finding {
        rule_id: diagnostic.rule.id,
        rule_index,
        level: level(diagnostic.level),
        message: Message { text },
        locations: [Location { id: None, physical: physical(location), message: None }],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([("controlsync/v1", fingerprint)]),
        fixes: diagnostic.fix.iter().map(|fix| repair(findings, diagnostic, fix)).collect(),
    }
}

fn repair(findings: &Findings<'_>, diagnostic: &Diagnostic, fix: &Fix) -> Repair {
    let replacements = fix.edits.iter().filter_map(|edit| {
        let range = findings.location(diagnostic.file, edit.span).range?;
        Some(Replacement { deleted_region: region(range), inserted_content: message(&edit.text) })
    });
    let change = Change {
        artifact_location: artifact(&findings.location(diagnostic.file, diagnostic.span).path),
        replacements: replacements.collect(),
    };
    Repair {
        description: message(&fix.title),
        artifact_changes: [change],
        properties: RepairProperties { safe: fix.safe },
    }
}

fn message(text: &str) -> Message {
    Message { text: text.to_owned() }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn physical(location: &ReportLocation) -> PhysicalLocation {
    PhysicalLocation { artifact_location: artifact(&location.path), region: location.range.map(region) }
}

fn region((start, end): (Position, Position)) -> Region {
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn artifact(path: &str) -> Artifact {
    if is_outside(path) {
        // A path with a drive letter has no slash at its start.
        return Artifact { uri: format!("file:///{}", encoded(path.trim_start_matches('/'))), uri_base_id: None };
    }
    Artifact { uri: encoded(path), uri_base_id: Some(ROOT) }
}

/// Returns a path as a URI of RFC 3986: UTF-8, percent-encoded except for unreserved characters and slashes. Colons are
/// encoded, because the first segment of a path would otherwise be a scheme.
fn encoded(path: &str) -> String {
    const ENCODED: &AsciiSet = &UNRESERVED.remove(b'/');
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        let of = |path| {
            let Artifact { uri, uri_base_id } = artifact(path);
            (uri, uri_base_id)
        };
        assert_eq!(of("a b/né:1%.yaml"), ("a%20b/n%C3%A9%3A1%25.yaml".to_owned(), Some("%SRCROOT%")));
        assert_eq!(of("/etc/c.toml"), ("file:///etc/c.toml".to_owned(), None));
    }
}
