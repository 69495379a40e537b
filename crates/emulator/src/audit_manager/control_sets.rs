//! Control sets of a framework: validation, the IDs that the service fills in, and removal of deleted controls.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use crate::audit_manager::error::ServiceError;
use crate::audit_manager::state::{AccountState, ControlSet, ObjectKind};
use crate::audit_manager::switches::Switches;
use crate::protocol::validate::Violation;

/// A control set of a request.
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

/// Returns the control sets as the service stores them: validated, and with IDs.
///
/// `current` are the control sets that the framework has before the request; only their IDs may be sent.
///
/// # Errors
///
/// `ValidationException` with every invalid member. For a control that does not exist, the switch selects the error.
pub(crate) fn complete(
    sent: Vec<ControlSetInput>,
    current: &[ControlSet],
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
            && !(current.iter().any(|set| set.id == *id) && ids.insert(id.clone()))
        {
            report(at, "id", "Member must be the ID of a control set of this framework, and unique");
        }
        if !switches.reject_repeated_members {
            continue;
        }
        if !names.insert(set.name.as_str()) {
            report(at, "name", "Member must not be the name of another control set");
        }
        let mut members = BTreeSet::new();
        if !set.controls.iter().flatten().all(|control| members.insert(control.id)) {
            report(at, "controls", "Member must not contain a control twice");
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
                let same_name = |other: &&ControlSet| other.name == set.name && !ids.contains(&other.id);
                let kept = current.iter().find(same_name).filter(|_| !switches.new_ids_when_omitted);
                kept.map_or_else(|| Uuid::new_v4().to_string(), |kept| kept.id.clone())
            });
            ids.insert(id.clone());
            let name = set.name;
            Ok(ControlSet { id, name, controls })
        })
        .collect()
}

/// Returns the ID if the control is known and a custom framework may contain it.
fn usable(id: Uuid, state: &AccountState, switches: &Switches) -> Result<Uuid, ServiceError> {
    let known = state.control(id).and_then(|control| {
        let is_visible = control.created_at.is_older_than(switches.reference_lag);
        if is_visible { Ok(control) } else { Err(ServiceError::not_found("Control", id.to_string())) }
    });
    match known {
        Ok(control) if control.kind == ObjectKind::Core && switches.reject_core_controls_in_frameworks => {
            Err(ServiceError::other(format!("A framework cannot contain the core control {id}")))
        }
        Ok(_) => Ok(id),
        Err(_) if switches.unknown_control_is_invalid => {
            Err(ServiceError::other(format!("Control {id} does not exist")))
        }
        Err(missing) => Err(missing),
    }
}

/// Returns the control sets and their controls in the order of the service's response.
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

/// Removes a deleted control from every framework and assessment.
pub(crate) fn forget_control(state: &mut AccountState, switches: &Switches, control: Uuid) {
    let at = state.now();
    let is_in = |sets: &[ControlSet]| sets.iter().any(|set| set.controls.contains(&control));
    let remove_from = |sets: &mut Vec<ControlSet>| {
        sets.retain_mut(|set| {
            let before = set.controls.len();
            set.controls.retain(|id| *id != control);
            let emptied = set.controls.is_empty() && before > 0;
            !(emptied && switches.drop_emptied_sets)
        });
    };
    for framework in state.frameworks.values_mut().filter(|framework| is_in(&framework.control_sets)) {
        let framework = Arc::make_mut(framework);
        remove_from(&mut framework.control_sets);
        if switches.touch_on_cascade {
            framework.last_updated_at = at;
        }
    }
    for assessment in state.assessments.values_mut().filter(|assessment| is_in(&assessment.control_sets)) {
        let assessment = Arc::make_mut(assessment);
        remove_from(&mut assessment.control_sets);
        if switches.touch_on_cascade {
            assessment.last_updated_at = at;
        }
    }
}
