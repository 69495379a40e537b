//! An account in this process, and a catalog to read evidence for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use controlsync_aws::{Connection, Settings};
use controlsync_core::check::{Checked, Options as CheckOptions, check};
use controlsync_core::evidence::facts::{AccountFacts, AuditManagerFacts, Counts, Facts};
use controlsync_core::evidence::wanted::Wanted;
use controlsync_core::evidence::{Evidence, Input, evaluate};
use controlsync_core::keywords::Keywords;
use controlsync_core::source::{Content, FileKind, Source, Sources};
use controlsync_emulator::{Emulator, Options};
use controlsync_evidence::{Request, Services, read};
use serde_json::{Value as Json, json};

pub const ACCOUNT: &str = "000000000000";

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub async fn services(emulator: &Emulator) -> Services {
    Services::new(&connection(emulator).await, true)
}

pub async fn connection(emulator: &Emulator) -> Connection {
    let settings = Settings {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(emulator.endpoint()),
        stand_in: true,
        backoff: Some(Duration::from_millis(1)),
        ..Settings::default()
    };
    Connection::open(&settings).await.unwrap()
}

/// A control with its sources: type and keyword.
pub struct Definition {
    pub name: String,
    pub sources: Vec<(&'static str, String)>,
}

/// The ID of the control with a number, in the account.
pub fn id(number: usize) -> String {
    format!("11111111-0000-4000-8000-{number:012}")
}

const FRAMEWORK: &str = "22222222-0000-4000-8000-000000000001";
pub const ASSESSMENT: &str = "33333333-0000-4000-8000-000000000001";

/// The catalog with these controls, in one framework.
pub fn catalog(definitions: &[Definition]) -> Checked {
    let mut files = Vec::new();
    let mut names = String::new();
    for (number, control) in definitions.iter().enumerate() {
        let mut text = format!("name: {}\ndatasources:\n", control.name);
        for (index, (source_type, keyword)) in control.sources.iter().enumerate() {
            let _ = write!(
                text,
                "  - sourceName: Source {index}\n    sourceType: {source_type}\n    sourceKeyword: {{keywordValue: \"{keyword}\"}}\n"
            );
        }
        let _ = writeln!(names, "      - {}", control.name);
        files.push(Source::new(
            format!("controls/{number}.yaml"),
            FileKind::Control,
            Content::Bytes(text.into_bytes()),
        ));
    }
    let framework = format!("name: Baseline\ncontrolSets:\n  - name: All\n    controls:\n{names}");
    files.push(Source::new("frameworks/a.yaml", FileKind::Framework, Content::Bytes(framework.into_bytes())));
    let checked = check(Sources::new(files), &CheckOptions::default());
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    checked
}

/// A seed with the controls in an active assessment that is old enough.
pub fn assessed(definitions: &[Definition]) -> Json {
    let controls: Vec<Json> = definitions
        .iter()
        .enumerate()
        .map(|(number, control)| json!({ "id": id(number), "name": control.name }))
        .collect();
    let ids: Vec<String> = (0..definitions.len()).map(id).collect();
    json!({
        "controls": controls,
        "frameworks": [{ "id": FRAMEWORK, "name": "Baseline", "controlSets": [{ "name": "All", "controls": ids }] }],
        "assessments": [{ "id": ASSESSMENT, "name": "2026", "frameworkId": FRAMEWORK }],
    })
}

/// An emulator with a seed, in which a month has passed since.
pub async fn emulator(seed: Json) -> Emulator {
    let emulator = Emulator::start(Options::default(), 0).await.unwrap();
    emulator.seed(serde_json::from_value(seed).unwrap()).await.unwrap();
    emulator.pass_time(Duration::from_hours(30 * 24)).await.unwrap();
    emulator
}

pub async fn facts(services: &Services, checked: &Checked) -> Facts {
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let wanted = Wanted::of(&checked.catalog, &keywords, &controls);
    let (home, own) = Box::pin(home(services, &wanted)).await;
    read::together(home, own, [])
}

/// Reads Audit Manager and its own account.
pub async fn home(services: &Services, wanted: &Wanted<'_>) -> (AuditManagerFacts, AccountFacts) {
    let (folders, counts, now) = (BTreeSet::new(), Counts::default(), now());
    let request = Request { wanted, folders: &folders, counts: &counts, account: Some(ACCOUNT), now };
    let home = Box::pin(read::audit_manager(services, &request)).await.unwrap();
    (home, Box::pin(read::own_account(services, wanted, now)).await)
}

pub fn evidence(checked: &Checked, facts: &Facts) -> Evidence {
    let keywords = Keywords::of(&checked.sources);
    let controls: BTreeSet<&str> = checked.catalog.controls.keys().map(String::as_str).collect();
    let input = Input {
        catalog: &checked.catalog,
        sources: &checked.sources,
        keywords: &keywords,
        facts,
        accounts: None,
        packs: None,
        now: now(),
    };
    evaluate(input, &controls)
}

/// The number of requests by operation.
pub fn requests(emulator: &Emulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in emulator.take_requests() {
        *counts.entry(request.operation).or_default() += 1;
    }
    counts
}
