//! Controls and frameworks as values, without locations.

use std::collections::BTreeMap;
use std::fmt;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::demand::Demand;
use crate::document::{Document, Node, Value};
use crate::source_type::SourceType;

/// Name of the data source of a control that defines none.
pub const DEFAULT_SOURCE_NAME: &str = "Manual Attestation";

/// A data source of a control. Fields that the service fills in are optional; all other strings are empty if the file
/// does not set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// Name within the control.
    pub name: String,
    /// What the evidence shows.
    pub description: String,
    /// Follows from the type if not set.
    pub set_up_option: Option<String>,
    /// Type of the data source.
    pub source_type: SourceType,
    /// Follows from the type if not set.
    pub input_type: Option<String>,
    /// Keyword: what to look for.
    pub keyword: Option<String>,
    /// How often evidence is collected; only for API calls.
    pub frequency: Option<String>,
    /// What to do if no evidence arrives.
    pub troubleshooting: String,
    /// What the control demands of the parameters of the rule; only in files.
    pub required_parameters: BTreeMap<String, Demand>,
    /// How to remediate a noncompliant resource; only in files.
    pub remediation: Option<Remediation>,
    /// The custom rule that the keyword names; only in files.
    pub custom_rule: Option<CustomRule>,
}

/// How bad a failure of a control is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Needs action now.
    Critical,
    /// Needs action soon.
    High,
    /// Needs action.
    Medium,
    /// Needs action at some time.
    Low,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// Name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Returns the severity with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// How to remediate a noncompliant resource
/// (<https://docs.aws.amazon.com/config/latest/developerguide/remediation.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remediation {
    /// Name or ARN of the Systems Manager Automation document.
    pub ssm_document: String,
    /// ARN of the role that runs it.
    pub automation_role: Option<String>,
    /// Whether AWS Config starts it without a person; `None` if the file does not say.
    pub automatic: Option<bool>,
    /// Parameters of the document.
    pub parameters: BTreeMap<String, RemediationValue>,
}

/// Value of a parameter of a remediation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemediationValue {
    /// One value; `RESOURCE_ID` stands for the noncompliant resource.
    One(String),
    /// A list of values.
    List(Vec<String>),
}

/// A custom rule of AWS Config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRule {
    /// What evaluates it.
    pub evaluator: Evaluator,
    /// Types of the resources that it evaluates.
    pub resource_types: Vec<String>,
    /// When a function evaluates: `changes` or `periodic`.
    pub trigger: Option<String>,
}

/// What evaluates a custom rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evaluator {
    /// A file in the language of AWS CloudFormation Guard, by its path in the catalog.
    Guard(String),
    /// A Lambda function, by its ARN.
    Lambda(String),
}

/// An accepted deviation: resources for which the result of a check does not count, until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Identifier of a rule, `Custom_` and the name of one, or ID of a Security Hub control.
    pub check: String,
    /// Account IDs or patterns; empty for all.
    pub accounts: Vec<String>,
    /// Resource IDs, ARNs or patterns; empty for all.
    pub resources: Vec<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub approver: Option<String>,
    /// Last day, `YYYY-MM-DD`, in UTC.
    pub until: String,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Name; identifies the object within the account and Region.
    pub name: String,
    /// Former names, the latest first.
    pub renamed_from: Vec<String>,
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of the action plan.
    pub action_plan_title: String,
    /// What to do if it fails.
    pub action_plan_instructions: String,
    /// How bad a failure is; only in files.
    pub severity: Option<Severity>,
    /// Page with the procedure; only in files.
    pub procedure_url: Option<String>,
    /// Tags of the file and of the configuration.
    pub tags: BTreeMap<String, String>,
    /// Data sources, in the order of the file; never empty.
    pub sources: Vec<DataSource>,
    /// Key of the data sources in the file: `datasources` or `controlMappingSources`.
    pub sources_member: &'static str,
}

/// A framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    /// Name; identifies the object within the account and Region.
    pub name: String,
    /// Former names, the latest first.
    pub renamed_from: Vec<String>,
    /// Purpose; if not set, that of the account stays.
    pub description: Option<String>,
    /// Standard or regulation.
    pub compliance_type: String,
    /// Tags of the file and of the configuration.
    pub tags: BTreeMap<String, String>,
    /// Control sets, in the order of the file.
    pub control_sets: Vec<ControlSet>,
}

