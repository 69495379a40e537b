//! The registry of all rules. Each rule is one file with its documentation and its check. Its examples are in the
//! directories `bad` and `good` under `tests/findings/cases/RULE/`.
//!
//! Rules of the parser and of the schemas are in `document/rules` and `schema/rules`, rules for plans in `plan/rules`,
//! rules about evidence in `evidence/rules`.
//! All others are here.

mod subject;
mod all_files;

mod ambiguous_string;
mod whitespace_around_name;
mod whitespace_around_text;
mod unusual_tag_value;
mod cloudtrail_data_event;
mod config_rule_name;
mod conflicting_keys;
mod consolidated_security_hub_control;
mod conflicting_rename;
mod control_id_as_name;
mod control_in_several_sets;
mod duplicate_control_name;
mod duplicate_control_set;
mod duplicate_framework_name;
mod duplicate_source;
mod duplicate_source_name;
mod excluded_cloudtrail_event;
mod fixed_level;
mod non_portable_file_name;
mod generated_rule_name;
mod iam_action_as_event;
mod ignored_file;
mod invalid_glob;
pub(crate) mod invalid_keyword_list;
pub(crate) mod invalid_suppression;
mod confusable_name;
mod malformed_custom_rule;
mod malformed_managed_source;
mod managed_rule_as_custom;
mod many_control_sets;
mod mismatched_input_type;
mod mismatched_set_up_option;
mod misplaced_file;
mod missing_frequency;
mod missing_keyword;
mod misspelled_keyword;
mod null_value;
mod placeholder_text;
mod read_only_cloudtrail_event;
mod renamed_from_existing;
mod repeated_control;
mod read_only_field;
mod security_hub_rule;
mod wrapped_definition;
mod several_definitions;
mod several_keywords;
pub(crate) mod suppression_without_reason;
mod too_many_controls;
pub(crate) mod too_many_definitions;
mod too_many_merged_tags;
mod too_many_sources;
mod unknown_api_call;
mod unknown_cloudtrail_event;
mod unknown_config_rule;
pub(crate) mod unknown_control;
mod unknown_rule;
mod unknown_security_hub_control;
mod unlisted_config_rule;
mod unprefixed_cloudtrail_event;
mod unused_control;
mod unused_frequency;
mod unused_keyword;
pub(crate) mod unused_suppression;
mod conflicting_demands;
mod expired_exception;
mod incomplete_remediation;
mod mismatched_custom_rule;
mod mismatched_parameter;
mod mismatched_rule_key;
mod missing_guard_rule;
pub(crate) mod missing_parameter;
mod unknown_parameter;
mod unused_exception;

use crate::config::{Config, RuleLevel, globs};
use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{Content, FileId, FileKind, Source, Sources};
use crate::{catalog_path, document, evidence, plan, schema};

pub(crate) use all_files::AllFiles;
pub(crate) use subject::{Parsed, SourceItem};

/// A rule of this module and its check.
struct Lint {
    rule: &'static Rule,
    check: Check,
}

