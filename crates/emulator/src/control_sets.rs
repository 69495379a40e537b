//! Control sets of a framework: what is refused, what the service fills in, and what a vanished control leaves behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use crate::error::{ServiceError, Violation};
use crate::state::{AccountState, ControlSet, ObjectKind};
use crate::switches::Switches;

/// A control set as a request has it.
#[derive(Deserialize)]
pub(crate) struct ControlSetInput {
    id: Option<String>,
    name: String,
    controls: Option<Vec<ControlInput>>,
}

#[derive(Deserialize)]
struct ControlInput {
    id: Uuid,
}

/// The control sets as the service holds them: checked and with ids.
///
/// `held` are those that the framework has so far; only their ids may be sent.
///
/// # Errors
///
/// `ValidationException` that names every member refused; for a control that does not exist what the switch says.
pub(crate) fn complete(
    sent: Vec<ControlSetInput>,
    held: &[ControlSet],
    state: &AccountState,
    switches: &Switches,
) -> Result<Vec<ControlSet>, ServiceError> {
    let mut violations = Vec::new();
    let mut report = |at: usize, member: &str, message: &str| {
        let name = format!("controlSets.{}.member.{member}", at + 1);
        violations.push(Violation { name, message: message.to_owned() });
    };
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (at, set) in sent.iter().enumerate() {
        if let Some(id) = &set.id
            && !(held.iter().any(|held| held.id == *id) && ids.insert(id.clone()))
        {
            report(at, "id", "Member must be the id of a control set of this framework, once");
        }
        if !switches.reject_repeated_members {
            continue;
        }
        if !names.insert(set.name.as_str()) {
            report(at, "name", "Member must not be the name of another control set");
        }
        let mut members = BTreeSet::new();
        if !set.controls.iter().flatten().all(|control| members.insert(control.id)) {
            report(at, "controls", "Member must not hold a control twice");
        }
    }
    if !violations.is_empty() {
        return Err(ServiceError::fields(violations));
    }
    sent.into_iter()
        .map(|set| {
            let controls = set.controls.into_iter().flatten().map(|control| control.id);
            let controls: Vec<Uuid> = controls.map(|id| usable(id, state, switches)).collect::<Result<_, _>>()?;
            let id = set.id.unwrap_or_else(|| {
                let same_name = |held: &&ControlSet| held.name == set.name && !ids.contains(&held.id);
                let kept = held.iter().find(same_name).filter(|_| !switches.new_ids_when_omitted);
                kept.map_or_else(|| Uuid::new_v4().to_string(), |held| held.id.clone())
            });
            ids.insert(id.clone());
            let name = set.name;
            Ok(ControlSet { id, name, controls })
        })
        .collect()
}

/// The control's id, if a custom framework may hold it.
fn usable(id: Uuid, state: &AccountState, switches: &Switches) -> Result<Uuid, ServiceError> {
    match state.control(id) {
        Ok(control) if control.kind == ObjectKind::Core && switches.reject_core_controls_in_frameworks => {
            Err(ServiceError::other(format!("A framework cannot hold the core control {id}")))
        }
        Ok(_) => Ok(id),
        Err(_) if switches.unknown_control_is_invalid => Err(ServiceError::other(format!("There is no control {id}"))),
        Err(missing) => Err(missing),
    }
}

/// Control sets and their controls in the order the service returns them.
pub(crate) fn in_order<'a>(sets: &'a [ControlSet], switches: &Switches) -> Vec<(&'a ControlSet, Vec<Uuid>)> {
    let mut ordered: Vec<_> = sets.iter().map(|set| (set, set.controls.clone())).collect();
    if !switches.keep_order {
        ordered.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        for (_, controls) in &mut ordered {
            controls.sort_unstable();
        }
    }
    ordered
}

/// Takes a deleted control out of every framework and assessment.
pub(crate) fn forget_control(state: &mut AccountState, switches: &Switches, control: Uuid) {
    let at = state.now();
    let held_in = |sets: &[ControlSet]| sets.iter().any(|set| set.controls.contains(&control));
    let take_out = |sets: &mut Vec<ControlSet>| {
        sets.retain_mut(|set| {
            let held = set.controls.len();
            set.controls.retain(|id| *id != control);
            let emptied = set.controls.is_empty() && held > 0;
            !(emptied && switches.drop_emptied_sets)
        });
    };
    for framework in state.frameworks.values_mut().filter(|framework| held_in(&framework.control_sets)) {
        let framework = Arc::make_mut(framework);
        take_out(&mut framework.control_sets);
        if switches.touch_on_cascade {
            framework.last_updated_at = at;
        }
    }
    for assessment in state.assessments.values_mut().filter(|assessment| held_in(&assessment.control_sets)) {
        let assessment = Arc::make_mut(assessment);
        take_out(&mut assessment.control_sets);
        if switches.touch_on_cascade {
            assessment.last_updated_at = at;
        }
    }
}
