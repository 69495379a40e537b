//! Rules about evidence; one file per rule.

pub(crate) mod recorder_off;
pub(crate) mod resource_type_not_recorded;
pub(crate) mod config_rule_not_deployed;
pub(crate) mod config_rule_failing;
pub(crate) mod config_rule_never_evaluated;
pub(crate) mod weaker_parameter;
pub(crate) mod parameter_not_set;
pub(crate) mod rule_scope_limited;
pub(crate) mod security_hub_off;
pub(crate) mod standard_not_enabled;
pub(crate) mod security_hub_control_disabled;
pub(crate) mod consolidated_findings_off;
pub(crate) mod delegated_admin_differs;
pub(crate) mod evidence_receiver_disabled;
pub(crate) mod not_in_a_framework;
pub(crate) mod no_active_assessment;
pub(crate) mod control_inactive_in_assessment;
pub(crate) mod assessment_dormant;
pub(crate) mod no_recent_evidence;

use super::assessed::AssessedIn;
use super::collected::SourceEvidence;
use super::config_rules::ConfigSource;
use super::hub::HubSource;
use super::setup::Found;
use crate::diagnostic::Rule;

/// A rule and its check.
struct Lint {
    rule: &'static Rule,
    check: Check,
}

/// The input of a check.
enum Check {
    /// A source of AWS Config in one account.
    Config(fn(&ConfigSource<'_>, &mut Found)),
    /// A source of Security Hub in one account, which is on or not.
    Hub(fn(&HubSource<'_>, &mut Found)),
    /// A source of Security Hub in the account of Audit Manager, which receives the findings of all accounts.
    Receiver(fn(&HubSource<'_>, &mut Found)),
    /// A control in the assessments.
    Control(fn(&AssessedIn<'_>, &mut Found)),
    /// A source and its evidence.
    Evidence(fn(&SourceEvidence<'_>, &mut Found)),
}

static LINTS: &[Lint] = &[
    Lint { rule: &not_in_a_framework::RULE, check: Check::Control(not_in_a_framework::check) },
    Lint { rule: &no_active_assessment::RULE, check: Check::Control(no_active_assessment::check) },
    Lint { rule: &control_inactive_in_assessment::RULE, check: Check::Control(control_inactive_in_assessment::check) },
    Lint { rule: &config_rule_not_deployed::RULE, check: Check::Config(config_rule_not_deployed::check) },
    Lint { rule: &recorder_off::RULE, check: Check::Config(recorder_off::check) },
    Lint { rule: &resource_type_not_recorded::RULE, check: Check::Config(resource_type_not_recorded::check) },
    Lint { rule: &config_rule_failing::RULE, check: Check::Config(config_rule_failing::check) },
    Lint { rule: &config_rule_never_evaluated::RULE, check: Check::Config(config_rule_never_evaluated::check) },
    Lint { rule: &weaker_parameter::RULE, check: Check::Config(weaker_parameter::check) },
    Lint { rule: &parameter_not_set::RULE, check: Check::Config(parameter_not_set::check) },
    Lint { rule: &rule_scope_limited::RULE, check: Check::Config(rule_scope_limited::check) },
    Lint { rule: &security_hub_off::RULE, check: Check::Hub(security_hub_off::check) },
    Lint { rule: &standard_not_enabled::RULE, check: Check::Hub(standard_not_enabled::check) },
    Lint { rule: &security_hub_control_disabled::RULE, check: Check::Hub(security_hub_control_disabled::check) },
    Lint { rule: &evidence_receiver_disabled::RULE, check: Check::Receiver(evidence_receiver_disabled::check) },
    Lint { rule: &delegated_admin_differs::RULE, check: Check::Receiver(delegated_admin_differs::check) },
    Lint { rule: &consolidated_findings_off::RULE, check: Check::Hub(consolidated_findings_off::check) },
    Lint { rule: &assessment_dormant::RULE, check: Check::Evidence(assessment_dormant::check) },
    Lint { rule: &no_recent_evidence::RULE, check: Check::Evidence(no_recent_evidence::check) },
];

/// Returns all of them, in the order in which they are checked.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    LINTS.iter().map(|lint| lint.rule)
}

/// Whether a rule is about evidence, which says something only of a source that is ready.
pub(crate) fn is_about_evidence(rule: &str) -> bool {
    LINTS.iter().any(|lint| lint.rule.id == rule && matches!(lint.check, Check::Evidence(_)))
}

/// Checks a source of AWS Config in one account.
pub(super) fn check_config(subject: &ConfigSource<'_>, found: &mut Found) {
    for lint in LINTS {
        if let Check::Config(check) = lint.check {
            check(subject, found);
        }
    }
}

/// Checks a source of Security Hub in one account.
pub(super) fn check_hub(subject: &HubSource<'_>, found: &mut Found) {
    for lint in LINTS {
        if let Check::Hub(check) = lint.check {
            check(subject, found);
        }
    }
}

/// Checks a source of Security Hub in the account of Audit Manager.
pub(super) fn check_receiver(subject: &HubSource<'_>, found: &mut Found) {
    for lint in LINTS {
        if let Check::Receiver(check) = lint.check {
            check(subject, found);
        }
    }
}

/// Checks a control in the assessments.
pub(super) fn check_control(subject: &AssessedIn<'_>, found: &mut Found) {
    for lint in LINTS {
        if let Check::Control(check) = lint.check {
            check(subject, found);
        }
    }
}

/// Checks a source and its evidence.
pub(super) fn check_evidence(subject: &SourceEvidence<'_>, found: &mut Found) {
    for lint in LINTS {
        if let Check::Evidence(check) = lint.check {
            check(subject, found);
        }
    }
}
