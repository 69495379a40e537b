//! An account in this process, a client of the real SDK, and catalogs to apply.

use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::audit_manager::apply::apply;
use controlsync_aws::{Client, Connection, Settings};
use controlsync_core::change_result::ChangeResult;
use controlsync_core::check::{Checked, Options as CheckOptions, check};
use controlsync_core::plan::{Actual, Change, Needs, Options, Plan};
use controlsync_emulator::{Emulator, Switches, Times};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::generate::Files;

/// Whether times are in milliseconds or in whole seconds, in lists and in objects.
pub const TIMES: &[Times] = &[Times::Millis, Times::SecondsInLists, Times::SecondsInObjects, Times::Seconds];

pub struct Account {
    pub emulator: Emulator,
    pub client: Client,
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Adopts all objects, and reads what uses them.
pub fn options() -> Options {
    Options { adopt: controlsync_core::plan::Adopt::All, impact: true, ..Options::default() }
}

pub fn checked(files: &Files, catalog: &str) -> Checked {
    check(files.sources(), &CheckOptions { catalog: Some(catalog.to_owned()), ..CheckOptions::default() })
}

impl Account {
    pub async fn new(switches: Switches) -> Self {
        let options = controlsync_emulator::Options {
            audit_manager: controlsync_emulator::AuditManager { switches, ..Default::default() },
            ..Default::default()
        };
        let emulator = Emulator::start(options, 0).await.unwrap();
        let client = connect(&emulator).await;
        Self { emulator, client }
    }

    pub async fn seed(&self, seed: Json) {
        self.emulator.seed(serde_json::from_value(seed).unwrap()).await.unwrap();
    }

    pub async fn plan(&self, checked: &Checked, options: &Options) -> Plan {
        let mut reading = Reading::start(&self.client).await.unwrap();
        reading.plan(&checked.catalog, &checked.sources, options, |_, _| {}).await.unwrap()
    }

    /// Plans and applies.
    pub async fn apply(&self, checked: &Checked, options: &Options) -> (Plan, Vec<ChangeResult>) {
        let plan = Box::pin(self.plan(checked, options)).await;
        let results = apply(&self.client, &plan, |_, _| {}).await.results;
        (plan, results)
    }

    /// Deletes a control, as another user would in the console.
    pub async fn delete_control(&self, id: &str) {
        let address = self.emulator.endpoint().replace("http://", "");
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let request = format!("DELETE /controls/{id} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Reads everything in the account, in full.
    pub async fn everything(&self) -> Actual {
        let mut reading = Reading::start(&self.client).await.unwrap();
        let needs = Needs {
            controls: reading.actual().controls.iter().map(|live| live.id.clone()).collect(),
            frameworks: reading.actual().frameworks.iter().map(|live| live.id.clone()).collect(),
            ..Needs::default()
        };
        reading.read(&needs, &|_, _| {}).await.unwrap();
        reading.actual().clone()
    }
}

/// A client with short waits between attempts.
pub async fn connect(emulator: &Emulator) -> Client {
    connect_with(emulator, std::time::Duration::from_millis(2)).await
}

/// A client with a maximum wait before the second attempt.
pub async fn connect_with(emulator: &Emulator, backoff: std::time::Duration) -> Client {
    let settings = Settings {
        region: Some("us-east-1".into()),
        endpoint_url: Some(emulator.endpoint()),
        stand_in: true,
        backoff: Some(backoff),
        ..Settings::default()
    };
    Connection::open(&settings).await.unwrap().audit_manager()
}

/// Describes the changes of a plan that would write.
pub fn pending(plan: &Plan) -> Vec<String> {
    let writes = plan.changes.iter().filter(|change| change.writes());
    writes.map(|change: &Change| format!("{} {} {}", change.kind.name(), change.object.noun(), change.name)).collect()
}

/// Returns the names that several objects have.
pub fn duplicate_names(actual: &Actual) -> Vec<String> {
    let controls = actual.controls.iter().map(|live| format!("control {}", live.name));
    let frameworks = actual.frameworks.iter().map(|live| format!("framework {}", live.name));
    let mut names: Vec<String> = controls.chain(frameworks).collect();
    names.sort();
    names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect()
}
