//! What a probe sends: any combination of fields, also one that the service may refuse.

use std::collections::HashMap;

use aws_sdk_auditmanager::error::BuildError;
use aws_sdk_auditmanager::types::{
    Control, ControlMappingSource, CreateAssessmentFrameworkControl, CreateAssessmentFrameworkControlSet,
    CreateControlMappingSource, Framework, KeywordInputType, SourceFrequency, SourceKeyword, SourceSetUpOption,
    SourceType, UpdateAssessmentFrameworkControlSet,
};
use controlsync_core::change_result::Failure;

use crate::audit_manager::apply::request::incomplete;
use crate::audit_manager::client::Client;
use crate::sender::Repeat;

/// A data source. Absent fields are not sent.
#[derive(Clone, Debug, Default)]
pub(super) struct NewSource {
    pub id: Option<String>,
    pub name: Option<String>,
    pub source_type: Option<&'static str>,
    pub set_up: Option<&'static str>,
    pub input: Option<&'static str>,
    pub keyword: Option<String>,
    pub frequency: Option<&'static str>,
}

impl NewSource {
    /// The smallest manual source.
    pub(super) fn manual(name: &str) -> Self {
        Self { name: Some(name.to_owned()), source_type: Some("MANUAL"), ..Self::default() }
    }

    /// The smallest automated source.
    pub(super) fn config(name: &str) -> Self {
        let keyword = Some("ACCESS_KEYS_ROTATED".to_owned());
        Self { name: Some(name.to_owned()), source_type: Some("AWS_Config"), keyword, ..Self::default() }
    }

    fn keyword(&self) -> Option<SourceKeyword> {
        if self.keyword.is_none() && self.input.is_none() {
            return None;
        }
        let input = self.input.map(KeywordInputType::from);
        Some(SourceKeyword::builder().set_keyword_input_type(input).set_keyword_value(self.keyword.clone()).build())
    }

    fn to_create(&self) -> CreateControlMappingSource {
        CreateControlMappingSource::builder()
            .set_source_name(self.name.clone())
            .set_source_type(self.source_type.map(SourceType::from))
            .set_source_set_up_option(self.set_up.map(SourceSetUpOption::from))
            .set_source_keyword(self.keyword())
            .set_source_frequency(self.frequency.map(SourceFrequency::from))
            .build()
    }

    fn to_update(&self) -> ControlMappingSource {
        ControlMappingSource::builder()
            .set_source_id(self.id.clone())
            .set_source_name(self.name.clone())
            .set_source_type(self.source_type.map(SourceType::from))
            .set_source_set_up_option(self.set_up.map(SourceSetUpOption::from))
            .set_source_keyword(self.keyword())
            .set_source_frequency(self.frequency.map(SourceFrequency::from))
            .build()
    }
}

/// A control. Absent fields are not sent.
#[derive(Clone, Debug, Default)]
pub(super) struct NewControl {
    pub name: String,
    pub description: Option<String>,
    pub testing: Option<String>,
    pub sources: Vec<NewSource>,
    pub tags: HashMap<String, String>,
}

/// A control set. Absent fields are not sent.
#[derive(Clone, Debug, Default)]
pub(super) struct NewSet {
    pub id: Option<String>,
    pub name: String,
    pub controls: Vec<String>,
}

/// A framework. Absent fields are not sent.
#[derive(Clone, Debug, Default)]
pub(super) struct NewFramework {
    pub name: String,
    pub description: Option<String>,
    pub sets: Vec<NewSet>,
    pub tags: HashMap<String, String>,
}

fn nothing(operation: &'static str) -> Failure {
    Failure { unclear: true, ..Failure::transient(operation, "the service returned no object") }
}

fn controls(set: &NewSet) -> Result<Vec<CreateAssessmentFrameworkControl>, BuildError> {
    set.controls.iter().map(|id| CreateAssessmentFrameworkControl::builder().id(id).build()).collect()
}

pub(super) async fn create_control(client: &Client, new: &NewControl) -> Result<Control, Failure> {
    let sources = new.sources.iter().map(NewSource::to_create).collect();
    let request = client
        .sdk()
        .create_control()
        .name(&new.name)
        .set_description(new.description.clone())
        .set_testing_information(new.testing.clone())
        .set_control_mapping_sources(Some(sources))
        .set_tags(Some(new.tags.clone()));
    let answer = client.call("CreateControl", Repeat::Never, || request.clone().send()).await?;
    answer.control.ok_or_else(|| nothing("CreateControl"))
}

