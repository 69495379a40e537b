//! The running emulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, RwLock};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::failure::{StartError, StopError};
use crate::faults::{Fault, FaultError, Faults};
use crate::library;
use crate::options::Options;
use crate::rate::Rate;
use crate::requests::{Log, Request};
use crate::seed::{Seed, SeedError};
use crate::server;
use crate::shared::Shared;
use crate::state_file::StateFile;
use crate::store::Store;

/// A local AWS Audit Manager that listens on loopback until it is stopped or dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: JoinHandle<usize>,
    /// Writes the state file; none where the state is in memory.
    keeper: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on 127.0.0.1 and this port, 0 for any that is free. It runs on the current Tokio runtime and
    /// answers when this returns.
    ///
    /// # Errors
    ///
    /// The port, or the state file: see [`StartError`]. For a state file that another process has open it waits up to
    /// ten seconds.
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
            None => (None, library::new_account(&options.account, &options.region)),
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
                let cut = server::serve(listener, Arc::clone(&shared), stopped).await;
                shared.store.close();
                cut
            }
        });
        Ok(Self { address, shared, stop, server, keeper })
    }

    /// Where it listens, for `AWS_ENDPOINT_URL_AUDITMANAGER` or a client's endpoint: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in the order in which they came; at most the last 10,000. Those to `/_emulator/` are not
    /// among them.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.all()
    }

    /// The same, and forgets them.
    pub fn take_requests(&self) -> Vec<Request> {
        self.shared.log.take()
    }

    /// Lets something go wrong. A request suffers one fault, the first one that is due.
    ///
    /// # Errors
    ///
    /// The fault would never strike: see [`FaultError`].
    pub fn inject(&self, fault: Fault) -> Result<(), FaultError> {
        self.shared.faults.add(fault)
    }

    /// The faults that are still to come.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults.all()
    }

    /// Forgets all faults that are still to come.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Changes switches, quotas, rate or account status, from the next request on. Account, Region and state file stay
    /// what they were at the start.
    pub fn reconfigure(&self, change: impl FnOnce(&mut Options)) {
        self.shared.reconfigure(change);
    }

    /// Adds resources to the account: all of the seed, or nothing.
    ///
    /// # Errors
    ///
    /// It names what does not exist, an id is taken, or the state file could not be written: see [`SeedError`].
    pub async fn seed(&self, seed: Seed) -> Result<(), SeedError> {
        self.shared.seed(seed).await
    }

    /// Takes no more connections, finishes the requests under way, and closes the state file.
    ///
    /// # Errors
    ///
    /// Some requests did not finish within five seconds: see [`StopError`]. It has stopped all the same.
    pub async fn stop(self) -> Result<(), StopError> {
        // Nobody listens to this only where the server has failed, which the next line finds.
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
    use std::time::Duration;

    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::{Effect, Switches};

    async fn in_memory() -> Emulator {
        Emulator::start(Options::default(), 0).await.unwrap()
    }

    /// What comes back for a request; nothing where the connection was closed.
    async fn send(address: SocketAddr, line: &str, body: &Value) -> Option<(u16, Value)> {
        let body = body.to_string();
        let length = body.len();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }

    /// Waits until a request is under way.
    async fn received(emulator: &Emulator) {
        while emulator.requests().is_empty() {
            sleep(Duration::from_millis(1)).await;
        }
    }

    fn control(name: &str) -> Value {
        json!({ "name": name, "controlMappingSources": [{ "sourceName": "m", "sourceType": "MANUAL" }] })
    }

    fn fault(operation: &str, effect: Effect) -> Fault {
        Fault { operation: Some(operation.to_owned()), skip: 0, times: 1, effect }
    }

    #[tokio::test]
    async fn requests_are_logged_and_forgotten() {
        let emulator = in_memory().await;
        let answer = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
        assert_eq!((answer.0, &answer.1["control"]["name"]), (200, &json!("a")));
        send(emulator.address, "GET /controls?controlType=no", &Value::Null).await.unwrap();
        let logged: Vec<_> =
            emulator.requests().into_iter().map(|request| (request.operation, request.status)).collect();
        let expected = [("CreateControl", 200), ("ListControls", 400)];
        assert_eq!(logged, expected.map(|(operation, status)| (operation.to_owned(), Some(status))));
        assert_eq!(emulator.take_requests().len(), 2);
        assert!(emulator.requests().is_empty());
        emulator.stop().await.unwrap();
    }

    #[tokio::test]
    async fn faults_strike_once_and_can_be_taken_back() {
        let emulator = in_memory().await;
        emulator.inject(fault("CreateControl", Effect::CloseAfterWork)).unwrap();
        assert_eq!(send(emulator.address, "POST /controls", &control("a")).await, None);
        let (status, body) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
        assert_eq!((status, &body["reason"]), (400, &json!("other")), "the work was done: {body}");
        emulator.inject(fault("CreateControl", Effect::CloseBeforeWork)).unwrap();
        emulator.clear_faults();
        assert_eq!(send(emulator.address, "POST /controls", &control("b")).await.unwrap().0, 200);
    }

    #[tokio::test]
    async fn work_is_done_for_a_client_that_has_hung_up() {
        let emulator = in_memory().await;
        emulator.inject(fault("CreateControl", Effect::Delay { millis: 200 })).unwrap();
        let body = control("a");
        tokio::select! {
            answer = send(emulator.address, "POST /controls", &body) => panic!("{answer:?}"),
            () = received(&emulator) => {}
        }
        while emulator.requests().first().is_none_or(|request| request.status.is_none()) {
            sleep(Duration::from_millis(1)).await;
        }
        let (_, body) = send(emulator.address, "GET /controls?controlType=Custom", &Value::Null).await.unwrap();
        assert_eq!(body["controlMetadataList"][0]["name"], "a");
    }

    #[tokio::test]
    async fn options_change_and_the_account_stays() {
        let emulator = in_memory().await;
        emulator.reconfigure(|options| {
            options.switches = Switches { reject_duplicate_names: false, ..Switches::default() };
            options.account = "111122223333".to_owned();
        });
        for _ in 0..2 {
            let (status, body) = send(emulator.address, "POST /controls", &control("a")).await.unwrap();
            assert_eq!(status, 200);
            assert!(body["control"]["arn"].as_str().unwrap().contains(":000000000000:"));
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let emulator = in_memory().await;
        let port = emulator.address.port();
        let error = Emulator::start(Options::default(), port).await.unwrap_err();
        assert!(matches!(error, StartError::PortTaken { port: taken } if taken == port), "{error}");
    }

    #[tokio::test]
    async fn stopping_finishes_requests_and_frees_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { state: Some(folder.path().join("s.json")), ..Options::default() };
        let emulator = Emulator::start(options.clone(), 0).await.unwrap();
        emulator.inject(fault("CreateControl", Effect::Delay { millis: 200 })).unwrap();
        let address = emulator.address;
        let under_way = tokio::spawn(async move { send(address, "POST /controls", &control("a")).await });
        received(&emulator).await;
        emulator.stop().await.unwrap();
        assert_eq!(under_way.await.unwrap().unwrap().0, 200);
        assert!(TcpStream::connect(address).await.is_err());

        let again = Emulator::start(options.clone(), 0).await.unwrap();
        let (_, body) = send(again.address, "GET /controls?controlType=Custom", &Value::Null).await.unwrap();
        assert_eq!(body["controlMetadataList"][0]["name"], "a");
        drop(again);
        let third = timeout(Duration::from_secs(5), Emulator::start(options, 0)).await;
        assert!(third.unwrap().is_ok(), "one that was dropped frees the file, too");
    }
}
