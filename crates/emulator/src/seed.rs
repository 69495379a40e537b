//! Resources that no supported operation can create, in all services.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::audit_manager::seed::{AccountSeed, SeedAssessment, SeedControl, SeedError, SeedEvidence, SeedFramework};
use crate::cloud_trail::state::CloudTrailState;
use crate::config::seed::ConfigSeed;
use crate::options::Options;
use crate::protocol::operation::Context;
use crate::protocol::time::Time;
use crate::security_hub::seed::SecurityHubSeed;
use crate::state::State;

/// Resources to add to an account, deserialized from JSON.
///
/// ```json
/// {
///   "controls": [{ "id": "UUID", "type": "Core", "name": "…", "controlMappingSources": […] }],
///   "frameworks": [{ "id": "UUID", "name": "…", "controlSets": [{ "name": "…", "controls": ["UUID"] }] }],
///   "assessments": [{ "name": "…", "frameworkId": "UUID", "status": "ACTIVE", "accounts": ["111122223333"] }],
///   "evidence": [{ "assessment": "UUID", "control": "UUID", "dataSource": "AWS Config", "date": "2026-11-26", "count": 3 }],
///   "config": { "rules": […], "recorders": […], "resourceCounts": { "AWS::IAM::User": 12 } },
///   "securityHub": { "enabled": true, "administrator": "111122223333" }
/// }
/// ```
///
/// Of an Audit Manager resource, only names (and `frameworkId`) are required; the default of `type` is `Custom`. All
/// other keys are those of the service's requests; a control without data sources gets a manual one. No limit or quota
/// applies: the resources of an account may be older than its rules. `docs/emulator.md` lists all keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Seed {
    controls: Vec<SeedControl>,
    frameworks: Vec<SeedFramework>,
    assessments: Vec<SeedAssessment>,
    evidence: Vec<SeedEvidence>,
    organization_admin: Option<String>,
    config: ConfigSeed,
    security_hub: SecurityHubSeed,
    cloud_trail: CloudTrailSeed,
}

/// The part of a seed for CloudTrail: what the status of a trail that exists says about deliveries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct CloudTrailSeed {
    delivery_errors: BTreeMap<String, String>,
}

impl Seed {
    /// Adds all resources to a state.
    ///
    /// # Errors
    ///
    /// A reference to a missing resource, or a part that cannot be used; the state may then have a part of the seed.
    pub(crate) fn add_to(self, state: &mut State, options: &Options) -> Result<(), SeedError> {
        let Self { controls, frameworks, assessments, evidence, organization_admin, config, security_hub, cloud_trail } =
            self;
        let seed = AccountSeed { controls, frameworks, assessments, evidence, organization_admin };
        seed.add_to(&mut state.audit_manager, None)?;
        let now = Time::now();
        let of = |service| Context { account: &options.account, region: &options.region, now, options: service };
        config.add_to(Arc::make_mut(&mut state.config), &of(&options.config)).map_err(SeedError::Invalid)?;
        let hub = Arc::make_mut(&mut state.security_hub);
        security_hub.add_to(hub, &of(&options.security_hub)).map_err(SeedError::Invalid)?;
        add_delivery_errors(cloud_trail, Arc::make_mut(&mut state.cloud_trail)).map_err(SeedError::Invalid)
    }
}

fn add_delivery_errors(seed: CloudTrailSeed, state: &mut CloudTrailState) -> Result<(), String> {
    for (name, error) in seed.delivery_errors {
        let trail =
            state.trails.get_mut(&name).ok_or_else(|| format!("there is no trail \"{name}\"; create it first"))?;
        trail.delivery_error = Some(error);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_of_the_guide_is_valid() {
        let page = include_str!("../../../docs/emulator.md");
        let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
        let (mut state, options) = (State::new("000000000000", "us-east-1"), Options::default());
        serde_json::from_str::<Seed>(example).unwrap().add_to(&mut state, &options).unwrap();
        let assessment = state.audit_manager.assessments.values().next().unwrap();
        assert_eq!((assessment.accounts.len(), assessment.evidence.len()), (2, 1));
        assert_eq!((state.config.rules.len(), state.config.recorders.len()), (1, 1));
        assert!(state.security_hub.administrator.is_some());
    }

    #[test]
    fn a_part_that_cannot_be_used_is_named() {
        for (seed, part) in [
            (r#"{"config":{"rules":[{}]}}"#, "ConfigRuleName"),
            (r#"{"config":{"rules":[{"ConfigRuleName":"r"}]}}"#, "rule \"r\""),
            (r#"{"securityHub":{"standards":[{"standard":"CIS","disabledControls":["ACM.9"]}]}}"#, "ACM.9"),
            (r#"{"cloudTrail":{"deliveryErrors":{"t":"NoSuchBucket"}}}"#, "trail \"t\""),
        ] {
            let (mut state, options) = (State::new("000000000000", "us-east-1"), Options::default());
            let error = serde_json::from_str::<Seed>(seed).unwrap().add_to(&mut state, &options).unwrap_err();
            assert!(error.to_string().contains(part), "{seed}: {error}");
        }
    }
}
