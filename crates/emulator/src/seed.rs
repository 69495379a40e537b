//! Resources that no supported operation can create, in all services and accounts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::audit_manager::seed::{AccountSeed, SeedAssessment, SeedControl, SeedError, SeedEvidence, SeedFramework};
use crate::cloud_trail::seed::CloudTrailSeed;
use crate::config::seed::ConfigSeed;
use crate::event_bridge::seed::EventBridgeSeed;
use crate::options::Options;
use crate::protocol::account;
use crate::protocol::caller::Caller;
use crate::protocol::operation::Context;
use crate::protocol::time::Time;
use crate::security_hub::seed::SecurityHubSeed;
use crate::service;
use crate::state::State;
use crate::sts;
use crate::sts::seed::SeedRole;

/// Resources to add to the home account and to others, deserialized from JSON.
///
/// ```json
/// {
///   "controls": [{ "id": "UUID", "type": "Core", "name": "…", "controlMappingSources": […] }],
///   "frameworks": [{ "id": "UUID", "name": "…", "controlSets": [{ "name": "…", "controls": ["UUID"] }] }],
///   "assessments": [{ "name": "…", "frameworkId": "UUID", "status": "ACTIVE", "accounts": ["111122223333"] }],
///   "evidence": [{ "assessment": "UUID", "control": "UUID", "dataSource": "AWS Config", "date": "2026-11-26", "count": 3 }],
///   "config": { "rules": […], "recorders": […], "resourceCounts": { "AWS::IAM::User": 12 } },
///   "securityHub": { "enabled": true, "administrator": "111122223333" },
///   "accounts": { "111122223333": { "roles": { "reader": { "externalId": "…" } }, "config": { "rules": […] } } }
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
    event_bridge: EventBridgeSeed,
    cloud_trail: CloudTrailSeed,
    accounts: BTreeMap<String, MemberSeed>,
    regions: BTreeMap<String, PlaceSeed>,
}

/// The resources of another account, and roles of any account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct MemberSeed {
    roles: BTreeMap<String, SeedRole>,
    config: ConfigSeed,
    security_hub: SecurityHubSeed,
    event_bridge: EventBridgeSeed,
    cloud_trail: CloudTrailSeed,
    regions: BTreeMap<String, PlaceSeed>,
}

/// The resources of an account in a Region.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct PlaceSeed {
    config: ConfigSeed,
    security_hub: SecurityHubSeed,
    event_bridge: EventBridgeSeed,
    cloud_trail: CloudTrailSeed,
}

impl Seed {
    /// Adds all resources to a state.
    ///
    /// # Errors
    ///
    /// A reference to a missing resource, or a part that cannot be used; the state may then have a part of the seed.
    pub(crate) fn add_to(self, state: &mut State, options: &Options) -> Result<(), SeedError> {
        let Self { controls, frameworks, assessments, evidence, organization_admin, .. } = self;
        let seed = AccountSeed { controls, frameworks, assessments, evidence, organization_admin };
        seed.add_to(&mut state.audit_manager, None)?;
        let Self { config, security_hub, event_bridge, cloud_trail, regions, .. } = self;
        let configured: Vec<String> = security_hub.configured().map(str::to_owned).collect();
        let roles = BTreeMap::new();
        let home = MemberSeed { roles, config, security_hub, event_bridge, cloud_trail, regions };
        home.add_to(state, &options.account, options).map_err(SeedError::Invalid)?;
        for (account, member) in self.accounts {
            account::check(&account).map_err(SeedError::Invalid)?;
            let added = member.add_to(state, &account, options);
            added.map_err(|message| SeedError::Invalid(format!("account {account}: {message}")))?;
        }
        configure(state, &options.account, &options.region, configured);
        Ok(())
    }
}

/// Makes the Security Hub of accounts agree with the central configuration of the home account.
fn configure(state: &mut State, home: &str, region: &str, accounts: Vec<String>) {
    let administrator = Arc::clone(&state.home.security_hub);
    let Some(central) = administrator.organization.as_ref().and_then(|of| of.central.as_ref()) else { return };
    for account in accounts {
        let hub = Arc::make_mut(&mut state.services_mut(&account, region).security_hub);
        if account != home {
            hub.administrator = Some(home.to_owned());
        }
        if let Some(policy) = central.applied_to(&account) {
            hub.apply(policy, Time::now());
        }
    }
}

