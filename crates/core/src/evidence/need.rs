//! What a source needs: from its type and keyword.

use crate::keywords::security_hub::{self, CONTROLS, Control};
use crate::keywords::{Keywords, ManagedRule, Trigger, config, managed_rule};
use crate::model::{CustomRule, DataSource, Evaluator};
use crate::source_type::{KeywordForm, SourceType};

/// The resource type of rules about the account itself, which nothing records.
const ACCOUNT_TYPE: &str = "AWS::::Account";

/// What must be set up for a source.
#[derive(Clone, Debug)]
pub(crate) enum Need<'a> {
    /// A rule of AWS Config.
    ConfigRule(RuleNeed<'a>),
    /// A control of a standard of Security Hub.
    HubControl(&'static Control),
    /// Nothing that can be read.
    Nothing,
    /// A person.
    Manual,
    /// What AWS decides.
    AwsManaged,
    /// A keyword that Audit Manager does not list: it may collect, or not.
    Unlisted(&'a str),
}

/// A rule of AWS Config that a source needs.
#[derive(Clone, Debug)]
pub(crate) struct RuleNeed<'a> {
    /// Which rules feed the source.
    pub(crate) which: WhichRules<'a>,
    /// When such a rule evaluates, if that is known without looking at it.
    pub(crate) trigger: Option<Trigger>,
    /// The resource types that it evaluates, if they are known without looking at it.
    pub(crate) types: Vec<&'a str>,
}

/// The rules that feed a source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WhichRules<'a> {
    /// All with the identifier of a managed rule.
    Managed { identifier: &'a str, rule: Option<&'static ManagedRule> },
    /// The custom rule with a name.
    Custom { name: &'a str },
}

impl<'a> Need<'a> {
    /// Returns what a source needs.
    pub(crate) fn of(source: &'a DataSource, keywords: &Keywords) -> Self {
        let form = source.source_type.keyword().form;
        match form {
            KeywordForm::Unused => return Self::Manual,
            KeywordForm::CommonControlArn | KeywordForm::CoreControlId => return Self::AwsManaged,
            _ => {}
        }
        let keyword = source.keyword.as_deref().unwrap_or_default();
        if keywords.collects_nothing(source.source_type, Some(keyword)) {
            return Self::Unlisted(keyword);
        }
        match form {
            KeywordForm::ConfigRule => Self::ConfigRule(RuleNeed::of(keyword, source.custom_rule.as_ref())),
            // A list of the catalog can have IDs that are in no standard of this version.
            KeywordForm::SecurityHubControl => CONTROLS
                .iter()
                .find(|control| control.keyword == keyword)
                .map_or(Self::Unlisted(keyword), Self::HubControl),
            _ => Self::Nothing,
        }
    }
}

impl<'a> RuleNeed<'a> {
    fn of(keyword: &'a str, custom: Option<&'a CustomRule>) -> Self {
        if let Some(name) = keyword.strip_prefix(config::CUSTOM)
            && !config::is_managed(keyword)
        {
            let trigger = custom.map(|custom| match (&custom.evaluator, custom.trigger.as_deref()) {
                (Evaluator::Lambda(_), Some("periodic")) => Trigger::Periodic,
                (Evaluator::Guard(_) | Evaluator::Lambda(_), _) => Trigger::Changes,
            });
            let types = custom.map(|custom| custom.resource_types.iter().map(String::as_str).collect());
            return Self { which: WhichRules::Custom { name }, trigger, types: types.unwrap_or_default() };
        }
        let rule = managed_rule(keyword);
        Self {
            which: WhichRules::Managed { identifier: keyword, rule },
            trigger: rule.map(|rule| rule.trigger),
            types: rule.map(|rule| rule.resource_types.clone()).unwrap_or_default(),
        }
        .without_account()
    }

    fn without_account(mut self) -> Self {
        self.types.retain(|of| *of != ACCOUNT_TYPE);
        self
    }
}

/// Whether a control is one of the standard whose IDs are the consolidated ones.
pub(crate) fn is_foundational(control: &Control) -> bool {
    control.standard == security_hub::FOUNDATIONAL
}

/// Part of the ARN of a standard that Audit Manager supports
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html>).
pub(crate) fn standard_in_arn(control: &Control) -> &'static str {
    match control.standard {
        security_hub::FOUNDATIONAL => "aws-foundational-security-best-practices/v/1.0.0",
        security_hub::PCI => "pci-dss/v/3.2.1",
        _ => "cis-aws-foundations-benchmark/v/1.2.0",
    }
}

/// The service that provides the evidence of a type of source, for comparing it with evidence.
pub(crate) fn service_of(of: SourceType) -> Option<Service> {
    Some(match of.keyword().form {
        KeywordForm::ConfigRule => Service::Config,
        KeywordForm::SecurityHubControl => Service::SecurityHub,
        KeywordForm::CloudtrailEvent => Service::Cloudtrail,
        KeywordForm::ApiCall => Service::ApiCalls,
        KeywordForm::Unused => Service::Manual,
        KeywordForm::CommonControlArn | KeywordForm::CoreControlId => return None,
    })
}

/// A service that provides evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// AWS Config.
    Config,
    /// AWS Security Hub CSPM.
    SecurityHub,
    /// AWS CloudTrail.
    Cloudtrail,
    /// Calls that Audit Manager makes.
    ApiCalls,
    /// Users.
    Manual,
}

impl Service {
    /// Name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "AWS Config",
            Self::SecurityHub => "AWS Security Hub CSPM",
            Self::Cloudtrail => "AWS CloudTrail",
            Self::ApiCalls => "AWS API calls",
            Self::Manual => "manual evidence",
        }
    }

    /// Returns the service that an evidence folder names. The words are not documented, so only the letters count.
    pub(crate) fn of_folder(data_source: &str) -> Option<Self> {
        let letters: String = data_source.chars().filter(char::is_ascii_alphabetic).collect();
        let letters = letters.to_ascii_lowercase();
        [
            ("securityhub", Self::SecurityHub),
            ("cloudtrail", Self::Cloudtrail),
            ("manual", Self::Manual),
            ("api", Self::ApiCalls),
            ("config", Self::Config),
        ]
        .into_iter()
        .find_map(|(word, service)| letters.contains(word).then_some(service))
    }
}
