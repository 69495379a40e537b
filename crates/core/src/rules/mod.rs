//! The registry: every kind of finding there is. A rule is one file: what it is, why it matters, and how it looks.
//! Its examples are the folders `bad` and `good` below `tests/findings/cases/`, under its id.
//!
//! What only a parser or a schema can see has its rules beside those, in `document/rules` and `schema/rules`; what stands
//! in the way of a plan has them in `plan/rules`. All others are here.

mod subject;

mod conflicting_keys;
mod duplicate_control_name;
mod duplicate_control_set;
mod duplicate_framework_name;
mod fixed_severity;
mod response_member;
mod too_many_merged_tags;
pub(crate) mod unknown_control;
mod unknown_rule;

use crate::config::{Config, Level};
use crate::diagnostic::{Diagnostic, Rule};
use crate::source::Kind;
use crate::{document, plan, schema};

pub(crate) use subject::{Parsed, Whole};

/// A rule of this module and how it looks.
struct Lint {
    rule: &'static Rule,
    check: Check,
}

/// What a rule looks at.
enum Check {
    /// The configuration.
    Config(fn(&Parsed<'_>, &mut Vec<Diagnostic>)),
    /// One control or framework.
    File(fn(&Parsed<'_>, &mut Vec<Diagnostic>)),
    /// All files together.
    Catalog(fn(&Whole<'_>, &mut Vec<Diagnostic>)),
}

static LINTS: &[Lint] = &[
    Lint { rule: &conflicting_keys::RULE, check: Check::File(conflicting_keys::check) },
    Lint { rule: &duplicate_control_name::RULE, check: Check::Catalog(duplicate_control_name::check) },
    Lint { rule: &duplicate_control_set::RULE, check: Check::File(duplicate_control_set::check) },
    Lint { rule: &duplicate_framework_name::RULE, check: Check::Catalog(duplicate_framework_name::check) },
    Lint { rule: &fixed_severity::RULE, check: Check::Config(fixed_severity::check) },
    Lint { rule: &response_member::RULE, check: Check::File(response_member::check) },
    Lint { rule: &too_many_merged_tags::RULE, check: Check::File(too_many_merged_tags::check) },
    Lint { rule: &unknown_control::RULE, check: Check::Catalog(unknown_control::check) },
    Lint { rule: &unknown_rule::RULE, check: Check::Config(unknown_rule::check) },
];

/// All rules, in the order in which files are looked at.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let own = LINTS.iter().map(|lint| lint.rule);
    let before = document::rules::ALL.iter().chain(schema::rules::ALL).copied();
    before.chain(own).chain(plan::rules::ALL.iter().copied())
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// A file of an example.
#[derive(Debug)]
pub struct Example {
    /// Path from the root of the catalogue.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// The examples that break a rule and those that do not: the files of one small catalogue each.
pub fn examples(id: &str) -> (&'static [Example], &'static [Example]) {
    static ALL: &[(&str, &[Example], &[Example])] = include!(concat!(env!("OUT_DIR"), "/examples.rs"));
    ALL.iter().find(|(rule, ..)| *rule == id).map_or((&[], &[]), |(_, bad, good)| (bad, good))
}

/// Everything that can be said about one file alone.
pub(crate) fn check_file(parsed: &Parsed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let config = parsed.source.kind() == Kind::Config;
    for lint in LINTS {
        match lint.check {
            Check::Config(check) if config => check(parsed, &mut found),
            Check::File(check) if !config => check(parsed, &mut found),
            _ => {}
        }
    }
    found
}

/// Everything that can be said about all files together.
pub(crate) fn check_catalog(whole: &Whole<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if let Check::Catalog(check) = lint.check {
            check(whole, &mut found);
        }
    }
    found
}

/// Gives findings the severities of the configuration; those switched off go.
pub(crate) fn apply_severities(config: &Config, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.retain_mut(|diagnostic| match config.levels.get(diagnostic.rule.id) {
        _ if diagnostic.rule.hard => true,
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
    use crate::diagnostic::Severity;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_every_rule_says_what_it_is() {
        let mut seen = BTreeSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} is there twice", rule.id);
            let part = |part: &str| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            };
            assert!(rule.id.split('-').all(part), "{}", rule.id);
            assert!(rule.summary.ends_with('.'), "{}", rule.id);
            assert!(!rule.hard || rule.severity == Severity::Error, "{}", rule.id);
        }
    }
}
