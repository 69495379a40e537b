//! Conformance packs of AWS Config with the rules that the controls of a catalog need
//! (<https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html>).
//!
//! Each check is once in the packs, shared by all controls that name it, because each rule is billed. `packs.lock.json` pins which pack
//! has which rule: adding, removing or editing a control moves and renames no rule of another one. Each data source is in a pack or
//! is a [`Gap`].
//!
//! In reading order: `check` decides what each data source becomes, `parameters` and `remediation` what its rule has, `template` writes
//! rules, `place` decides which pack has them. [`import`] is the way back.

mod gap;
mod options;
mod check;
mod parameters;
mod remediation;
mod naming;
mod template;
mod place;
mod gather;
pub mod import;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Checked;
use crate::diagnostic::Diagnostic;
use crate::pack_limits::{MAX_BYTES, MAX_INLINE_BYTES, MAX_PARAMETERS, MAX_RESOURCES, is_pack_name};
use crate::pack_lock::{LOCK_FILE, Lock, Pin};

pub use check::guard_paths;
pub use gap::{Gap, Part, Reason};
pub use options::{Manual, Options, SecurityHub};

use gather::{Gathered, gather};
use place::place;
use template::{Placed, control_names, description, template};

/// Why nothing can be exported with these options.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Not a name of a pack.
    #[error("invalid name of a pack {0:?}: use at most 128 letters, digits and hyphens, starting with a letter")]
    Name(String),
    /// The lock has packs of another name.
    #[error(
        "the packs in {LOCK_FILE} are named {locked:?}, not {given:?}: with --rebalance, packs are renamed, which creates their rules again"
    )]
    OtherName {
        /// The name in the lock.
        locked: String,
        /// The name that was given.
        given: String,
    },
    /// The lock has packs of the other kind.
    #[error("{LOCK_FILE} was written {}: with --rebalance, rules move to other packs, which creates them again", if *.locked { "with --per-framework" } else { "without --per-framework" })]
    OtherKind {
        /// Whether the lock has packs for each framework.
        locked: bool,
    },
}

/// The packs of a catalog.
#[derive(Debug)]
pub struct Export {
    /// Number of data sources of the catalog.
    pub sources: usize,
    /// The packs, those with shorter names first.
    pub packs: Vec<Pack>,
    /// The lock for the next export.
    pub lock: Lock,
    /// The rules of each control, also of controls that have none.
    pub controls: BTreeMap<String, Vec<Pin>>,
    /// What is in no pack, sorted by reason.
    pub gaps: Vec<Gap>,
    /// Rules of which the template has less than the catalog, sorted.
    pub shortened: Vec<Shortened>,
    /// Checks that moved or were renamed, sorted.
    pub moved: Vec<Moved>,
    /// Number of rules that the last export did not have.
    pub added: usize,
    /// Number of rules that only the last export had.
    pub removed: usize,
    /// Number of rules that are copies of rules in other packs.
    pub duplicates: usize,
    /// Names of packs that only the last export had.
    pub removed_packs: Vec<String>,
    /// Rules that cannot be deployed: nothing must be written then.
    pub diagnostics: Vec<Diagnostic>,
    /// Packs above a limit, and which: nothing must be written then.
    pub above_limit: Vec<(String, String)>,
}

/// A pack.
#[derive(Debug)]
pub struct Pack {
    /// Name.
    pub name: String,
    /// Text of the template.
    pub text: String,
    /// Number of rules.
    pub rules: usize,
    /// Number of remediations.
    pub remediations: usize,
    /// Number of parameters of the pack.
    pub parameters: usize,
    /// Whether it has process checks.
    pub manual: bool,
}

impl Pack {
    /// Name of its file.
    pub fn file(&self) -> String {
        format!("{}.yaml", self.name)
    }

    /// Whether the template can be sent with the request; otherwise it must be in Amazon S3.
    pub fn is_inline(&self) -> bool {
        self.text.len() <= MAX_INLINE_BYTES
    }
}

