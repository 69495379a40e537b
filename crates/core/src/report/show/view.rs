//! Everything that is shown, before it has a form.

use std::collections::BTreeSet;
use std::iter::Sum;

use super::results::{ControlResult, FrameworkResult, Results, SourceResult};
use super::shown::Shown;
use super::status::ObjectStatus;
use crate::compliance::Status;
use crate::diagnostic::Level;
use crate::evidence::Setup;
use crate::model::Severity;
use crate::source_type::SourceType;

/// Everything that is shown, in order.
#[derive(Debug)]
pub struct View {
    /// Name of the catalog.
    pub(super) catalog: Shown,
    /// The account that is shown; `None` without an account.
    pub(super) account: Option<Account>,
    /// What the evidence says; `None` unless compliance is shown.
    pub(super) results: Option<Results>,
    /// By name.
    pub(super) frameworks: Vec<Framework>,
    /// Number of exceptions.
    pub(super) exceptions: usize,
    /// By name, or by status if compliance is shown; each control is in one.
    pub(super) families: Vec<Family>,
    /// Findings of files that define no object, and of the configuration.
    pub(super) files: Vec<File>,
}

/// The account that is shown.
#[derive(Debug)]
pub(super) struct Account {
    /// Its ID; `None` if it is unknown.
    pub(super) id: Option<Shown>,
    pub(super) region: Shown,
    /// Why the impact of changes is unknown, if it was requested.
    pub(super) unknown_impact: Option<Shown>,
    /// Objects of the catalog that no file defines.
    pub(super) orphans: Vec<Orphan>,
}

/// An object of the catalog in the account that no file defines.
#[derive(Debug)]
pub(super) struct Orphan {
    pub(super) what: &'static str,
    pub(super) name: Shown,
    /// Path of its former file.
    pub(super) was: Shown,
}

/// What a control and a framework have in common.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: Shown,
    /// Its anchor on the page.
    pub(super) anchor: String,
    pub(super) description: Shown,
    pub(super) tags: Vec<(Shown, Shown)>,
    pub(super) path: Shown,
    pub(super) renamed_from: Vec<Shown>,
    pub(super) findings: Vec<Finding>,
    /// Its state in the account; `None` without an account.
    pub(super) in_account: Option<InAccount>,
}

impl Object {
    pub(super) fn worst(&self) -> Option<Level> {
        // Levels are ordered from the worst to the least.
        self.findings.iter().map(|finding| finding.level).min()
    }
}

/// The state of an object in the account.
#[derive(Debug)]
pub(super) struct InAccount {
    pub(super) state: ObjectStatus,
    pub(super) differences: Vec<Difference>,
    pub(super) blocked_by: Vec<Shown>,
    /// The impact of its change; `None` if it was not looked up, or if only tags differ.
    pub(super) impact: Option<ShownImpact>,
}

impl InAccount {
    /// Returns whether it has details beyond the label of its state.
    pub(super) const fn has_details(&self) -> bool {
        !matches!(self.state, ObjectStatus::InSync | ObjectStatus::ToCreate) || self.impact.is_some()
    }
}

/// The impact of a change.
#[derive(Debug)]
pub(super) struct ShownImpact {
    /// Frameworks that use the control; `None` if unknown.
    pub(super) frameworks: Option<Vec<Shown>>,
    /// Active assessments that use the object; `None` if unknown.
    pub(super) assessments: Option<Vec<Shown>>,
}

/// A field that differs.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) field: Shown,
    /// Value in the account; `None` if there is none.
    pub(super) account: Option<Shown>,
    /// Value in the file; `None` if there is none.
    pub(super) file: Option<Shown>,
}

/// A framework.
#[derive(Debug)]
pub(super) struct Framework {
    pub(super) object: Object,
    /// What the evidence says; `None` unless compliance is shown.
    pub(super) result: Option<FrameworkResult>,
    pub(super) compliance_type: Shown,
    pub(super) sets: Vec<Set>,
    /// Number of its controls, each counted once.
    pub(super) controls: usize,
    /// Data sources of its controls in this catalog, each control counted once.
    pub(super) sources: Counts,
}

/// A control set.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: Shown,
    pub(super) members: Vec<Member>,
    /// Its controls by status, in words; `None` unless compliance is shown.
    pub(super) result: Option<String>,
    pub(super) sources: Counts,
}

/// A control in a control set.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Shown,
    pub(super) which: Which,
}

/// The kind of a control in a control set.
#[derive(Debug)]
pub(super) enum Which {
    /// A control of this catalog.
    Ours { anchor: String, worst: Option<Level>, state: Option<ObjectStatus>, status: Option<Status> },
    /// A control that is not shown here, and what it is.
    Other(&'static str),
}

/// Controls with the same family, or the same status if compliance is shown.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) name: Shown,
    pub(super) anchor: String,
    pub(super) controls: Vec<Control>,
}

