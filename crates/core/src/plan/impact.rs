//! What uses an object: an edit of a control shows in every framework and every active assessment that contains it.

use super::{AccountAssessment, Actual, Change, ChangeKind, Impact, ImpactedObject, ObjectType};

/// Whether a change is visible outside the object itself.
pub(super) fn matters(change: &Change) -> bool {
    change.id.is_some() && (change.kind == ChangeKind::Delete || change.body.is_some())
}

/// Returns what uses the object of a change; `None` if that was not read, or only tags change.
pub(super) fn of(change: &Change, actual: &Actual) -> Option<Impact> {
    let impact = actual.impact.as_ref().filter(|_| matters(change))?;
    let id = change.id.as_deref()?;
    let assessments = |matches: &dyn Fn(&AccountAssessment) -> bool| {
        let all = impact.assessments.as_ref()?.iter();
        Some(sorted(all.filter(|live| matches(live)).map(|live| (&live.name, &live.id))))
    };
    let frameworks = || {
        let users = actual.frameworks.iter().filter(|live| {
            let sets = live.detail.get().map(|detail| detail.control_sets.as_slice()).unwrap_or_default();
            sets.iter().any(|set| set.controls.contains_key(id))
        });
        sorted(users.map(|live| (&live.name, &live.id)))
    };
    Some(match change.object {
        ObjectType::Control => Impact {
            frameworks: impact.frameworks.then(frameworks),
            assessments: assessments(&|live| live.controls.contains(id)),
        },
        ObjectType::Framework => Impact {
            frameworks: Some(Vec::new()),
            assessments: assessments(&|live| live.framework.as_deref() == Some(id)),
        },
    })
}

fn sorted<'a>(found: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<ImpactedObject> {
    let mut found: Vec<ImpactedObject> =
        found.map(|(name, id)| ImpactedObject { name: name.clone(), id: id.clone() }).collect();
    found.sort();
    found
}
