//! What the account holds, as far as a plan needs it.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalog;

/// What the account holds in one Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Account id, where an object told it.
    pub account: Option<String>,
    /// AWS Region.
    pub region: String,
    /// All custom controls.
    pub controls: Vec<Held<HeldControl>>,
    /// All custom frameworks.
    pub frameworks: Vec<Held<HeldFramework>>,
}

/// An object of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<T> {
    /// Id, a UUID.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// What it holds; not read where [`Needs`] does not ask for it.
    pub detail: Option<T>,
}

/// A control of the account. Texts that the service does not return are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldControl {
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of what to do when it fails.
    pub action_plan_title: String,
    /// What to do when it fails.
    pub action_plan_instructions: String,
    /// Data sources, in any order.
    pub sources: Vec<HeldSource>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A data source of a control of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldSource {
    /// Id, a UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// What the evidence shows.
    pub description: String,
    /// Set-up option.
    pub set_up_option: Option<String>,
    /// Type, by the API's name.
    pub source_type: String,
    /// Input type of the keyword.
    pub input_type: Option<String>,
    /// What to look for.
    pub keyword: Option<String>,
    /// How often.
    pub frequency: Option<String>,
    /// What to do when no evidence comes.
    pub troubleshooting: String,
}

/// A framework of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldFramework {
    /// What it is for.
    pub description: Option<String>,
    /// The standard or regulation.
    pub compliance_type: String,
    /// Control sets, in any order.
    pub control_sets: Vec<HeldSet>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A control set of a framework of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldSet {
    /// Id; the documents disagree on its form, so it is taken as it is.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names of the controls by their ids.
    pub controls: BTreeMap<String, String>,
}

/// Which objects a plan must know in full. The names of all others are enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Names of controls.
    pub controls: BTreeSet<String>,
    /// Names of frameworks.
    pub frameworks: BTreeSet<String>,
}

impl Needs {
    /// What planning this catalogue takes.
    pub fn of(catalog: &Catalog) -> Self {
        let controls = catalog.controls.values().flat_map(|entry| &entry.value.renamed_from);
        let frameworks = catalog.frameworks.values().flat_map(|entry| &entry.value.renamed_from);
        Self {
            controls: catalog.controls.keys().chain(controls).cloned().collect(),
            frameworks: catalog.frameworks.keys().chain(frameworks).cloned().collect(),
        }
    }
}
