//! The running emulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit_manager::seed::SeedError;
use crate::failure::{StartError, StopError};
use crate::faults::{Fault, FaultError, Faults};
use crate::options::Options;
use crate::rate::Rate;
use crate::requests::{Log, Request};
use crate::seed::Seed;
use crate::server;
use crate::shared::Shared;
use crate::state::State;
use crate::state_file::StateFile;
use crate::store::Store;

/// A local emulator that listens on loopback until it is stopped or dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: JoinHandle<usize>,
    /// Task that writes the state file; `None` if the state is in memory.
    keeper: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on 127.0.0.1 and this port; 0 selects any free port. It runs on the current Tokio runtime and
    /// accepts requests when this returns.
    ///
    /// # Errors
    ///
    /// The port or the state file cannot be used: see [`StartError`]. Waits up to ten seconds for a state file that
    /// another process has open.
    pub async fn start(options: Options, port: u16) -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortTaken { port },
            _ => StartError::Listen { port, source },
        })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { port, source })?;
        let (file, state) = match &options.state {
            Some(path) => {
                let (file, state) = StateFile::open(path, &options.account, &options.region).await?;
                (Some(file), state)
            }
            None => (None, State::new(&options.account, &options.region)),
        };
        let shared = Arc::new(Shared {
            store: Store::new(state, file.is_none()),
            options: RwLock::new(options),
            faults: Faults::default(),
            log: Log::default(),
            rate: Rate::default(),
        });
        let keeper = file.map(|file| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move { shared.store.keep(file).await })
        });
        let (stop, stopped) = watch::channel(false);
        let server = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                let open = server::serve(listener, Arc::clone(&shared), stopped).await;
                shared.store.close();
                open
            }
        });
        Ok(Self { address, shared, stop, server, keeper })
    }

    /// URL of the emulator, for `AWS_ENDPOINT_URL` and the variables for single services, or a client's endpoint: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests so far in the order of arrival, at most the last 10,000. Requests to `/_emulator/` are not
    /// logged.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.all()
    }

    /// Returns the requests so far, and clears the log.
    pub fn take_requests(&self) -> Vec<Request> {
        self.shared.log.take()
    }

    /// Injects a fault. At most one fault applies to a request: the oldest that is due.
    ///
    /// # Errors
    ///
    /// The fault could never apply: see [`FaultError`].
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        self.shared.faults.add(fault)
    }

    /// Returns the pending faults.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults.all()
    }

    /// Clears the pending faults.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Changes the options of services and of single accounts, from the next request on. Home account, Region and state
    /// file do not change.
    pub fn reconfigure(&self, change: impl FnOnce(&mut Options)) {
        self.shared.reconfigure(change);
    }

    /// Adds the resources of a seed to the home account and to others: all of them, or none.
    ///
    /// # Errors
    ///
    /// The seed refers to a missing resource or reuses an ID, or the state file cannot be written: see [`SeedError`].
    pub async fn seed(&self, seed: Seed) -> Result<(), SeedError> {
        self.shared.seed(seed).await
    }

    /// Lets time pass: everything in all accounts becomes that much older, and credentials of roles expire.
    ///
    /// # Errors
    ///
    /// The state file cannot be written: [`SeedError::NotSaved`].
    pub async fn pass_time(&self, time: Duration) -> Result<(), SeedError> {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.shared.pass_time(millis).await.map_err(|not_saved| SeedError::NotSaved(not_saved.0))
    }

    /// Stops accepting connections, finishes the requests in progress, and closes the state file.
    ///
    /// # Errors
    ///
    /// Some requests did not finish within five seconds: see [`StopError`]. The emulator is stopped in any case.
    pub async fn stop(self) -> Result<(), StopError> {
        // Fails only if the server has failed, which the next line reports.
        let _ = self.stop.send(true);
        let served = self.server.await;
        if let Some(keeper) = self.keeper {
            keeper.await.map_err(StopError::Internal)?;
        }
        match served.map_err(StopError::Internal)? {
            0 => Ok(()),
            connections => Err(StopError::Cut { connections }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::{Effect, Switches};

    async fn in_memory() -> Emulator {
        Emulator::start(Options::default(), 0).await.unwrap()
    }

    /// Returns status and body of the response; `None` if the connection was closed.
    async fn send(address: SocketAddr, line: &str, body: &Value) -> Option<(u16, Value)> {
        let body = body.to_string();
        let length = body.len();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.ok()?;
        let (head, body) = response.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    /// Waits until a request is received.
    async fn received(emulator: &Emulator) {
        while emulator.requests().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
    }

    fn control(name: &str) -> Value {
        json!({ "name": name, "controlMappingSources": [{ "sourceName": "m", "sourceType": "MANUAL" }] })
    }

    fn fault(operation: &str, effect: Effect) -> Fault {
        Fault { operation: Some(format!("auditmanager:{operation}")), account: None, skip: 0, times: 1, effect }
    }

    #[tokio::test]
    async fn requests_are_logged_and_the_log_can_be_cleared() {
        let emulator = in_memory().await;
        let (status, body) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
        assert_eq!((status, &body["control"]["name"]), (200, &json!("a")));
        send(emulator.address, "GET /controls?controlType=no", &Value::Null).await.unwrap();
        let logged: Vec<_> =
            emulator.requests().into_iter().map(|request| (request.operation, request.status)).collect();
        let expected = [("auditmanager:CreateControl", 200), ("auditmanager:ListControls", 400)];
        assert_eq!(logged, expected.map(|(operation, status)| (operation.to_owned(), Some(status))));
        assert_eq!(emulator.take_requests().len(), 2);
        assert!(emulator.requests().is_empty());
        emulator.stop().await.unwrap();
    }

    #[tokio::test]
    async fn faults_apply_once_and_can_be_cleared() {
        let emulator = in_memory().await;
        emulator.inject(fault("CreateControl", Effect::CloseAfterWork)).unwrap();
        assert_eq!(send(emulator.address, "POST /controls", &control("a")).await, None);
        let (status, body) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
        assert_eq!((status, &body["reason"]), (400, &json!("other")), "the request was processed: {body}");
        emulator.inject(fault("CreateControl", Effect::CloseBeforeWork)).unwrap();
        emulator.clear_faults();
        assert_eq!(send(emulator.address, "POST /controls", &control("b")).await.unwrap().0, 200);
    }

    #[tokio::test]
    async fn requests_of_disconnected_clients_are_processed() {
        let emulator = in_memory().await;
        emulator.inject(fault("CreateControl", Effect::Delay { millis: 200 })).unwrap();
        let body = control("a");
        tokio::select! {
            response = send(emulator.address, "POST /controls", &body) => panic!("{response:?}"),
            () = received(&emulator) => {}
        }
        while emulator.requests().first().is_none_or(|request| request.status.is_none()) {
            sleep(Duration::from_millis(1)).await;
        }
        let (_, body) = send(emulator.address, "GET /controls?controlType=Custom", &Value::Null).await.unwrap();
        assert_eq!(body["controlMetadataList"][0]["name"], "a");
    }

    #[tokio::test]
    async fn options_can_change_but_not_the_account() {
        let emulator = in_memory().await;
        emulator.reconfigure(|options| {
            options.audit_manager.switches = Switches { reject_duplicate_names: false, ..Switches::default() };
            options.account = "111122223333".to_owned();
        });
        for _ in 0..2 {
            let (status, body) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
            assert_eq!(status, 200);
            assert!(body["control"]["arn"].as_str().unwrap().contains(":000000000000:"));
        }
    }

    #[tokio::test]
    async fn time_that_passes_makes_everything_older() {
        let emulator = in_memory().await;
        let created = |body: &Value| body["control"]["createdAt"].as_f64().unwrap();
        let (_, first) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
        emulator.pass_time(Duration::from_hours(1)).await.unwrap();
        let (_, body) = send(emulator.address, "POST /_emulator/time", &json!({ "passHours": 24 })).await.unwrap();
        assert_eq!(body, json!({}));
        let line = format!("GET /controls/{}", first["control"]["id"].as_str().unwrap());
        let (_, later) = send(emulator.address, &line, &Value::Null).await.unwrap();
        assert!((created(&first) - created(&later) - 25.0 * 3600.0).abs() < 0.01);
        let (_, second) = send(emulator.address, "POST /controls", &control("b")).await.unwrap();
        assert!(created(&second) >= created(&first), "new objects have the time of the system");
    }

    #[tokio::test]
    async fn responses_can_be_cut_short_malformed_or_empty() {
        let emulator = in_memory().await;
        emulator.inject(fault("ListControls", Effect::CutShort)).unwrap();
        assert_eq!(raw(emulator.address, "GET /controls?controlType=Core").await.2, "cut");
        emulator.inject(fault("GetControl", Effect::CutShort)).unwrap();
        assert_eq!(raw(emulator.address, "GET /controls/x").await.2, "cut");
        emulator.inject(fault("ListControls", Effect::Malformed)).unwrap();
        let (status, body, end) = raw(emulator.address, "GET /controls?controlType=Core").await;
        assert_eq!((status.as_str(), end), ("200", "complete"));
        assert!(serde_json::from_str::<Value>(&body).is_err() && !body.is_empty());
        emulator.inject(fault("ListControls", Effect::Empty)).unwrap();
        let (_, body, end) = raw(emulator.address, "GET /controls?controlType=Core").await;
        assert_eq!((body.as_str(), end), ("{}", "complete"));
    }

    /// Returns status, body, and whether the body has the length that its header has.
    async fn raw(address: SocketAddr, line: &str) -> (String, String, &'static str) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response).await;
        let response = String::from_utf8(response).unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let end = if length.parse::<usize>().unwrap() == body.len() { "complete" } else { "cut" };
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned(), end)
    }

    #[tokio::test]
    async fn a_port_in_use_is_reported() {
        let emulator = in_memory().await;
        let port = emulator.address.port();
        let error = Emulator::start(Options::default(), port).await.unwrap_err();
        assert!(matches!(error, StartError::PortTaken { port: taken } if taken == port), "{error}");
    }

    #[tokio::test]
    async fn stopping_finishes_requests_and_releases_the_state_file() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { state: Some(directory.path().join("s.json")), ..Options::default() };
        let emulator = Emulator::start(options.clone(), 0).await.unwrap();
        emulator.inject(fault("CreateControl", Effect::Delay { millis: 200 })).unwrap();
        let address = emulator.address;
        let in_progress = tokio::spawn(async move { send(address, "POST /controls", &control("a")).await });
        received(&emulator).await;
        emulator.stop().await.unwrap();
        assert_eq!(in_progress.await.unwrap().unwrap().0, 200);
        assert!(TcpStream::connect(address).await.is_err());

        let again = Emulator::start(options.clone(), 0).await.unwrap();
        let (_, body) = send(again.address, "GET /controls?controlType=Custom", &Value::Null).await.unwrap();
        assert_eq!(body["controlMetadataList"][0]["name"], "a");
        drop(again);
        let third = timeout(Duration::from_secs(5), Emulator::start(options, 0)).await;
        assert!(third.unwrap().is_ok(), "a dropped emulator releases the file, too");
    }
}
