//! A catalog in a temporary directory, runs of the program in it, and an account to run it against.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use controlsync_emulator::{Emulator, Options, Request};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::output_schemas;

/// The output and exit code of a run.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// All output, for snapshots.
    pub fn shown(&self) -> String {
        format!("exit code {}\n── stdout\n{}── stderr\n{}", self.code, self.stdout, self.stderr)
    }

    /// All output after the command line.
    pub fn shown_after(&self, arguments: &[&str]) -> String {
        format!("$ controlsync {}\n{}", arguments.join(" "), self.shown())
    }

    pub fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.shown()))
    }
}

/// A directory with a catalog.
pub struct Catalog {
    folder: TempDir,
}

impl Catalog {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let catalog = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            catalog.write(name, text);
        }
        catalog
    }

    /// The catalog of this repository.
    pub fn sample() -> Self {
        let catalog = Self::new(&[]);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for folder in ["controls", "frameworks"] {
            copy(&root.join(folder), &catalog.path().join(folder));
        }
        catalog
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Replaces a string that occurs once in a file.
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let path = self.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {name}");
        std::fs::write(path, text.replace(old, new)).unwrap();
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_controlsync"));
        command.current_dir(self.path()).env_clear().env("HOME", self.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(coverage());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command().args(arguments))
    }

    pub fn run_against(&self, account: &Account, arguments: &[&str]) -> Ran {
        ran(account.environment(&mut self.command()).args(arguments))
    }
}

/// The program as a child process that can be killed.
pub fn start(catalog: &Catalog, account: &Account, arguments: &[&str]) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_controlsync"));
    command.current_dir(catalog.path()).env_clear().envs(coverage()).env("HOME", catalog.path());
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_ENDPOINT_URL_AUDITMANAGER", account.emulator.endpoint());
    command.env("AWS_REGION", "us-east-1").env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

pub fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn wait_for(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Where programs write coverage data when it is measured, limited to a few files.
pub fn coverage() -> Option<(&'static str, String)> {
    let variable = "LLVM_PROFILE_FILE";
    std::env::var(variable).ok().map(|value| (variable, value.replace("%m-%p", "%8m")))
}

/// Discards coverage data, for programs that cannot write files.
pub const UNMEASURED: [(&str, &str); 1] = [("LLVM_PROFILE_FILE", "/dev/null")];

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    let arguments: Vec<&str> = command.get_args().filter_map(OsStr::to_str).collect();
    let schema = match arguments.first() {
        Some(&"lint") => "lint",
        Some(&("plan" | "apply")) => "plan",
        _ => return ran,
    };
    if arguments.windows(2).any(|pair| pair == ["--format", "json"]) && !ran.stdout.is_empty() {
        output_schemas::validate(schema, &ran.stdout);
    }
    ran
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The files in a directory and their content, without hidden directories.
pub fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let file_type = entry.file_type().unwrap();
        if file_type.is_dir() && !name.starts_with('.') {
            found.extend(texts(&entry.path()).into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
        } else if file_type.is_file() {
            found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    found
}

/// An emulated account in this process. The program runs in another process.
pub struct Account {
    pub emulator: Emulator,
    runtime: tokio::runtime::Runtime,
}

impl Account {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let emulator = runtime.block_on(Emulator::start(options, 0)).unwrap();
        Self { emulator, runtime }
    }

    /// The state is on disk when this returns.
    pub fn stop(self) {
        self.runtime.block_on(self.emulator.stop()).unwrap();
    }

    pub fn seed(&self, seed: Json) {
        let seed = serde_json::from_value(seed).unwrap();
        self.runtime.block_on(self.emulator.seed(seed)).unwrap();
    }

    pub fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("AWS_ENDPOINT_URL_AUDITMANAGER", self.emulator.endpoint())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "any")
            .env("AWS_SECRET_ACCESS_KEY", "any")
    }

    /// The write operations since the last call, in order.
    pub fn writes(&self) -> Vec<String> {
        let reading = |operation: &str| ["List", "Get"].iter().any(|verb| operation.starts_with(verb));
        let name = |request: Request| request.operation.trim_start_matches("auditmanager:").to_owned();
        let operations = self.emulator.take_requests().into_iter().map(name);
        operations.filter(|operation| !reading(operation)).collect()
    }

    /// Sends a request without a client; the emulator does not check signatures.
    pub fn http(&self, method: &str, path: &str, body: &Json) -> Json {
        let address = self.emulator.endpoint().replace("http://", "");
        let body = body.to_string();
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// The custom controls, as they are listed.
    fn listed(&self) -> Vec<Json> {
        let list = self.http("GET", "/controls?controlType=Custom&maxResults=1000", &json!({}));
        list["controlMetadataList"].as_array().unwrap().clone()
    }

    /// The names of the custom controls.
    pub fn names(&self) -> Vec<String> {
        self.listed().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The complete control with this name.
    pub fn control(&self, name: &str) -> Json {
        let listed = self.listed().into_iter().find(|item| item["name"] == name);
        let id = listed.unwrap_or_else(|| panic!("no control {name}"))["id"].as_str().unwrap().to_owned();
        self.http("GET", &format!("/controls/{id}"), &json!({}))["control"].clone()
    }

    /// Edits a control like another user in the console.
    pub fn edit_control(&self, name: &str, field: &str, value: &str) {
        let mut control = self.control(name);
        control[field] = value.into();
        let id = control["id"].as_str().unwrap().to_owned();
        self.http("PUT", &format!("/controls/{id}"), &control);
        self.emulator.take_requests();
    }
}

/// A proxy in front of an account that answers requests with a given start itself.
pub struct Proxy {
    address: std::net::SocketAddr,
}

impl Proxy {
    /// Answers that the object does not exist.
    pub fn new(account: &Account, hidden: &str) -> Self {
        let body = r#"{"message":"not found","resourceId":"x","resourceType":"Control"}"#;
        Self::answering(account, hidden, "404 Not Found\r\nx-amzn-ErrorType: ResourceNotFoundException", body)
    }

    /// Answers with a status line, headers after it, and a body.
    pub fn answering(account: &Account, hidden: &str, status: &str, body: &str) -> Self {
        let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (upstream, hidden) = (account.emulator.endpoint().replace("http://", ""), hidden.to_owned());
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let (upstream, hidden, answer) = (upstream.clone(), hidden.clone(), answer.clone());
                std::thread::spawn(move || relay(client, &upstream, &hidden, &answer));
            }
        });
        Self { address }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Relays one request without a body, and its answer.
fn relay(mut client: TcpStream, upstream: &str, hidden: &str, answer: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read_exact(&mut byte).is_ok() {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    if head.starts_with(hidden) {
        client.write_all(answer.as_bytes()).unwrap();
        return;
    }
    let mut server = TcpStream::connect(upstream).unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap();
    write!(server, "{line}\r\nConnection: close\r\n{headers}").unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    // The client may have closed the connection already.
    let _ = client.write_all(&answer);
}
