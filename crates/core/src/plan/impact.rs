//! What holds an object: an edit of a control is seen in every framework and every active assessment that has it.

use super::{AccountAssessment, Actual, Change, ChangeKind, Impact, ImpactedObject, ObjectType};

/// Whether a change is seen anywhere but in the object itself.
pub(super) fn matters(change: &Change) -> bool {
    change.id.is_some() && (change.kind == ChangeKind::Delete || change.body.is_some())
}

/// What holds the object of a change; none where that was not read, or nothing but tags changes.
pub(super) fn of(change: &Change, actual: &Actual) -> Option<Impact> {
    let impact = actual.impact.as_ref().filter(|_| matters(change))?;
    let id = change.id.as_deref()?;
    let assessments = |holds: &dyn Fn(&AccountAssessment) -> bool| {
        let all = impact.assessments.as_ref()?.iter();
        Some(sorted(all.filter(|held| holds(held)).map(|held| (&held.name, &held.id))))
    };
    let frameworks = || {
        let held = actual.frameworks.iter().filter(|held| {
            let sets = held.detail.get().map(|detail| detail.control_sets.as_slice()).unwrap_or_default();
            sets.iter().any(|set| set.controls.contains_key(id))
        });
        sorted(held.map(|held| (&held.name, &held.id)))
    };
    Some(match change.object {
        ObjectType::Control => Impact {
            frameworks: impact.frameworks.then(frameworks),
            assessments: assessments(&|held| held.controls.contains(id)),
        },
        ObjectType::Framework => Impact {
            frameworks: Some(Vec::new()),
            assessments: assessments(&|held| held.framework.as_deref() == Some(id)),
        },
    })
}

fn sorted<'a>(found: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<ImpactedObject> {
    let mut found: Vec<ImpactedObject> =
        found.map(|(name, id)| ImpactedObject { name: name.clone(), id: id.clone() }).collect();
    found.sort();
    found
}
