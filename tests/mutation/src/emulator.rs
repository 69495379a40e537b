//! The local Audit Manager: whatever requests and its state file say, it refuses or does what was asked for, and goes on.

use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use controlsync_emulator::{Emulator, Options};
use fastrand::Rng;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::mutate::{json_text, mutated};
use crate::{File, content};

/// No request takes that long.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where an input has the state.
const FILE: &str = "state.json";
/// In requests: ids and ARNs of what earlier requests have made.
const CONTROL: &str = "CONTROL-ID";
const FRAMEWORK: &str = "FRAMEWORK-ID";
const ARN: &str = "SOME-ARN";

/// Requests that are right: a method, a path and a body.
fn right() -> [(&'static str, &'static str, Json); 16] {
    let source = json!({ "sourceName": "Rule", "sourceSetUpOption": "System_Controls_Mapping", "sourceType": "AWS_Config",
                         "sourceKeyword": { "keywordInputType": "SELECT_FROM_LIST", "keywordValue": "RESTRICTED_SSH" } });
    let control = json!({ "name": "A", "description": "D", "testingInformation": "T", "actionPlanTitle": "P",
                          "actionPlanInstructions": "I", "controlMappingSources": [source], "tags": { "Owner": "x" } });
    let framework = json!({ "name": "F", "description": "D", "complianceType": "C", "tags": {},
                            "controlSets": [{ "name": "S", "controls": [{ "id": CONTROL }] }] });
    let seed = json!({ "controls": [{ "name": "Core", "type": "Core" }], "frameworks": [{ "name": "Seeded", "controlSets": [] }] });
    [
        ("POST", "/controls", control.clone()),
        ("PUT", "/controls/CONTROL-ID", control),
        ("POST", "/assessmentFrameworks", framework.clone()),
        ("PUT", "/assessmentFrameworks/FRAMEWORK-ID", framework),
        ("DELETE", "/controls/CONTROL-ID", Json::Null),
        ("DELETE", "/assessmentFrameworks/FRAMEWORK-ID", Json::Null),
        ("POST", "/tags/SOME-ARN", json!({ "tags": { "A": "b", "C": "" } })),
        ("DELETE", "/tags/SOME-ARN?tagKeys=A&tagKeys=C", Json::Null),
        ("GET", "/tags/SOME-ARN", Json::Null),
        ("GET", "/controls?controlType=Custom&maxResults=2", Json::Null),
        ("GET", "/assessmentFrameworks?frameworkType=Custom", Json::Null),
        ("GET", "/dataSourceKeywords?source=AWS_Config&maxResults=5", Json::Null),
        ("GET", "/assessments?status=ACTIVE", Json::Null),
        ("POST", "/_emulator/seed", seed),
        ("POST", "/_emulator/seed", json!({ "assessments": [{ "name": "A", "frameworkId": FRAMEWORK }] })),
        (
            "POST",
            "/_emulator/seed",
            json!({ "frameworks": [{ "name": "G", "controlSets": [{ "name": "S", "controls": [CONTROL] }] }] }),
        ),
    ]
}

/// A few requests, most of them not as they should be.
pub fn requests(_: &[File], rng: &mut Rng) -> Vec<File> {
    let right = right();
    let mut requests = vec![right[0].clone(), right[2].clone()];
    requests.extend((0..=rng.usize(..5)).map(|_| right[rng.usize(..right.len())].clone()));
    let numbered = requests.into_iter().enumerate().map(|(number, (method, path, body))| {
        let body = body.to_string();
        let body = if rng.u8(..4) == 0 { body.into_bytes() } else { json_text(&body, rng) };
        let path = match rng.u8(..4) {
            0 => String::from_utf8_lossy(&mutated(path.as_bytes(), &[path.as_bytes().to_vec()], rng)).into_owned(),
            _ => path.to_owned(),
        };
        (format!("{number}.http"), [format!("{method} {path}\n").into_bytes(), body].concat())
    });
    numbered.collect()
}

/// What earlier requests have made.
#[derive(Default)]
struct Made {
    control: String,
    framework: String,
    arn: String,
}

impl Made {
    fn fill(&self, text: &str) -> String {
        let arn = self.arn.replace(':', "%3A").replace('/', "%2F");
        text.replace(CONTROL, &self.control).replace(FRAMEWORK, &self.framework).replace(ARN, &arn)
    }

    fn note(&mut self, answer: &Json) {
        for (member, id) in [("control", &mut self.control), ("framework", &mut self.framework)] {
            if let (Some(held), Some(arn)) = (answer[member]["id"].as_str(), answer[member]["arn"].as_str()) {
                held.clone_into(id);
                arn.clone_into(&mut self.arn);
            }
        }
    }
}

