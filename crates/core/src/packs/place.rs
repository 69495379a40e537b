//! Places rules in packs. What is pinned stays; only what is new is placed.

use std::collections::{BTreeMap, BTreeSet};

use super::check::is_manual;
use super::naming::{Names, pack_base, pack_name, parameter_id};
use super::template::{EMPTY_BYTES, Placed, Rule};
use crate::pack_limits::{MAX_INLINE_BYTES, MAX_PARAMETERS, MAX_RESOURCES};
use crate::pack_lock::Pin;

/// Rules that share packs: all of the catalog, those of a framework, or process checks.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) framework: Option<String>,
    pub(crate) manual: bool,
    /// Sorted by check.
    pub(crate) rules: Vec<Rule>,
}

/// What a pack has already.
#[derive(Debug)]
struct Space {
    pack: String,
    resources: usize,
    parameters: usize,
    bytes: usize,
    rule_names: BTreeSet<String>,
}

impl Space {
    fn new(pack: String) -> Self {
        Self { pack, resources: 0, parameters: 0, bytes: EMPTY_BYTES, rule_names: BTreeSet::new() }
    }

    /// Whether the pack can have a new rule and still be sent with the request.
    fn has_room_for(&self, placed: &Placed) -> bool {
        self.resources + placed.resources() <= MAX_RESOURCES
            && self.bytes + placed.bytes() <= MAX_INLINE_BYTES
            && !self.rule_names.contains(&placed.pin.rule_name.to_lowercase())
    }

    fn take(&mut self, placed: &Placed) {
        self.resources += placed.resources();
        self.parameters += placed.pin.parameters.len();
        self.bytes += placed.bytes();
        self.rule_names.insert(placed.pin.rule_name.to_lowercase());
    }
}

/// Places the rules of all groups, sorted by group, pack and check.
pub(crate) fn place(groups: Vec<Group>, pins: &[Pin], name: &str) -> Vec<Placed> {
    let wanted: BTreeSet<(Option<&str>, &str)> = groups
        .iter()
        .flat_map(|group| group.rules.iter().map(|rule| (group.framework.as_deref(), rule.check.as_str())))
        .collect();
    let kept: Vec<Pin> =
        pins.iter().filter(|pin| wanted.contains(&(pin.framework.as_deref(), pin.check.as_str()))).cloned().collect();
    let mut taken: BTreeSet<String> = kept.iter().map(|pin| pin.pack.to_ascii_lowercase()).collect();
    let mut placed = Vec::new();
    for group in groups {
        let of_group = |pin: &&Pin| pin.framework == group.framework && is_manual(&pin.check) == group.manual;
        let kept: BTreeMap<&str, &Pin> = kept.iter().filter(of_group).map(|pin| (pin.check.as_str(), pin)).collect();
        let base = pack_base(name, group.framework.as_deref(), group.manual);
        placed.extend(place_group(group, &kept, &base, &mut taken));
    }
    placed
}

fn place_group(group: Group, kept: &BTreeMap<&str, &Pin>, base: &str, taken: &mut BTreeSet<String>) -> Vec<Placed> {
    let mut names = Names::default();
    for pin in kept.values() {
        names.keep(&pin.rule_name, &pin.logical_id);
    }
    let (old, new): (Vec<Rule>, Vec<Rule>) =
        group.rules.into_iter().partition(|rule| kept.contains_key(rule.check.as_str()));
    let mut placed: Vec<Placed> = Vec::new();
    for rule in old {
        let Some(pin) = kept.get(rule.check.as_str()) else { continue };
        let parameters = pin.parameters.iter().filter(|name| rule.parameters.contains_key(*name)).cloned().collect();
        let remediation = pin.remediation && rule.remediation.is_some();
        placed.push(Placed { pin: Pin { parameters, remediation, ..(*pin).clone() }, rule });
    }
    let mut spaces = extended(&mut placed);
    for rule in new {
        let (rule_name, logical_id) = names.choose(&rule.check);
        let pin = Pin {
            framework: group.framework.clone(),
            check: rule.check.clone(),
            pack: String::new(),
            rule_name,
            logical_id,
            parameters: Vec::new(),
            remediation: rule.remediation.is_some(),
        };
        let mut new = Placed { pin, rule };
        // Parameters are longer than literals, so what fits with them fits without.
        promote(&mut new, MAX_PARAMETERS);
        let at = spaces.iter().position(|space| space.has_room_for(&new)).unwrap_or_else(|| {
            let pack = pack_name(base, taken);
            taken.insert(pack.to_ascii_lowercase());
            spaces.push(Space::new(pack));
            spaces.len() - 1
        });
        let Some(space) = spaces.get_mut(at) else { continue };
        new.pin.pack.clone_from(&space.pack);
        new.pin.parameters.clear();
        promote(&mut new, MAX_PARAMETERS - space.parameters.min(MAX_PARAMETERS));
        space.take(&new);
        placed.push(new);
    }
    placed.sort_by(|a, b| {
        (a.pin.pack.len(), &a.pin.pack, &a.pin.check).cmp(&(b.pin.pack.len(), &b.pin.pack, &b.pin.check))
    });
    placed
}

/// Adds to rules that are in packs what their controls give now, as far as the packs have room, and returns the packs.
fn extended(placed: &mut [Placed]) -> Vec<Space> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for one in placed.iter() {
        let (resources, parameters) = counts.entry(one.pin.pack.clone()).or_default();
        *resources += one.resources();
        *parameters += one.pin.parameters.len();
    }
    for one in placed.iter_mut() {
        let Some((resources, parameters)) = counts.get_mut(&one.pin.pack) else { continue };
        let before = one.pin.parameters.len();
        promote(one, MAX_PARAMETERS - (*parameters).min(MAX_PARAMETERS));
        *parameters += one.pin.parameters.len() - before;
        if !one.pin.remediation && one.rule.remediation.is_some() && *resources < MAX_RESOURCES {
            one.pin.remediation = true;
            *resources += 1;
        }
    }
    let mut spaces: BTreeMap<(usize, String), Space> = BTreeMap::new();
    for one in placed.iter() {
        let pack = &one.pin.pack;
        spaces.entry((pack.len(), pack.clone())).or_insert_with(|| Space::new(pack.clone())).take(one);
    }
    spaces.into_values().collect()
}

/// Makes parameters of a rule parameters of the pack, as far as there is room.
fn promote(placed: &mut Placed, room: usize) {
    let id = |name: &str| parameter_id(&placed.pin.logical_id, name);
    let mut parameters = placed.pin.parameters.clone();
    let mut ids: BTreeSet<String> = parameters.iter().map(|name| id(name)).collect();
    let most = parameters.len() + room;
    for name in placed.rule.parameters.keys() {
        if !parameters.contains(name) && parameters.len() < most && ids.insert(id(name)) {
            parameters.push(name.clone());
        }
    }
    parameters.sort();
    placed.pin.parameters = parameters;
}
