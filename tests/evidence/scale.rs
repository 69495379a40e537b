//! How many requests a large account takes.

use std::fmt::Write as _;

use controlsync_core::keywords::managed_rules;
use controlsync_evidence::services::RATES;
use serde_json::{Value as Json, json};

use crate::support::{Definition, assessed, catalog, emulator, evidence, facts, requests, runtime, services};

const CONTROLS_OF_CATALOG: usize = 500;
const RULES: usize = 1000;

/// 500 controls with four sources each: all 392 controls of Security Hub, the others managed rules.
fn definitions() -> Vec<Definition> {
    let hub = include_str!("../../crates/core/src/keywords/data/AWS_Security_Hub.txt");
    let hub = hub.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    let mut hub = hub.map(|keyword| ("AWS_Security_Hub", keyword.to_owned()));
    let listed = include_str!("../../crates/core/src/keywords/data/AWS_Config.txt");
    let listed: Vec<&str> = listed.lines().filter(|line| !line.starts_with('#')).collect();
    let mut rules = listed.iter().cycle().map(|identifier| ("AWS_Config", (*identifier).to_owned()));
    (0..CONTROLS_OF_CATALOG)
        .map(|number| {
            let mut sources: Vec<_> = hub.by_ref().take(1).collect();
            sources.extend(rules.by_ref().take(4 - sources.len()));
            Definition { name: format!("Control {number:03}"), sources }
        })
        .collect()
}

fn seed(definitions: &[Definition]) -> Json {
    let mut seed = assessed(definitions);
    let identifiers = managed_rules().iter().map(|rule| rule.identifier).cycle();
    let rules: Vec<Json> = identifiers
        .take(RULES)
        .enumerate()
        .map(|(number, identifier)| {
            json!({
                "ConfigRuleName": format!("rule-{number:04}"),
                "Source": { "Owner": "AWS", "SourceIdentifier": identifier },
            })
        })
        .collect();
    seed["config"] = json!({
        "recorders": [{ "name": "default", "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true } }],
        "rules": rules,
    });
    seed["securityHub"] = json!({
        "enabled": true, "controlFindingGenerator": "STANDARD_CONTROL",
        "standards": [{ "standard": "FSBP" }, { "standard": "CIS" }, { "standard": "PCI" }],
    });
    seed
}

#[test]
fn a_large_account_takes_few_requests() {
    let definitions = definitions();
    let checked = catalog(&definitions);
    runtime().block_on(async {
        let emulator = emulator(seed(&definitions)).await;
        let services = services(&emulator).await;
        let read = Box::pin(facts(&services, &checked)).await;
        let found = evidence(&checked, &read);
        assert_eq!(found.controls.iter().map(|control| control.sources.len()).sum::<usize>(), 2000);
        assert!(found.unknown().is_empty(), "{:?}", found.unknown());
        let mut shown = String::new();
        let counts = requests(&emulator);
        for (operation, count) in &counts {
            let _ = writeln!(shown, "{count:3} {operation}");
        }
        for rate in &RATES {
            let prefix = rate.actions;
            let of = |(operation, count): (&String, &usize)| {
                if operation.starts_with(&format!("{prefix}:")) { *count } else { 0 }
            };
            let requests: usize = counts.iter().map(of).sum();
            let seconds = f64::from(u32::try_from(requests).unwrap()) / f64::from(rate.per_second);
            let limit = if rate.documented.is_some() { "documented" } else { "assumed" };
            let _ = writeln!(
                shown,
                "{}: {requests} requests, {seconds:.1} s at {}/s ({limit})",
                rate.service, rate.per_second
            );
        }
        insta::assert_snapshot!(shown);
    });
}
