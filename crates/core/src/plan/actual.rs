//! What the account holds, as far as a plan needs it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::CATALOG_TAG;

/// What the account holds in one Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Account id, where an object told it.
    pub account: Option<String>,
    /// AWS Region.
    pub region: String,
    /// All custom controls.
    pub controls: Vec<AccountObject<AccountControl>>,
    /// All custom frameworks.
    pub frameworks: Vec<AccountObject<AccountFramework>>,
    /// All standard controls of AWS; none where they were not read.
    pub standard: Option<Vec<AccountObject<AccountControl>>>,
    /// All core controls of AWS; none where they were not read.
    pub core: Option<Vec<AccountObject<AccountControl>>>,
    /// Controls that no list has, by the ids by which they were asked for; none where there is no such control.
    pub unlisted: BTreeMap<String, Option<AccountObject<AccountControl>>>,
    /// What holds the objects; none where it was not read.
    pub impact: Option<Usage>,
}

/// An object of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountObject<T> {
    /// Id, a UUID.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// What the list says of its state; none where it says nothing that can be relied on.
    pub stamp: Option<Stamp>,
    /// What it holds.
    pub detail: Detail<T>,
}

/// What a list says of the state of an object: while it stays the same, so does the object, but for its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When it was updated, else created, in milliseconds since 1970.
    pub updated: i64,
    /// How many control sets and controls a framework has.
    pub counts: Option<(i32, i32)>,
}

/// What an object holds, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Detail<T> {
    /// It was not asked for.
    #[default]
    NotRead,
    /// The account lists the object and does not give it out.
    Gone,
    /// As an earlier run read it. Its tags may have moved since.
    Cached(T),
    /// As it is now.
    Fresh(T),
}

impl<T> Detail<T> {
    /// What was read.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::NotRead | Self::Gone => None,
            Self::Cached(detail) | Self::Fresh(detail) => Some(detail),
        }
    }

    /// What was read, to change it.
    pub const fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::NotRead | Self::Gone => None,
            Self::Cached(detail) | Self::Fresh(detail) => Some(detail),
        }
    }

    /// Whether the account need not be asked again.
    pub const fn is_fresh(&self) -> bool {
        matches!(self, Self::Gone | Self::Fresh(_))
    }
}

/// Who has made a control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ControlOrigin {
    /// Somebody in the account.
    #[default]
    Custom,
    /// AWS, for its frameworks.
    Standard,
    /// AWS, as a part of other controls.
    Core,
}

/// A control of the account. Texts that the service does not return are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountControl {
    /// Who has made it.
    pub origin: ControlOrigin,
    /// Whether AWS supports it no more, and has a replacement.
    pub end_of_support: bool,
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of what to do when it fails.
    pub action_plan_title: String,
    /// What to do when it fails.
    pub action_plan_instructions: String,
    /// Data sources, in any order.
    pub sources: Vec<AccountSource>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A data source of a control of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSource {
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFramework {
    /// What it is for.
    pub description: Option<String>,
    /// The standard or regulation.
    pub compliance_type: String,
    /// Control sets, in any order.
    pub control_sets: Vec<AccountControlSet>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A control set of a framework of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountControlSet {
    /// Id; the documents disagree on its form, so it is taken as it is.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names of the controls by their ids.
    pub controls: BTreeMap<String, String>,
}

/// What holds the objects of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Whether every custom framework could be read in full.
    pub frameworks: bool,
    /// The active assessments; none where not all of them could be read.
    pub assessments: Option<Vec<AccountAssessment>>,
    /// Why something could not be read.
    pub unknown: Option<String>,
}

/// An active assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAssessment {
    /// Id, a UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// The framework that it was made from.
    pub framework: Option<String>,
    /// Ids of its controls.
    pub controls: BTreeSet<String>,
}

/// What must be read before a plan can be relied on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The list of standard controls.
    pub standard: bool,
    /// The list of core controls.
    pub core: bool,
    /// Controls in full, by id; what an earlier run has read will do.
    pub controls: BTreeSet<String>,
    /// Frameworks in full, by id; what an earlier run has read will do.
    pub frameworks: BTreeSet<String>,
    /// Controls and frameworks in full as they are now, by id.
    pub fresh: BTreeSet<String>,
    /// What holds the objects.
    pub impact: bool,
}

impl Needs {
    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Actual {
    /// The catalogs that own something in the account, as far as it was read.
    pub fn owners(&self) -> BTreeSet<&str> {
        let controls = self.controls.iter().filter_map(|held| held.detail.get()).map(|detail| &detail.tags);
        let frameworks = self.frameworks.iter().filter_map(|held| held.detail.get()).map(|detail| &detail.tags);
        controls.chain(frameworks).filter_map(|tags| tags.get(CATALOG_TAG)).map(String::as_str).collect()
    }

    /// A control by its id, wherever it comes from; none where it was not looked for, or is not there.
    pub fn control(&self, id: &str) -> Option<&AccountObject<AccountControl>> {
        let listed = [Some(&self.controls), self.standard.as_ref(), self.core.as_ref()];
        let mut listed = listed.into_iter().flatten().flatten();
        listed.find(|held| held.id == id).or_else(|| self.unlisted.get(id)?.as_ref())
    }
}
