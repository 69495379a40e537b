//! The state of an account: plain records, cheap to clone.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::audit_manager::error::ServiceError;
use crate::protocol::time::Time;

/// Tags of a resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// All resources of an account in one Region.
///
/// Clones share their records, and are therefore cheap: every write works on its own clone, which replaces the state
/// only if the write succeeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountState {
    pub(crate) account: String,
    pub(crate) region: String,
    /// The last time that [`AccountState::now`] returned.
    pub(crate) clock: Time,
    pub(crate) controls: BTreeMap<Uuid, Arc<Control>>,
    pub(crate) frameworks: BTreeMap<Uuid, Arc<Framework>>,
    pub(crate) assessments: BTreeMap<Uuid, Arc<Assessment>>,
    /// The delegated administrator of the organization.
    #[serde(default)]
    pub(crate) organization_admin: Option<String>,
}

/// The type of a control or framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ObjectKind {
    Standard,
    Custom,
    Core,
}

/// `ControlState` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ControlState {
    #[default]
    Active,
    EndOfSupport,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Control {
    #[serde(rename = "type")]
    pub(crate) kind: ObjectKind,
    pub(crate) state: ControlState,
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) texts: ControlTexts,
    pub(crate) sources: Vec<Source>,
    pub(crate) created_at: Time,
    pub(crate) last_updated_at: Time,
    pub(crate) tags: Tags,
}

/// The optional texts of a control; the service distinguishes an empty text from a missing one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ControlTexts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) testing_information: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action_plan_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action_plan_instructions: Option<String>,
}

/// A data source of a control: `ControlMappingSource` of the model, as request, record and response.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the field names on the wire")]
pub(crate) struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_set_up_option: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_keyword: Option<Keyword>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_frequency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) troubleshooting_text: Option<String>,
}

/// The keyword of a data source: `SourceKeyword` of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keyword {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keyword_input_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keyword_value: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Framework {
    #[serde(rename = "type")]
    pub(crate) kind: ObjectKind,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compliance_type: Option<String>,
    pub(crate) control_sets: Vec<ControlSet>,
    pub(crate) created_at: Time,
    pub(crate) last_updated_at: Time,
    pub(crate) tags: Tags,
}

/// A control set. Its ID is a UUID in one shape of the model and a name in another: here it is any string.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ControlSet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) controls: Vec<Uuid>,
}

/// An assessment: the control sets that its framework had when the assessment was created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Assessment {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) status: AssessmentStatus,
    pub(crate) framework_id: Uuid,
    pub(crate) framework_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compliance_type: Option<String>,
    pub(crate) control_sets: Vec<ControlSet>,
    pub(crate) created_at: Time,
    pub(crate) last_updated_at: Time,
    pub(crate) tags: Tags,
    /// The accounts in its scope; without any, the own one.
    #[serde(default)]
    pub(crate) accounts: Vec<String>,
    /// As on the wire.
    #[serde(default)]
    pub(crate) roles: Vec<Value>,
    /// `assessmentReportsDestination`, as on the wire.
    #[serde(default)]
    pub(crate) reports: Option<Value>,
    /// The controls that are not under review.
    #[serde(default)]
    pub(crate) control_statuses: BTreeMap<Uuid, ControlStatus>,
    #[serde(default)]
    pub(crate) evidence: Vec<Evidence>,
}

/// `ControlStatus` of the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ControlStatus {
    #[default]
    UnderReview,
    Reviewed,
    Inactive,
}

/// The evidence of a control from one service on one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Evidence {
    pub(crate) control: Uuid,
    pub(crate) data_source: DataSource,
    /// The middle of the day.
    pub(crate) at: Time,
    pub(crate) count: u32,
}

/// `dataSource` of a folder of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum DataSource {
    #[serde(rename = "AWS Config")]
    Config,
    #[serde(rename = "AWS Security Hub")]
    SecurityHub,
    #[serde(rename = "AWS CloudTrail")]
    CloudTrail,
    #[serde(rename = "AWS API calls")]
    ApiCalls,
    Manual,
}

/// `AssessmentStatus` of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AssessmentStatus {
    Active,
    Inactive,
}

/// The end of the year 9999. The clock continues from its value in the state file.
const MAX_TIME: Time = Time(253_402_300_799_999);

impl AccountState {
    /// Returns the current time, or one millisecond after the last returned time if that is later.
    pub(crate) fn now(&mut self) -> Time {
        self.clock = Time(Time::now().0.max(self.clock.0 + 1));
        self.clock
    }