pub(super) async fn update_control(client: &Client, id: &str, new: &NewControl) -> Result<Control, Failure> {
    let sources = new.sources.iter().map(NewSource::to_update).collect();
    let request = client
        .sdk()
        .update_control()
        .control_id(id)
        .name(&new.name)
        .set_description(new.description.clone())
        .set_testing_information(new.testing.clone())
        .set_control_mapping_sources(Some(sources));
    let answer = client.call("UpdateControl", Repeat::Freely, || request.clone().send()).await?;
    answer.control.ok_or_else(|| nothing("UpdateControl"))
}

/// Sends a control as it is: a change of nothing.
pub(super) async fn update_as_it_is(client: &Client, control: &Control) -> Result<(), Failure> {
    let request = client
        .sdk()
        .update_control()
        .control_id(control.id().unwrap_or_default())
        .name(control.name().unwrap_or_default())
        .set_description(control.description.clone())
        .set_testing_information(control.testing_information.clone())
        .set_action_plan_title(control.action_plan_title.clone())
        .set_action_plan_instructions(control.action_plan_instructions.clone())
        .set_control_mapping_sources(Some(control.control_mapping_sources().to_vec()));
    client.call("UpdateControl", Repeat::Freely, || request.clone().send()).await.map(drop)
}

pub(super) async fn get_control(client: &Client, id: &str) -> Result<Control, Failure> {
    let request = client.sdk().get_control().control_id(id);
    let answer = client.call("GetControl", Repeat::Freely, || request.clone().send()).await?;
    answer.control.ok_or_else(|| nothing("GetControl"))
}

pub(super) async fn create_framework(client: &Client, new: &NewFramework) -> Result<Framework, Failure> {
    let set = |set: &NewSet| {
        CreateAssessmentFrameworkControlSet::builder().name(&set.name).set_controls(Some(controls(set)?)).build()
    };
    let sets = new.sets.iter().map(set).collect::<Result<_, _>>().map_err(incomplete("CreateAssessmentFramework"))?;
    let request = client
        .sdk()
        .create_assessment_framework()
        .name(&new.name)
        .set_description(new.description.clone())
        .set_control_sets(Some(sets))
        .set_tags(Some(new.tags.clone()));
    let answer = client.call("CreateAssessmentFramework", Repeat::Never, || request.clone().send()).await?;
    answer.framework.ok_or_else(|| nothing("CreateAssessmentFramework"))
}

pub(super) async fn update_framework(client: &Client, id: &str, new: &NewFramework) -> Result<Framework, Failure> {
    let set = |set: &NewSet| {
        UpdateAssessmentFrameworkControlSet::builder()
            .set_id(set.id.clone())
            .name(&set.name)
            .set_controls(Some(controls(set)?))
            .build()
    };
    let sets = new.sets.iter().map(set).collect::<Result<_, _>>().map_err(incomplete("UpdateAssessmentFramework"))?;
    let request = client
        .sdk()
        .update_assessment_framework()
        .framework_id(id)
        .name(&new.name)
        .set_description(new.description.clone())
        .set_control_sets(Some(sets));
    let answer = client.call("UpdateAssessmentFramework", Repeat::Freely, || request.clone().send()).await?;
    answer.framework.ok_or_else(|| nothing("UpdateAssessmentFramework"))
}

pub(super) async fn get_framework(client: &Client, id: &str) -> Result<Framework, Failure> {
    let request = client.sdk().get_assessment_framework().framework_id(id);
    let answer = client.call("GetAssessmentFramework", Repeat::Freely, || request.clone().send()).await?;
    answer.framework.ok_or_else(|| nothing("GetAssessmentFramework"))
}

pub(super) async fn tag(client: &Client, arn: &str, key: &str, value: &str) -> Result<(), Failure> {
    let request = client.sdk().tag_resource().resource_arn(arn).tags(key, value);
    client.call("TagResource", Repeat::Freely, || request.clone().send()).await.map(drop)
}
