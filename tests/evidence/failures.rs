//! Whatever one operation answers, setups stay as they are or become unknown, and name what is not known.

use controlsync_core::evidence::{Evidence, Setup};
use controlsync_emulator::{AccountStatus, Effect, Emulator, Fault, Pages};
use serde_json::{Value as Json, json};

use crate::support::{Definition, assessed, catalog, emulator, evidence, facts, requests, runtime, services};

/// Controls with every kind of source that an account decides.
fn definitions() -> Vec<Definition> {
    let control = |name: &str, sources: &[(&'static str, &str)]| Definition {
        name: name.to_owned(),
        sources: sources.iter().map(|(of, keyword)| (*of, (*keyword).to_owned())).collect(),
    };
    vec![
        control("Volumes", &[("AWS_Config", "ENCRYPTED_VOLUMES")]),
        control("Keys", &[("AWS_Config", "ACCESS_KEYS_ROTATED")]),
        control("Root", &[("AWS_Security_Hub", "IAM.6")]),
        control("CIS", &[("AWS_Security_Hub", "1.13")]),
        control("Events", &[("AWS_Cloudtrail", "iam_CreateUser"), ("AWS_API_Call", "iam_ListUsers")]),
    ]
}

/// An account in which everything is set up, and one in which little is.
fn accounts() -> [(&'static str, Json); 2] {
    let rule = |name: &str, identifier: &str, parameters: &str| {
        json!({
            "ConfigRuleName": name, "InputParameters": parameters,
            "Source": { "Owner": "AWS", "SourceIdentifier": identifier },
        })
    };
    let all = json!({ "allSupported": true, "includeGlobalResourceTypes": true });
    let mut ready = assessed(&definitions());
    ready["config"] = json!({
        "recorders": [{ "name": "default", "recordingGroup": all, "recording": true }],
        "rules": [
            rule("volumes", "ENCRYPTED_VOLUMES", "{}"),
            rule("keys", "ACCESS_KEYS_ROTATED", "{\"maxAccessKeyAge\":\"90\"}"),
        ],
        "resourceCounts": { "AWS::EC2::Volume": 3, "AWS::IAM::User": 2 },
    });
    ready["securityHub"] = json!({
        "enabled": true, "controlFindingGenerator": "STANDARD_CONTROL",
        "standards": [{ "standard": "FSBP" }, { "standard": "CIS" }],
    });
    let mut partly = assessed(&definitions());
    partly["config"] = json!({
        "recorders": [{ "name": "default", "recordingGroup": all, "recording": true }],
        "rules": [{
            "ConfigRuleName": "volumes", "Source": { "Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES" },
            "evaluationStatus": { "FirstActivatedTime": 1_700_000_000 },
        }],
        "resourceCounts": { "AWS::EC2::Volume": 3 },
    });
    partly["securityHub"] = json!({
        "enabled": true, "controlFindingGenerator": "STANDARD_CONTROL",
        "standards": [{ "standard": "FSBP", "disabledControls": ["IAM.6"] }],
    });
    [("ready", ready), ("partly", partly)]
}

fn setups(evidence: &Evidence) -> Vec<(String, Setup)> {
    evidence.controls.iter().map(|control| (control.name.clone(), control.setup)).collect()
}

fn expected(of: &str) -> [Setup; 5] {
    // By name: CIS, Events, Keys, Root, Volumes.
    match of {
        "ready" => [Setup::Ready; 5],
        _ => [Setup::NotReady, Setup::Ready, Setup::NotReady, Setup::NotReady, Setup::NotReady],
    }
}

fn inject(emulator: &Emulator, operation: &str, effect: Effect) {
    emulator
        .inject(Fault { operation: Some(operation.to_owned()), account: None, skip: 0, times: 10_000, effect })
        .unwrap();
}

#[test]
fn a_call_that_fails_makes_setups_unknown_and_nothing_else() {
    let effects = [
        Effect::Deny,
        Effect::Throttle,
        Effect::Fail { status: 500 },
        Effect::CutShort,
        Effect::Malformed,
        Effect::Empty,
    ];
    let checked = catalog(&definitions());
    runtime().block_on(async {
        for (name, seed) in accounts() {
            let emulator = emulator(seed).await;
            let services = services(&emulator).await;
            let before = evidence(&checked, &Box::pin(facts(&services, &checked)).await);
            let found: Vec<Setup> = setups(&before).into_iter().map(|(_, setup)| setup).collect();
            assert_eq!(found, expected(name), "{name}: {:#?}", before.diagnostics);
            let operations = requests(&emulator);
            assert!(operations.len() > 12, "{operations:?}");
            for operation in operations.keys() {
                for effect in effects {
                    inject(&emulator, operation, effect);
                    let read = Box::pin(facts(&services, &checked)).await;
                    emulator.clear_faults();
                    let after = evidence(&checked, &read);
                    let mut lost = false;
                    for ((control, before), (_, after)) in setups(&before).into_iter().zip(setups(&after)) {
                        let only_unknown = after == before || after == Setup::Unknown;
                        assert!(only_unknown, "{operation} {effect:?} makes {control} {after:?}, not {before:?}");
                        lost |= after != before;
                    }
                    let named = after.unknown().keys().any(|why| why.to_string().contains(operation.as_str()));
                    assert!(named || !lost, "{operation} {effect:?}: {:?}", after.unknown());
                }
            }
        }
    });
}

#[test]
fn an_account_without_audit_manager_is_no_missing_permission() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        let emulator = emulator(assessed(&definitions())).await;
        emulator.reconfigure(|options| options.audit_manager.account_status = AccountStatus::Inactive);
        let found = evidence(&checked, &Box::pin(facts(&services(&emulator).await, &checked)).await);
        let why: Vec<String> = found.unknown().keys().map(ToString::to_string).collect();
        let message = "auditmanager:ListAssessments failed: Please complete AWS Audit Manager setup";
        assert!(why.iter().any(|why| why.starts_with(message)), "{why:?}");
    });
}

#[test]
fn repeated_and_overlapping_pages_change_no_setup() {
    let checked = catalog(&definitions());
    runtime().block_on(async {
        for (name, seed) in accounts() {
            let emulator = emulator(seed).await;
            let services = services(&emulator).await;
            for pages in [Pages::Exact, Pages::RepeatEntries, Pages::Overlap, Pages::EmptyToken] {
                set_pages(&emulator, pages);
                let found = evidence(&checked, &Box::pin(facts(&services, &checked)).await);
                let found: Vec<Setup> = setups(&found).into_iter().map(|(_, setup)| setup).collect();
                assert_eq!(found, expected(name), "{name} {pages:?}");
            }
            for pages in [Pages::SameToken, Pages::Endless] {
                set_pages(&emulator, pages);
                let found = evidence(&checked, &Box::pin(facts(&services, &checked)).await);
                for ((control, found), before) in setups(&found).into_iter().zip(expected(name)) {
                    assert!(found == before || found == Setup::Unknown, "{name} {pages:?}: {control} is {found:?}");
                }
            }
        }
    });
}

fn set_pages(emulator: &Emulator, pages: Pages) {
    emulator.reconfigure(|options| {
        options.audit_manager.switches.pages = pages;
        options.config.pages = pages;
        options.security_hub.pages = pages;
        options.cloud_trail.pages = pages;
    });
}
