//! `TagResource`, `UntagResource` and `ListTagsForResource`. Tags do not change the update time of a resource.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_manager::controls::check_custom;
use crate::audit_manager::error::ServiceError;
use crate::audit_manager::operation::{Answer, typed};
use crate::audit_manager::options::AuditManager;
use crate::audit_manager::state::{AccountState, ObjectKind, Tags};
use crate::audit_manager::texts;

/// Maximum number of tags of a resource (<https://docs.aws.amazon.com/audit-manager/latest/userguide/tagging.html>).
const MAX_TAGS: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TagResource {
    resource_arn: String,
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListTags {
    resource_arn: String,
}

enum Resource {
    Control(Uuid),
    Framework(Uuid),
    Assessment(Uuid),
}

pub(crate) fn tag(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: TagResource = typed(input)?;
    let tags = tags_of_custom(state, options, &input.resource_arn)?;
    tags.extend(input.tags);
    texts::drop_tags(tags, &options.switches);
    if tags.len() > MAX_TAGS {
        return Err(ServiceError::other(format!("A resource can have at most {MAX_TAGS} tags")));
    }
    Ok(None)
}

pub(crate) fn untag(state: &mut AccountState, options: &AuditManager, input: Value) -> Answer {
    let input: UntagResource = typed(input)?;
    let tags = tags_of_custom(state, options, &input.resource_arn)?;
    for key in &input.tag_keys {
        tags.remove(key);
    }
    Ok(None)
}

pub(crate) fn list(state: &AccountState, _: &AuditManager, input: Value) -> Answer {
    let ListTags { resource_arn } = typed(input)?;
    let (resource, _) = find(state, &resource_arn)?;
    let tags = match resource {
        Resource::Control(id) => state.controls.get(&id).map(|control| &control.tags),
        Resource::Framework(id) => state.frameworks.get(&id).map(|framework| &framework.tags),
        Resource::Assessment(id) => state.assessments.get(&id).map(|assessment| &assessment.tags),
    };
    Ok(Some(json!({ "tags": tags })))
}

fn tags_of_custom<'a>(
    state: &'a mut AccountState,
    options: &AuditManager,
    arn: &str,
) -> Result<&'a mut Tags, ServiceError> {
    let (resource, kind) = find(state, arn)?;
    check_custom(kind, &options.switches, "Resource", arn)?;
    let tags = match resource {
        Resource::Control(id) => state.controls.get_mut(&id).map(|record| &mut Arc::make_mut(record).tags),
        Resource::Framework(id) => state.frameworks.get_mut(&id).map(|record| &mut Arc::make_mut(record).tags),
        Resource::Assessment(id) => state.assessments.get_mut(&id).map(|record| &mut Arc::make_mut(record).tags),
    };
    tags.ok_or_else(|| ServiceError::not_found("Resource", arn))
}

/// Returns the resource with exactly this ARN.
fn find(state: &AccountState, arn: &str) -> Result<(Resource, ObjectKind), ServiceError> {
    let id: Option<Uuid> = arn.rsplit('/').next().and_then(|id| id.parse().ok());
    let found = id.and_then(|id| {
        let control = state.controls.get(&id).map(|control| control.kind);
        let framework = state.frameworks.get(&id).map(|framework| framework.kind);
        let assessment = state.assessments.get(&id).map(|_| ObjectKind::Custom);
        let candidates = [
            control.map(|kind| (state.control_arn(id, kind), Resource::Control(id), kind)),
            framework.map(|kind| (state.framework_arn(id, kind), Resource::Framework(id), kind)),
            assessment.map(|kind| (state.assessment_arn(id), Resource::Assessment(id), kind)),
        ];
        candidates.into_iter().flatten().find(|(candidate, ..)| candidate == arn)
    });
    match found {
        Some((_, resource, kind)) => Ok((resource, kind)),
        None => Err(ServiceError::not_found("Resource", arn)),
    }
}
