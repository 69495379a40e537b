//! Adds resources that no supported operation can create: standard and core controls, assessments, duplicate names.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;
use uuid::Uuid;

use crate::audit_manager::sources;
use crate::audit_manager::state::{
    AccountState, Assessment, AssessmentStatus, Control, ControlSet, ControlState, ControlTexts, Framework, ObjectKind,
    Source, Tags, Time,
};
use crate::audit_manager::switches::Switches;

/// Resources to add to an account, deserialized from JSON.
///
/// ```json
/// {
///   "controls": [{ "id": "UUID", "type": "Core", "name": "…", "controlMappingSources": […] }],
///   "frameworks": [{ "id": "UUID", "name": "…", "controlSets": [{ "name": "…", "controls": ["UUID"] }] }],
///   "assessments": [{ "name": "…", "frameworkId": "UUID", "status": "ACTIVE" }]
/// }
/// ```
///
/// Only names (and `frameworkId`) are required; the default of `type` is `Custom`. All other keys are those of the
/// service's requests; a control without data sources gets a manual one. No limit or quota applies: the resources of an
/// account may be older than its rules.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Seed {
    controls: Vec<SeedControl>,
    frameworks: Vec<SeedFramework>,
    assessments: Vec<SeedAssessment>,
}

/// The reason a seed was not added to an account. None of its resources are added.
#[derive(Debug, Error)]
pub enum SeedError {
    /// Two resources with the same ID.
    #[error("the seed has a resource with the ID {0}, which is already in use; omit the ID or choose another")]
    IdTaken(Uuid),
    /// A control set with a control that exists neither in the seed nor in the account.
    #[error("framework \"{framework}\" contains the unknown control {control}; add it to the controls of the seed")]
    UnknownControl {
        /// Name of the framework.
        framework: String,
        /// The unknown ID.
        control: Uuid,
    },
    /// An assessment of a framework that exists neither in the seed nor in the account.
    #[error(
        "assessment \"{assessment}\" is based on the unknown framework {framework}; add it to the frameworks of the seed"
    )]
    UnknownFramework {
        /// Name of the assessment.
        assessment: String,
        /// The unknown ID.
        framework: Uuid,
    },
    /// The state file could not be written.
    #[error("the seed was not added, because the state file cannot be written: {0}; check the disk and try again")]
    NotSaved(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeedControl {
    id: Option<Uuid>,
    #[serde(rename = "type", default = "custom")]
    kind: ObjectKind,
    #[serde(default)]
    state: ControlState,
    name: String,
    #[serde(flatten)]
    texts: ControlTexts,
    #[serde(default)]
    control_mapping_sources: Vec<Source>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedFramework {
    id: Option<Uuid>,
    #[serde(rename = "type", default = "custom")]
    kind: ObjectKind,
    name: String,
    description: Option<String>,
    compliance_type: Option<String>,
    #[serde(default)]
    control_sets: Vec<SeedControlSet>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedControlSet {
    id: Option<String>,
    name: String,
    #[serde(default)]
    controls: Vec<Uuid>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedAssessment {
    id: Option<Uuid>,
    name: String,
    description: Option<String>,
    #[serde(default = "active")]
    status: AssessmentStatus,
    framework_id: Uuid,
    #[serde(default)]
    tags: Tags,
}

fn custom() -> ObjectKind {
    ObjectKind::Custom
}

fn active() -> AssessmentStatus {
    AssessmentStatus::Active
}

impl Seed {
    /// Adds all resources to a state. Their creation time is `at`, or the current time.
    ///
    /// # Errors
    ///
    /// A reference to a missing resource, or an ID that already exists; the state may then have a part of the seed.
    pub(crate) fn add_to(self, state: &mut AccountState, at: Option<Time>) -> Result<(), SeedError> {
        for seed in self.controls {
            add_control(seed, state, at)?;
        }
        for seed in self.frameworks {
            add_framework(seed, state, at)?;
        }
        for seed in self.assessments {
            add_assessment(seed, state, at)?;
        }
        Ok(())
    }
}

fn add_control(seed: SeedControl, state: &mut AccountState, at: Option<Time>) -> Result<(), SeedError> {
    let at = at.unwrap_or_else(|| state.now());
    let id = seed.id.unwrap_or_else(Uuid::new_v4);
    let mut sources = seed.control_mapping_sources;
    if sources.is_empty() {
        sources.push(manual_source());
    }
    for (source, next) in sources.iter_mut().zip(ids_after(id)) {
        source.source_id.get_or_insert(next);
        sources::fill_in(source, &Switches::default());
    }
    let control = Control {
        kind: seed.kind,
        state: seed.state,
        name: seed.name,
        texts: seed.texts,
        sources,
        created_at: at,
        last_updated_at: at,
        tags: seed.tags,
    };
    insert(&mut state.controls, id, control)
}

fn add_framework(seed: SeedFramework, state: &mut AccountState, at: Option<Time>) -> Result<(), SeedError> {
    let at = at.unwrap_or_else(|| state.now());
    let id = seed.id.unwrap_or_else(Uuid::new_v4);
    let mut control_sets = Vec::new();
    for (set, next) in seed.control_sets.into_iter().zip(ids_after(id)) {
        if let Some(control) = set.controls.iter().find(|id| !state.controls.contains_key(id)) {
            let (framework, control) = (seed.name, *control);
            return Err(SeedError::UnknownControl { framework, control });
        }
        let id = set.id.unwrap_or_else(|| next.to_string());
        let (name, controls) = (set.name, set.controls);
        control_sets.push(ControlSet { id, name, controls });
    }
    let framework = Framework {
        kind: seed.kind,
        name: seed.name,
        description: seed.description,
        compliance_type: seed.compliance_type,
        control_sets,
        created_at: at,
        last_updated_at: at,
        tags: seed.tags,
    };
    insert(&mut state.frameworks, id, framework)
}

fn add_assessment(seed: SeedAssessment, state: &mut AccountState, at: Option<Time>) -> Result<(), SeedError> {
    let at = at.unwrap_or_else(|| state.now());
    let Some(framework) = state.frameworks.get(&seed.framework_id) else {
        let (assessment, framework) = (seed.name, seed.framework_id);
        return Err(SeedError::UnknownFramework { assessment, framework });
    };
    let assessment = Assessment {
        name: seed.name,
        description: seed.description,
        status: seed.status,
        framework_id: seed.framework_id,
        framework_name: framework.name.clone(),
        compliance_type: framework.compliance_type.clone(),
        control_sets: framework.control_sets.clone(),
        created_at: at,
        last_updated_at: at,
        tags: seed.tags,
    };
    insert(&mut state.assessments, seed.id.unwrap_or_else(Uuid::new_v4), assessment)
}

/// The data source of a control that has none in the seed: in the service, every control has one.
fn manual_source() -> Source {
    let source_name = Some("Manual".to_owned());
    let source_type = Some("MANUAL".to_owned());
    Source { source_name, source_type, ..Source::default() }
}

/// IDs of the parts of a resource: those after its own, so that they are stable if its own is.
fn ids_after(id: Uuid) -> impl Iterator<Item = Uuid> {
    (1..).map(move |offset| Uuid::from_u128(id.as_u128().wrapping_add(offset)))
}

fn insert<T>(resources: &mut BTreeMap<Uuid, Arc<T>>, id: Uuid, resource: T) -> Result<(), SeedError> {
    match resources.insert(id, Arc::new(resource)) {
        None => Ok(()),
        Some(_) => Err(SeedError::IdTaken(id)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit_manager::library;

    const CONTROL: &str = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f";
    const FRAMEWORK: &str = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e70";

    fn add(seed: serde_json::Value) -> Result<AccountState, SeedError> {
        let mut state = library::new_account("000000000000", "us-east-1");
        let seed: Seed = serde_json::from_value(seed).unwrap();
        seed.add_to(&mut state, None).map(|()| state)
    }

    #[test]
    fn an_assessment_has_the_control_sets_of_its_framework() {
        let state = add(json!({
            "controls": [{ "id": CONTROL, "type": "Core", "name": "c" }],
            "frameworks": [{ "id": FRAMEWORK, "name": "f", "controlSets": [{ "name": "s", "controls": [CONTROL] }] }],
            "assessments": [{ "name": "a", "frameworkId": FRAMEWORK, "status": "INACTIVE" }],
        }))
        .unwrap();
        let assessment = state.assessments.values().next().unwrap();
        assert_eq!(assessment.control_sets, state.frameworks[&FRAMEWORK.parse().unwrap()].control_sets);
        assert_eq!(assessment.status, AssessmentStatus::Inactive);
    }

    #[test]
    fn the_seed_of_the_guide_is_valid() {
        let page = include_str!("../../../../docs/emulator.md");
        let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        let state = add(serde_json::from_str(example).unwrap()).unwrap();
        assert_eq!(state.assessments.len(), 1);
    }

    #[test]
    fn errors_name_the_invalid_resource() {
        let unknown =
            add(json!({ "frameworks": [{ "name": "f", "controlSets": [{ "name": "s", "controls": [CONTROL] }] }] }));
        assert!(unknown.unwrap_err().to_string().contains(CONTROL));
        let unknown = add(json!({ "assessments": [{ "name": "a", "frameworkId": FRAMEWORK }] }));
        assert!(unknown.unwrap_err().to_string().contains(FRAMEWORK));
        let duplicate = add(json!({ "controls": [{ "id": CONTROL, "name": "a" }, { "id": CONTROL, "name": "b" }] }));
        assert!(duplicate.unwrap_err().to_string().contains(CONTROL));
        assert!(serde_json::from_value::<Seed>(json!({ "control": [] })).is_err());
    }
}
