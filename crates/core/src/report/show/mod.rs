//! The catalog without YAML: frameworks, control sets, controls, data sources and findings, and, with a plan, the state
//! of each object in the account.
//!
//! In reading order: [`ObjectStatus`] is the state of an object in the account, `anchor` names its location on the
//! page, `View` is everything that is shown, `build` creates it, `chart` prepares the charts; [`text()`] and
//! [`html()`] write it.

mod status;
mod anchor;
mod build;
mod chart;
mod html;
mod text;

use std::collections::BTreeSet;
use std::iter::Sum;

use super::printable;
use crate::diagnostic::Level;
use crate::model::SourceType;

pub use html::html;
pub use status::ObjectStatus;
pub use text::text;

/// A string that can be shown: invisible characters are escaped, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shown(String);

impl Shown {
    fn new(text: &str) -> Self {
        let lines: Vec<_> = text.trim_end_matches('\n').split('\n').map(printable).collect();
        Self(lines.join("\n"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Everything that is shown, in order.
#[derive(Debug)]
pub struct View {
    /// Name of the catalog.
    catalog: Shown,
    /// The account that is shown; `None` without an account.
    account: Option<Account>,
    /// By name.
    frameworks: Vec<Framework>,
    /// By name; each control is in one family.
    families: Vec<Family>,
    /// Findings of files that define no object, and of the configuration.
    files: Vec<File>,
}

/// The account that is shown.
#[derive(Debug)]
struct Account {
    /// Its ID; `None` if it is unknown.
    id: Option<Shown>,
    region: Shown,
    /// Why the impact of changes is unknown, if it was requested.
    unknown_impact: Option<Shown>,
    /// Objects of the catalog that no file defines.
    orphans: Vec<Orphan>,
}

/// An object of the catalog in the account that no file defines.
#[derive(Debug)]
struct Orphan {
    what: &'static str,
    name: Shown,
    /// Path of its former file.
    was: Shown,
}

/// What a control and a framework have in common.
#[derive(Debug)]
struct Object {
    name: Shown,
    /// Its anchor on the page.
    anchor: String,
    description: Shown,
    tags: Vec<(Shown, Shown)>,
    path: Shown,
    renamed_from: Vec<Shown>,
    findings: Vec<Finding>,
    /// Its state in the account; `None` without an account.
    in_account: Option<InAccount>,
}

impl Object {
    fn worst(&self) -> Option<Level> {
        // Levels are ordered from the worst to the least.
        self.findings.iter().map(|finding| finding.level).min()
    }
}

/// The state of an object in the account.
#[derive(Debug)]
struct InAccount {
    state: ObjectStatus,
    differences: Vec<Difference>,
    blocked_by: Vec<Shown>,
    /// The impact of its change; `None` if it was not looked up, or if only tags differ.
    impact: Option<ShownImpact>,
}

impl InAccount {
    /// Returns whether it has details beyond the label of its state.
    const fn has_details(&self) -> bool {
        !matches!(self.state, ObjectStatus::InSync | ObjectStatus::ToCreate) || self.impact.is_some()
    }
}

/// The impact of a change.
#[derive(Debug)]
struct ShownImpact {
    /// Frameworks that use the control; `None` if unknown.
    frameworks: Option<Vec<Shown>>,
    /// Active assessments that use the object; `None` if unknown.
    assessments: Option<Vec<Shown>>,
}

/// A field that differs.
#[derive(Debug)]
struct Difference {
    field: Shown,
    /// Value in the account; `None` if there is none.
    account: Option<Shown>,
    /// Value in the file; `None` if there is none.
    file: Option<Shown>,
}

/// A framework.
#[derive(Debug)]
struct Framework {
    object: Object,
    compliance_type: Shown,
    sets: Vec<Set>,
    /// Number of its controls, each counted once.
    controls: usize,
    /// Data sources of its controls in this catalog, each control counted once.
    sources: Counts,
}

/// A control set.
#[derive(Debug)]
struct Set {
    name: Shown,
    members: Vec<Member>,
    sources: Counts,
}

/// A control in a control set.
#[derive(Debug)]
struct Member {
    name: Shown,
    which: Which,
}

/// The kind of a control in a control set.
#[derive(Debug)]
enum Which {
    /// A control of this catalog.
    Ours { anchor: String, worst: Option<Level>, state: Option<ObjectStatus> },
    /// A control that is not shown here, and what it is.
    Other(&'static str),
}

/// Controls with the same family.
#[derive(Debug)]
struct Family {
    name: Shown,
    anchor: String,
    controls: Vec<Control>,
}

/// A control.
#[derive(Debug)]
struct Control {
    object: Object,
    testing: Shown,
    plan_title: Shown,
    plan: Shown,
    sources: Vec<Source>,
    /// The control sets that contain it.
    uses: Vec<Use>,
}

impl Control {
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.sources.iter().for_each(|source| counts.add(source.kind));
        counts
    }

    /// Returns the types of its data sources, each once.
    fn types(&self) -> String {
        let types: BTreeSet<SourceType> = self.sources.iter().map(|source| source.kind).collect();
        types.into_iter().map(label).collect::<Vec<_>>().join(", ")
    }
}

/// A control set that contains a control.
#[derive(Debug)]
struct Use {
    framework: Shown,
    anchor: String,
    set: Shown,
}

/// A data source.
#[derive(Debug)]
struct Source {
    name: Shown,
    description: Shown,
    kind: SourceType,
    keyword: Option<Shown>,
    /// The AWS documentation page of the keyword.
    page: Option<String>,
    frequency: Option<Shown>,
    troubleshooting: Shown,
}

impl Source {
    const fn label(&self) -> &'static str {
        label(self.kind)
    }
}

/// Returns the label of a source type, for readers who do not know the files.
const fn label(source_type: SourceType) -> &'static str {
    match source_type {
        SourceType::Cloudtrail => "CloudTrail",
        SourceType::Config => "AWS Config",
        SourceType::SecurityHub => "Security Hub",
        SourceType::ApiCall => "API call",
        SourceType::Manual => "Manual",
        SourceType::CommonControl => "Common control",
        SourceType::CoreControl => "Core control",
    }
}

/// Numbers of automated and manual data sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    automated: usize,
    manual: usize,
}

impl Counts {
    fn add(&mut self, source_type: SourceType) {
        match source_type {
            SourceType::Manual => self.manual += 1,
            _ => self.automated += 1,
        }
    }

