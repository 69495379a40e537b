//! The catalog for those who do not read YAML: frameworks, their control sets, controls, sources and findings, and, with
//! a plan, what the account holds of each.
//!
//! In reading order: [`ObjectStatus`] is what the account holds of an object, `anchor` names its place on the page, `View` is
//! everything that is shown, `build` makes it, `chart` counts what the pictures show; [`text()`] and [`html()`] write it.

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

/// A text as it may be shown: what cannot be seen in it is escaped, line by line.
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
    /// The catalog's name.
    catalog: Shown,
    /// The account whose state is shown; none without one.
    account: Option<Account>,
    /// By name.
    frameworks: Vec<Framework>,
    /// By name; together they have every control once.
    families: Vec<Family>,
    /// Findings of files that nothing else is shown of, and of the configuration.
    files: Vec<File>,
}

/// The account whose state is shown.
#[derive(Debug)]
struct Account {
    /// The id; none where nothing told it.
    id: Option<Shown>,
    region: Shown,
    /// Why it is not known what holds the objects, where that was asked for.
    unknown_impact: Option<Shown>,
    /// What it holds of the catalog although no file defines it any more.
    orphans: Vec<Orphan>,
}

/// An object of the catalog that no file defines any more.
#[derive(Debug)]
struct Orphan {
    what: &'static str,
    name: Shown,
    /// The file that it had.
    was: Shown,
}

/// What a control and a framework have in common.
#[derive(Debug)]
struct Object {
    name: Shown,
    /// Its place on the page.
    anchor: String,
    description: Shown,
    tags: Vec<(Shown, Shown)>,
    path: Shown,
    renamed_from: Vec<Shown>,
    findings: Vec<Finding>,
    /// What the account holds of it; none without an account.
    held: Option<InAccount>,
}

impl Object {
    fn worst(&self) -> Option<Level> {
        // The worst one is the least one.
        self.findings.iter().map(|finding| finding.level).min()
    }
}

/// What the account holds of an object.
#[derive(Debug)]
struct InAccount {
    state: ObjectStatus,
    differences: Vec<Difference>,
    blocked_by: Vec<Shown>,
    /// What a change of it would reach; none where that was not looked for, or nothing but tags differs.
    reach: Option<Reach>,
}

impl InAccount {
    /// Whether there is more to say than the word for its state.
    const fn says_more(&self) -> bool {
        !matches!(self.state, ObjectStatus::InSync | ObjectStatus::ToCreate) || self.reach.is_some()
    }
}

/// What a change of an object would reach.
#[derive(Debug)]
struct Reach {
    /// Frameworks that have the control; none where that is not known.
    frameworks: Option<Vec<Shown>>,
    /// Active assessments; none where that is not known.
    assessments: Option<Vec<Shown>>,
}

/// A member of an object that differs.
#[derive(Debug)]
struct Difference {
    member: Shown,
    /// What the account holds; none where nothing.
    account: Option<Shown>,
    /// What the file says; none where nothing.
    file: Option<Shown>,
}

/// A framework.
#[derive(Debug)]
struct Framework {
    object: Object,
    compliance_type: Shown,
    sets: Vec<Set>,
    /// How many controls it has, each once.
    controls: usize,
    /// Of the controls of the catalog that it has, each once.
    sources: Counts,
}

/// A control set.
#[derive(Debug)]
struct Set {
    name: Shown,
    members: Vec<Member>,
    sources: Counts,
}

/// A control as a control set names it.
#[derive(Debug)]
struct Member {
    name: Shown,
    which: Which,
}

/// Which control a control set names.
#[derive(Debug)]
enum Which {
    /// One of the catalog.
    Ours { anchor: String, worst: Option<Level>, state: Option<ObjectStatus> },
    /// One that is not shown here, and what it is.
    Other(&'static str),
}

/// Controls that belong together.
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
    /// The frameworks that have it, with their anchors and the control set.
    uses: Vec<Use>,
}

impl Control {
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.sources.iter().for_each(|source| counts.add(source.kind));
        counts
    }

    /// The types of its sources, each once.
    fn types(&self) -> String {
        let types: BTreeSet<SourceType> = self.sources.iter().map(|source| source.kind).collect();
        types.into_iter().map(label).collect::<Vec<_>>().join(", ")
    }
}

/// A control set that has a control.
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
    /// The page of AWS that says most about the keyword.
    page: Option<String>,
    frequency: Option<Shown>,
    troubleshooting: Shown,
}

impl Source {
    const fn label(&self) -> &'static str {
        label(self.kind)
    }
}

/// What a type of source is called where people who do not write files read it.
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

/// Sources, by who collects the evidence.
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

    /// `3 automated, 1 manual`.
    fn by_collector(self) -> String {
        let parts = [(self.automated, "automated"), (self.manual, "manual")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// `90 %`; all of them only where it is all of them.
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
    place: Shown,
    help: Option<Shown>,
}

/// Findings of a file that nothing else is shown of.
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

    /// How many objects are in each state; states that none is in are left out.
    fn states(&self) -> Vec<(ObjectStatus, usize)> {
        let held: Vec<ObjectStatus> = self.objects().filter_map(|object| Some(object.held.as_ref()?.state)).collect();
        let of = |state| held.iter().filter(|held| **held == state).count();
        let counts = ObjectStatus::ALL.iter().map(|state| (*state, of(*state)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