/// The input of a check.
enum Check {
    /// The path, or the unparsed text, of a file of this kind.
    Path(FileKind, fn(FileId, &Source, &mut Vec<Diagnostic>)),
    /// The configuration.
    Config(fn(&Parsed<'_>, &mut Vec<Diagnostic>)),
    /// What the configuration says about rules, given all of them.
    Levels(fn(&Parsed<'_>, &[&'static Rule], &mut Vec<Diagnostic>)),
    /// One control or framework, before its schema: a finding ends the check of the file.
    First(fn(&Parsed<'_>, &mut Vec<Diagnostic>)),
    /// One control or framework.
    File(fn(&Parsed<'_>, &mut Vec<Diagnostic>)),
    /// One data source.
    Source(fn(&SourceItem<'_>, &mut Vec<Diagnostic>)),
    /// The complete catalog.
    Catalog(fn(&AllFiles<'_>, &mut Vec<Diagnostic>)),
    /// Comments, which [`crate::suppress`] reads.
    Elsewhere,
}

static LINTS: &[Lint] = &[
    Lint { rule: &ambiguous_string::RULE, check: Check::File(ambiguous_string::check) },
    Lint { rule: &whitespace_around_name::RULE, check: Check::File(whitespace_around_name::check) },
    Lint { rule: &whitespace_around_text::RULE, check: Check::File(whitespace_around_text::check) },
    Lint { rule: &unusual_tag_value::RULE, check: Check::File(unusual_tag_value::check) },
    Lint { rule: &cloudtrail_data_event::RULE, check: Check::Source(cloudtrail_data_event::check) },
    Lint { rule: &config_rule_name::RULE, check: Check::Source(config_rule_name::check) },
    Lint { rule: &conflicting_keys::RULE, check: Check::File(conflicting_keys::check) },
    Lint {
        rule: &consolidated_security_hub_control::RULE,
        check: Check::Source(consolidated_security_hub_control::check),
    },
    Lint { rule: &conflicting_rename::RULE, check: Check::Catalog(conflicting_rename::check) },
    Lint { rule: &control_id_as_name::RULE, check: Check::Catalog(control_id_as_name::check) },
    Lint { rule: &control_in_several_sets::RULE, check: Check::File(control_in_several_sets::check) },
    Lint { rule: &duplicate_control_name::RULE, check: Check::Catalog(duplicate_control_name::check) },
    Lint { rule: &duplicate_control_set::RULE, check: Check::File(duplicate_control_set::check) },
    Lint { rule: &duplicate_framework_name::RULE, check: Check::Catalog(duplicate_framework_name::check) },
    Lint { rule: &duplicate_source::RULE, check: Check::File(duplicate_source::check) },
    Lint { rule: &duplicate_source_name::RULE, check: Check::File(duplicate_source_name::check) },
    Lint { rule: &excluded_cloudtrail_event::RULE, check: Check::Source(excluded_cloudtrail_event::check) },
    Lint { rule: &fixed_level::RULE, check: Check::Levels(fixed_level::check) },
    Lint { rule: &non_portable_file_name::RULE, check: Check::Catalog(non_portable_file_name::check) },
    Lint { rule: &generated_rule_name::RULE, check: Check::Source(generated_rule_name::check) },
    Lint { rule: &iam_action_as_event::RULE, check: Check::Source(iam_action_as_event::check) },
    Lint { rule: &ignored_file::RULE, check: Check::Path(FileKind::Ignored, ignored_file::check) },
    Lint { rule: &invalid_glob::RULE, check: Check::Config(invalid_glob::check) },
    Lint { rule: &invalid_keyword_list::RULE, check: Check::Path(FileKind::Keywords, invalid_keyword_list::check) },
    Lint { rule: &invalid_suppression::RULE, check: Check::Elsewhere },
    Lint { rule: &confusable_name::RULE, check: Check::Catalog(confusable_name::check) },
    Lint { rule: &malformed_custom_rule::RULE, check: Check::Source(malformed_custom_rule::check) },
    Lint { rule: &malformed_managed_source::RULE, check: Check::Source(malformed_managed_source::check) },
    Lint { rule: &managed_rule_as_custom::RULE, check: Check::Source(managed_rule_as_custom::check) },
    Lint { rule: &many_control_sets::RULE, check: Check::File(many_control_sets::check) },
    Lint { rule: &mismatched_input_type::RULE, check: Check::Source(mismatched_input_type::check) },
    Lint { rule: &mismatched_set_up_option::RULE, check: Check::Source(mismatched_set_up_option::check) },
    Lint { rule: &misplaced_file::RULE, check: Check::First(misplaced_file::check) },
    Lint { rule: &missing_frequency::RULE, check: Check::Source(missing_frequency::check) },
    Lint { rule: &missing_keyword::RULE, check: Check::Source(missing_keyword::check) },
    Lint { rule: &misspelled_keyword::RULE, check: Check::Source(misspelled_keyword::check) },
    Lint { rule: &null_value::RULE, check: Check::File(null_value::check) },
    Lint { rule: &placeholder_text::RULE, check: Check::File(placeholder_text::check) },
    Lint { rule: &read_only_cloudtrail_event::RULE, check: Check::Source(read_only_cloudtrail_event::check) },
    Lint { rule: &renamed_from_existing::RULE, check: Check::Catalog(renamed_from_existing::check) },
    Lint { rule: &repeated_control::RULE, check: Check::File(repeated_control::check) },
    Lint { rule: &read_only_field::RULE, check: Check::File(read_only_field::check) },
    Lint { rule: &security_hub_rule::RULE, check: Check::Source(security_hub_rule::check) },
    Lint { rule: &wrapped_definition::RULE, check: Check::First(wrapped_definition::check) },
    Lint { rule: &several_definitions::RULE, check: Check::First(several_definitions::check) },
    Lint { rule: &several_keywords::RULE, check: Check::Source(several_keywords::check) },
    Lint { rule: &suppression_without_reason::RULE, check: Check::Elsewhere },
    Lint { rule: &too_many_controls::RULE, check: Check::File(too_many_controls::check) },
    Lint { rule: &too_many_definitions::RULE, check: Check::Catalog(too_many_definitions::check) },
    Lint { rule: &too_many_merged_tags::RULE, check: Check::File(too_many_merged_tags::check) },
    Lint { rule: &too_many_sources::RULE, check: Check::File(too_many_sources::check) },
    Lint { rule: &unknown_api_call::RULE, check: Check::Source(unknown_api_call::check) },
    Lint { rule: &unknown_cloudtrail_event::RULE, check: Check::Source(unknown_cloudtrail_event::check) },
    Lint { rule: &unknown_config_rule::RULE, check: Check::Source(unknown_config_rule::check) },
    Lint { rule: &unknown_control::RULE, check: Check::Catalog(unknown_control::check) },
    Lint { rule: &unknown_rule::RULE, check: Check::Levels(unknown_rule::check) },
    Lint { rule: &unknown_security_hub_control::RULE, check: Check::Source(unknown_security_hub_control::check) },
    Lint { rule: &unlisted_config_rule::RULE, check: Check::Source(unlisted_config_rule::check) },
    Lint { rule: &unprefixed_cloudtrail_event::RULE, check: Check::Source(unprefixed_cloudtrail_event::check) },
    Lint { rule: &unused_control::RULE, check: Check::Catalog(unused_control::check) },
    Lint { rule: &unused_frequency::RULE, check: Check::Source(unused_frequency::check) },
    Lint { rule: &unused_keyword::RULE, check: Check::Source(unused_keyword::check) },
    Lint { rule: &conflicting_demands::RULE, check: Check::Catalog(conflicting_demands::check) },
    Lint { rule: &expired_exception::RULE, check: Check::File(expired_exception::check) },
    Lint { rule: &incomplete_remediation::RULE, check: Check::Source(incomplete_remediation::check) },
    Lint { rule: &mismatched_custom_rule::RULE, check: Check::Source(mismatched_custom_rule::check) },
    Lint { rule: &mismatched_parameter::RULE, check: Check::Source(mismatched_parameter::check) },
    Lint { rule: &mismatched_rule_key::RULE, check: Check::Source(mismatched_rule_key::check) },
    Lint { rule: &missing_guard_rule::RULE, check: Check::Catalog(missing_guard_rule::check) },
    Lint { rule: &missing_parameter::RULE, check: Check::Catalog(missing_parameter::check) },
    Lint { rule: &unknown_parameter::RULE, check: Check::Source(unknown_parameter::check) },
    Lint { rule: &unused_exception::RULE, check: Check::Catalog(unused_exception::check) },
    Lint { rule: &unused_suppression::RULE, check: Check::Elsewhere },
];

/// Returns all rules, in the order in which they are checked.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let own = LINTS.iter().map(|lint| lint.rule);
    let before = document::rules::ALL.iter().chain(schema::rules::ALL).copied();
    before.chain(own).chain(plan::rules::ALL.iter().copied()).chain(evidence::rules::all())
}

/// Returns the rule with an ID.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Rules about the same subject.
#[derive(Debug)]
pub struct Group {
    /// The subject, for headings.
    pub title: &'static str,
    /// The rules, by ID.
    pub rules: Vec<&'static Rule>,
}

/// Returns all rules by subject.
pub fn groups() -> Vec<Group> {
    let group = |title, rules: &mut dyn Iterator<Item = &'static Rule>| {
        let mut rules: Vec<&'static Rule> = rules.collect();
        rules.sort_by_key(|rule| rule.id);
        Group { title, rules }
    };
    vec![
        group("Files that cannot be read", &mut document::rules::ALL.iter().copied()),
        group("Keys, values and limits", &mut schema::rules::ALL.iter().copied()),
        group("Contents of the catalog", &mut LINTS.iter().map(|lint| lint.rule)),
        group("State of the account", &mut plan::rules::ALL.iter().copied()),
        group("Evidence", &mut evidence::rules::all()),
    ]
}

/// How a catalog can suppress a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silencing {
    /// Not at all.
    Nothing,
    /// `[lint.rules]` and `[lint] ignore` in `controlsync.toml`.
    Configuration,
    /// The same, or a comment next to the finding.
    Comment,
}

/// Returns how a catalog can suppress findings of a rule.
pub fn silencing(rule: &Rule) -> Silencing {
    if rule.hard {
        return Silencing::Nothing;
    }
    if plan::rules::ALL.contains(&rule) || evidence::rules::all().any(|of| of == rule) {
        return Silencing::Configuration;
    }
    match LINTS.iter().find(|lint| lint.rule == rule).map(|lint| &lint.check) {
        // These files have no comments, or the finding is not inside a file. Findings about comments cannot be ignored
        // by a comment.
        Some(Check::Path(..) | Check::Config(_) | Check::Levels(_) | Check::First(_) | Check::Elsewhere) => {
            Silencing::Configuration
        }
        _ => Silencing::Comment,
    }
}

/// A file of an example.
#[derive(Debug)]
pub struct Example {
    /// Path relative to the catalog's root directory.
    pub path: &'static str,
    /// Content to show.
    pub text: &'static str,
    /// Actual content, if it is not UTF-8.
    bytes: Option<&'static [u8]>,
    /// Whether the file is a symbolic link.
    link: bool,
}

impl Example {
    /// Returns the file to check; `None` if it is not part of a catalog, such as `account.json`.
    pub fn source(&self) -> Option<Source> {
        let bytes = self.bytes.unwrap_or(self.text.as_bytes());
        let content = if self.link { Content::SymbolicLink } else { Content::Bytes(bytes.to_vec()) };
        Some(Source::new(self.path, catalog_path::kind_of(self.path)?, content))
    }
}

/// Returns the examples that break a rule and those that do not: the files of one small catalog each.
pub fn examples(id: &str) -> (&'static [Example], &'static [Example]) {
    static ALL: &[(&str, &[Example], &[Example])] = include!(concat!(env!("OUT_DIR"), "/examples.rs"));
    ALL.iter().find(|(rule, ..)| *rule == id).map_or((&[], &[]), |(_, bad, good)| (bad, good))
}

/// Checks a file that is not parsed.
pub(crate) fn check_unparsed(file: FileId, source: &Source) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if let Check::Path(kind, check) = lint.check
            && kind == source.kind()
        {
            check(file, source, &mut found);
        }
    }
    found
}

/// Checks whether a file is in the right directory.
pub(crate) fn check_first(parsed: &Parsed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if let Check::First(check) = lint.check {
            check(parsed, &mut found);
        }
    }
    found
}

/// Checks the configuration.
pub(crate) fn check_config(parsed: &Parsed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let rules: Vec<&'static Rule> = all().collect();
    for lint in LINTS {
        match lint.check {
            Check::Config(check) => check(parsed, &mut found),
            Check::Levels(check) => check(parsed, &rules, &mut found),
            _ => {}
        }
    }
    found
}

/// Checks one control or framework.
pub(crate) fn check_file(parsed: &Parsed<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if let Check::File(check) = lint.check {
            check(parsed, &mut found);
        }
    }
    for source in parsed.sources() {
        for lint in LINTS {
            if let Check::Source(check) = lint.check {
                check(&source, &mut found);
            }
        }
    }
    found
}

/// Checks the complete catalog.
pub(crate) fn check_catalog(all: &AllFiles<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for lint in LINTS {
        if let Check::Catalog(check) = lint.check {
            check(all, &mut found);
        }
    }
    found
}

/// Applies the levels of the configuration to findings, and removes those that are off or in ignored paths.
pub(crate) fn apply_config(config: &Config, sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let ignored = globs(&config.ignored);
    diagnostics.retain_mut(|diagnostic| {
        if diagnostic.rule.hard {
            return true;
        }
        if !ignored.is_empty() && ignored.is_match(sources.get(diagnostic.file).path()) {
            return false;
        }
        match config.levels.get(diagnostic.rule.id) {
            Some(RuleLevel::Off) => false,
            Some(RuleLevel::Report(level)) => {
                diagnostic.level = *level;
                true
            }
            None => true,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Level;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_kebab_case_and_every_rule_has_a_summary() {
        let mut seen = BTreeSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "duplicate rule {}", rule.id);
            let part = |part: &str| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            };
            assert!(rule.id.split('-').all(part), "{}", rule.id);
            assert!(rule.summary.ends_with('.'), "{}", rule.id);
            assert!(!rule.hard || rule.level == Level::Error, "{}", rule.id);
        }
    }
}