/// A rule of which the template has less than the catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shortened {
    /// Name of the pack.
    pub pack: String,
    /// Name of the rule.
    pub rule_name: String,
    /// Controls that the template names in part or not at all.
    pub controls: Vec<String>,
    /// Whether the description is cut.
    pub description: bool,
}

/// A check that moved to another pack or was renamed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// Where it was.
    pub from: Pin,
    /// Where it is.
    pub to: Pin,
}

impl Export {
    /// Number of data sources that are in a pack.
    pub fn exported(&self) -> usize {
        self.sources - self.gaps.iter().filter(|gap| gap.reason.part() == Part::Source).count()
    }

    /// Whether it can be deployed.
    pub fn is_valid(&self) -> bool {
        self.diagnostics.is_empty() && self.above_limit.is_empty()
    }
}

/// Makes the packs of a catalog.
///
/// # Errors
///
/// The options are not valid, or do not fit the lock.
pub fn export(checked: &Checked, options: &Options<'_>) -> Result<Export, ExportError> {
    let name = name_of(checked, options)?;
    let Gathered { groups, mut gaps, diagnostics, controls } = gather(checked, options);
    let pins: &[Pin] = options.lock.filter(|_| !options.rebalance).map_or(&[], |lock| &lock.checks);
    let placed = place(groups, pins, &name);
    for one in placed.iter().filter(|one| one.rule.remediation.is_some() && !one.pin.remediation) {
        let of_rule = controls.iter().filter(|uses| uses.check == one.pin.check && uses.has_remediation);
        gaps.extend(of_rule.map(|uses| uses.gap(Reason::RemediationPackFull, Some(one.pin.pack.clone()))));
    }
    gaps.sort();
    // A rule that is in the packs of several frameworks loses its remediation once.
    gaps.dedup_by(|a, b| a.reason.part() == Part::Remediation && a == b);
    let lock = Lock::new(&name, options.per_framework, placed.iter().map(|one| one.pin.clone()).collect());
    let packs = packs(&placed);
    let distinct: BTreeSet<&str> = placed.iter().map(|one| one.pin.check.as_str()).collect();
    let mut of_control: BTreeMap<String, Vec<Pin>> =
        checked.catalog.controls.keys().map(|name| (name.clone(), Vec::new())).collect();
    for one in &placed {
        for control in &one.rule.controls {
            of_control.entry(control.clone()).or_default().push(one.pin.clone());
        }
    }
    let change = Change::new(options.lock, &lock, options.rebalance);
    let mut shortened: Vec<Shortened> = placed.iter().filter_map(shortened).collect();
    shortened.sort();
    Ok(Export {
        sources: checked.catalog.controls.values().map(|control| control.value.sources.len()).sum(),
        above_limit: packs.iter().filter_map(above_limit).collect(),
        duplicates: placed.len() - distinct.len(),
        controls: of_control,
        packs,
        gaps,
        shortened,
        moved: change.moved,
        added: change.added,
        removed: change.removed,
        removed_packs: change.removed_packs,
        diagnostics,
        lock,
    })
}

fn name_of(checked: &Checked, options: &Options<'_>) -> Result<String, ExportError> {
    if let Some(name) = options.name.filter(|name| !is_pack_name(name)) {
        return Err(ExportError::Name(name.to_owned()));
    }
    let given = options.name.map(str::to_owned);
    let Some(lock) = options.lock else {
        return Ok(given.unwrap_or_else(|| naming::name_for_catalog(&checked.catalog.name)));
    };
    if options.rebalance {
        return Ok(given.unwrap_or_else(|| lock.name.clone()));
    }
    if lock.per_framework != options.per_framework {
        return Err(ExportError::OtherKind { locked: lock.per_framework });
    }
    match given {
        Some(given) if given != lock.name => Err(ExportError::OtherName { locked: lock.name.clone(), given }),
        _ => Ok(lock.name.clone()),
    }
}

