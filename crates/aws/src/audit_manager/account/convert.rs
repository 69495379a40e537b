//! Converts responses of the SDK to the types of plans.

use std::collections::BTreeMap;

use aws_sdk_auditmanager::types::{self, ControlState, ControlType};
use controlsync_core::plan::{
    AccountAssessment, AccountControl, AccountControlSet, AccountFramework, AccountSource, ControlOrigin,
};

pub(super) fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

fn tags(tags: Option<&std::collections::HashMap<String, String>>) -> BTreeMap<String, String> {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

pub(super) fn control(control: &types::Control) -> AccountControl {
    AccountControl {
        origin: match control.r#type() {
            Some(ControlType::Standard) => ControlOrigin::Standard,
            Some(ControlType::Core) => ControlOrigin::Core,
            _ => ControlOrigin::Custom,
        },
        end_of_support: control.state() == Some(&ControlState::EndOfSupport),
        description: text(control.description()),
        testing_information: text(control.testing_information()),
        action_plan_title: text(control.action_plan_title()),
        action_plan_instructions: text(control.action_plan_instructions()),
        sources: control.control_mapping_sources().iter().map(source).collect(),
        tags: tags(control.tags()),
    }
}

fn source(source: &types::ControlMappingSource) -> AccountSource {
    let keyword = source.source_keyword();
    AccountSource {
        id: text(source.source_id()),
        name: text(source.source_name()),
        description: text(source.source_description()),
        set_up_option: source.source_set_up_option().map(|option| option.as_str().to_owned()),
        source_type: source.source_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        input_type: keyword.and_then(|keyword| keyword.keyword_input_type()).map(|kind| kind.as_str().to_owned()),
        keyword: keyword.and_then(|keyword| keyword.keyword_value()).map(str::to_owned),
        frequency: source.source_frequency().map(|frequency| frequency.as_str().to_owned()),
        troubleshooting: text(source.troubleshooting_text()),
    }
}

pub(super) fn framework(framework: &types::Framework) -> AccountFramework {
    let set = |set: &types::ControlSet| AccountControlSet {
        id: text(set.id()),
        name: text(set.name()),
        controls: set.controls().iter().map(|control| (text(control.id()), text(control.name()))).collect(),
    };
    AccountFramework {
        description: framework.description().map(str::to_owned),
        compliance_type: text(framework.compliance_type()),
        control_sets: framework.control_sets().iter().map(set).collect(),
        tags: tags(framework.tags()),
    }
}

pub(super) fn assessment(id: &str, name: &str, assessment: &types::Assessment) -> AccountAssessment {
    let framework = assessment.framework();
    let sets = framework.map(types::AssessmentFramework::control_sets).unwrap_or_default();
    let controls = sets.iter().flat_map(types::AssessmentControlSet::controls);
    AccountAssessment {
        id: id.to_owned(),
        name: name.to_owned(),
        framework: framework.and_then(|framework| framework.id()).map(str::to_owned),
        controls: controls.filter_map(|control| control.id().map(str::to_owned)).collect(),
    }
}