/// A control set of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlSet {
    /// Name within the framework.
    pub name: String,
    /// Controls, in the order of the file.
    pub controls: Vec<ControlRef>,
}

/// Reference from a framework to a control.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlRef {
    /// A control of the catalog or, if there is none, a custom control of the account.
    Name(String),
    /// A standard control of AWS, by its name.
    Standard(String),
    /// A core control of AWS, by its name.
    Core(String),
    /// Any control, by its ID.
    Id(String),
}

impl ControlRef {
    /// Keys of a reference that is not only a name.
    pub(crate) const KEYS: [&str; 3] = ["standard", "core", "id"];

    /// Reads an item of a control set; `None` if it does not identify a control.
    pub(crate) fn from_node(node: &Node) -> Option<Self> {
        if let Some(name) = node.as_str() {
            return Some(Self::Name(name.to_owned()));
        }
        let [standard, core, id] = Self::KEYS.map(|key| optional(node, key));
        standard.map(Self::Standard).or_else(|| core.map(Self::Core)).or_else(|| id.map(Self::Id))
    }
}

/// As written in the file.
impl fmt::Display for ControlRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Standard(name) => write!(f, "standard: {name}"),
            Self::Core(name) => write!(f, "core: {name}"),
            Self::Id(id) => write!(f, "id: {id}"),
        }
    }
}

fn text(node: &Node, key: &str) -> String {
    optional(node, key).unwrap_or_default()
}

fn optional(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

fn renamed_from(root: &Node) -> Vec<String> {
    strings(root, "renamedFrom")
}

fn tags(root: &Node, defaults: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = root.get("tags").map(Node::entries).unwrap_or_default();
    let own = own.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.as_str()?.to_owned())));
    defaults.clone().into_iter().chain(own).collect()
}

impl Control {
    /// Creates a control that has nothing but a name and data sources.
    pub(crate) fn new(name: String, sources: Vec<DataSource>) -> Self {
        Self {
            name,
            renamed_from: Vec::new(),
            description: String::new(),
            testing_information: String::new(),
            action_plan_title: String::new(),
            action_plan_instructions: String::new(),
            severity: None,
            procedure_url: None,
            tags: BTreeMap::new(),
            sources,
            sources_member: "datasources",
        }
    }

    /// Reads a document that is valid by the schema.
    pub(crate) fn from_document(document: &Document, default_tags: &BTreeMap<String, String>) -> Self {
        let root = &document.root;
        let sources_member =
            if root.get("controlMappingSources").is_some() { "controlMappingSources" } else { "datasources" };
        let sources = root.get(sources_member).map(Node::items).unwrap_or_default();
        let mut sources: Vec<DataSource> = sources.iter().map(DataSource::from_node).collect();
        if sources.is_empty() {
            sources.push(DataSource::manual_attestation());
        }
        Self {
            name: text(root, "name"),
            renamed_from: renamed_from(root),
            description: text(root, "description"),
            testing_information: text(root, "testingInformation"),
            action_plan_title: text(root, "actionPlanTitle"),
            action_plan_instructions: text(root, "actionPlanInstructions"),
            severity: root.get("severity").and_then(Node::as_str).and_then(Severity::from_name),
            procedure_url: optional(root, "procedureUrl"),
            tags: tags(root, default_tags),
            sources,
            sources_member,
        }
    }
}

impl DataSource {
    /// Data source of a control that defines none.
    pub(crate) fn manual_attestation() -> Self {
        Self {
            name: DEFAULT_SOURCE_NAME.to_owned(),
            description: String::new(),
            set_up_option: None,
            source_type: SourceType::Manual,
            input_type: None,
            keyword: None,
            frequency: None,
            troubleshooting: String::new(),
            required_parameters: BTreeMap::new(),
            remediation: None,
            custom_rule: None,
        }
    }

    fn from_node(node: &Node) -> Self {
        let keyword = |key| node.get("sourceKeyword").and_then(|keyword| optional(keyword, key));
        Self {
            name: text(node, "sourceName"),
            description: text(node, "sourceDescription"),
            set_up_option: optional(node, "sourceSetUpOption"),
            source_type: SourceType::from_name(&text(node, "sourceType")).unwrap_or(SourceType::Manual),
            input_type: keyword("keywordInputType"),
            keyword: keyword("keywordValue"),
            frequency: optional(node, "sourceFrequency"),
            troubleshooting: text(node, "troubleshootingText"),
            required_parameters: demands(node),
            remediation: node.get("remediation").and_then(Remediation::from_node),
            custom_rule: node.get("customRule").and_then(CustomRule::from_node),
        }
    }
}

