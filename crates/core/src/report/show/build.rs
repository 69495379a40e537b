//! Creates a view from a catalog and a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::anchor::anchor;
use super::results::{Reported, SourceResult};
use super::view::{
    Account, Control, Counts, Difference, Family, File, Finding, Framework, InAccount, Member, Object, Orphan, Set,
    ShownException, ShownImpact, Source, Use, Which,
};
use super::{ObjectStatus, Shown, View};
use crate::catalog::Entry;
use crate::check::Checked;
use crate::compliance::Status;
use crate::diagnostic::{Diagnostic, Level};
use crate::evidence::{ControlEvidence, Evidence, SourceReport};
use crate::keywords::Keywords;
use crate::keywords::page::page;
use crate::model::{self, ControlRef, CustomRule, DataSource, Evaluator, Exception, Remediation};
use crate::plan::{self, Change, ChangeKind, ImpactedObject, ObjectType, Plan};
use crate::report::compliance::Report;
use crate::report::evidence::words;
use crate::report::{Findings, Paths, plan_text};
use crate::rules::unknown_control;
use crate::source::FileId;

/// The tag with the family of a control; its case does not matter.
const FAMILY_TAG: &str = "family";

/// What is shown.
#[derive(Clone, Copy)]
struct Facts<'a> {
    checked: &'a Checked,
    plan: Option<&'a Plan>,
    evidence: Option<&'a Evidence>,
    report: Option<Report<'a>>,
    paths: &'a Paths,
}

impl View {
    /// Returns the view of a catalog; with a plan, it includes the account, and with evidence what controls collect there.
    pub fn new(checked: &Checked, plan: Option<&Plan>, evidence: Option<&Evidence>, paths: &Paths) -> Self {
        Self::of(Facts { checked, plan, evidence, report: None, paths })
    }

    /// Returns the view of a report of compliance: the controls and frameworks that it has, the worst first, and of the findings only
    /// errors, which keep definitions out of it.
    pub fn of_compliance(report: Report<'_>) -> Self {
        Self::of(Facts {
            checked: report.checked,
            plan: None,
            evidence: None,
            report: Some(report),
            paths: report.paths,
        })
    }

    fn of(facts: Facts<'_>) -> Self {
        let Facts { checked, plan, report, paths, .. } = facts;
        let reported = report.map(Reported::new);
        let mut builder = Builder::new(facts, reported.as_ref());
        let catalog = &checked.catalog;
        let controls = catalog.controls.values().map(|entry| (entry.value.name.as_str(), entry));
        let controls = controls.filter(|(name, _)| reported.as_ref().is_none_or(|of| of.has_control(name)));
        let controls: BTreeMap<&str, Control> = controls.map(|(name, entry)| (name, builder.control(entry))).collect();
        let frameworks = frameworks(checked, reported.as_ref());
        let frameworks = frameworks.map(|entry| builder.framework(entry, &controls)).collect();
        let files = std::mem::take(&mut builder.findings)
            .into_iter()
            .map(|(file, findings)| File { path: Shown::new(&paths.show(checked.sources.get(file).path())), findings });
        Self {
            catalog: Shown::new(&checked.catalog.name),
            account: plan.map(|plan| Account {
                id: plan.target.account.as_deref().map(Shown::new),
                region: Shown::new(&plan.target.region),
                unknown_impact: plan.unknown_impact.as_deref().map(Shown::new),
                orphans: plan.left_behind().map(orphan).collect(),
            }),
            results: reported.as_ref().map(Reported::results),
            frameworks,
            exceptions: checked.catalog.exceptions.len(),
            files: files.collect(),
            families: match &reported {
                Some(reported) => statuses(controls, reported),
                None => families(controls),
            },
        }
    }
}

fn orphan(orphan: &plan::Orphan) -> Orphan {
    Orphan { what: orphan.object.noun(), name: Shown::new(&orphan.name), was: Shown::new(&orphan.source) }
}

