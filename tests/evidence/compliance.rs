//! Whatever one operation answers, statuses stay as they are or become unknown; nothing becomes compliant.

use std::collections::BTreeSet;

use aws_sdk_config::types::AccountAggregationSource;
use controlsync_core::check::Checked;
use controlsync_core::compliance::facts::{Reached, Reading};
use controlsync_core::compliance::{Compliance, Input, LISTED, Rollup, Status};
use controlsync_core::evidence;
use controlsync_core::evidence::facts::Facts;
use controlsync_core::keywords::Keywords;
use controlsync_core::pack_lock::Lock;
use controlsync_emulator::{Effect, Emulator, Fault, OperationRate, Options, Pages, ServiceOptions};
use controlsync_evidence::Services;
use controlsync_evidence::compliance::{self, Deadline, Shared};
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, Definition, assessed, catalog, connection, emulator, facts, now, requests, runtime, services,
};

const MEMBER: &str = "222222222222";
const FAULTS: [Effect; 6] =
    [Effect::Deny, Effect::Throttle, Effect::Fail { status: 500 }, Effect::CutShort, Effect::Malformed, Effect::Empty];

fn definitions() -> Vec<Definition> {
    let control = |name: &str, of: &'static str, keyword: &str| Definition {
        name: name.to_owned(),
        sources: vec![(of, keyword.to_owned())],
    };
    vec![
        control("Failing", "AWS_Config", "ENCRYPTED_VOLUMES"),
        control("Finding", "AWS_Security_Hub", "IAM.6"),
        control("Passing", "AWS_Config", "ACCESS_KEYS_ROTATED"),
        control("Passing finding", "AWS_Security_Hub", "IAM.5"),
        control("Without rule", "AWS_Config", "CLOUD_TRAIL_ENABLED"),
    ]
}

/// Statuses by name of the control.
const EXPECTED: [Status; 5] =
    [Status::NonCompliant, Status::NonCompliant, Status::Compliant, Status::Compliant, Status::NoData];