impl MemberSeed {
    /// Adds all resources to an account.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    fn add_to(self, state: &mut State, account: &str, options: &Options) -> Result<(), String> {
        if account != options.account && self.security_hub.is_administrator() {
            return Err("only the home account can be the delegated administrator of Security Hub".to_owned());
        }
        sts::seed::add(self.roles, Arc::make_mut(&mut state.sts), account, service::check_action)?;
        let Self { config, security_hub, event_bridge, cloud_trail, .. } = self;
        let place = PlaceSeed { config, security_hub, event_bridge, cloud_trail };
        place.add_to(state, account, &options.region, options)?;
        for (region, place) in self.regions {
            if !region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
                return Err(format!("\"{region}\" is not the name of a Region"));
            }
            if place.security_hub.is_administrator() {
                return Err(format!(
                    "Region {region}: Security Hub is administered in the Region of Audit Manager only"
                ));
            }
            state.add_region(&region);
            place.add_to(state, account, &region, options).map_err(|message| format!("Region {region}: {message}"))?;
        }
        Ok(())
    }
}

impl PlaceSeed {
    /// Adds all resources to an account in a Region.
    ///
    /// # Errors
    ///
    /// A part cannot be used; the error is a message.
    fn add_to(self, state: &mut State, account: &str, region: &str, options: &Options) -> Result<(), String> {
        let (caller, now, home) = (Caller::home(account), Time::now(), options.account.as_str());
        let of = |options| Context { account, home, caller: &caller, region, now, options };
        let services = state.services_mut(account, region);
        self.config.add_to(Arc::make_mut(&mut services.config), &of(&options.config))?;
        self.security_hub.add_to(Arc::make_mut(&mut services.security_hub), &of(&options.security_hub))?;
        self.event_bridge.add_to(Arc::make_mut(&mut services.event_bridge), &of(&options.event_bridge))?;
        self.cloud_trail.add_to(Arc::make_mut(&mut services.cloud_trail), &of(&options.cloud_trail))
    }
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
        assert_eq!((state.home.config.rules.len(), state.home.config.recorders.len()), (1, 1));
        assert!(state.home.security_hub.administrator.is_some());
        let there = state.services("111122223333", "eu-west-1");
        assert_eq!((state.home.config.results.len(), there.config.results.len()), (1, 1));
        let written = serde_json::to_value(&state).unwrap();
        assert_eq!(serde_json::from_value::<State>(written).unwrap(), state, "a state file has all of it");
    }

    #[test]
    fn accounts_have_what_their_seed_says_and_a_seed_adds_to_those_before() {
        let (mut state, options) = (State::new("000000000000", "us-east-1"), Options::default());
        for seed in [
            r#"{"accounts":{"222222222222":{
                "roles":{"team/reader":{"externalId":"x","trusted":["000000000000"],"denied":["config:*"]}},
                "cloudTrail":{"trails":[{"Name":"all","S3BucketName":"b","EventSelectors":[{"ReadWriteType":"All"}]}]}}}}"#,
            r#"{"accounts":{"222222222222":{"roles":{"other":{}},"config":{"resourceCounts":{"AWS::IAM::User":2}},
                "cloudTrail":{"trails":[{"Name":"off","S3BucketName":"b","IsLogging":false}]}},
                "000000000000":{"roles":{"hub":{}}}}}"#,
        ] {
            serde_json::from_str::<Seed>(seed).unwrap().add_to(&mut state, &options).unwrap();
        }
        assert!(state.home.config.resource_counts.is_empty() && state.sts.role("000000000000", "hub").is_some());
        let member = state.services("222222222222", "us-east-1");
        assert_eq!(member.config.resource_counts["AWS::IAM::User"], 2);
        let trails = &member.cloud_trail.trails;
        assert!(trails["all"].is_logging && trails["all"].event_selectors.is_some() && !trails["off"].is_logging);
        assert_eq!(trails["all"].wire["TrailARN"], "arn:aws:cloudtrail:us-east-1:222222222222:trail/all");
        let role = state.sts.role("222222222222", "team/reader").unwrap();
        assert!(!role.allows("config:DescribeConfigRules") && role.allows("events:ListRules"));
        assert!(state.sts.role("222222222222", "other").is_some());
    }

    #[test]
    fn a_part_that_cannot_be_used_is_named() {
        for (seed, part) in [
            (r#"{"config":{"rules":[{}]}}"#, "ConfigRuleName"),
            (r#"{"config":{"rules":[{"ConfigRuleName":"r"}]}}"#, "rule \"r\""),
            (r#"{"securityHub":{"standards":[{"standard":"CIS","disabledControls":["ACM.9"]}]}}"#, "ACM.9"),
            (r#"{"cloudTrail":{"deliveryErrors":{"t":"NoSuchBucket"}}}"#, "there is no trail \"t\"; create it first"),
            (
                r#"{"cloudTrail":{"trails":[{"Name":"abc"}]}}"#,
                "trail \"abc\": 1 validation error detected: Value at 'S3BucketName'",
            ),
            (r#"{"cloudTrail":{"trails":[{"Name":"abc","S3BucketName":"b","Bucket":"b"}]}}"#, "unknown key \"Bucket\""),
            (r#"{"eventBridge":{"rules":[7]}}"#, "rule \"\": expected an object"),
            (
                r#"{"eventBridge":{"rules":[{"Name":"r"}]}}"#,
                "rule \"r\": Parameter(s) EventPattern or ScheduleExpression",
            ),
            (r#"{"accounts":{"2222":{}}}"#, "\"2222\" is not a valid account ID; use 12 digits"),
            (
                r#"{"accounts":{"222222222222":{"config":{"rules":[{}]}}}}"#,
                "account 222222222222: a rule needs a ConfigRuleName",
            ),
            (
                r#"{"accounts":{"222222222222":{"roles":{"a b":{}}}}}"#,
                "account 222222222222: role \"a b\": a path and a name have only letters, digits and _+=,.@-",
            ),
            (
                r#"{"accounts":{"222222222222":{"roles":{"r":{"trusted":["reader"]}}}}}"#,
                "\"reader\" is not a principal; use an account ID, the ARN of a root, user, role or session, or *",
            ),
            (
                r#"{"accounts":{"222222222222":{"roles":{"r":{"denied":["config:All"]}}}}}"#,
                "role \"r\": unknown action \"config:All\"",
            ),
            (
                r#"{"accounts":{"222222222222":{"roles":{"r":{"maxSessionDuration":900}}}}}"#,
                "900 is not a valid maxSessionDuration; use 3600 to 43200 seconds",
            ),
        ] {
            rejected(seed, part);
        }
    }

    #[test]
    fn a_central_configuration_that_cannot_be_used_is_explained() {
        for (seed, part) in [
            (
                r#"{"accounts":{"222222222222":{"securityHub":{"delegatedAdministrator":true}}}}"#,
                "account 222222222222: only the home account can be the delegated administrator of Security Hub",
            ),
            (r#"{"securityHub":{"centralConfiguration":{"policies":{"p":{}}}}}"#, "policy \"p\": the ID is not a UUID"),
            (
                r#"{"securityHub":{"centralConfiguration":{"policies":{"7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f":
                   {"enabledControls":["IAM.1"],"disabledControls":[]}}}}}"#,
                "use either `disabledControls` or `enabledControls`",
            ),
            (
                r#"{"securityHub":{"centralConfiguration":{"policies":{"7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f":
                   {"disabledControls":["IAM.999"]}}}}}"#,
                "no standard has the control \"IAM.999\"; use a consolidated ID",
            ),
            (
                r#"{"securityHub":{"centralConfiguration":{"associations":{"2":{"policy":"SELF_MANAGED_SECURITY_HUB"}}}}}"#,
                "\"2\" is not the ID of an account, an organizational unit (\"ou-…\") or a root (\"r-…\")",
            ),
            (
                r#"{"securityHub":{"centralConfiguration":{"associations":{"222222222222":{"policy":"p"}}}}}"#,
                "the policy \"p\" of 222222222222 does not exist; add it to `policies`, or use \"SELF_MANAGED_SECURITY_HUB\"",
            ),
        ] {
            rejected(seed, part);
        }
    }

    /// Fails unless the seed is rejected with a message that has this part.
    fn rejected(seed: &str, part: &str) {
        let (mut state, options) = (State::new("000000000000", "us-east-1"), Options::default());
        let error = serde_json::from_str::<Seed>(seed).unwrap().add_to(&mut state, &options).unwrap_err();
        assert!(error.to_string().contains(part), "{seed}: {error}");
    }
}