fn packs(placed: &[Placed]) -> Vec<Pack> {
    let mut by_pack: BTreeMap<(usize, &str), Vec<&Placed>> = BTreeMap::new();
    for one in placed {
        by_pack.entry((one.pin.pack.len(), &one.pin.pack)).or_default().push(one);
    }
    let pack = |((_, name), rules): ((usize, &str), Vec<&Placed>)| Pack {
        name: name.to_owned(),
        text: template(&rules),
        rules: rules.len(),
        remediations: rules.iter().filter(|one| one.pin.remediation).count(),
        parameters: rules.iter().map(|one| one.pin.parameters.len()).sum(),
        manual: rules.iter().any(|one| check::is_manual(&one.pin.check)),
    };
    by_pack.into_iter().map(pack).collect()
}

/// Rules that are in a pack stay there, even if they grow.
fn above_limit(pack: &Pack) -> Option<(String, String)> {
    let counts = [
        (pack.rules + pack.remediations, MAX_RESOURCES, "rules and remediations"),
        (pack.parameters, MAX_PARAMETERS, "parameters"),
        (pack.text.len(), MAX_BYTES, "bytes"),
    ];
    let (count, most, noun) = counts.into_iter().find(|(count, most, _)| count > most)?;
    Some((pack.name.clone(), format!("{count} {noun}; at most {most} are allowed")))
}

fn shortened(one: &Placed) -> Option<Shortened> {
    let kept = control_names(&one.rule);
    let controls: Vec<String> = one.rule.controls.iter().filter(|name| !kept.contains(name)).cloned().collect();
    let description = description(&one.rule) != one.rule.description;
    (description || !controls.is_empty()).then(|| Shortened {
        pack: one.pin.pack.clone(),
        rule_name: one.pin.rule_name.clone(),
        controls,
        description,
    })
}

/// What differs from the last export.
#[derive(Default)]
struct Change {
    moved: Vec<Moved>,
    added: usize,
    removed: usize,
    removed_packs: Vec<String>,
}

impl Change {
    /// Compares by framework and check; if rules may move, a rule can go from the packs of one framework to those of another.
    fn new(before: Option<&Lock>, now: &Lock, may_move: bool) -> Self {
        let Some(before) = before else { return Self { added: now.checks.len(), ..Self::default() } };
        let place = |pin: &Pin| (pin.pack.clone(), pin.rule_name.clone(), pin.logical_id.clone());
        let by_check = |lock: &Lock| {
            let mut pins: BTreeMap<(Option<String>, String), Vec<Pin>> = BTreeMap::new();
            for pin in &lock.checks {
                let framework = pin.framework.clone().filter(|_| !may_move);
                pins.entry((framework, pin.check.clone())).or_default().push(pin.clone());
            }
            pins
        };
        let (old, new) = (by_check(before), by_check(now));
        let mut change = Self::default();
        for (check, pins) in &old {
            let here = new.get(check).map(Vec::as_slice).unwrap_or_default();
            let gone = pins.iter().filter(|pin| here.iter().all(|other| place(other) != place(pin)));
            let mut fresh = here.iter().filter(|pin| pins.iter().all(|other| place(other) != place(pin)));
            for pin in gone {
                match fresh.next() {
                    Some(to) => change.moved.push(Moved { from: pin.clone(), to: to.clone() }),
                    None => change.removed += 1,
                }
            }
            change.added += fresh.count();
        }
        change.added +=
            new.iter().filter(|(check, _)| !old.contains_key(*check)).map(|(_, pins)| pins.len()).sum::<usize>();
        change.moved.sort();
        let packs = now.packs();
        change.removed_packs =
            before.packs().into_iter().filter(|pack| !packs.contains(pack)).map(str::to_owned).collect();
        change
    }
}
