//! What packs do not have, and why.

use crate::source_type::SourceType;

/// A data source, or a part of one, that no pack has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Why.
    pub reason: Reason,
    /// Name of the control.
    pub control: String,
    /// Name of the data source.
    pub source: String,
    /// Type of the data source.
    pub source_type: SourceType,
    /// Keyword of the data source.
    pub keyword: Option<String>,
    /// File of the control.
    pub path: String,
    /// What it is about: a rule, a parameter, a role.
    pub about: Option<String>,
}

/// Why a pack does not have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A CloudTrail event.
    CloudtrailEvent,
    /// A call that Audit Manager makes.
    ApiCall,
    /// A person provides the evidence.
    Manual,
    /// A common or core control.
    AwsManaged,
    /// A Security Hub control, and no rule is exported for it.
    SecurityHub,
    /// A Security Hub control whose rule is in a pack.
    SecurityHubMapped,
    /// A Security Hub control without a managed rule behind it.
    SecurityHubWithoutRule,
    /// A Security Hub control whose rule requires a parameter that nothing gives.
    SecurityHubParameter,
    /// The source has no keyword.
    MissingKeyword,
    /// The identifier is not that of a managed rule.
    UnknownRule,
    /// A custom rule without `customRule`.
    UndefinedCustomRule,
    /// The keyword is not how Audit Manager names a custom rule of a pack.
    CustomRuleName,
    /// The Guard file has no text, or is too long.
    GuardRule,
    /// Another control defines the custom rule differently.
    OtherCustomRule,
    /// No value of a parameter meets all demands.
    ConflictingDemands,
    /// The parameters are too long.
    LongParameters,
    /// The table of managed rules does not have the parameter.
    UnknownParameter,
    /// An automatic remediation without a role.
    RemediationRole,
    /// A remediation with a role of one account, for an organization.
    RemediationOfOneAccount,
    /// An automatic remediation that a person has to start.
    RemediationNotAutomatic,
    /// A remediation with too many parameters.
    RemediationParameters,
    /// Another control gives another remediation.
    OtherRemediation,
    /// The pack has no room for the remediation.
    RemediationPackFull,
}

/// What of a source a pack does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The source as a whole.
    Source,
    /// A parameter of its rule.
    Parameter,
    /// Its remediation.
    Remediation,
}

impl Part {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Parameter => "parameter",
            Self::Remediation => "remediation",
        }
    }
}

impl Reason {
    /// ID in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::CloudtrailEvent => "cloudtrail-event",
            Self::ApiCall => "api-call",
            Self::Manual => "manual",
            Self::AwsManaged => "aws-managed",
            Self::SecurityHub => "security-hub",
            Self::SecurityHubMapped => "security-hub-mapped",
            Self::SecurityHubWithoutRule => "security-hub-without-rule",
            Self::SecurityHubParameter => "security-hub-parameter",
            Self::MissingKeyword => "missing-keyword",
            Self::UnknownRule => "unknown-rule",
            Self::UndefinedCustomRule => "undefined-custom-rule",
            Self::CustomRuleName => "custom-rule-name",
            Self::GuardRule => "guard-rule",
            Self::OtherCustomRule => "other-custom-rule",
            Self::ConflictingDemands => "conflicting-demands",
            Self::LongParameters => "long-parameters",
            Self::UnknownParameter => "unknown-parameter",
            Self::RemediationRole => "remediation-role",
            Self::RemediationOfOneAccount => "remediation-of-one-account",
            Self::RemediationNotAutomatic => "remediation-not-automatic",
            Self::RemediationParameters => "remediation-parameters",
            Self::OtherRemediation => "other-remediation",
            Self::RemediationPackFull => "remediation-pack-full",
        }
    }

    /// What the pack does not have.
    pub const fn part(self) -> Part {
        match self {
            Self::UnknownParameter => Part::Parameter,
            Self::RemediationRole
            | Self::RemediationOfOneAccount
            | Self::RemediationNotAutomatic
            | Self::RemediationParameters
            | Self::OtherRemediation
            | Self::RemediationPackFull => Part::Remediation,
            _ => Part::Source,
        }
    }

    /// Why, and what to do.
    pub const fn text(self) -> &'static str {
        match self {
            Self::CloudtrailEvent => "CloudTrail events: AWS Config evaluates resources, not events.",
            Self::ApiCall => "API calls: Audit Manager makes them itself, and no rule of AWS Config does.",
            Self::Manual => {
                "Manual evidence: a person provides it. `--manual process-check` exports a process check for each."
            }
            Self::AwsManaged => "Common and core controls: AWS decides what they collect.",
            Self::SecurityHub => {
                "Security Hub controls: Security Hub deploys its rules itself. `--security-hub map` exports the managed rule \
                 behind each, as far as there is one."
            }
            Self::SecurityHubMapped => {
                "Security Hub controls whose managed rule is in a pack. Audit Manager does not collect the results of that rule \
                 for them: they are ready only if the control is enabled in Security Hub."
            }
            Self::SecurityHubWithoutRule => "Security Hub controls without a public managed rule behind them.",
            Self::SecurityHubParameter => {
                "Security Hub controls whose managed rule requires a parameter that no source of AWS Config gives."
            }
            Self::MissingKeyword => "Sources without a keyword.",
            Self::UnknownRule => {
                "Identifiers that are not in the table of managed rules: AWS Config refuses a pack with an identifier that does \
                 not exist. If the rule is newer, add it to `keywords/AWS_Config.txt`."
            }
            Self::UndefinedCustomRule => {
                "Custom rules without `customRule`: add it, with a Guard file or the ARN of a Lambda function."
            }
            Self::CustomRuleName => {
                "Custom rules whose keyword does not end in `-conformance-pack`, or whose name has more than 101 characters: Audit \
                 Manager would not find the rule of the pack."
            }
            Self::GuardRule => "Guard rules whose file cannot be read, is empty, or has more than 10,000 characters.",
            Self::OtherCustomRule => "Custom rules that another control defines differently: the pack has that one.",
            Self::ConflictingDemands => "Rules with a parameter for which no value meets all demands.",
            Self::LongParameters => "Rules whose parameters have more than 1,024 characters together.",
            Self::UnknownParameter => "Parameters that the rule does not have: AWS Config would refuse the pack.",
            Self::RemediationRole => "Automatic remediations without `automationRole`, which AWS Config requires.",
            Self::RemediationOfOneAccount => {
                "Remediations whose role is in one account: other accounts of the organization cannot use it."
            }
            Self::RemediationNotAutomatic => {
                "Automatic remediations, exported as manual ones: a person starts them. `--allow-automatic-remediation` \
                 exports them as automatic."
            }
            Self::RemediationParameters => "Remediations with more than 25 parameters.",
            Self::OtherRemediation => {
                "Remediations of a rule for which another control gives another one: the pack has that one."
            }
            Self::RemediationPackFull => {
                "Remediations for which the pack of the rule has no room: a pack has at most 130 rules and remediations. \
                 `--rebalance` moves rules."
            }
        }
    }
}
