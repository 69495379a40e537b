//! The registry: every kind of finding there is.

use crate::config::{Config, Level};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::document::Document;
use crate::source::FileId;
use crate::suggest::closest;
use crate::{catalog, document, schema};

/// A rule id in `controlsync.toml` is not known.
pub static UNKNOWN_RULE: Rule = Rule::error("unknown-rule", "`controlsync.toml` names a rule that does not exist.");
/// The severity of an error cannot be changed.
pub static FIXED_SEVERITY: Rule =
    Rule::error("fixed-severity", "`controlsync.toml` changes the severity of a rule that is always an error.");

static OWN: &[&Rule] = &[&UNKNOWN_RULE, &FIXED_SEVERITY];

/// All rules, in the order in which files are looked at.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [document::rules::ALL, schema::ALL, catalog::ALL, OWN, crate::plan::conflict::RULES].into_iter().flatten().copied()
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Holds `[lint.rules]` against the registry.
pub(crate) fn check_config(file: FileId, document: &Document) -> Vec<Diagnostic> {
    let rules = document.root.get("lint").and_then(|lint| lint.get("rules"));
    let mut diagnostics = Vec::new();
    for entry in rules.map(crate::document::Node::entries).unwrap_or_default() {
        let pointer = format!("/lint/rules/{}", document::escape(&entry.key));
        match find(&entry.key) {
            None => {
                let help = match closest(&entry.key, all().map(|rule| rule.id)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "remove the line".to_owned(),
                };
                let message = format!("there is no rule `{}`", entry.key);
                diagnostics.push(Diagnostic::new(&UNKNOWN_RULE, file, entry.key_span, message).at(pointer).help(help));
            }
            Some(rule) if rule.severity == Severity::Error && entry.value.as_str() != Some("error") => {
                let message =
                    format!("`{}` is always an error: the service, or the catalogue, cannot work with it", rule.id);
                let fault = Diagnostic::new(&FIXED_SEVERITY, file, entry.key_span, message).at(pointer);
                diagnostics.push(fault.help("remove the line, and mend what the rule finds"));
            }
            Some(_) => {}
        }
    }
    diagnostics
}

/// Gives findings the severities of the configuration; those switched off go.
pub(crate) fn apply_severities(config: &Config, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.retain_mut(|diagnostic| match config.levels.get(diagnostic.rule.id) {
        _ if diagnostic.rule.severity == Severity::Error => true,
        Some(Level::Off) => false,
        Some(Level::Report(severity)) => {
            diagnostic.severity = *severity;
            true
        }
        None => true,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_every_rule_says_what_it_is() {
        let mut seen = BTreeSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} is there twice", rule.id);
            assert!(
                rule.id
                    .split('-')
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
                "{}",
                rule.id
            );
            assert!(rule.summary.ends_with('.'), "{}", rule.id);
        }
    }
}