/// Returns all findings by file. With a plan, unknown controls of the catalog are left out, because the plan looked
/// them up in the account.
fn findings(Facts { checked, plan, evidence, report, paths }: Facts<'_>) -> BTreeMap<FileId, Vec<Finding>> {
    let own = checked.diagnostics.iter().filter(|found| plan.is_none() || found.rule != &unknown_control::RULE);
    let own = own.filter(|found| report.is_none() || found.level == Level::Error);
    let of_evidence = evidence.iter().flat_map(|evidence| &evidence.diagnostics);
    let all = own.chain(plan.iter().flat_map(|plan| &plan.diagnostics)).chain(of_evidence);
    let locations = Findings { sources: &checked.sources, diagnostics: Vec::new(), files: 0, paths: paths.clone() };
    let mut by_file: BTreeMap<FileId, Vec<Finding>> = BTreeMap::new();
    for diagnostic in all {
        let Diagnostic { rule, level, message, file, span, help, .. } = diagnostic;
        by_file.entry(*file).or_default().push(Finding {
            level: *level,
            rule: rule.id,
            message: Shown::new(message),
            location: Shown::new(&locations.location(*file, *span).to_string()),
            help: help.as_deref().map(Shown::new),
        });
    }
    for findings in by_file.values_mut() {
        findings.sort_by_key(|finding| finding.level);
    }
    by_file
}

struct Builder<'a> {
    checked: &'a Checked,
    keywords: Keywords,
    paths: &'a Paths,
    changes: BTreeMap<(ObjectType, &'a str), &'a Change>,
    /// By control name.
    evidence: BTreeMap<&'a str, &'a ControlEvidence>,
    /// What the evidence says, if it is shown.
    reported: Option<&'a Reported<'a>>,
    /// Findings that no object has taken yet.
    findings: BTreeMap<FileId, Vec<Finding>>,
    /// By control name; uses that no control has taken yet.
    uses: BTreeMap<&'a str, Vec<Use>>,
}

impl<'a> Builder<'a> {
    fn new(facts: Facts<'a>, reported: Option<&'a Reported<'a>>) -> Self {
        let Facts { checked, plan, evidence, paths, .. } = facts;
        let changes = plan.iter().flat_map(|plan| &plan.changes);
        let evidence = evidence.iter().flat_map(|evidence| &evidence.controls);
        Self {
            checked,
            keywords: Keywords::of(&checked.sources),
            paths,
            changes: changes.map(|change| ((change.object, change.name.as_str()), change)).collect(),
            evidence: evidence.map(|of| (of.name.as_str(), of)).collect(),
            reported,
            findings: findings(facts),
            uses: uses(checked, reported),
        }
    }

    fn control(&mut self, entry: &'a Entry<model::Control>) -> Control {
        let control = &entry.value;
        let object = self.object(
            ObjectType::Control,
            entry.file,
            (&control.name, &control.description, &control.tags, &control.renamed_from),
        );
        let evidence = self.evidence.get(control.name.as_str()).copied();
        let of_source = |index| evidence.and_then(|evidence| evidence.sources.get(index));
        let result_of = |index| self.reported.and_then(|reported| reported.source(&control.name, index));
        let sources = control.sources.iter().enumerate();
        Control {
            object,
            result: self.reported.and_then(|reported| reported.control(&control.name)),
            family: Shown::new(self.family(entry)),
            setup: evidence.map(|of| of.setup),
            collected: Shown::new(&evidence.map(words::collected).unwrap_or_default()),
            severity: control.severity,
            procedure: control.procedure_url.as_deref().map(Shown::new),
            testing: Shown::new(&control.testing_information),
            plan_title: Shown::new(&control.action_plan_title),
            plan: Shown::new(&control.action_plan_instructions),
            sources: sources.map(|(at, of)| self.source(of, of_source(at), result_of(at))).collect(),
            uses: self.uses.remove(control.name.as_str()).unwrap_or_default(),
        }
    }

    fn framework(&mut self, entry: &'a Entry<model::Framework>, controls: &BTreeMap<&str, Control>) -> Framework {
        let framework = &entry.value;
        let description = framework.description.clone().unwrap_or_default();
        let object = self.object(
            ObjectType::Framework,
            entry.file,
            (&framework.name, &description, &framework.tags, &framework.renamed_from),
        );
        let ours = |reference: &ControlRef| match reference {
            ControlRef::Name(name) => controls.get(name.as_str()),
            _ => None,
        };
        let counts = |reference| ours(reference).map_or(Counts::default(), Control::counts);
        let each: BTreeSet<&ControlRef> = framework.control_sets.iter().flat_map(|set| &set.controls).collect();
        let sets = framework.control_sets.iter().enumerate().map(|(index, set)| Set {
            name: Shown::new(&set.name),
            members: self.members(&set.controls, ours),
            result: self.reported.and_then(|reported| reported.set(&framework.name, index)),
            sources: set.controls.iter().map(counts).sum(),
        });
        Framework {
            result: self.reported.and_then(|reported| reported.framework(&framework.name)),
            sets: sets.collect(),
            controls: each.len(),
            sources: each.into_iter().map(counts).sum(),
            object,
            compliance_type: Shown::new(&framework.compliance_type),
        }
    }

