//! Create, read, update, delete and list assessment frameworks.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::control_sets::{self, ControlSetInput};
use crate::audit_manager::controls::{self, WRITER, check_custom, set_text};
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::state::{AccountState, Framework, ObjectKind, Tags};
use crate::audit_manager::switches::{Switches, Times};
use crate::audit_manager::texts;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateFramework {
    name: String,
    description: Option<String>,
    compliance_type: Option<String>,
    control_sets: Vec<ControlSetInput>,
    tags: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateFramework {
    framework_id: Uuid,
    name: String,
    description: Option<String>,
    compliance_type: Option<String>,
    control_sets: Vec<ControlSetInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneFramework {
    framework_id: Uuid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListFrameworks {
    framework_type: ObjectKind,
    #[serde(flatten)]
    page: PageRequest,
}

pub(crate) fn create(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: CreateFramework = typed(input)?;
    let control_sets = control_sets::complete(input.control_sets, &[], state, &options.switches)?;
    check_name(state, &options.switches, &input.name, None)?;
    let max = options.quotas.custom_frameworks;
    if custom(state).count() >= max {
        return Err(ServiceError::ServiceQuotaExceeded(format!(
            "The account has reached its quota of {max} custom frameworks"
        )));
    }
    let at = state.now();
    let mut tags = input.tags.unwrap_or_default();
    texts::drop_tags(&mut tags, &options.switches);
    let framework = Framework {
        kind: ObjectKind::Custom,
        name: input.name,
        description: input.description,
        compliance_type: input.compliance_type,
        control_sets,
        created_at: at,
        last_updated_at: at,
        tags,
    };
    let id = Uuid::new_v4();
    state.frameworks.insert(id, Arc::new(framework));
    answer(state, options, id)
}

pub(crate) fn get(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let OneFramework { framework_id } = typed(input)?;
    answer(state, options, framework_id)
}

pub(crate) fn update(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: UpdateFramework = typed(input)?;
    let (id, switches) = (input.framework_id, &options.switches);
    let current = state.framework(id)?;
    check_custom(current.kind, switches, "AssessmentFramework", &id.to_string())?;
    check_name(state, switches, &input.name, Some(id))?;
    let control_sets = control_sets::complete(input.control_sets, &current.control_sets, state, switches)?;
    let at = state.now();
    if switches.framework_edits_reach_assessments {
        for assessment in state.assessments.values_mut().filter(|assessment| assessment.framework_id == id) {
            let assessment = Arc::make_mut(assessment);
            assessment.control_sets.clone_from(&control_sets);
            assessment.last_updated_at = at;
        }
    }
    if let Some(framework) = state.frameworks.get_mut(&id).map(Arc::make_mut) {
        set_text(&mut framework.description, input.description, switches);
        set_text(&mut framework.compliance_type, input.compliance_type, switches);
        framework.name = input.name;
        framework.control_sets = control_sets;
        framework.last_updated_at = at;
    }
    answer(state, options, id)
}

/// Deletes a framework. Assessments created from it do not change.
pub(crate) fn delete(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let OneFramework { framework_id: id } = typed(input)?;
    check_custom(state.framework(id)?.kind, &options.switches, "AssessmentFramework", &id.to_string())?;
    state.frameworks.remove(&id);
    Ok(None)
}

pub(crate) fn list(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: ListFrameworks = typed(input)?;
    let items = state
        .frameworks
        .iter()
        .filter(|(_, framework)| framework.kind == input.framework_type)
        .filter(|(_, framework)| framework.created_at.is_older_than(options.switches.list_lag))
        .map(|(id, framework)| (id.to_string(), metadata(state, options.switches.times, *id, framework)));
    pages::page(
        &input.page,
        &format!("frameworks/{:?}", input.framework_type),
        "frameworkMetadataList",
        items,
        options.switches.pages,
    )
}

/// `AssessmentFrameworkMetadata` of the model: no tags and no control sets.
fn metadata(state: &AccountState, times: Times, id: Uuid, framework: &Framework) -> Value {
    let mut metadata = common(state, id, framework);
    metadata["createdAt"] = times.in_list(framework.created_at);
    metadata["lastUpdatedAt"] = times.in_list(framework.last_updated_at);
    let controls: usize = framework.control_sets.iter().map(|set| set.controls.len()).sum();
    metadata["controlsCount"] = Value::from(controls);
    metadata["controlSetsCount"] = Value::from(framework.control_sets.len());
    metadata
}

fn common(state: &AccountState, id: Uuid, framework: &Framework) -> Value {
    let mut common = json!({
        "arn": state.framework_arn(id, framework.kind),
        "id": id,
        "type": framework.kind,
        "name": framework.name,
    });
    for (name, text) in [("description", &framework.description), ("complianceType", &framework.compliance_type)] {
        if let Some(text) = text {
            common[name] = Value::from(text.as_str());
        }
    }
    common
}

fn answer(state: &AccountState, options: &AuditManager, id: Uuid) -> Answer {
    let framework = state.framework(id)?;
    let mut sets = Vec::new();
    for (set, controls) in control_sets::in_order(&framework.control_sets, &options.switches) {
        let controls: Vec<Value> = controls
            .into_iter()
            .map(|id| state.control(id).map(|control| controls::reference(state, id, control)))
            .collect::<Result<_, _>>()?;
        sets.push(json!({ "id": set.id, "name": set.name, "controls": controls }));
    }
    let mut view = common(state, id, framework);
    view["createdAt"] = options.switches.times.in_object(framework.created_at);
    view["lastUpdatedAt"] = options.switches.times.in_object(framework.last_updated_at);
    view["controlSets"] = Value::Array(sets);
    view["createdBy"] = Value::from(WRITER);
    view["lastUpdatedBy"] = Value::from(WRITER);
    view["tags"] = json!(framework.tags);
    Ok(Some(json!({ "framework": view })))
}

fn custom(state: &AccountState) -> impl Iterator<Item = (&Uuid, &Arc<Framework>)> {
    state.frameworks.iter().filter(|(_, framework)| framework.kind == ObjectKind::Custom)
}

fn check_name(state: &AccountState, switches: &Switches, name: &str, own: Option<Uuid>) -> Result<(), ServiceError> {
    let taken = |(id, framework): (&Uuid, &Arc<Framework>)| framework.name == name && Some(*id) != own;
    if switches.reject_duplicate_names && custom(state).any(taken) {
        return Err(ServiceError::other(format!("A custom framework with the name {name} already exists")));
    }
    Ok(())
}
