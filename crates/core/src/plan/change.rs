//! Plans and the changes they consist of.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

use super::remedies::Remedies;
use super::tags::{APPLIED_TAG, is_ownership_tag};
use crate::characters::{is_same_text, printable};
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::source::FileKind;
use crate::source_type::SourceType;

/// Type of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectType {
    /// A control.
    Control,
    /// A framework.
    Framework,
}

impl ObjectType {
    /// Name in messages.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Framework => "framework",
        }
    }

    /// Kind of the files that define it.
    pub const fn file_kind(self) -> FileKind {
        match self {
            Self::Control => FileKind::Control,
            Self::Framework => FileKind::Framework,
        }
    }
}

/// What happens to an object. A change has exactly one kind: the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Its file was removed.
    Delete,
    /// It does not exist yet.
    Create,
    /// It exists under a former name.
    Rename,
    /// It exists and is not managed: this catalog becomes its owner.
    Adopt,
    /// A field differs.
    Update,
    /// Only tags differ.
    Retag,
    /// Object and file match.
    Unchanged,
}

impl ChangeKind {
    /// All kinds, in the order in which they are counted.
    pub const ALL: &[Self] =
        &[Self::Delete, Self::Create, Self::Rename, Self::Adopt, Self::Update, Self::Retag, Self::Unchanged];

    /// Name in messages and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Create => "create",
            Self::Rename => "rename",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Retag => "retag",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Which side changed, if an object of this catalog differs from its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// The file changed since it was last applied.
    File,
    /// The file has not changed since it was last applied: the account drifted.
    Account,
}

impl ChangedBy {
    /// Name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Account => "account",
        }
    }
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// JSON pointer in the spelling of the file; for a removed item, that of its list.
    pub pointer: String,
    /// Value in the account; `None` if there is none.
    pub old: Option<Json>,
    /// Value in the file; `None` if there is none.
    pub new: Option<Json>,
}

impl FieldChange {
    /// Whether both values are the same text, apart from how a service may store it.
    pub(super) fn is_same_text(&self) -> bool {
        let text = |value: &Option<Json>| match value {
            None => Some(String::new()),
            Some(value) => value.as_str().map(str::to_owned),
        };
        text(&self.old).zip(text(&self.new)).is_some_and(|(old, new)| is_same_text(&old, &new))
    }
}

/// Tags that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Tags to set, with old and new values.
    pub set: BTreeMap<String, (Option<String>, String)>,
    /// Tags to remove, with their old values.
    pub remove: BTreeMap<String, String>,
}

impl TagChange {
    /// Returns the user tags that differ, with old and new values. Removed tags come last.
    pub fn of_users(&self) -> impl Iterator<Item = (&str, Option<&str>, Option<&str>)> {
        let set = self.set.iter().filter(|(key, _)| !is_ownership_tag(key));
        let set = set.map(|(key, (old, new))| (key.as_str(), old.as_deref(), Some(new.as_str())));
        set.chain(self.remove.iter().map(|(key, old)| (key.as_str(), Some(old.as_str()), None)))
    }

    /// Whether nothing but the record of what was applied differs.
    pub(super) fn is_only_record(&self) -> bool {
        self.remove.is_empty() && self.set.keys().eq([APPLIED_TAG])
    }

    /// Whether no tag differs.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

/// A control that a framework contains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlTarget {
    /// One that exists in the account, by its ID.
    Id(String),
    /// One that this plan creates, by its name.
    Created(String),
}

/// What is sent for a control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlBody {
    /// Name.
    pub name: String,
    /// What must be true.
    pub description: String,
    /// How to test it.
    pub testing_information: String,
    /// Title of the action plan.
    pub action_plan_title: String,
    /// What to do if it fails.
    pub action_plan_instructions: String,
    /// Data sources.
    pub sources: Vec<SourceBody>,
}

/// What is sent for a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceBody {
    /// ID of the existing data source; `None` for a new one.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// What the evidence shows.
    pub description: String,
    /// Set-up option.
    pub set_up_option: String,
    /// Type.
    pub source_type: SourceType,
    /// Input type of the keyword.
    pub input_type: Option<String>,
    /// Keyword: what to look for.
    pub keyword: Option<String>,
    /// How often evidence is collected.
    pub frequency: Option<String>,
    /// What to do if no evidence arrives.
    pub troubleshooting: String,
}