/// Returns the demands of a data source.
pub(crate) fn demands(source: &Node) -> BTreeMap<String, Demand> {
    let entries = source.get("requiredParameters").map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.clone(), Demand::from_node(&entry.value))).collect()
}

/// Returns the strings of a list.
fn strings(node: &Node, key: &str) -> Vec<String> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

impl Remediation {
    fn from_node(node: &Node) -> Option<Self> {
        let value = |node: &Node| match node.as_str() {
            Some(text) => RemediationValue::One(text.to_owned()),
            None => RemediationValue::List(node.items().iter().filter_map(Node::as_str).map(str::to_owned).collect()),
        };
        let parameters = node.get("parameters").map(Node::entries).unwrap_or_default();
        Some(Self {
            ssm_document: optional(node, "ssmDocument")?,
            automation_role: optional(node, "automationRole"),
            automatic: match node.get("automatic").map(|node| &node.value) {
                Some(Value::Bool(automatic)) => Some(*automatic),
                _ => None,
            },
            parameters: parameters.iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect(),
        })
    }
}

impl CustomRule {
    fn from_node(node: &Node) -> Option<Self> {
        let guard = optional(node, "guard").map(Evaluator::Guard);
        Some(Self {
            evaluator: guard.or_else(|| optional(node, "lambda").map(Evaluator::Lambda))?,
            resource_types: strings(node, "resourceTypes"),
            trigger: optional(node, "trigger"),
        })
    }
}

/// Returns patterns with `*` and `?`, which match any characters. An invalid one matches nothing.
fn patterns(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in patterns.iter().filter_map(|pattern| Glob::new(pattern).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}

impl Exception {
    /// Reads a document that is valid by the schema.
    pub(crate) fn from_document(document: &Document) -> Self {
        let root = &document.root;
        Self {
            check: text(root, "check"),
            accounts: strings(root, "accounts"),
            resources: strings(root, "resources"),
            reason: text(root, "reason"),
            approver: optional(root, "approver"),
            until: text(root, "until"),
        }
    }

    /// Returns the patterns of its accounts; none if it is for all.
    pub(crate) fn account_patterns(&self) -> GlobSet {
        patterns(&self.accounts)
    }

    /// Returns the patterns of its resources; none if it is for all.
    pub(crate) fn resource_patterns(&self) -> GlobSet {
        patterns(&self.resources)
    }

    /// Whether it has ended on a day, `YYYY-MM-DD`.
    pub fn has_ended(&self, today: &str) -> bool {
        self.until.as_str() < today
    }
}

impl Framework {
    /// Reads a document that is valid by the schema.
    pub(crate) fn from_document(document: &Document, default_tags: &BTreeMap<String, String>) -> Self {
        let root = &document.root;
        let sets = root.get("controlSets").map(Node::items).unwrap_or_default();
        let set = |node: &Node| ControlSet {
            name: text(node, "name"),
            controls: node
                .get("controls")
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(ControlRef::from_node)
                .collect(),
        };
        Self {
            name: text(root, "name"),
            renamed_from: renamed_from(root),
            description: optional(root, "description"),
            compliance_type: text(root, "complianceType"),
            tags: tags(root, default_tags),
            control_sets: sets.iter().map(set).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::patterns;

    fn matches(pattern: &str, text: &str) -> bool {
        patterns(&[pattern.to_owned()]).is_match(text)
    }

    #[test]
    fn stars_and_question_marks_match() {
        for (pattern, text, expected) in [
            ("111122223333", "111122223333", true),
            ("1111*", "111122223333", true),
            ("*3333", "111122223333", true),
            ("1*2*3", "111122223333", true),
            ("1*2*4", "111122223333", false),
            ("????", "1111", true),
            ("????", "11111", false),
            ("*", "", true),
            ("", "1", false),
            ("1?*", "1", false),
            ("1**3", "123", true),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/service/Notify", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_with_parts_replaced_by_wildcards_matches(
            text in "[0-9]{0,12}", mask in proptest::collection::vec(0..3_usize, 12),
        ) {
            let pattern: String = text.chars().zip(mask).map(|(c, kind)| ['*', '?', c][kind]).collect();
            prop_assert!(matches(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
