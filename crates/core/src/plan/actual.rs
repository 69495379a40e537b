//! State of the account, as far as a plan needs it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::tags::CATALOG_TAG;
use crate::source_type::SourceType;

/// Objects that an earlier run wrote and that no list has, with their names by ID: lists may lag, or the objects were deleted since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// Controls.
    pub controls: BTreeMap<String, String>,
    /// Frameworks.
    pub frameworks: BTreeMap<String, String>,
}

/// State of an account in one Region, as far as it was read.
///
/// It starts with the lists, which have names but neither texts nor tags. [`step`](super::step()) says which details a plan still
/// needs ([`Needs`]); what was read is put here, and the plan is made again. So a plan of a large catalog in sync reads little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Account ID, if it is known.
    pub account: Option<String>,
    /// AWS Region.
    pub region: String,
    /// All custom controls.
    pub controls: Vec<AccountObject<AccountControl>>,
    /// All custom frameworks.
    pub frameworks: Vec<AccountObject<AccountFramework>>,
    /// All standard controls of AWS; `None` if they were not read.
    pub standard: Option<Vec<AccountObject<AccountControl>>>,
    /// All core controls of AWS; `None` if they were not read.
    pub core: Option<Vec<AccountObject<AccountControl>>>,
    /// Controls that are in none of the lists, by requested ID; `None` if the control does not exist.
    pub unlisted: BTreeMap<String, Option<AccountObject<AccountControl>>>,
    /// Objects that an earlier run wrote and that no list has.
    pub unconfirmed: Unconfirmed,
    /// What uses the objects; `None` if it was not read.
    pub impact: Option<Usage>,
}

/// An object of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountObject<T> {
    /// ID, a UUID.
    pub id: String,
    /// ARN.
    pub arn: String,
    /// Name.
    pub name: String,
    /// Version according to the list; `None` if the list has no reliable one.
    pub stamp: Option<Stamp>,
    /// Content.
    pub detail: Detail<T>,
}

/// Version of an object according to a list: while it stays the same, the object is unchanged, except for its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Time of the last update, or of creation, in milliseconds since 1970.
    pub updated: i64,
    /// Number of control sets and controls of a framework.
    pub counts: Option<(i32, i32)>,
}

/// Content of an object, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Detail<T> {
    /// It was not requested.
    #[default]
    NotRead,
    /// The account lists the object but does not return it.
    Gone,
    /// As an earlier run read it. Its tags may have changed since.
    Cached(T),
    /// As read in this run.
    Fresh(T),
}

impl<T> Detail<T> {
    /// Returns what was read.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::NotRead | Self::Gone => None,
            Self::Cached(detail) | Self::Fresh(detail) => Some(detail),
        }
    }

    /// Returns what was read, to change it.
    pub const fn get_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::NotRead | Self::Gone => None,
            Self::Cached(detail) | Self::Fresh(detail) => Some(detail),
        }
    }

    /// Whether the object need not be read again.
    pub const fn is_fresh(&self) -> bool {
        matches!(self, Self::Gone | Self::Fresh(_))
    }
}

/// Who created a control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ControlOrigin {
    /// A user of the account.
    #[default]
    Custom,
    /// AWS, for its frameworks.
    Standard,
    /// AWS, as a building block of other controls.
    Core,
}

/// A control of the account. Strings that the service does not return are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountControl {
    /// Who created it.
    pub origin: ControlOrigin,
    /// Whether AWS no longer supports it and has a replacement.
    pub end_of_support: bool,
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of the action plan.
    pub action_plan_title: String,
    /// What to do if it fails.
    pub action_plan_instructions: String,
    /// Data sources, in any order.
    pub sources: Vec<AccountSource>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A data source of a control of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSource {
    /// ID, a UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// What the evidence shows.
    pub description: String,
    /// Set-up option.
    pub set_up_option: Option<String>,
    /// Type, as the API names it.
    pub source_type: String,
    /// Input type of the keyword.
    pub input_type: Option<String>,
    /// Keyword: what to look for.
    pub keyword: Option<String>,
    /// How often evidence is collected.
    pub frequency: Option<String>,
    /// What to do if no evidence arrives.
    pub troubleshooting: String,
}

impl AccountSource {
    /// Returns the name that a file gives it: its own or, because a file needs one, its type and its keyword.
    pub fn name_in_files(&self) -> Cow<'_, str> {
        if !self.name.is_empty() {
            return Cow::Borrowed(&self.name);
        }
        let label = SourceType::from_name(&self.source_type).map_or(self.source_type.as_str(), |of| of.label());
        Cow::Owned(self.keyword.as_deref().map_or_else(|| label.to_owned(), |keyword| format!("{label} {keyword}")))
    }
}

/// A framework of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFramework {
    /// Purpose.
    pub description: Option<String>,
    /// Standard or regulation.
    pub compliance_type: String,
    /// Control sets, in any order.
    pub control_sets: Vec<AccountControlSet>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A control set of a framework of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountControlSet {
    /// ID; AWS documents several forms of it, so any string is accepted.
    pub id: String,
    /// Name.
    pub name: String,
    /// Names of the controls, by ID.
    pub controls: BTreeMap<String, String>,
}

/// What uses the objects of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Whether every custom framework could be read in full.
    pub frameworks: bool,
    /// Active assessments; `None` if not all of them could be read.
    pub assessments: Option<Vec<AccountAssessment>>,
    /// Why something could not be read.
    pub unknown: Option<String>,
}

/// An active assessment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountAssessment {
    /// ID, a UUID.
    pub id: String,
    /// Name.
    pub name: String,
    /// ID of the framework that it was created from.
    pub framework: Option<String>,
    /// IDs of its controls.
    pub controls: BTreeSet<String>,
}

/// What must be read before a plan is reliable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The list of standard controls.
    pub standard: bool,
    /// The list of core controls.
    pub core: bool,
    /// Controls in full, by ID; what an earlier run read is enough.
    pub controls: BTreeSet<String>,
    /// Frameworks in full, by ID; what an earlier run read is enough.
    pub frameworks: BTreeSet<String>,
    /// Controls and frameworks to read again in full, by ID.
    pub fresh: BTreeSet<String>,
    /// Controls and frameworks of [`Actual::unconfirmed`] to look for, by ID.
    pub unconfirmed: BTreeSet<String>,
    /// What uses the objects.
    pub impact: bool,
}

impl Needs {
    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Actual {
    /// Returns the catalogs that own objects of the account, as far as it was read.
    pub fn owners(&self) -> BTreeSet<&str> {
        let controls = self.controls.iter().filter_map(|live| live.detail.get()).map(|detail| &detail.tags);
        let frameworks = self.frameworks.iter().filter_map(|live| live.detail.get()).map(|detail| &detail.tags);
        controls.chain(frameworks).filter_map(|tags| tags.get(CATALOG_TAG)).map(String::as_str).collect()
    }

    /// Returns a custom, standard or core control by its ID; `None` if it was not read or does not exist.
    pub fn control(&self, id: &str) -> Option<&AccountObject<AccountControl>> {
        let listed = [Some(&self.controls), self.standard.as_ref(), self.core.as_ref()];
        let mut listed = listed.into_iter().flatten().flatten();
        listed.find(|live| live.id == id).or_else(|| self.unlisted.get(id)?.as_ref())
    }
}
