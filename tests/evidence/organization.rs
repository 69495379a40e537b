//! Many accounts: right counts, and whatever happens in one account, only its facts are not known.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use controlsync_core::evidence::facts::Facts;
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{Evidence, Setup, SourceReport, accounts};
use controlsync_core::keywords::Keywords;
use controlsync_emulator::{AccountOptions, Effect, Emulator, Fault, Pages, ServiceOptions};
use controlsync_evidence::members::Access;
use controlsync_evidence::{Members, Role, read};
use futures_util::StreamExt as _;
use serde_json::{Value as Json, json};

use crate::support::{
    ACCOUNT, Definition, assessed, catalog, emulator, evidence, home, now, requests, runtime, services,
};

/// Accounts besides the home account.
const MEMBERS: usize = 199;
const ROLE: &str = "controlsync-evidence";

fn definitions() -> Vec<Definition> {
    let control = |name: &str, of: &'static str, keyword: &str| Definition {
        name: name.to_owned(),
        sources: vec![(of, keyword.to_owned())],
    };
    vec![
        control("Events", "AWS_Cloudtrail", "iam_CreateUser"),
        control("Root", "AWS_Security_Hub", "IAM.6"),
        control("Volumes", "AWS_Config", "ENCRYPTED_VOLUMES"),
    ]
}

fn member(number: usize) -> String {
    format!("{:012}", 200_000_000_000 + number)
}

/// An account in which everything is set up.
fn ready() -> Json {
    json!({
        "roles": { ROLE: { "externalId": "a1b2c3" } },
        "config": {
            "recorders": [{ "name": "default", "recording": true,
                "recordingGroup": { "allSupported": true, "includeGlobalResourceTypes": true } }],
            "rules": [{ "ConfigRuleName": "volumes", "Source": { "Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES" } }],
            "resourceCounts": { "AWS::EC2::Volume": 3 },
        },
        "securityHub": { "enabled": true, "standards": [{ "standard": "FSBP" }] },
    })
}

/// Accounts that differ: of five, one is ready, one has no recorder, one no rule, one a disabled control, one no Security Hub.
fn seed(members: usize) -> Json {
    let mut seed = assessed(&definitions());
    let home = ready();
    seed["config"] = home["config"].clone();
    seed["securityHub"] = home["securityHub"].clone();
    let mut all = serde_json::Map::new();
    for number in 0..members {
        let mut account = ready();
        match number % 5 {
            1 => account["config"]["recorders"][0]["recording"] = json!(false),
            2 => account["config"]["rules"] = json!([]),
            3 => account["securityHub"]["standards"][0]["disabledControls"] = json!(["IAM.6"]),
            4 => account["securityHub"] = json!({ "enabled": false }),
            _ => {}
        }
        all.insert(member(number), account);
    }
    let mut scope: Vec<String> = all.keys().cloned().collect();
    scope.push(ACCOUNT.to_owned());
    seed["accounts"] = Json::Object(all);
    seed["assessments"][0]["accounts"] = json!(scope);
    seed
}

fn role() -> Role {
    Role { name: ROLE.to_owned(), external_id: Some("a1b2c3".to_owned()) }
}

/// Reads all accounts of the emulator.
async fn read_all(emulator: &Emulator, patience: Duration) -> Facts {
    let checked = catalog(&definitions());
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let wanted = Wanted::of(&checked.catalog, &keywords, &controls);
    let services = services(emulator).await;
    let (audit_manager, own) = Box::pin(home(&services, &wanted)).await;
    let scope = accounts(&checked.catalog, &audit_manager, &controls, now());
    let others = scope.into_iter().filter(|place| *place != audit_manager.place).collect();
    let role = role();
    let members = Box::pin(Members::new(Access::new(&services, &role, patience), &wanted, &own, now())).await;
    let read: Vec<_> = members.read(others).collect().await;
    read::together(audit_manager, own, read)
}

async fn look(emulator: &Emulator) -> Evidence {
    let facts = Box::pin(read_all(emulator, Duration::from_mins(1))).await;
    evidence(&catalog(&definitions()), &facts)
}

fn counts(source: &SourceReport) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for place in &source.places {
        *counts.entry(place.setup.name()).or_default() += 1;
    }
    counts
}