    /// Makes all times this many milliseconds older, except those of the resources of AWS.
    pub(crate) fn age(&mut self, millis: u64) {
        self.clock.age(millis);
        for control in self.controls.values_mut().filter(|control| control.kind == ObjectKind::Custom) {
            let control = Arc::make_mut(control);
            control.created_at.age(millis);
            control.last_updated_at.age(millis);
        }
        for framework in self.frameworks.values_mut().filter(|framework| framework.kind == ObjectKind::Custom) {
            let framework = Arc::make_mut(framework);
            framework.created_at.age(millis);
            framework.last_updated_at.age(millis);
        }
        for assessment in self.assessments.values_mut().map(Arc::make_mut) {
            assessment.created_at.age(millis);
            assessment.last_updated_at.age(millis);
            for evidence in &mut assessment.evidence {
                evidence.at.age(millis);
            }
        }
    }

    /// Describes an inconsistency of a state that was not written by the emulator; `None` if it is consistent.
    pub(crate) fn inconsistency(&self) -> Option<String> {
        if self.clock > MAX_TIME {
            return Some("its `clock` is after the year 9999".to_owned());
        }
        let frameworks = self.frameworks.values().map(|of| ("framework", &of.name, &of.control_sets));
        let assessments = self.assessments.values().map(|of| ("assessment", &of.name, &of.control_sets));
        frameworks.chain(assessments).find_map(|(noun, name, sets)| {
            let mut controls = sets.iter().flat_map(|set| &set.controls);
            let missing = controls.find(|id| !self.controls.contains_key(id))?;
            Some(format!("{noun} {name:?} has the control {missing}, which does not exist"))
        })
    }

    /// Returns the control with an ID.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` if it does not exist.
    pub(crate) fn control(&self, id: Uuid) -> Result<&Control, ServiceError> {
        let control = self.controls.get(&id);
        control.map(AsRef::as_ref).ok_or_else(|| ServiceError::not_found("Control", id.to_string()))
    }

    /// Returns the framework with an ID.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` if it does not exist.
    pub(crate) fn framework(&self, id: Uuid) -> Result<&Framework, ServiceError> {
        let framework = self.frameworks.get(&id);
        framework.map(AsRef::as_ref).ok_or_else(|| ServiceError::not_found("AssessmentFramework", id.to_string()))
    }

    /// Returns the assessment with an ID.
    ///
    /// # Errors
    ///
    /// `ResourceNotFoundException` if it does not exist.
    pub(crate) fn assessment(&self, id: Uuid) -> Result<&Assessment, ServiceError> {
        let assessment = self.assessments.get(&id);
        assessment.map(AsRef::as_ref).ok_or_else(|| ServiceError::not_found("Assessment", id.to_string()))
    }

    /// Returns the ARN of a control; for standard and core controls, its account field is empty.
    pub(crate) fn control_arn(&self, id: Uuid, kind: ObjectKind) -> String {
        self.arn("control", id, kind)
    }

    /// Returns the ARN of a framework; for standard frameworks, its account field is empty.
    pub(crate) fn framework_arn(&self, id: Uuid, kind: ObjectKind) -> String {
        self.arn("assessmentFramework", id, kind)
    }

    /// Returns the ARN of an assessment.
    pub(crate) fn assessment_arn(&self, id: Uuid) -> String {
        self.arn("assessment", id, ObjectKind::Custom)
    }

    fn arn(&self, resource: &str, id: Uuid, kind: ObjectKind) -> String {
        let account = if kind == ObjectKind::Custom { self.account.as_str() } else { "" };
        format!("arn:aws:auditmanager:{}:{account}:{resource}/{id}", self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_manager::library::new_account;

    #[test]
    fn times_strictly_increase_even_if_the_system_clock_does_not() {
        let mut state = new_account("000000000000", "us-east-1");
        state.clock = Time(u64::MAX / 2);
        let first = state.now();
        assert!(state.now() > first);
    }

    #[test]
    fn arns_of_standard_and_core_resources_have_no_account() {
        let state = new_account("111122223333", "eu-west-1");
        assert_eq!(
            state.control_arn(Uuid::nil(), ObjectKind::Core),
            "arn:aws:auditmanager:eu-west-1::control/00000000-0000-0000-0000-000000000000"
        );
        assert_eq!(
            state.framework_arn(Uuid::nil(), ObjectKind::Custom),
            "arn:aws:auditmanager:eu-west-1:111122223333:assessmentFramework/00000000-0000-0000-0000-000000000000"
        );
    }
}