/// What is sent for a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkBody {
    /// Name.
    pub name: String,
    /// Purpose.
    pub description: Option<String>,
    /// Standard or regulation.
    pub compliance_type: String,
    /// Control sets.
    pub control_sets: Vec<SetBody>,
}

/// What is sent for a control set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBody {
    /// ID of the existing control set; `None` for a new one.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Controls.
    pub controls: Vec<ControlTarget>,
}

/// What is sent, if fields differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A control.
    Control(ControlBody),
    /// A framework.
    Framework(FrameworkBody),
}

/// Why a change is not applied.
///
/// Each reason has one word, which people and JSON see: `Reason::Rule` that of its rule, `Reason::Change` the type and the name of
/// the other object, such as `control Backup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A finding of the plan about the object.
    Rule(&'static Rule),
    /// It depends on the change of another object, which is blocked or failed.
    Change(ObjectType, String),
    /// A guard blocks all deletions, see [`Plan::refused`].
    PruneGuard,
    /// The object drifted, and drift is only reported.
    Drift,
    /// An active assessment or a framework of another owner uses the control, or it is unknown what uses it.
    InUse,
    /// A later run deletes the object.
    Later,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => formatter.write_str(rule.id),
            Self::Change(object, name) => write!(formatter, "{} {name}", object.noun()),
            Self::PruneGuard => formatter.write_str("prune-guard"),
            Self::Drift => formatter.write_str("drift"),
            Self::InUse => formatter.write_str("in-use"),
            Self::Later => formatter.write_str("later"),
        }
    }
}

/// Returns the words of some reasons, separated by commas.
pub fn reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(Reason::to_string).collect::<Vec<_>>().join(", ")
}

/// What uses an object and so shows every change of it immediately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// Frameworks that contain the control, by name; `None` if unknown.
    pub frameworks: Option<Vec<ImpactedObject>>,
    /// Active assessments that contain the control, or were created from the framework, by name; `None` if unknown.
    pub assessments: Option<Vec<ImpactedObject>>,
}

/// A framework or an assessment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImpactedObject {
    /// Name.
    pub name: String,
    /// ID.
    pub id: String,
}

/// What happens to one object: what differs, what is sent, which tags change, what uses the object, and what blocks the change.
///
/// It has everything that applying it needs, so that `apply` decides nothing. An object in sync has a change too, of the kind
/// [`ChangeKind::Unchanged`], which writes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub kind: ChangeKind,
    /// Type of the object.
    pub object: ObjectType,
    /// Name of the object.
    pub name: String,
    /// ID, if the object exists.
    pub id: Option<String>,
    /// ARN, if the object exists.
    pub arn: Option<String>,
    /// Path of the file from ROOT.
    pub source: String,
    /// Which side changed.
    pub changed_by: Option<ChangedBy>,
    /// Fields that differ.
    pub fields: Vec<FieldChange>,
    /// Tags that differ.
    pub tags: TagChange,
    /// What uses the object; `None` if that was not read, or only tags change.
    pub impact: Option<Impact>,
    /// Why it is not applied; empty if nothing blocks it.
    pub blocked_by: Vec<Reason>,
    /// What is sent; `None` for deletions, and if only tags differ.
    pub body: Option<Body>,
}

impl Change {
    /// Whether applying it writes anything.
    pub fn writes(&self) -> bool {
        self.kind != ChangeKind::Unchanged && !self.is_blocked()
    }

    /// Returns the fields and tags that differ, in a form that does not change between versions: digests of it are stored.
    pub fn differences(&self) -> Json {
        let fields: Vec<Json> = self.fields.iter().map(|field| json!([field.pointer, field.old, field.new])).collect();
        json!([fields, self.tags.set, self.tags.remove])
    }

    /// Whether something prevents applying it.
    pub const fn is_blocked(&self) -> bool {
        !self.blocked_by.is_empty()
    }
}

/// Account and Region of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Account ID, if it is known.
    pub account: Option<String>,
    /// AWS Region.
    pub region: String,
}

