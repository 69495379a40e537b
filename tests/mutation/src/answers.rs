//! Answers of the service: whatever arrives, a run ends, and says what went wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use controlsync_aws::audit_manager::account::Reading;
use controlsync_aws::audit_manager::apply::apply;
use controlsync_aws::{Connection, Settings};
use controlsync_core::change_result::ChangeResult;
use controlsync_core::check::{self, Checked, check};
use controlsync_core::plan::{Adopt, Options, Removed};
use controlsync_emulator::{Emulator, Options as Emulated};
use fastrand::Rng;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::File;
use crate::files::sources;
use crate::mutate::{json_text, mutated};

/// Maximum time of a run with short waits between attempts.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What happens to the responses of a run, in their order: the first line of each file says it, the rest is a body.
const PASS: &str = "pass";
const CUT: &str = "cut";
const CLOSE: &str = "close";

/// Generates what happens to the first responses.
pub fn input(_: &[File], rng: &mut Rng) -> Vec<File> {
    (0..rng.usize(1..16))
        .map(|number| {
            let text = match rng.u8(..8) {
                0..=2 => PASS.as_bytes().to_vec(),
                3 => CUT.as_bytes().to_vec(),
                4 => CLOSE.as_bytes().to_vec(),
                5 => format!("{}\n", rng.u16(100..600)).into_bytes(),
                kind => {
                    let body = json_text(&body(rng), rng);
                    let body = if kind == 6 { body } else { mutated(&body, std::slice::from_ref(&body), rng) };
                    [format!("{}\n", [200, 200, 400, 429, 503][rng.usize(..5)]).as_bytes(), &body].concat()
                }
            };
            (format!("{number:02}"), text)
        })
        .collect()
}

/// A response of one of the operations.
fn body(rng: &mut Rng) -> String {
    let id = "7c3f5a9e-0d6e-4f5b-8f57-1a2b3c4d5e6f";
    let control = json!({
        "id": id, "arn": format!("arn:aws:auditmanager:us-east-1:000000000000:control/{id}"), "name": "A", "type": "Custom",
        "createdAt": 1_795_788_528.007, "lastUpdatedAt": 1_795_788_528.1, "tags": { "controlsync:catalog": "default" },
        "controlMappingSources": [{ "sourceId": id, "sourceName": "a", "sourceType": "MANUAL" }],
    });
    let framework = json!({
        "id": id, "name": "F", "createdAt": 1, "controlSets": [{ "id": id, "name": "S", "controls": [control] }],
    });
    match rng.u8(..6) {
        0 => json!({ "controlMetadataList": [control, control], "nextToken": "a" }),
        1 => json!({ "frameworkMetadataList": [framework], "nextToken": "" }),
        2 => json!({ "control": control }),
        3 => json!({ "framework": framework }),
        4 => json!({ "status": "ACTIVE" }),
        _ => json!({ "message": "no", "reason": "other", "fields": [{ "name": "name", "message": "no" }] }),
    }
    .to_string()
}

fn catalog() -> Checked {
    let files: Vec<File> = [
        ("controls/a.yaml", "name: A\ndescription: d\n"),
        ("controls/b.yaml", "name: B\ndatasources:\n  - sourceName: a\n    sourceType: MANUAL\n"),
        ("frameworks/f.yaml", "name: F\ncontrolSets:\n  - name: S\n    controls: [A, B, {core: Root user has MFA}]\n"),
    ]
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .into();
    check(sources(&files), &check::Options::default())
}

/// Verifies that a run ends with any answers, and that a run with correct ones works afterwards.
///
/// # Errors
///
/// An invariant is violated.
pub fn verify(files: &[File]) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let emulator = Emulator::start(Emulated::default(), 0).await?;
        let proxy = Proxy::start(&emulator.endpoint(), files.iter().map(|(_, bytes)| bytes.clone()).collect()).await?;
        tokio::time::timeout(TIMEOUT, Box::pin(run(&proxy))).await.context("the run does not end")??;
        tokio::time::timeout(TIMEOUT, Box::pin(run(&emulator.endpoint())))
            .await
            .context("the run after it does not end")??;
        emulator.stop().await?;
        Ok(())
    })
}

async fn run(endpoint: &str) -> Result<()> {
    let settings = Settings {
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(endpoint.to_owned()),
        stand_in: true,
        backoff: Some(Duration::from_micros(100)),
        ..Settings::default()
    };
    let client = Connection::open(&settings).await?.audit_manager();
    let checked = catalog();
    let mut reading = match Reading::start(&client).await {
        Ok(reading) => reading,
        Err(failure) => return explained(&failure.to_string()),
    };
    let options = Options { adopt: Adopt::All, removed: Removed::Delete, impact: true, ..Options::default() };
    let plan = match reading.plan(&checked.catalog, &checked.sources, &options, |_, _| {}).await {
        Ok(plan) => plan,
        Err(failure) => return explained(&failure.to_string()),
    };
    for result in apply(&client, &plan, |_, _| {}).await.results {
        if let ChangeResult::Failed(failure) = result {
            explained(&failure.to_string())?;
        }
    }
    Ok(())
}

fn explained(message: &str) -> Result<()> {
    let (operation, what) = message.split_once(": ").context("a failure without an operation")?;
    ensure!(!operation.is_empty() && !what.trim().is_empty(), "a failure without a message: {message:?}");
    ensure!(!message.contains("cargo"), "{message}");
    Ok(())
}

/// Changes the responses of the emulator.
struct Proxy {
    upstream: String,
    actions: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Proxy {
    /// Returns the endpoint.
    async fn start(upstream: &str, actions: Vec<Vec<u8>>) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let proxy = Arc::new(Self { upstream: upstream.replace("http://", ""), actions, next: AtomicUsize::new(0) });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let proxy = Arc::clone(&proxy);
                // A client that disconnects is no violation.
                tokio::spawn(async move { proxy.serve(client).await.is_ok() });
            }
        });
        Ok(format!("http://{address}"))
    }

    /// Answers one request on a connection.
    async fn serve(&self, mut client: TcpStream) -> Result<()> {
        let request = read_request(&mut client).await?;
        let action = self.actions.get(self.next.fetch_add(1, Ordering::Relaxed));
        let action = action.map_or(PASS.as_bytes(), Vec::as_slice);
        let line = action.iter().position(|byte| *byte == b'\n').unwrap_or(action.len());
        let (line, body) = (String::from_utf8_lossy(&action[..line]), action.get(line + 1..).unwrap_or_default());
        let response = match (&*line, line.parse::<u16>()) {
            (CLOSE, _) => return Ok(()),
            (_, Ok(status)) => {
                let head =
                    format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
                [head.as_bytes(), body].concat()
            }
            (kind, Err(_)) => {
                let mut response = self.upstream(&request).await?;
                if kind == CUT {
                    response.truncate(response.len() / 2);
                }
                response
            }
        };
        client.write_all(&response).await?;
        client.shutdown().await?;
        Ok(())
    }

    async fn upstream(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut server = TcpStream::connect(&self.upstream).await?;
        server.write_all(request).await?;
        let mut response = Vec::new();
        server.read_to_end(&mut response).await?;
        Ok(response)
    }
}

/// Reads a request, and asks for the connection to be closed after the response.
async fn read_request(client: &mut TcpStream) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let length =
        text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).await?;
    let (line, headers) = text.split_once("\r\n").context("a request without headers")?;
    Ok([format!("{line}\r\nConnection: close\r\n{headers}").as_bytes(), &body].concat())
}