    /// Returns the controls of a set: in the order of the file, or the worst first if compliance is shown.
    fn members<'b>(&self, references: &[ControlRef], ours: impl Fn(&ControlRef) -> Option<&'b Control>) -> Vec<Member> {
        let mut all: Vec<&ControlRef> = references.iter().collect();
        if let Some(reported) = self.reported {
            all.sort_by_key(|reference| match reference {
                ControlRef::Name(name) => reported.rank(name),
                _ => usize::MAX,
            });
        }
        all.into_iter().map(|reference| self.member(reference, ours(reference))).collect()
    }

    fn member(&self, reference: &ControlRef, ours: Option<&Control>) -> Member {
        let (name, which) = match reference {
            ControlRef::Standard(name) => (name, Which::Other("AWS standard control")),
            ControlRef::Core(name) => (name, Which::Other("AWS core control")),
            ControlRef::Id(id) => (id, Which::Other("control by ID")),
            ControlRef::Name(name) => {
                let which = match ours {
                    Some(Control { object, result, .. }) => Which::Ours {
                        anchor: object.anchor.clone(),
                        worst: object.worst(),
                        state: object.in_account.as_ref().map(|in_account| in_account.state),
                        status: result.as_ref().map(|result| result.status),
                    },
                    None if self.checked.catalog.defines_control(name) => Which::Other("its file has errors"),
                    None => Which::Other("not in this catalog"),
                };
                (name, which)
            }
        };
        Member { name: Shown::new(name), which }
    }

    fn object(
        &mut self,
        kind: ObjectType,
        file: FileId,
        (name, description, tags, renamed_from): (&str, &str, &BTreeMap<String, String>, &[String]),
    ) -> Object {
        Object {
            name: Shown::new(name),
            anchor: anchor(kind.noun(), name),
            description: Shown::new(description),
            tags: tags.iter().map(|(key, value)| (Shown::new(key), Shown::new(value))).collect(),
            path: Shown::new(&self.paths.show(self.checked.sources.get(file).path())),
            renamed_from: renamed_from.iter().map(|name| Shown::new(name)).collect(),
            findings: self.findings.remove(&file).unwrap_or_default(),
            in_account: self.changes.get(&(kind, name)).map(|change| in_account(change)),
        }
    }
}

/// Returns how a remediation is started, and its document.
fn remediation(remediation: &Remediation) -> (Shown, &'static str) {
    let how = if remediation.automatic == Some(true) { "automatic" } else { "started by a person" };
    (Shown::new(&remediation.ssm_document), how)
}

fn evaluator(rule: &CustomRule) -> Shown {
    Shown::new(match &rule.evaluator {
        Evaluator::Guard(path) => path,
        Evaluator::Lambda(arn) => arn,
    })
}

fn exception(exception: &Exception) -> ShownException {
    let all: Vec<&str> = exception.accounts.iter().chain(&exception.resources).map(String::as_str).collect();
    ShownException {
        reason: Shown::new(&exception.reason),
        scope: Shown::new(&all.join(", ")),
        approver: exception.approver.as_deref().map(Shown::new),
        until: Shown::new(&exception.until),
    }
}

impl Builder<'_> {
    /// Returns the family of a control: the value of its tag, or else the directory of its file.
    fn family<'b>(&'b self, entry: &'b Entry<model::Control>) -> &'b str {
        let tag = entry.value.tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(FAMILY_TAG));
        let mut parts = self.checked.sources.get(entry.file).path().split('/').skip(1);
        let directory = parts.next().filter(|_| parts.next().is_some());
        let tag = tag.map(|(_, value)| value.as_str()).filter(|value| !value.trim().is_empty());
        tag.or(directory).unwrap_or("No family")
    }

    fn source(&self, source: &DataSource, evidence: Option<&SourceReport>, result: Option<SourceResult>) -> Source {
        let exceptions = self.checked.catalog.exceptions.iter().map(|entry| &entry.value);
        let of_source = exceptions.filter(|of| Some(&of.check) == source.keyword.as_ref());
        let demands = source.required_parameters.iter();
        Source {
            broken: self.keywords.collects_nothing(source.source_type, source.keyword.as_deref()),
            demands: demands.map(|(name, demand)| (Shown::new(name), Shown::new(&demand.to_string()))).collect(),
            remediation: source.remediation.as_ref().map(remediation),
            evaluator: source.custom_rule.as_ref().map(evaluator),
            exceptions: of_source.map(exception).collect(),
            name: Shown::new(&source.name),
            description: Shown::new(&source.description),
            kind: source.source_type,
            result,
            setup: evidence.map(|of| of.setup),
            last: Shown::new(&evidence.map(words::last).unwrap_or_default()),
            keyword: source.keyword.as_deref().map(Shown::new),
            page: source.keyword.as_deref().and_then(|keyword| page(source.source_type, keyword)),
            frequency: source.frequency.as_deref().map(Shown::new),
            troubleshooting: Shown::new(&source.troubleshooting),
        }
    }
}