fn account() -> Json {
    let rule = |name: &str, identifier: &str| json!({ "ConfigRuleName": name, "Source": { "Owner": "AWS", "SourceIdentifier": identifier } });
    json!({
        "config": {
            "recorders": [{ "name": "default", "recording": true,
                "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true } }],
            "rules": [rule("volumes-conformance-pack-a1b2c3d4e", "ENCRYPTED_VOLUMES"),
                      rule("keys-conformance-pack-a1b2c3d4e", "ACCESS_KEYS_ROTATED")],
            "results": {
                "volumes-conformance-pack-a1b2c3d4e": { "compliant": 2, "nonCompliant": 120, "resourceType": "AWS::EC2::Volume" },
                "keys-conformance-pack-a1b2c3d4e": { "compliant": 3, "resourceType": "AWS::IAM::User" },
            },
        },
        "securityHub": {
            "enabled": true, "standards": [{ "standard": "FSBP" }],
            "findings": {
                "IAM.6": { "resources": [{ "id": "root", "type": "AwsAccount", "status": "FAILED" }] },
                "IAM.5": { "passed": 2 },
            },
        },
    })
}

fn seed() -> Json {
    let mut seed = assessed(&definitions());
    let own = account();
    (seed["config"], seed["securityHub"]) = (own["config"].clone(), own["securityHub"].clone());
    seed
}

/// The same in another account that an aggregator has, and the lock of the packs that both accounts have.
fn aggregated() -> (Json, Lock) {
    let mut seed = seed();
    seed["assessments"][0]["accounts"] = json!([ACCOUNT, MEMBER]);
    seed["accounts"][MEMBER] = account();
    seed["accounts"][MEMBER]["securityHub"]["administrator"] = ACCOUNT.into();
    let pin = |check: &str, name: &str| json!({ "check": check, "pack": "a", "ruleName": name, "logicalId": name });
    let checks = [pin("ACCESS_KEYS_ROTATED", "keys"), pin("ENCRYPTED_VOLUMES", "volumes")];
    let lock = json!({ "version": 1, "name": "a", "perFramework": false, "checks": checks });
    (seed, Lock::read(&lock.to_string()).unwrap())
}

async fn read(
    services: &Services,
    checked: &Checked,
    facts: &Facts,
    packs: Option<&Lock>,
    name: Option<&str>,
) -> Compliance {
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let frameworks = BTreeSet::from(["Baseline"]);
    let (catalog, sources) = (&checked.catalog, &checked.sources);
    let evidence = evidence::Input { catalog, sources, keywords: &keywords, facts, accounts: None, packs, now: now() };
    let aggregator = match name {
        Some(name) => Some(Box::pin(compliance::aggregator(services, name)).await.unwrap()),
        None => None,
    };
    let aggregator = aggregator.as_ref();
    let input = Input { evidence, controls: &controls, frameworks: &frameworks, aggregator, listed: LISTED };
    let mut rollup = Rollup::new(input);
    let home = &facts.audit_manager.place;
    let shared = Shared::new(&mut rollup);
    let reading = if let Some(name) = name {
        Box::pin(compliance::of_aggregator(services, name, &shared, Deadline::default())).await
    } else {
        let of = Box::pin(compliance::of_own_account(services, home, &shared)).await;
        let each = |read| Reached::Each([(home.clone(), read)].into());
        Reading { rules: each(of.rules), findings: each(of.findings) }
    };
    rollup.finish(&reading)
}

fn statuses(compliance: &Compliance) -> Vec<(String, Status)> {
    let mut all: Vec<_> = compliance.controls.iter().map(|control| (control.name.clone(), control.status)).collect();
    all.sort();
    all
}

async fn aggregate(emulator: &Emulator) {
    let source = AccountAggregationSource::builder().account_ids(ACCOUNT).account_ids(MEMBER).aws_regions("us-east-1");
    let client = aws_sdk_config::Client::new(connection(emulator).await.sdk_config());
    let request = client.put_configuration_aggregator().configuration_aggregator_name("all");
    Box::pin(request.account_aggregation_sources(source.build().unwrap()).send()).await.unwrap();
}

#[test]
fn results_and_findings_are_statuses_of_controls() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let emulator = emulator(seed()).await;
        let services = services(&emulator).await;
        let facts = Box::pin(facts(&services, &checked)).await;
        let found = Box::pin(read(&services, &checked, &facts, None, None)).await;
        let got: Vec<Status> = statuses(&found).into_iter().map(|(_, status)| status).collect();
        assert_eq!(got, EXPECTED, "{:#?}", found.reasons);
        let failing = found.controls.iter().find(|control| control.name == "Failing").unwrap();
        assert_eq!(failing.failing, 120, "more than a page");
    });
}

#[test]
fn an_account_without_security_hub_has_no_findings() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let mut seed = seed();
        seed["securityHub"] = json!({ "enabled": false });
        let emulator = emulator(seed).await;
        let services = services(&emulator).await;
        let facts = Box::pin(facts(&services, &checked)).await;
        let found = statuses(&Box::pin(read(&services, &checked, &facts, None, None)).await);
        let of = |name: &str| found.iter().find(|(of, _)| of == name).unwrap().1;
        assert_eq!(
            [of("Finding"), of("Passing finding"), of("Passing")],
            [Status::NoData, Status::NoData, Status::Compliant]
        );
    });
}

#[test]
fn findings_are_read_at_the_rate_that_they_have() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let rate = OperationRate { per_second: 3, burst: 2 };
        let security_hub =
            ServiceOptions { rates: [("GetFindings".to_owned(), rate)].into(), ..ServiceOptions::default() };
        let emulator = Emulator::start(Options { security_hub, ..Options::default() }, 0).await.unwrap();
        let mut seed = seed();
        seed["securityHub"]["findings"]["IAM.5"] = json!({ "passed": 1000 });
        emulator.seed(serde_json::from_value(seed).unwrap()).await.unwrap();
        let facts = Box::pin(facts(&services(&emulator).await, &checked)).await;
        emulator.take_requests();
        let services = Services::new(&connection(&emulator).await, false);
        Box::pin(read(&services, &checked, &facts, None, None)).await;
        let requests = emulator.take_requests().into_iter().filter(|of| of.operation == "securityhub:GetFindings");
        let statuses: Vec<_> = requests.map(|of| of.status).collect();
        assert_eq!(statuses, vec![Some(200); 11]);
    });
}