/// Outcome of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Account and catalog match.
    InSync,
    /// Changes are pending.
    Changes,
    /// Something blocks the plan or a part of it.
    Conflict,
}

/// Everything that would change, in the order in which it is applied.
///
/// A plan is a value: it is shown, saved, compared with one that was saved, and applied. Whatever it does not contain is not
/// written.
///
/// ```
/// use controlsync_core::plan::{Outcome, Plan};
/// assert_eq!(Plan::default().outcome(), Outcome::InSync);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Account and Region.
    pub target: Target,
    /// The catalog that owns the objects.
    pub catalog: String,
    /// One change per object: controls by name, then frameworks by name, then deletions.
    pub changes: Vec<Change>,
    /// Findings about the planned objects.
    pub diagnostics: Vec<Diagnostic>,
    /// Why requested deletions are blocked.
    pub refused: Option<Refused>,
    /// Objects of this catalog without a file that are not deleted; empty if they were not looked for.
    pub orphans: Vec<Orphan>,
    /// Why it is unknown what uses the objects, if that was requested.
    pub unknown_impact: Option<String>,
}

/// An object of this catalog without a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Type of the object.
    pub object: ObjectType,
    /// Name.
    pub name: String,
    /// ID.
    pub id: String,
    /// Path from ROOT of the file that defined it.
    pub source: String,
}

/// Requested deletions that are blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// What to do; `None` if the reason says it.
    pub remedy: Option<String>,
}

/// The reason, then what to do.
impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.why)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(formatter, ": {remedy}"))
    }
}

/// Why requested deletions are blocked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The catalog has the built-in name, which other repositories may use too.
    #[error("the catalog has the built-in name `{DEFAULT_CATALOG}`, which other repositories may use too")]
    DefaultCatalog,
    /// The catalog defines nothing.
    #[error("the catalog defines no controls and no frameworks, so everything would be deleted")]
    EmptyCatalog,
    /// It is unknown what some files define.
    #[error("the catalog has errors, and objects of invalid files would count as removed")]
    Errors,
    /// An ignored file looks like a definition.
    #[error("{} looks like a definition but is ignored, so its object would count as removed", printable(.0))]
    IgnoredFile(String),
    /// More would be deleted than the limit allows.
    #[error("{count} of the {ours} objects of this catalog would be deleted, more than the limit of {limit}")]
    TooMany {
        /// Objects that would be deleted.
        count: usize,
        /// Objects of this catalog.
        ours: usize,
        /// Maximum number of deletions.
        limit: usize,
    },
}

impl Refusal {
    /// With what to do about it.
    pub(super) fn with_remedy(self, remedies: &Remedies) -> Refused {
        let remedy = match &self {
            Self::DefaultCatalog => Some(format!(
                "set `catalog` in controlsync.toml to a unique name, and take the objects over once with {}",
                remedies.take_over(DEFAULT_CATALOG)
            )),
            Self::EmptyCatalog => None,
            Self::Errors => Some("fix them".to_owned()),
            Self::IgnoredFile(_) => Some("rename or remove it".to_owned()),
            Self::TooMany { count, .. } => Some(format!(
                "review the plan, and if it is correct, allow the deletions with {}",
                remedies.max_deletes(*count)
            )),
        };
        Refused { why: self, remedy }
    }
}

impl Plan {
    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        let conflict = self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
        if conflict || self.changes.iter().any(Change::is_blocked) {
            Outcome::Conflict
        } else if self.changes.iter().any(Change::writes) {
            Outcome::Changes
        } else {
            Outcome::InSync
        }
    }

    /// Returns the objects without a file that the plan does not change.
    pub fn left_behind(&self) -> impl Iterator<Item = &Orphan> {
        let planned = |orphan: &Orphan| self.changes.iter().any(|change| change.id.as_ref() == Some(&orphan.id));
        self.orphans.iter().filter(move |orphan| !planned(orphan))
    }

    /// Returns the number of changes of each kind.
    pub fn counts(&self) -> BTreeMap<ChangeKind, usize> {
        let mut counts: BTreeMap<ChangeKind, usize> = ChangeKind::ALL.iter().map(|kind| (*kind, 0)).collect();
        for change in &self.changes {
            *counts.entry(change.kind).or_default() += 1;
        }
        counts
    }
}