/// Returns the frameworks that are shown: all, or those of a report of compliance.
fn frameworks<'a>(
    checked: &'a Checked,
    reported: Option<&Reported<'_>>,
) -> impl Iterator<Item = &'a Entry<model::Framework>> {
    let all = checked.catalog.frameworks.values();
    all.filter(move |entry| reported.is_none_or(|of| of.has_framework(&entry.value.name)))
}

/// Returns the control sets that contain a control, by its name: those of the frameworks that are shown.
fn uses<'a>(checked: &'a Checked, reported: Option<&Reported<'_>>) -> BTreeMap<&'a str, Vec<Use>> {
    let mut uses: BTreeMap<&str, Vec<Use>> = BTreeMap::new();
    for framework in frameworks(checked, reported).map(|entry| &entry.value) {
        for set in &framework.control_sets {
            for reference in &set.controls {
                let ControlRef::Name(name) = reference else { continue };
                uses.entry(name).or_default().push(Use {
                    framework: Shown::new(&framework.name),
                    anchor: anchor(ObjectType::Framework.noun(), &framework.name),
                    set: Shown::new(&set.name),
                });
            }
        }
    }
    uses
}

fn in_account(change: &Change) -> InAccount {
    let names = |users: &Vec<ImpactedObject>| users.iter().map(|user| Shown::new(&user.name)).collect();
    InAccount {
        state: ObjectStatus::of(change),
        differences: differences(change),
        blocked_by: change.blocked_by.iter().map(|by| Shown::new(&by.to_string())).collect(),
        impact: change.impact.as_ref().map(|impact| ShownImpact {
            frameworks: impact.frameworks.as_ref().map(names),
            assessments: impact.assessments.as_ref().map(names),
        }),
    }
}

/// Returns the fields that differ. New objects have none, because the page shows all their fields anyway.
fn differences(change: &Change) -> Vec<Difference> {
    if change.kind == ChangeKind::Create {
        return Vec::new();
    }
    let fields = change.fields.iter().map(|field| Difference {
        field: Shown::new(&field.pointer),
        account: field.old.as_ref().map(|old| Shown::new(&plan_text::text(old))),
        file: field.new.as_ref().map(|new| Shown::new(&plan_text::text(new))),
    });
    let tags = change.tags.of_users().map(|(key, old, new)| Difference {
        field: Shown::new(&format!("tag {key}")),
        account: old.map(Shown::new),
        file: new.map(Shown::new),
    });
    fields.chain(tags).collect()
}

/// Returns controls by family.
fn families(controls: BTreeMap<&str, Control>) -> Vec<Family> {
    let mut families: BTreeMap<Shown, Vec<Control>> = BTreeMap::new();
    for control in controls.into_values() {
        families.entry(control.family.clone()).or_default().push(control);
    }
    families.into_iter().map(|(name, controls)| family(name, controls)).collect()
}

/// Returns controls by status, the worst first.
fn statuses(controls: BTreeMap<&str, Control>, reported: &Reported<'_>) -> Vec<Family> {
    let mut statuses: BTreeMap<Status, Vec<(usize, Control)>> = BTreeMap::new();
    for (name, control) in controls {
        if let Some(result) = &control.result {
            statuses.entry(result.status).or_default().push((reported.rank(name), control));
        }
    }
    let mut families = Vec::new();
    for (status, mut controls) in statuses {
        controls.sort_by_key(|(rank, _)| *rank);
        families.push(family(Shown::new(status.name()), controls.into_iter().map(|(_, control)| control).collect()));
    }
    families
}

fn family(name: Shown, controls: Vec<Control>) -> Family {
    Family { anchor: anchor("family", name.as_str()), name, controls }
}
