//! What a plan is made of.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::is_ownership_tag;
use crate::config::DEFAULT_CATALOG;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::SourceType;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectType {
    /// A control.
    Control,
    /// A framework.
    Framework,
}

impl ObjectType {
    /// The word for people.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Framework => "framework",
        }
    }
}

/// What happens to an object. A change has exactly one kind, the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Its file is gone.
    Delete,
    /// It is not there yet.
    Create,
    /// It is there under a name that it had before.
    Rename,
    /// It is there, and nobody's: it becomes this catalog's.
    Adopt,
    /// A field differs.
    Update,
    /// Nothing but tags differs.
    Retag,
    /// Nothing differs.
    Unchanged,
}

impl ChangeKind {
    /// All kinds, in the order in which they are counted.
    pub const ALL: &[Self] =
        &[Self::Delete, Self::Create, Self::Rename, Self::Adopt, Self::Update, Self::Retag, Self::Unchanged];

    /// The word for people and for JSON.
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

/// Who moved, where an object of this catalog differs from its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// The file changed since it was last applied.
    File,
    /// The file is as it was applied: the account drifted.
    Account,
}

impl ChangedBy {
    /// The word for JSON.
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
    /// JSON pointer, as the file writes it; of the list where something is removed from it.
    pub pointer: String,
    /// What the account holds; none where nothing.
    pub old: Option<Json>,
    /// What the file says; none where nothing.
    pub new: Option<Json>,
}

/// Tags that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Tags to set, with what they were and what they become.
    pub set: BTreeMap<String, (Option<String>, String)>,
    /// Tags to remove, with what they were.
    pub remove: BTreeMap<String, String>,
}

impl TagChange {
    /// Tags of users that differ: key, what it was, what it becomes. Those that go come last.
    pub fn of_users(&self) -> impl Iterator<Item = (&str, Option<&str>, Option<&str>)> {
        let set = self.set.iter().filter(|(key, _)| !is_ownership_tag(key));
        let set = set.map(|(key, (old, new))| (key.as_str(), old.as_deref(), Some(new.as_str())));
        set.chain(self.remove.iter().map(|(key, old)| (key.as_str(), Some(old.as_str()), None)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

/// The control that a framework holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlTarget {
    /// One that the account holds, by its id.
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
    /// Title of what to do when it fails.
    pub action_plan_title: String,
    /// What to do when it fails.
    pub action_plan_instructions: String,
    /// Data sources.
    pub sources: Vec<SourceBody>,
}

/// What is sent for a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceBody {
    /// Id of the source that survives; none for a new one.
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
    /// What to look for.
    pub keyword: Option<String>,
    /// How often.
    pub frequency: Option<String>,
    /// What to do when no evidence comes.
    pub troubleshooting: String,
}

/// What is sent for a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkBody {
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The standard or regulation.
    pub compliance_type: String,
    /// Control sets.
    pub control_sets: Vec<SetBody>,
}

/// What is sent for a control set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetBody {
    /// Id of the set that survives; none for a new one.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// Controls.
    pub controls: Vec<ControlTarget>,
}

/// What is sent, where fields differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A control.
    Control(ControlBody),
    /// A framework.
    Framework(FrameworkBody),
}

/// In [`Change::blocked_by`]: a guard refuses all deletions, see [`Plan::refused`].
pub const PRUNE_GUARD: &str = "prune-guard";
/// In [`Change::blocked_by`]: the object differs because somebody has changed the account, and that is left as it is.
pub const DRIFT: &str = "drift";
/// In [`Change::blocked_by`]: an active assessment or a framework of somebody else holds the control, or nobody can say.
pub const IN_USE: &str = "in-use";

/// In [`Change::blocked_by`]: a later run deletes the object.
pub const LATER: &str = "later";

/// What holds an object: a change of it is seen there at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impact {
    /// Frameworks that have the control, by name; none where that is not known.
    pub frameworks: Option<Vec<ImpactedObject>>,
    /// Active assessments that have the control, or were made from the framework, by name; none where that is not known.
    pub assessments: Option<Vec<ImpactedObject>>,
}

/// A framework or an assessment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImpactedObject {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
}