#[test]
fn a_read_of_results_that_fails_makes_statuses_unknown_and_nothing_else() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let emulator = emulator(seed()).await;
        let services = services(&emulator).await;
        let facts = Box::pin(facts(&services, &checked)).await;
        requests(&emulator);
        let before = statuses(&Box::pin(read(&services, &checked, &facts, None, None)).await);
        let operations = requests(&emulator);
        assert_eq!(operations.len(), 3, "{operations:?}");
        for operation in operations.keys() {
            for effect in FAULTS {
                let fault = Fault { operation: Some(operation.clone()), account: None, skip: 0, times: 10_000, effect };
                emulator.inject(fault).unwrap();
                let found = Box::pin(read(&services, &checked, &facts, None, None)).await;
                emulator.clear_faults();
                only_unknown(&before, &statuses(&found), &format!("{operation} {effect:?}"));
            }
        }
        for pages in [Pages::RepeatEntries, Pages::Overlap, Pages::EmptyToken, Pages::SameToken, Pages::Endless] {
            emulator.reconfigure(|options| (options.config.pages, options.security_hub.pages) = (pages, pages));
            let found = Box::pin(read(&services, &checked, &facts, None, None)).await;
            only_unknown(&before, &statuses(&found), &format!("{pages:?}"));
        }
    });
}

fn only_unknown(before: &[(String, Status)], after: &[(String, Status)], why: &str) {
    // The SDK does not tell an answer without findings from one with none.
    let unnoticed = why.contains("GetFindings") && why.contains("Empty");
    for ((name, before), (_, after)) in before.iter().zip(after) {
        let weaker = *after == Status::Unknown || unnoticed && *after == Status::NoData;
        assert!(after == before || weaker, "{why} makes {name} {after:?}, not {before:?}");
    }
}

#[test]
fn an_aggregator_has_the_results_of_accounts_that_are_not_read() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let (seed, lock) = aggregated();
        let emulator = emulator(seed).await;
        Box::pin(aggregate(&emulator)).await;
        let services = services(&emulator).await;
        let facts = Box::pin(facts(&services, &checked)).await;
        let before = Box::pin(read(&services, &checked, &facts, Some(&lock), Some("all"))).await;
        let got: Vec<Status> = statuses(&before).into_iter().map(|(_, status)| status).collect();
        assert_eq!(got[..4], EXPECTED[..4], "{:#?}", before.reasons);
        assert_eq!(before.places.len(), 2);
        // Without the lock, nothing says which check a rule of the other account is.
        let without = Box::pin(read(&services, &checked, &facts, None, Some("all"))).await;
        let passing = without.controls.iter().find(|control| control.name == "Passing").unwrap();
        assert_eq!(passing.status, Status::Unknown);
        for operation in [
            "config:DescribeAggregateComplianceByConfigRules",
            "config:GetAggregateComplianceDetailsByConfigRule",
            "config:DescribeConfigurationAggregatorSourcesStatus",
            "securityhub:GetFindings",
        ] {
            for effect in FAULTS {
                let operation = Some(operation.to_owned());
                emulator
                    .inject(Fault { operation: operation.clone(), account: None, skip: 0, times: 10_000, effect })
                    .unwrap();
                let found = Box::pin(read(&services, &checked, &facts, Some(&lock), Some("all"))).await;
                emulator.clear_faults();
                only_unknown(&statuses(&before), &statuses(&found), &format!("{operation:?} {effect:?}"));
            }
        }
    });
}
