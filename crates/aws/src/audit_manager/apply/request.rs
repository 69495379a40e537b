//! The requests that apply changes.

use std::collections::BTreeMap;

use aws_sdk_auditmanager::error::BuildError;
use aws_sdk_auditmanager::types::{
    ControlMappingSource, CreateAssessmentFrameworkControl, CreateAssessmentFrameworkControlSet,
    CreateControlMappingSource, KeywordInputType, SourceFrequency, SourceKeyword, SourceSetUpOption, SourceType,
    UpdateAssessmentFrameworkControlSet,
};
use controlsync_core::change_result::{Failure, FailureKind};
use controlsync_core::plan::{ControlBody, ControlTarget, FrameworkBody, ObjectType, SourceBody, TagChange};

use crate::audit_manager::account::Written;
use crate::audit_manager::client::Client;
use crate::sender::Repeat;

/// Result of a write: the ID, and the object if the service returned it.
pub(super) type Done = Result<(String, Option<Written>), Failure>;

/// The updated object, if the service returned it.
type Update = Result<Option<Written>, Failure>;

fn no_id(operation: &'static str, name: &str) -> Failure {
    let help = Some("Apply again: completed changes are not repeated.".to_owned());
    Failure { help, unclear: true, ..Failure::transient(operation, format!("the service returned no ID for {name:?}")) }
}

/// Removes and sets tags. Removing first makes room for new ones, and the record of our tags is written last.
pub(super) async fn tag(client: &Client, arn: &str, tags: &TagChange) -> Result<(), Failure> {
    if !tags.remove.is_empty() {
        let keys = tags.remove.keys().cloned().collect();
        let request = client.sdk().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        client.call("UntagResource", Repeat::Freely, || request.clone().send()).await?;
    }
    if !tags.set.is_empty() {
        let request = client.sdk().tag_resource().resource_arn(arn).set_tags(Some(all_tags(tags)));
        client.call("TagResource", Repeat::Freely, || request.clone().send()).await?;
    }
    Ok(())
}

/// Deletes an object. Not an error if it no longer exists.
pub(in crate::audit_manager) async fn delete(client: &Client, object: ObjectType, id: &str) -> Result<(), Failure> {
    let answer = match object {
        ObjectType::Control => {
            let request = client.sdk().delete_control().control_id(id);
            client.call("DeleteControl", Repeat::Freely, || request.clone().send()).await.map(drop)
        }
        ObjectType::Framework => {
            let request = client.sdk().delete_assessment_framework().framework_id(id);
            client.call("DeleteAssessmentFramework", Repeat::Freely, || request.clone().send()).await.map(drop)
        }
    };
    match answer {
        Err(failure) if failure.code.as_deref() == Some("ResourceNotFoundException") => Ok(()),
        answer => answer,
    }
}

fn all_tags(tags: &TagChange) -> std::collections::HashMap<String, String> {
    tags.set.iter().map(|(key, (_, value))| (key.clone(), value.clone())).collect()
}

pub(super) async fn create_control(client: &Client, body: &ControlBody, tags: &TagChange) -> Done {
    let sources = body.sources.iter().map(new_source).collect();
    let request = client
        .sdk()
        .create_control()
        .name(&body.name)
        .description(&body.description)
        .testing_information(&body.testing_information)
        .action_plan_title(&body.action_plan_title)
        .action_plan_instructions(&body.action_plan_instructions)
        .set_control_mapping_sources(Some(sources))
        .set_tags(Some(all_tags(tags)));
    let answer = client.call("CreateControl", Repeat::Never, || request.clone().send()).await?;
    let written = answer.control().and_then(Written::control);
    let written = written.ok_or_else(|| no_id("CreateControl", &body.name))?;
    Ok((written.id().to_owned(), Some(written)))
}

pub(super) async fn update_control(client: &Client, id: &str, body: &ControlBody) -> Update {
    let sources = body.sources.iter().map(existing_source).collect();
    let request = client
        .sdk()
        .update_control()
        .control_id(id)
        .name(&body.name)
        .description(&body.description)
        .testing_information(&body.testing_information)
        .action_plan_title(&body.action_plan_title)
        .action_plan_instructions(&body.action_plan_instructions)
        .set_control_mapping_sources(Some(sources));
    let answer = client.call("UpdateControl", Repeat::Freely, || request.clone().send()).await?;
    Ok(answer.control().and_then(Written::control))
}

