//! Carries out a plan: controls, then frameworks. It decides nothing and writes nothing that the plan does not show.

use std::collections::BTreeMap;

use aws_sdk_auditmanager::error::BuildError;
use aws_sdk_auditmanager::types::{
    ControlMappingSource, CreateAssessmentFrameworkControl, CreateAssessmentFrameworkControlSet,
    CreateControlMappingSource, KeywordInputType, SourceFrequency, SourceKeyword, SourceSetUpOption, SourceType,
    UpdateAssessmentFrameworkControlSet,
};
use controlsync_core::applied::{ChangeResult, Failure};
use controlsync_core::plan::{
    Body, Change, ControlBody, ControlTarget, FrameworkBody, Kind, ObjectType, Plan, SourceBody, TagChange,
};
use futures_util::{StreamExt as _, stream};

use crate::account::CONCURRENCY;
use crate::client::{Client, Repeat};

/// Carries out the changes of a plan. Gives one result a change, in the same order; `progress` is called as each is
/// known.
pub async fn apply(client: &Client, plan: &Plan, progress: impl Fn(&Change, &ChangeResult)) -> Vec<ChangeResult> {
    let mut results: Vec<Option<ChangeResult>> = vec![None; plan.changes.len()];
    let mut created: BTreeMap<String, String> = BTreeMap::new();
    for object in [ObjectType::Control, ObjectType::Framework] {
        let changes = plan.changes.iter().enumerate().filter(|(_, change)| change.object == object);
        let (created_before, progress) = (&created, &progress);
        let running = stream::iter(changes.map(|(index, change)| async move {
            let result = one(client, change, created_before).await;
            progress(change, &result);
            (index, result)
        }));
        let done: Vec<(usize, ChangeResult)> = running.buffer_unordered(CONCURRENCY).collect().await;
        for (index, result) in done {
            if let (ChangeResult::Applied { id }, Some(change)) = (&result, plan.changes.get(index))
                && object == ObjectType::Control
            {
                created.insert(change.name.clone(), id.clone());
            }
            results[index] = Some(result);
        }
    }
    results.into_iter().map(|result| result.unwrap_or(ChangeResult::NotStarted)).collect()
}

async fn one(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> ChangeResult {
    if !change.blocked_by.is_empty() {
        return ChangeResult::Blocked { by: change.blocked_by.clone() };
    }
    if !change.writes() {
        return ChangeResult::Unchanged;
    }
    if client.stop().asked() {
        return ChangeResult::NotStarted;
    }
    if let Some(Body::Framework(body)) = &change.body {
        let missing = missing_controls(body, created);
        if !missing.is_empty() {
            return ChangeResult::Blocked { by: missing };
        }
    }
    let Some(client) = client.turn().await else { return ChangeResult::NotStarted };
    match write(&client, change, created).await {
        Ok(id) => ChangeResult::Applied { id },
        Err(failure) => ChangeResult::Failed(failure),
    }
}

/// Controls that this run should have created and did not.
fn missing_controls(body: &FrameworkBody, created: &BTreeMap<String, String>) -> Vec<String> {
    let targets = body.control_sets.iter().flat_map(|set| &set.controls);
    let missing = targets.filter_map(|target| match target {
        ControlTarget::Created(name) if !created.contains_key(name) => Some(format!("control {name}")),
        _ => None,
    });
    missing.collect()
}

/// Sends the requests of one change, in the order in which a run that breaks off can be taken up again: the tag that
/// records what was applied, and which tags are ours, is written last. Removing tags first also makes room for new ones.
async fn write(client: &Client, change: &Change, created: &BTreeMap<String, String>) -> Result<String, Failure> {
    if change.kind == Kind::Create {
        return match &change.body {
            Some(Body::Control(body)) => create_control(client, body, &change.tags).await,
            Some(Body::Framework(body)) => create_framework(client, body, &change.tags, created).await,
            None => Err(no_id("Create", &change.name)),
        };
    }
    let Some((id, arn)) = change.id.clone().zip(change.arn.as_deref()) else {
        return Err(no_id("Update", &change.name));
    };
    match &change.body {
        Some(Body::Control(body)) => update_control(client, &id, body).await?,
        Some(Body::Framework(body)) => update_framework(client, &id, body, created).await?,
        None => {}
    }
    if !change.tags.remove.is_empty() {
        let keys = change.tags.remove.keys().cloned().collect();
        let request = client.sdk().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        client.call("UntagResource", Repeat::Freely, || request.clone().send()).await?;
    }
    if !change.tags.set.is_empty() {
        let request = client.sdk().tag_resource().resource_arn(arn).set_tags(Some(all_tags(&change.tags)));
        client.call("TagResource", Repeat::Freely, || request.clone().send()).await?;
    }
    Ok(id)
}

fn no_id(operation: &'static str, name: &str) -> Failure {
    Failure {
        operation,
        code: None,
        message: format!("the service told no id of {name:?}"),
        fields: Vec::new(),
        help: Some("Apply again: what is already done is not done twice.".to_owned()),
        unclear: true,
    }
}

fn all_tags(tags: &TagChange) -> std::collections::HashMap<String, String> {
    tags.set.iter().map(|(key, (_, value))| (key.clone(), value.clone())).collect()
}

async fn create_control(client: &Client, body: &ControlBody, tags: &TagChange) -> Result<String, Failure> {
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
    let id = answer.control().and_then(|control| control.id());
    id.map(str::to_owned).ok_or_else(|| no_id("CreateControl", &body.name))
}

async fn update_control(client: &Client, id: &str, body: &ControlBody) -> Result<(), Failure> {
    let sources = body.sources.iter().map(held_source).collect();
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
    client.call("UpdateControl", Repeat::Freely, || request.clone().send()).await.map(drop)
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

fn held_source(source: &SourceBody) -> ControlMappingSource {
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

/// The ids of the controls of a set.
fn members(
    targets: &[ControlTarget],
    created: &BTreeMap<String, String>,
) -> Result<Vec<CreateAssessmentFrameworkControl>, BuildError> {
    let ids = targets.iter().filter_map(|target| match target {
        ControlTarget::Id(id) => Some(id),
        ControlTarget::Created(name) => created.get(name),
    });
    ids.map(|id| CreateAssessmentFrameworkControl::builder().id(id).build()).collect()
}

/// A request that the SDK refuses to build lacks a member that every plan has.
fn incomplete(operation: &'static str) -> impl Fn(BuildError) -> Failure {
    move |error| Failure {
        operation,
        code: None,
        message: error.to_string(),
        fields: Vec::new(),
        help: Some("This is a fault of controlsync; nothing was sent. Please report it.".to_owned()),
        unclear: false,
    }
}

async fn create_framework(
    client: &Client,
    body: &FrameworkBody,
    tags: &TagChange,
    created: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let sets = body.control_sets.iter().map(|set| {
        let controls = members(&set.controls, created)?;
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
    let id = answer.framework().and_then(|framework| framework.id());
    id.map(str::to_owned).ok_or_else(|| no_id("CreateAssessmentFramework", &body.name))
}

async fn update_framework(
    client: &Client,
    id: &str,
    body: &FrameworkBody,
    created: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let sets = body.control_sets.iter().map(|set| {
        let controls = members(&set.controls, created)?;
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
    client.call("UpdateAssessmentFramework", Repeat::Freely, || request.clone().send()).await.map(drop)
}
