//! `findings` of a seed: those of controls, which only Security Hub itself can create.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::time::Time;
use crate::security_hub::findings::{ControlFindings, CountedFindings, Finding, FindingStatus, RecordState, Workflow};

/// The findings of a control: numbers of resources, single resources, or both.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct SeedFindings {
    failed: u64,
    passed: u64,
    /// Of all resources that do not have their own.
    resource_type: Option<String>,
    time: Option<Value>,
    resources: Vec<SeedFinding>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SeedFinding {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    status: FindingStatus,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    workflow: Workflow,
    #[serde(default)]
    record_state: RecordState,
    time: Option<Value>,
}

impl SeedFindings {
    /// Returns the findings.
    ///
    /// # Errors
    ///
    /// A time cannot be read; the error is a message.
    pub(crate) fn findings(self, now: Time) -> Result<ControlFindings, String> {
        let time = |sent: Option<&Value>, default: Time| match sent {
            None => Ok(default),
            Some(sent) => Time::parse(sent).ok_or_else(|| format!("{sent} is not a time")),
        };
        let updated = time(self.time.as_ref(), now)?;
        let resource_type = self.resource_type.unwrap_or_else(|| "AwsS3Bucket".to_owned());
        let single = self.resources.into_iter().map(|sent| {
            let SeedFinding { id, kind, status, reasons, workflow, record_state, time: at } = sent;
            let (updated, resource_type) = (time(at.as_ref(), updated)?, kind.unwrap_or_else(|| resource_type.clone()));
            Ok(Finding { resource: id, resource_type, status, reasons, workflow, record_state, updated })
        });
        let single = single.collect::<Result<_, String>>()?;
        let (failed, passed) = (self.failed, self.passed);
        let counted = (failed > 0 || passed > 0).then_some(CountedFindings { failed, passed, resource_type, updated });
        Ok(ControlFindings { single, counted })
    }
}