/// What happens to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub kind: ChangeKind,
    /// To what.
    pub object: ObjectType,
    /// Its name.
    pub name: String,
    /// Its id, where the account holds it.
    pub id: Option<String>,
    /// Its ARN, where the account holds it.
    pub arn: Option<String>,
    /// The file, by its path from ROOT.
    pub source: String,
    /// Who moved.
    pub changed_by: Option<ChangedBy>,
    /// Fields that differ.
    pub fields: Vec<FieldChange>,
    /// Tags that differ.
    pub tags: TagChange,
    /// What holds the object; none where that was not read, or nothing but tags changes.
    pub impact: Option<Impact>,
    /// Why it is not carried out: rule ids of findings about it, and changes that it needs and that are blocked.
    pub blocked_by: Vec<String>,
    /// What is sent; none where only tags differ, and for a deletion.
    pub body: Option<Body>,
}

impl Change {
    /// Whether carrying it out writes anything.
    pub fn writes(&self) -> bool {
        self.kind != ChangeKind::Unchanged && self.blocked_by.is_empty()
    }
}

/// Where a plan belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Account id, where an object told it.
    pub account: Option<String>,
    /// AWS Region.
    pub region: String,
}

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing differs.
    InSync,
    /// There is something to do.
    Changes,
    /// Something stands in the way.
    Conflict,
}

/// Everything that would change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Where it belongs.
    pub target: Target,
    /// The catalog that owns the objects.
    pub catalog: String,
    /// One change an object: controls by name, then frameworks by name, then deletions.
    pub changes: Vec<Change>,
    /// What stands in the way.
    pub diagnostics: Vec<Diagnostic>,
    /// Why nothing is deleted although that was asked for.
    pub refused: Option<Refusal>,
    /// Objects of this catalog whose files are gone, and that are not deleted; empty where they were not looked for.
    pub orphans: Vec<Orphan>,
    /// Why it is not known what holds the objects, where that was asked for.
    pub unknown_impact: Option<String>,
}

/// An object of this catalog whose file is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// What it is.
    pub object: ObjectType,
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The file that defined it, by its path from ROOT.
    pub source: String,
}

/// Why nothing is deleted although that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The catalog goes by the built-in name, which other repositories go by too.
    #[error(
        "--prune deletes what carries the catalog's name, and `{DEFAULT_CATALOG}` may be the name of other repositories \
         too: set `catalog` in controlsync.toml to a name of your own, run apply once with \
         --take-over {DEFAULT_CATALOG}, and prune then"
    )]
    DefaultCatalog,
    /// The catalog defines nothing.
    #[error("--prune would delete everything: the catalog defines neither a control nor a framework")]
    EmptyCatalog,
    /// What some files define is not known.
    #[error("nothing is deleted while the catalog has errors: what a faulty file defines would count as gone")]
    Errors,
    /// A file looks as if it was meant to be a definition.
    #[error(
        "nothing is deleted while {0} is there: it looks like a definition, and what it was meant to define would count as gone"
    )]
    Stray(String),
    /// More would be deleted than is allowed.
    #[error(
        "--prune would delete {count} of the {ours} objects of this catalog, and at most {limit} may go at once: look at \
         the plan, and where it is right, allow them with --max-deletes {count}"
    )]
    TooMany {
        /// Objects that would be deleted.
        count: usize,
        /// Objects of this catalog.
        ours: usize,
        /// How many may be deleted at once.
        limit: usize,
    },
}

impl Plan {
    /// What it comes to.
    pub fn outcome(&self) -> Outcome {
        let conflict = self.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
        if conflict || self.changes.iter().any(|change| !change.blocked_by.is_empty()) {
            Outcome::Conflict
        } else if self.changes.iter().any(Change::writes) {
            Outcome::Changes
        } else {
            Outcome::InSync
        }
    }

    /// Objects without a file that are no change of the plan.
    pub fn left_behind(&self) -> impl Iterator<Item = &Orphan> {
        let planned = |orphan: &Orphan| self.changes.iter().any(|change| change.id.as_ref() == Some(&orphan.id));
        self.orphans.iter().filter(move |orphan| !planned(orphan))
    }

    /// How many changes there are of each kind.
    pub fn counts(&self) -> BTreeMap<ChangeKind, usize> {
        let mut counts: BTreeMap<ChangeKind, usize> = ChangeKind::ALL.iter().map(|kind| (*kind, 0)).collect();
        for change in &self.changes {
            *counts.entry(change.kind).or_default() += 1;
        }
        counts
    }
}
