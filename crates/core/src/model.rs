//! What the files mean: controls and frameworks as values, without places.

use std::collections::BTreeMap;
use std::fmt;

use crate::document::{Document, Node};

/// The name of the source that a control without data sources gets.
pub const DEFAULT_SOURCE_NAME: &str = "Manual Attestation";

/// Where evidence comes from; the names are the API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceType {
    /// AWS CloudTrail events.
    Cloudtrail,
    /// Results of AWS Config rules.
    Config,
    /// Findings of Security Hub controls.
    SecurityHub,
    /// Answers of AWS API calls.
    ApiCall,
    /// What people upload or write.
    Manual,
    /// A common control of the Control Catalog.
    CommonControl,
    /// A core control of Audit Manager.
    CoreControl,
}

impl SourceType {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Cloudtrail,
        Self::Config,
        Self::SecurityHub,
        Self::ApiCall,
        Self::Manual,
        Self::CommonControl,
        Self::CoreControl,
    ];

    /// The API's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cloudtrail => "AWS_Cloudtrail",
            Self::Config => "AWS_Config",
            Self::SecurityHub => "AWS_Security_Hub",
            Self::ApiCall => "AWS_API_Call",
            Self::Manual => "MANUAL",
            Self::CommonControl => "Common_Control",
            Self::CoreControl => "Core_Control",
        }
    }

    /// The type of an API name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The set-up option that goes with the type; Audit Manager fills it in
    /// (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html>).
    pub const fn set_up_option(self) -> &'static str {
        match self {
            Self::Manual => "Procedural_Controls_Mapping",
            _ => "System_Controls_Mapping",
        }
    }
}

/// A data source of a control. What the service fills in where the file says nothing is optional; all other texts are
/// empty where the file says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSource {
    /// Name within the control.
    pub name: String,
    /// What the evidence shows.
    pub description: String,
    /// Follows from the type where not stated.
    pub set_up_option: Option<String>,
    /// Where evidence comes from.
    pub source_type: SourceType,
    /// Follows from the type where not stated.
    pub input_type: Option<String>,
    /// What to look for.
    pub keyword: Option<String>,
    /// How often; for API calls.
    pub frequency: Option<String>,
    /// What to do when no evidence comes.
    pub troubleshooting: String,
}

/// A control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Name, the identity within account and Region.
    pub name: String,
    /// Names that it had, the latest first.
    pub renamed_from: Vec<String>,
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of what to do when it fails.
    pub action_plan_title: String,
    /// What to do when it fails.
    pub action_plan_instructions: String,
    /// Tags of the object and of the configuration.
    pub tags: BTreeMap<String, String>,
    /// Data sources, in the order of the file; never empty.
    pub sources: Vec<DataSource>,
    /// The member of the file that holds the sources: `datasources` or `controlMappingSources`.
    pub sources_member: &'static str,
}

/// A framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    /// Name, the identity within account and Region.
    pub name: String,
    /// Names that it had, the latest first.
    pub renamed_from: Vec<String>,
    /// What it is for; where not stated, what the account holds stays.
    pub description: Option<String>,
    /// The standard or regulation.
    pub compliance_type: String,
    /// Tags of the object and of the configuration.
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

/// How a framework names a control.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlRef {
    /// A control of the catalog, else a custom control of the account.
    Name(String),
    /// A standard control of AWS, by its name.
    Standard(String),
    /// A core control of AWS, by its name.
    Core(String),
    /// Any control, by its id.
    Id(String),
}

impl ControlRef {
    /// The members of a reference that is more than a name.
    pub(crate) const KEYS: [&str; 3] = ["standard", "core", "id"];

    /// Reads an item of a control set; none where it says no control.
    pub(crate) fn from_node(node: &Node) -> Option<Self> {
        if let Some(name) = node.as_str() {
            return Some(Self::Name(name.to_owned()));
        }
        let [standard, core, id] = Self::KEYS.map(|key| stated(node, key));
        standard.map(Self::Standard).or_else(|| core.map(Self::Core)).or_else(|| id.map(Self::Id))
    }
}

/// As the file writes it.
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
    stated(node, key).unwrap_or_default()
}

fn stated(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::as_str).map(str::to_owned)
}

fn renamed_from(root: &Node) -> Vec<String> {
    let names = root.get("renamedFrom").map(Node::items).unwrap_or_default();
    names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn tags(root: &Node, defaults: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = root.get("tags").map(Node::entries).unwrap_or_default();
    let own = own.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.as_str()?.to_owned())));
    defaults.clone().into_iter().chain(own).collect()
}

impl Control {
    /// Reads a document that the schema has no fault to find with.
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
            tags: tags(root, default_tags),
            sources,
            sources_member,
        }
    }
}

impl DataSource {
    /// What a control without data sources has.
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
        }
    }

    fn from_node(node: &Node) -> Self {
        let keyword = |key| node.get("sourceKeyword").and_then(|keyword| stated(keyword, key));
        Self {
            name: text(node, "sourceName"),
            description: text(node, "sourceDescription"),
            set_up_option: stated(node, "sourceSetUpOption"),
            source_type: SourceType::from_name(&text(node, "sourceType")).unwrap_or(SourceType::Manual),
            input_type: keyword("keywordInputType"),
            keyword: keyword("keywordValue"),
            frequency: stated(node, "sourceFrequency"),
            troubleshooting: text(node, "troubleshootingText"),
        }
    }
}

impl Framework {
    /// Reads a document that the schema has no fault to find with.
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
            description: stated(root, "description"),
            compliance_type: text(root, "complianceType"),
            tags: tags(root, default_tags),
            control_sets: sets.iter().map(set).collect(),
        }
    }
}