fn all_counts(evidence: &Evidence) -> Vec<BTreeMap<&'static str, usize>> {
    evidence.controls.iter().map(|control| counts(&control.sources[0])).collect()
}

#[test]
fn two_hundred_accounts_are_counted_and_each_fails_alone() {
    runtime().block_on(async {
        let emulator = emulator(seed(MEMBERS)).await;
        let before = look(&emulator).await;
        assert_eq!((before.accounts.len(), before.accounts_read()), (200, 200));
        let expected = [
            BTreeMap::from([("ready", 200)]),
            BTreeMap::from([("ready", 121), ("not-ready", 79)]),
            BTreeMap::from([("ready", 120), ("not-ready", 80)]),
        ];
        assert_eq!(all_counts(&before), expected, "{:#?}", before.diagnostics);
        let reads = requests(&emulator);
        assert_eq!((reads["sts:AssumeRole"], reads["config:DescribeConfigRules"]), (199, 200));

        // Ready accounts in which something happens: denied, without the role, slow, with pages that never end.
        let [denied, without, slow, endless] = [100, 105, 110, 115].map(member);
        let all = |account: &str, effect| Fault {
            operation: None,
            account: Some(account.to_owned()),
            skip: 0,
            times: 100_000,
            effect,
        };
        emulator.inject(all(&denied, Effect::Deny)).unwrap();
        emulator.inject(all(&slow, Effect::Delay { millis: 600_000 })).unwrap();
        emulator
            .inject(Fault {
                operation: Some("sts:AssumeRole".to_owned()),
                skip: 105,
                times: 1,
                ..all(ACCOUNT, Effect::Deny)
            })
            .unwrap();
        emulator.reconfigure(|options| {
            let pages = Some(ServiceOptions { pages: Pages::SameToken, ..ServiceOptions::default() });
            let own = AccountOptions { config: pages.clone(), security_hub: pages, ..AccountOptions::default() };
            options.accounts.insert(endless.clone(), own);
        });
        let facts = Box::pin(read_all(&emulator, Duration::from_secs(20))).await;
        let after = evidence(&catalog(&definitions()), &facts);
        let why: BTreeMap<String, Vec<&str>> = after
            .unknown()
            .into_iter()
            .map(|(why, of)| (why.to_string(), of.places.iter().map(|place| place.account.as_str()).collect()))
            .collect();
        let affected: BTreeSet<&str> = why.values().flatten().copied().collect();
        let names = [&denied, &without, &slow, &endless].map(String::as_str);
        assert_eq!(affected.into_iter().collect::<Vec<_>>(), names, "{why:#?}");
        assert_eq!(why["the account was not read within 20 seconds"], [slow.as_str()]);
        let not_assumed =
            why.iter().find(|(why, _)| why.starts_with("the role `controlsync-evidence` cannot be assumed"));
        assert_eq!(not_assumed.unwrap().1, &[without.as_str()]);
        assert_eq!(why["no permission for config:DescribeConfigRules"], [denied.as_str()]);
        assert!(why.iter().any(|(why, of)| why.contains("config:") && **of == [endless.as_str()]), "{why:#?}");
        for (before, after) in before.controls.iter().zip(&after.controls) {
            for (one, other) in before.sources[0].places.iter().zip(&after.sources[0].places) {
                let same = one.setup == other.setup || other.setup == Setup::Unknown;
                let is_affected = names.contains(&other.place.account.as_str());
                assert!(same && (is_affected || one.setup == other.setup), "{} {:?}", other.place, other.setup);
            }
        }
        assert_eq!(after.accounts_read(), 197);
    });
}

#[test]
fn requests_grow_with_the_number_of_accounts() {
    runtime().block_on(async {
        let mut each = Vec::new();
        for members in [20, 40, 80] {
            let emulator = emulator(seed(members)).await;
            let sent = |all: BTreeMap<String, usize>| all.values().sum::<usize>();
            look(&emulator).await;
            let all = requests(&emulator);
            let home = all.iter().filter(|(operation, _)| operation.starts_with("auditmanager:"));
            let fixed: usize = home.map(|(_, count)| count).sum();
            each.push((members, sent(all) - fixed));
        }
        // The accounts differ by five kinds, so that the same number of them takes the same requests.
        let [(_, one), (_, two), (_, four)] = each[..] else { unreachable!() };
        assert_eq!(four - two, 2 * (two - one), "{each:?}");
    });
}