/// Sends requests to a new emulator.
///
/// # Errors
///
/// What does not hold.
pub fn hold_requests(files: &[File]) -> Result<()> {
    runtime()?.block_on(async {
        let emulator = Emulator::start(Options::default(), 0).await?;
        let mut made = Made::default();
        for (name, request) in files {
            let request = String::from_utf8_lossy(request);
            let (line, body) = request.split_once('\n').unwrap_or((&request, ""));
            let (method, path) = line.split_once(' ').unwrap_or((line, "/"));
            // Faults and options may ask for anything, an error of the service among it.
            if path.contains("_emulator") && !path.starts_with("/_emulator/seed") {
                continue;
            }
            let (status, answer) = ask(&emulator, method, &made.fill(path), made.fill(body).as_bytes())
                .await
                .with_context(|| format!("{name}: {method} {path}"))?;
            ensure!(status < 500, "{name} is answered with {status}: {answer}");
            made.note(&answer);
        }
        everything_is_given_out(&emulator).await?;
        emulator.stop().await?;
        Ok(())
    })
}

/// A state that the emulator has written, and then something else.
pub fn state(_: &[File], rng: &mut Rng) -> Vec<File> {
    static WRITTEN: LazyLock<String> = LazyLock::new(|| written().unwrap_or_default());
    vec![(FILE.to_owned(), json_text(&WRITTEN, rng))]
}

fn written() -> Result<String> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE);
    runtime()?.block_on(async {
        let emulator = Emulator::start(Options { state: Some(path.clone()), ..Options::default() }, 0).await?;
        let mut made = Made::default();
        for (method, path, body) in right().into_iter().take(4) {
            let (_, answer) = ask(&emulator, method, &made.fill(path), made.fill(&body.to_string()).as_bytes()).await?;
            made.note(&answer);
        }
        let seed = json!({ "assessments": [{ "name": "A", "frameworkId": made.framework, "status": "ACTIVE" }] });
        ask(&emulator, "POST", "/_emulator/seed", seed.to_string().as_bytes()).await?;
        emulator.stop().await?;
        Ok::<_, anyhow::Error>(())
    })?;
    let mut state: Json = serde_json::from_slice(&std::fs::read(&path)?)?;
    // The library is the same in every account, and would drown the rest.
    for records in ["controls", "frameworks"] {
        if let Some(records) = state[records].as_object_mut() {
            let own: Vec<String> =
                records.iter().filter(|(_, of)| of["type"] == "Custom").map(|(id, _)| id.clone()).collect();
            records.retain(|id, _| own.contains(id));
        }
    }
    Ok(state.to_string())
}

/// Starts from a state file, and starts again from what was written then.
///
/// # Errors
///
/// What does not hold.
pub fn hold_state(files: &[File]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(FILE);
    std::fs::write(&path, content(files, FILE))?;
    let options = Options { state: Some(path), ..Options::default() };
    runtime()?.block_on(async {
        let emulator = match Emulator::start(options.clone(), 0).await {
            Ok(emulator) => emulator,
            Err(refusal) => {
                ensure!(!refusal.to_string().is_empty(), "a refusal says nothing");
                return Ok(());
            }
        };
        everything_is_given_out(&emulator).await?;
        let (method, path, body) = &right()[0];
        let (status, answer) = ask(&emulator, method, path, body.to_string().as_bytes()).await?;
        ensure!(status < 500, "a create is answered with {status}: {answer}");
        emulator.stop().await?;
        let again = Emulator::start(options, 0).await.context("what it has written")?;
        everything_is_given_out(&again).await?;
        again.stop().await?;
        Ok(())
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Everything that a list has can be read.
async fn everything_is_given_out(emulator: &Emulator) -> Result<()> {
    for (list, member, one) in [
        ("/controls?controlType=Custom&maxResults=100", "controlMetadataList", "/controls"),
        ("/assessmentFrameworks?frameworkType=Custom&maxResults=100", "frameworkMetadataList", "/assessmentFrameworks"),
        ("/assessments?maxResults=100", "assessmentMetadata", "/assessments"),
    ] {
        let (status, answer) = ask(emulator, "GET", list, b"").await?;
        ensure!(status == 200, "{list} is answered with {status}: {answer}");
        for item in answer[member].as_array().into_iter().flatten() {
            let id = item["id"].as_str().context("an item without an id")?;
            let (status, answer) = ask(emulator, "GET", &format!("{one}/{id}"), b"").await?;
            ensure!(status == 200, "{one}/{id} is listed, and answered with {status}: {answer}");
        }
    }
    Ok(())
}

/// The status of an answer and its body.
async fn ask(emulator: &Emulator, method: &str, path: &str, body: &[u8]) -> Result<(u16, Json)> {
    let address = emulator.endpoint().replace("http://", "");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let exchange = async {
        let mut stream = TcpStream::connect(&address).await?;
        stream.write_all(head.as_bytes()).await?;
        // A server that has seen enough may answer and close before it has read everything.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        if answer.is_empty() { read.map(|_| answer) } else { Ok(answer) }
    };
    let answer = tokio::time::timeout(PATIENCE, exchange).await.context("no answer in time")??;
    let answer = String::from_utf8(answer)?;
    let Some(status) = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()) else {
        bail!("the connection was closed without an answer: {answer:?}");
    };
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    if body.is_empty() {
        return Ok((status, Json::Null));
    }
    Ok((status, serde_json::from_str(body).with_context(|| format!("an answer that is no JSON: {body:?}"))?))
}