    const fn all(self) -> usize {
        self.automated + self.manual
    }

    /// Returns for example `3 automated, 1 manual`.
    fn by_collector(self) -> String {
        let parts = [(self.automated, "automated"), (self.manual, "manual")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Returns for example `90 %`, rounded down: `100 %` only if all are automated.
    fn share(self) -> String {
        match self.all() {
            0 => "-".to_owned(),
            all => format!("{} %", self.automated * 100 / all),
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, counts| Self {
            automated: sum.automated + counts.automated,
            manual: sum.manual + counts.manual,
        })
    }
}

/// A finding.
#[derive(Debug)]
struct Finding {
    level: Level,
    rule: &'static str,
    message: Shown,
    /// `path:line:column`.
    location: Shown,
    help: Option<Shown>,
}

/// Findings of a file that defines no object.
#[derive(Debug)]
struct File {
    path: Shown,
    findings: Vec<Finding>,
}

impl View {
    fn controls(&self) -> impl Iterator<Item = &Control> {
        self.families.iter().flat_map(|family| &family.controls)
    }

    fn objects(&self) -> impl Iterator<Item = &Object> {
        let frameworks = self.frameworks.iter().map(|framework| &framework.object);
        frameworks.chain(self.controls().map(|control| &control.object))
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_files = self.files.iter().flat_map(|file| &file.findings);
        self.objects().flat_map(|object| &object.findings).chain(of_files)
    }

    fn sources(&self) -> Counts {
        self.controls().map(Control::counts).sum()
    }

    fn sets(&self) -> usize {
        self.frameworks.iter().map(|framework| framework.sets.len()).sum()
    }

    /// Returns the number of objects in each state, without states that have none.
    fn states(&self) -> Vec<(ObjectStatus, usize)> {
        let all: Vec<_> = self.objects().filter_map(|object| Some(object.in_account.as_ref()?.state)).collect();
        let of = |state| all.iter().filter(|one| **one == state).count();
        let counts = ObjectStatus::ALL.iter().map(|state| (*state, of(*state)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