#[test]
fn the_own_account_is_read_without_the_role_and_one_without_it_is_unknown() {
    runtime().block_on(async {
        let mut seed = seed(3);
        seed["accounts"][member(1)]["roles"] = json!({});
        seed["accounts"][member(2)]["roles"][ROLE]["externalId"] = json!("another");
        let emulator = emulator(seed).await;
        let found = look(&emulator).await;
        let read: Vec<bool> = found.accounts.values().map(Option::is_some).collect();
        assert_eq!(read, [true, true, false, false], "{:?}", found.unknown());
        let why: Vec<String> = found.unknown().keys().map(ToString::to_string).collect();
        assert_eq!(
            why,
            ["the role `controlsync-evidence` cannot be assumed: it does not exist, does not trust these credentials, or \
              requires another external ID"]
        );
    });
}

/// Configures some accounts centrally: of two, one has a policy without the control.
fn central(seed: &mut Json, members: usize) {
    let ids = ["55555555-0000-4000-8000-000000000001", "55555555-0000-4000-8000-000000000002"];
    let associations: serde_json::Map<_, _> = (0..members)
        .map(|number| {
            let association = match number % 4 {
                0 | 1 => json!({ "policy": ids[number % 4], "status": "SUCCESS" }),
                2 => json!({ "policy": "SELF_MANAGED_SECURITY_HUB" }),
                _ => json!({ "policy": ids[0], "status": "FAILED" }),
            };
            (member(number), association)
        })
        .collect();
    seed["securityHub"]["centralConfiguration"] = json!({
        "policies": {
            ids[0]: { "name": "most", "enabled": true, "standards": ["FSBP"], "disabledControls": [] },
            ids[1]: { "name": "few", "enabled": true, "standards": ["FSBP"], "disabledControls": ["IAM.6"] },
        },
        "associations": associations,
    });
}

#[test]
fn central_configuration_says_the_same_with_fewer_requests() {
    const COUNT: usize = 20;
    runtime().block_on(async {
        let mut seed = seed(COUNT);
        central(&mut seed, COUNT);
        let emulator = emulator(seed).await;
        let first = look(&emulator).await;
        let first_requests = requests(&emulator);
        // An account that is not the administrator cannot read policies: every account is asked itself.
        let deny = Fault {
            operation: Some("securityhub:DescribeOrganizationConfiguration".to_owned()),
            account: None,
            skip: 0,
            times: 1,
            effect: Effect::Deny,
        };
        emulator.inject(deny).unwrap();
        let second = look(&emulator).await;
        let second_requests = requests(&emulator);
        assert_eq!(all_counts(&first), all_counts(&second));
        assert!(all_counts(&first)[1]["not-ready"] > 5 && first.unknown().is_empty(), "{:?}", first.unknown());
        let of = |all: &BTreeMap<String, usize>, name: &str| all.get(name).copied().unwrap_or_default();
        for name in ["securityhub:DescribeHub", "securityhub:BatchGetSecurityControls"] {
            assert!(of(&first_requests, name) < of(&second_requests, name), "{name}: {first_requests:?}");
        }
        assert_eq!(of(&second_requests, "securityhub:DescribeHub"), COUNT + 1);
        assert_eq!(of(&first_requests, "securityhub:DescribeHub"), COUNT / 2 + 1, "{first_requests:?}");

        // Whatever fails of it changes nothing.
        for operation in [
            "securityhub:ListConfigurationPolicyAssociations",
            "securityhub:GetConfigurationPolicy",
            "securityhub:ListSecurityControlDefinitions",
        ] {
            for effect in [Effect::Fail { status: 500 }, Effect::CutShort, Effect::Malformed, Effect::Empty] {
                let fault = Fault { operation: Some(operation.to_owned()), account: None, skip: 0, times: 100, effect };
                emulator.inject(fault).unwrap();
                let found = look(&emulator).await;
                emulator.clear_faults();
                assert_eq!(all_counts(&found), all_counts(&first), "{operation} {effect:?}");
            }
        }
    });
}
