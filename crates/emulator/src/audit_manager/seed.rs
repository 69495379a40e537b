//! Adds resources that no supported operation can create: standard and core controls, assessments, duplicate names.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use crate::audit_manager::sources;
use crate::audit_manager::state::{
    AccountState, Assessment, AssessmentStatus, Control, ControlSet, ControlState, ControlStatus, ControlTexts,
    DataSource, Evidence, Framework, ObjectKind, Source, Tags,
};
use crate::audit_manager::switches::Switches;
use crate::protocol::time::Time;

/// Resources to add to an account of Audit Manager.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct AccountSeed {
    pub(crate) controls: Vec<SeedControl>,
    pub(crate) frameworks: Vec<SeedFramework>,
    pub(crate) assessments: Vec<SeedAssessment>,
    pub(crate) evidence: Vec<SeedEvidence>,
    pub(crate) organization_admin: Option<String>,
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
        "assessment \"{assessment}\" is based on {framework}, which no framework or several have; use the ID or the name of one"
    )]
    UnknownFramework {
        /// Name of the assessment.
        assessment: String,
        /// The unknown ID or name.
        framework: String,
    },
    /// Evidence of an assessment that exists neither in the seed nor in the account, or of a control that it does not have.
    #[error("assessment {assessment} with the control {control} does not exist; add it to the assessments of the seed")]
    NoSuchEvidence {
        /// The ID of the assessment.
        assessment: Uuid,
        /// The ID of the control.
        control: Uuid,
    },
    /// A part that cannot be used.
    #[error("invalid seed: {0}")]
    Invalid(String),
    /// The state file could not be written.
    #[error("the seed was not added, because the state file cannot be written: {0}; check the disk and try again")]
    NotSaved(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeedControl {
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
pub(crate) struct SeedFramework {
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
pub(crate) struct SeedAssessment {
    id: Option<Uuid>,
    name: String,
    description: Option<String>,
    #[serde(default = "active")]
    status: AssessmentStatus,
    framework_id: Option<Uuid>,
    /// Its name, instead of its ID.
    framework: Option<String>,
    #[serde(default)]
    accounts: Vec<String>,
    created_at: Option<Value>,
    #[serde(default)]
    inactive_controls: Vec<Uuid>,
    #[serde(default)]
    tags: Tags,
}

/// Evidence of a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SeedEvidence {
    assessment: Uuid,
    control: Uuid,
    data_source: DataSource,
    date: Value,
    count: u32,
}

fn custom() -> ObjectKind {
    ObjectKind::Custom
}

fn active() -> AssessmentStatus {
    AssessmentStatus::Active
}

impl AccountSeed {
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
        for seed in self.evidence {
            add_evidence(&seed, state)?;
        }
        if self.organization_admin.is_some() {
            state.organization_admin = self.organization_admin;
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
    let mut at = at.unwrap_or_else(|| state.now());
    if let Some(created) = &seed.created_at {
        at = time_of(created)?;
    }
    let (framework_id, framework) = framework_of(&seed, state)?;
    let assessment = Assessment {
        name: seed.name,
        description: seed.description,
        status: seed.status,
        framework_id,
        framework_name: framework.name.clone(),
        compliance_type: framework.compliance_type.clone(),
        control_sets: framework.control_sets.clone(),
        created_at: at,
        last_updated_at: at,
        tags: seed.tags,
        accounts: seed.accounts,
        roles: Vec::new(),
        reports: None,
        control_statuses: seed.inactive_controls.into_iter().map(|id| (id, ControlStatus::Inactive)).collect(),
        evidence: Vec::new(),
    };
    insert(&mut state.assessments, seed.id.unwrap_or_else(Uuid::new_v4), assessment)
}

/// Returns the framework of an assessment: the one with its ID, or the only one with its name.
fn framework_of<'a>(seed: &SeedAssessment, state: &'a AccountState) -> Result<(Uuid, &'a Framework), SeedError> {
    let asked = match (seed.framework_id, &seed.framework) {
        (Some(id), None) => id.to_string(),
        (None, Some(name)) => name.clone(),
        _ => {
            let message = format!("assessment {:?} needs either `frameworkId` or `framework`, a name", seed.name);
            return Err(SeedError::Invalid(message));
        }
    };
    let by_id = seed.framework_id.is_some();
    let is_asked = |id: &Uuid, name: &str| if by_id { id.to_string() == asked } else { name == asked };
    let mut found = state.frameworks.iter().filter(|(id, framework)| is_asked(id, &framework.name));
    match (found.next(), found.next()) {
        (Some((id, framework)), None) => Ok((*id, framework)),
        _ => Err(SeedError::UnknownFramework { assessment: seed.name.clone(), framework: asked }),
    }
}

fn add_evidence(seed: &SeedEvidence, state: &mut AccountState) -> Result<(), SeedError> {
    let at = time_of(&seed.date)?.noon();
    let (id, control) = (seed.assessment, seed.control);
    let has =
        |assessment: &&mut Arc<Assessment>| assessment.control_sets.iter().any(|set| set.controls.contains(&control));
    let Some(assessment) = state.assessments.get_mut(&id).filter(has) else {
        return Err(SeedError::NoSuchEvidence { assessment: id, control });
    };
    let evidence = Evidence { control, data_source: seed.data_source, at, count: seed.count };
    Arc::make_mut(assessment).evidence.push(evidence);
    Ok(())
}

fn time_of(value: &Value) -> Result<Time, SeedError> {
    Time::parse(value)
        .ok_or_else(|| SeedError::Invalid(format!("{value} is not a time: use RFC 3339 or seconds since 1970")))
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
        let seed: AccountSeed = serde_json::from_value(seed).unwrap();
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
        let named = add(json!({ "frameworks": [{ "name": "f" }], "assessments": [{ "name": "a", "framework": "f" }] }))
            .unwrap();
        assert_eq!(named.assessments.values().next().unwrap().framework_name, "f");
    }

    #[test]
    fn errors_name_the_invalid_resource() {
        let unknown =
            add(json!({ "frameworks": [{ "name": "f", "controlSets": [{ "name": "s", "controls": [CONTROL] }] }] }));
        assert!(unknown.unwrap_err().to_string().contains(CONTROL));
        let unknown = add(json!({ "assessments": [{ "name": "a", "frameworkId": FRAMEWORK }] }));
        assert!(unknown.unwrap_err().to_string().contains(FRAMEWORK));
        for (framework, message) in [
            (json!({}), "either `frameworkId` or `framework`"),
            (json!({ "framework": "f", "frameworkId": FRAMEWORK }), "either `frameworkId` or `framework`"),
            (json!({ "framework": "g" }), "is based on g, which no framework or several have"),
            (json!({ "framework": "twice" }), "is based on twice, which no framework or several have"),
        ] {
            let mut assessment = json!({ "name": "a" });
            assessment.as_object_mut().unwrap().extend(framework.as_object().unwrap().clone());
            let frameworks = json!([{ "id": FRAMEWORK, "name": "f" }, { "name": "twice" }, { "name": "twice" }]);
            let error = add(json!({ "frameworks": frameworks, "assessments": [assessment] })).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let duplicate = add(json!({ "controls": [{ "id": CONTROL, "name": "a" }, { "id": CONTROL, "name": "b" }] }));
        assert!(duplicate.unwrap_err().to_string().contains(CONTROL));
        assert!(serde_json::from_value::<AccountSeed>(json!({ "control": [] })).is_err());
    }
}