fn keyword(source: &SourceBody) -> Option<SourceKeyword> {
    if source.keyword.is_none() && source.input_type.is_none() {
        return None;
    }
    let input_type = source.input_type.as_deref().map(KeywordInputType::from);
    Some(SourceKeyword::builder().set_keyword_input_type(input_type).set_keyword_value(source.keyword.clone()).build())
}

fn new_source(source: &SourceBody) -> CreateControlMappingSource {
    CreateControlMappingSource::builder()
        .source_name(&source.name)
        .source_description(&source.description)
        .source_set_up_option(SourceSetUpOption::from(source.set_up_option.as_str()))
        .source_type(SourceType::from(source.source_type.name()))
        .set_source_keyword(keyword(source))
        .set_source_frequency(source.frequency.as_deref().map(SourceFrequency::from))
        .troubleshooting_text(&source.troubleshooting)
        .build()
}

fn existing_source(source: &SourceBody) -> ControlMappingSource {
    ControlMappingSource::builder()
        .set_source_id(source.id.clone())
        .source_name(&source.name)
        .source_description(&source.description)
        .source_set_up_option(SourceSetUpOption::from(source.set_up_option.as_str()))
        .source_type(SourceType::from(source.source_type.name()))
        .set_source_keyword(keyword(source))
        .set_source_frequency(source.frequency.as_deref().map(SourceFrequency::from))
        .troubleshooting_text(&source.troubleshooting)
        .build()
}

/// Returns the IDs of the controls of a control set.
fn control_ids(
    targets: &[ControlTarget],
    created: &BTreeMap<String, String>,
) -> Result<Vec<CreateAssessmentFrameworkControl>, BuildError> {
    let ids = targets.iter().filter_map(|target| match target {
        ControlTarget::Id(id) => Some(id),
        ControlTarget::Created(name) => created.get(name),
    });
    ids.map(|id| CreateAssessmentFrameworkControl::builder().id(id).build()).collect()
}

/// Converts a build error of the SDK: a required field is missing, which every plan has.
pub(in crate::audit_manager) fn incomplete(operation: &'static str) -> impl Fn(BuildError) -> Failure {
    move |error| Failure {
        kind: FailureKind::Internal,
        help: Some("This is a bug in controlsync; nothing was sent. Please report it.".to_owned()),
        ..Failure::new(operation, error.to_string())
    }
}

pub(super) async fn create_framework(
    client: &Client,
    body: &FrameworkBody,
    tags: &TagChange,
    created: &BTreeMap<String, String>,
) -> Done {
    let sets = body.control_sets.iter().map(|set| {
        let controls = control_ids(&set.controls, created)?;
        CreateAssessmentFrameworkControlSet::builder().name(&set.name).set_controls(Some(controls)).build()
    });
    let sets: Vec<_> = sets.collect::<Result<_, _>>().map_err(incomplete("CreateAssessmentFramework"))?;
    let request = client
        .sdk()
        .create_assessment_framework()
        .name(&body.name)
        .set_description(body.description.clone())
        .compliance_type(&body.compliance_type)
        .set_control_sets(Some(sets))
        .set_tags(Some(all_tags(tags)));
    let answer = client.call("CreateAssessmentFramework", Repeat::Never, || request.clone().send()).await?;
    let written = answer.framework().and_then(Written::framework);
    let written = written.ok_or_else(|| no_id("CreateAssessmentFramework", &body.name))?;
    Ok((written.id().to_owned(), Some(written)))
}

pub(super) async fn update_framework(
    client: &Client,
    id: &str,
    body: &FrameworkBody,
    created: &BTreeMap<String, String>,
) -> Update {
    let sets = body.control_sets.iter().map(|set| {
        let controls = control_ids(&set.controls, created)?;
        UpdateAssessmentFrameworkControlSet::builder()
            .set_id(set.id.clone())
            .name(&set.name)
            .set_controls(Some(controls))
            .build()
    });
    let sets: Vec<_> = sets.collect::<Result<_, _>>().map_err(incomplete("UpdateAssessmentFramework"))?;
    let request = client
        .sdk()
        .update_assessment_framework()
        .framework_id(id)
        .name(&body.name)
        .set_description(body.description.clone())
        .compliance_type(&body.compliance_type)
        .set_control_sets(Some(sets));
    let answer = client.call("UpdateAssessmentFramework", Repeat::Freely, || request.clone().send()).await?;
    Ok(answer.framework().and_then(Written::framework))
}
