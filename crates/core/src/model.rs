//! Controls and frameworks as values, without locations.

use std::collections::BTreeMap;
use std::fmt;

use crate::document::{Document, Node};
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
    let names = root.get("renamedFrom").map(Node::items).unwrap_or_default();
    names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn tags(root: &Node, defaults: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = root.get("tags").map(Node::entries).unwrap_or_default();
    let own = own.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.as_str()?.to_owned())));
    defaults.clone().into_iter().chain(own).collect()
}

impl Control {
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
        }
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
