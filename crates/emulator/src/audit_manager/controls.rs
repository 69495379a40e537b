//! Create, read, update, delete and list controls.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::control_sets;
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::pages::{self, PageRequest};
use crate::audit_manager::sources;
use crate::audit_manager::state::{AccountState, Control, ControlState, ControlTexts, ObjectKind, Source, Tags};
use crate::audit_manager::switches::{StandardWrite, Switches, Times};
use crate::audit_manager::texts;

/// The writer of all resources. The pattern of `createdBy` allows neither a slash nor a dot.
pub(crate) const WRITER: &str = "controlsync-emulator";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateControl {
    name: String,
    #[serde(flatten)]
    texts: ControlTexts,
    control_mapping_sources: Vec<Source>,
    tags: Option<Tags>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateControl {
    control_id: Uuid,
    name: String,
    #[serde(flatten)]
    texts: ControlTexts,
    control_mapping_sources: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneControl {
    control_id: Uuid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListControls {
    control_type: ObjectKind,
    control_catalog_id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(crate) fn create(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: CreateControl = typed(input)?;
    let sources = sources::complete(input.control_mapping_sources, &[], state, &options.switches)?;
    check_name(state, &options.switches, &input.name, None)?;
    let max = options.quotas.custom_controls;
    if custom(state).count() >= max {
        return Err(ServiceError::ServiceQuotaExceeded(format!(
            "The account has reached its quota of {max} custom controls"
        )));
    }
    let at = state.now();
    let mut tags = input.tags.unwrap_or_default();
    texts::drop_tags(&mut tags, &options.switches);
    let control = Control {
        kind: ObjectKind::Custom,
        state: ControlState::Active,
        name: input.name,
        texts: input.texts,
        sources,
        created_at: at,
        last_updated_at: at,
        tags,
    };
    let id = Uuid::new_v4();
    state.controls.insert(id, Arc::new(control));
    answer(state, options, id)
}

pub(crate) fn get(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let OneControl { control_id } = typed(input)?;
    answer(state, options, control_id)
}

pub(crate) fn update(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: UpdateControl = typed(input)?;
    let id = input.control_id;
    let current = state.control(id)?;
    check_custom(current.kind, &options.switches, "Control", &id.to_string())?;
    check_name(state, &options.switches, &input.name, Some(id))?;
    let sources = sources::complete(input.control_mapping_sources, &current.sources, state, &options.switches)?;
    let at = state.now();
    if let Some(control) = state.controls.get_mut(&id).map(Arc::make_mut) {
        let texts = &mut control.texts;
        let switches = &options.switches;
        set_text(&mut texts.description, input.texts.description, switches);
        set_text(&mut texts.testing_information, input.texts.testing_information, switches);
        set_text(&mut texts.action_plan_title, input.texts.action_plan_title, switches);
        set_text(&mut texts.action_plan_instructions, input.texts.action_plan_instructions, switches);
        control.name = input.name;
        control.sources = sources;
        control.last_updated_at = at;
    }
    answer(state, options, id)
}

/// Deletes a control, and removes it from every framework and assessment.
pub(crate) fn delete(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let OneControl { control_id } = typed(input)?;
    check_custom(state.control(control_id)?.kind, &options.switches, "Control", &control_id.to_string())?;
    state.controls.remove(&control_id);
    control_sets::forget_control(state, &options.switches, control_id);
    Ok(None)
}

pub(crate) fn list(state: &AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: ListControls = typed(input)?;
    // No control of the emulator belongs to the Control Catalog.
    let of_control_catalog = input.control_catalog_id.is_some_and(|id| id != "UNCATEGORIZED");
    let items = state
        .controls
        .iter()
        .filter(|(_, control)| control.kind == input.control_type && !of_control_catalog)
        .filter(|(_, control)| control.created_at.is_older_than(options.switches.list_lag))
        .map(|(id, control)| (id.to_string(), metadata(state, options.switches.times, *id, control)));
    pages::page(
        &input.page,
        &format!("controls/{:?}", input.control_type),
        "controlMetadataList",
        items,
        options.switches.pages,
    )
}

/// `ControlMetadata` of the model: no tags and no description.
fn metadata(state: &AccountState, times: Times, id: Uuid, control: &Control) -> Value {
    let mut metadata = reference(state, id, control);
    if let Value::Object(fields) = &mut metadata {
        fields.remove("type");
    }
    metadata["createdAt"] = times.in_list(control.created_at);
    metadata["lastUpdatedAt"] = times.in_list(control.last_updated_at);
    metadata
}

/// A control within the response for a framework: a part of `Control`.
pub(crate) fn reference(state: &AccountState, id: Uuid, control: &Control) -> Value {
    let mut reference = json!({
        "arn": state.control_arn(id, control.kind),
        "id": id,
        "type": control.kind,
        "name": control.name,
    });
    let control_sources = sources::control_sources(&control.sources);
    if !control_sources.is_empty() {
        reference["controlSources"] = Value::from(control_sources);
    }
    reference
}

fn answer(state: &AccountState, options: &AuditManager, id: Uuid) -> Answer {
    let control = state.control(id)?;
    let mut view = reference(state, id, control);
    for (name, text) in [
        ("description", &control.texts.description),
        ("testingInformation", &control.texts.testing_information),
        ("actionPlanTitle", &control.texts.action_plan_title),
        ("actionPlanInstructions", &control.texts.action_plan_instructions),
    ] {
        if let Some(text) = text {
            view[name] = Value::from(text.as_str());
        }
    }
    let mut sources: Vec<&Source> = control.sources.iter().collect();
    if !options.switches.keep_order {
        sources.sort_by_key(|source| source.source_id);
    }
    view["controlMappingSources"] = json!(sources);
    view["createdAt"] = options.switches.times.in_object(control.created_at);
    view["lastUpdatedAt"] = options.switches.times.in_object(control.last_updated_at);
    view["createdBy"] = Value::from(WRITER);
    view["lastUpdatedBy"] = Value::from(WRITER);
    view["tags"] = json!(control.tags);
    view["state"] = json!(control.state);
    Ok(Some(json!({ "control": view })))
}

fn custom(state: &AccountState) -> impl Iterator<Item = (&Uuid, &Arc<Control>)> {
    state.controls.iter().filter(|(_, control)| control.kind == ObjectKind::Custom)
}

fn check_name(state: &AccountState, switches: &Switches, name: &str, own: Option<Uuid>) -> Result<(), ServiceError> {
    let taken = |(id, control): (&Uuid, &Arc<Control>)| control.name == name && Some(*id) != own;
    if switches.reject_duplicate_names && custom(state).any(taken) {
        return Err(ServiceError::other(format!("A custom control with the name {name} already exists")));
    }
    Ok(())
}

/// Checks that a resource is custom: standard and core resources cannot be changed.
///
/// # Errors
///
/// The error that the switch selects.
pub(crate) fn check_custom(
    kind: ObjectKind,
    switches: &Switches,
    resource: &'static str,
    id: &str,
) -> Result<(), ServiceError> {
    if kind == ObjectKind::Custom {
        return Ok(());
    }
    Err(match switches.standard_write {
        StandardWrite::Invalid => ServiceError::other("Only custom resources can be changed"),
        StandardWrite::Denied => ServiceError::AccessDenied("Only custom resources can be changed".into()),
        StandardWrite::NotFound => ServiceError::not_found(resource, id),
    })
}

/// Sets an optional text from an update. A switch says whether an update that omits the text clears it.
pub(crate) fn set_text(text: &mut Option<String>, sent: Option<String>, switches: &Switches) {
    if sent.is_some() || switches.clear_omitted_fields {
        *text = sent;
    }
}