/// A control.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) object: Object,
    /// What the evidence says; `None` unless compliance is shown.
    pub(super) result: Option<ControlResult>,
    /// The name of its family.
    pub(super) family: Shown,
    /// Whether it can collect evidence; `None` without an account.
    pub(super) setup: Option<Setup>,
    /// What it has collected.
    pub(super) collected: Shown,
    pub(super) severity: Option<Severity>,
    /// URL of the page with its procedure.
    pub(super) procedure: Option<Shown>,
    pub(super) testing: Shown,
    pub(super) plan_title: Shown,
    pub(super) plan: Shown,
    pub(super) sources: Vec<Source>,
    /// The control sets that contain it.
    pub(super) uses: Vec<Use>,
}

impl Control {
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.sources.iter().for_each(|source| counts.add(source));
        counts
    }

    /// Returns the types of its data sources, each once.
    pub(super) fn types(&self) -> String {
        let types: BTreeSet<SourceType> = self.sources.iter().map(|source| source.kind).collect();
        types.into_iter().map(SourceType::label).collect::<Vec<_>>().join(", ")
    }
}

/// A control set that contains a control.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) framework: Shown,
    pub(super) anchor: String,
    pub(super) set: Shown,
}

/// A data source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: Shown,
    pub(super) description: Shown,
    pub(super) kind: SourceType,
    /// What the evidence says; `None` unless compliance is shown.
    pub(super) result: Option<SourceResult>,
    /// Whether it can collect evidence; `None` without an account.
    pub(super) setup: Option<Setup>,
    /// When it last collected.
    pub(super) last: Shown,
    /// Whether it most likely collects nothing, because of its keyword.
    pub(super) broken: bool,
    pub(super) keyword: Option<Shown>,
    /// The AWS documentation page of the keyword.
    pub(super) page: Option<String>,
    pub(super) frequency: Option<Shown>,
    pub(super) troubleshooting: Shown,
    /// What the control demands of parameters of the rule: name and demand.
    pub(super) demands: Vec<(Shown, Shown)>,
    /// Document of the remediation, and how it is started.
    pub(super) remediation: Option<(Shown, &'static str)>,
    /// What evaluates the custom rule.
    pub(super) evaluator: Option<Shown>,
    pub(super) exceptions: Vec<ShownException>,
}

/// An exception from a check.
#[derive(Clone, Debug)]
pub(super) struct ShownException {
    pub(super) reason: Shown,
    /// Accounts and resources; empty for all.
    pub(super) scope: Shown,
    pub(super) approver: Option<Shown>,
    pub(super) until: Shown,
}

impl Source {
    pub(super) const fn label(&self) -> &'static str {
        self.kind.label()
    }
}

/// Numbers of automated, broken and manual data sources.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) automated: usize,
    pub(super) broken: usize,
    pub(super) manual: usize,
}

impl Counts {
    pub(super) fn add(&mut self, source: &Source) {
        match () {
            () if source.kind.is_manual() => self.manual += 1,
            () if source.broken => self.broken += 1,
            () => self.automated += 1,
        }
    }

    pub(super) const fn all(self) -> usize {
        self.automated + self.broken + self.manual
    }

    /// Returns for example `3 automated, 1 manual`.
    pub(super) fn by_collector(self) -> String {
        let parts = [(self.automated, "automated"), (self.broken, "broken"), (self.manual, "manual")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// Returns for example `90 %`, rounded down: `100 %` only if all are automated.
    pub(super) fn share(self) -> String {
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
            broken: sum.broken + counts.broken,
            manual: sum.manual + counts.manual,
        })
    }
}

/// A finding.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) rule: &'static str,
    pub(super) message: Shown,
    /// `path:line:column`.
    pub(super) location: Shown,
    pub(super) help: Option<Shown>,
}

/// Findings of a file that defines no object.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: Shown,
    pub(super) findings: Vec<Finding>,
}

impl View {
    pub(super) fn controls(&self) -> impl Iterator<Item = &Control> {
        self.families.iter().flat_map(|family| &family.controls)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &Object> {
        let frameworks = self.frameworks.iter().map(|framework| &framework.object);
        frameworks.chain(self.controls().map(|control| &control.object))
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_files = self.files.iter().flat_map(|file| &file.findings);
        self.objects().flat_map(|object| &object.findings).chain(of_files)
    }

    pub(super) fn sources(&self) -> Counts {
        self.controls().map(Control::counts).sum()
    }

    pub(super) fn sets(&self) -> usize {
        self.frameworks.iter().map(|framework| framework.sets.len()).sum()
    }

    /// Returns the number of controls with each setup, without setups that no control has.
    pub(super) fn setups(&self) -> Vec<(Setup, usize)> {
        let of = |setup| self.controls().filter(|control| control.setup == Some(setup)).count();
        Setup::ALL.into_iter().map(|setup| (setup, of(setup))).filter(|(_, count)| *count > 0).collect()
    }

    /// Returns the number of objects in each state, without states that have none.
    pub(super) fn states(&self) -> Vec<(ObjectStatus, usize)> {
        let all: Vec<_> = self.objects().filter_map(|object| Some(object.in_account.as_ref()?.state)).collect();
        let of = |state| all.iter().filter(|one| **one == state).count();
        let counts = ObjectStatus::ALL.iter().map(|state| (*state, of(*state)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
