//! The state file: locked, versioned, and complete at any moment.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::failure::StartError;
use crate::state::State;

/// The version of the file format.
const VERSION: u32 = 2;

/// The version before: the file was the state of Audit Manager alone.
const AUDIT_MANAGER_ALONE: u32 = 1;

/// Time to wait for another process to close the file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

const LOCK_POLL: Duration = Duration::from_millis(50);

/// An open state file, locked until it is dropped.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    directory: PathBuf,
    /// The locked file next to the state file. It is never removed, so that two processes cannot lock different files.
    _lock: File,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    state: &'a State,
}

#[derive(Deserialize)]
struct Header {
    version: u32,
}

impl StateFile {
    /// Locks and reads the file, or creates one with a new account.
    ///
    /// # Errors
    ///
    /// The variants of [`StartError`] about the state file.
    pub(crate) async fn open(path: &Path, account: &str, region: &str) -> Result<(Self, State), StartError> {
        Self::open_within(LOCK_TIMEOUT, path, account, region).await
    }

    /// As [`Self::open`], with a timeout for the lock.
    async fn open_within(
        timeout: Duration,
        path: &Path,
        account: &str,
        region: &str,
    ) -> Result<(Self, State), StartError> {
        let directory = match path.parent() {
            Some(directory) if !directory.as_os_str().is_empty() => directory.to_owned(),
            _ => PathBuf::from("."),
        };
        let lock = lock(path, timeout).await?;
        let path = path.to_owned();
        let file = Self { path, directory, _lock: lock };
        let Some(state) = file.read()? else {
            let state = State::new(account, region);
            let not_writable = |source| StartError::StateNotWritable { path: file.path.clone(), source };
            file.write(&state).map_err(not_writable)?;
            return Ok((file, state));
        };
        let (of_account, of_region) = state.place();
        if of_account == account && of_region == region {
            Ok((file, state))
        } else {
            let found = format!("{of_account} in {of_region}");
            let requested = format!("{account} in {region}");
            Err(StartError::StateOfAnotherAccount { path: file.path, found, requested })
        }
    }

    /// Returns the state in the file, with the library of this version; `None` if the file does not exist.
    fn read(&self) -> Result<Option<State>, StartError> {
        let path = || self.path.clone();
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StartError::StateUnreadable { path: path(), source }),
        };
        let malformed = |source| StartError::StateMalformed { path: path(), source };
        let Header { version } = serde_json::from_slice(&text).map_err(malformed)?;
        let mut state: State = match version {
            VERSION => serde_json::from_slice(&text).map_err(malformed)?,
            AUDIT_MANAGER_ALONE => State::with(serde_json::from_slice(&text).map_err(malformed)?),
            _ => return Err(StartError::StateVersion { path: path(), version }),
        };
        state.update_library();
        match state.inconsistency() {
            Some(what) => Err(StartError::StateInconsistent { path: path(), what }),
            None => Ok(Some(state)),
        }
    }

    /// Replaces the content of the file. When this returns, the file has `state` and survives a power failure; if this
    /// fails or the process is killed, the file is the old one or the new one, never a mixture.
    ///
    /// # Errors
    ///
    /// An error of the file system: no space, no permission, a removed directory.
    pub(crate) fn write(&self, state: &State) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(&Written { version: VERSION, state })?;
        text.push(b'\n');
        let temporary = sibling(&self.path, ".tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        // The rename is durable once its directory is synced, which only Unix supports.
        if cfg!(unix) {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }
}

/// Acquires the lock, and waits for a process that has it.
async fn lock(state: &Path, timeout: Duration) -> Result<File, StartError> {
    let path = sibling(state, ".lock");
    let not_writable = |source| StartError::StateNotWritable { path: path.clone(), source };
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(not_writable)?;
    let deadline = Instant::now() + timeout;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(not_writable(source)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(StartError::StateLocked { path: state.to_owned() });
            }
            Err(TryLockError::WouldBlock) => sleep(LOCK_POLL).await,
        }
    }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(suffix);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_manager::state::AccountState;

    async fn open(path: &Path) -> Result<(StateFile, State), StartError> {
        StateFile::open(path, "000000000000", "us-east-1").await
    }

    #[tokio::test]
    async fn a_written_state_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        let (file, mut state) = open(&path).await.unwrap();
        state.audit_manager.now();
        file.write(&state).unwrap();
        drop(file);
        assert_eq!(open(&path).await.unwrap().1, state);
        let names: std::collections::BTreeSet<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["local.json", "local.json.lock"].map(OsString::from).into());
    }

    #[tokio::test]
    async fn a_file_of_the_version_before_is_read_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        let state = open(&path).await.unwrap().1;
        let mut before = serde_json::to_value(&state.audit_manager).unwrap();
        before["version"] = AUDIT_MANAGER_ALONE.into();
        fs::write(&path, before.to_string()).unwrap();
        let (file, read) = open(&path).await.unwrap();
        assert_eq!(read, state);
        file.write(&read).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("\"version\": 2"));
    }

    #[tokio::test]
    async fn a_temporary_file_of_a_crash_is_ignored() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        let state = open(&path).await.unwrap().1;
        fs::write(directory.path().join("local.json.tmp"), "{\"version\":1,").unwrap();
        assert_eq!(open(&path).await.unwrap().1, state);
    }

    #[tokio::test]
    async fn an_invalid_file_is_rejected_and_not_changed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        for (text, part) in [
            ("not json", "invalid state file"),
            ("{}", "invalid state file"),
            ("{\"version\":3}", "version 3"),
            ("{\"version\":1,\"account\":7}", "invalid state file"),
            ("{\"version\":2,\"auditManager\":{\"account\":7}}", "invalid state file"),
        ] {
            fs::write(&path, text).unwrap();
            let message = open(&path).await.unwrap_err().to_string();
            assert!(message.contains("local.json") && message.contains(part), "{text}: {message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn an_inconsistent_state_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        let (file, state) = open(&path).await.unwrap();
        let with = |change: fn(&mut AccountState)| {
            let mut state = state.clone();
            change(&mut state.audit_manager);
            file.write(&state).unwrap();
            file.read().unwrap_err().to_string()
        };
        let message = with(|state| {
            let mut framework = state.frameworks.values().next().unwrap().as_ref().clone();
            framework.name = "Ours".to_owned();
            framework.control_sets[0].controls = vec![uuid::Uuid::nil()];
            state.frameworks.insert(uuid::Uuid::nil(), framework.into());
        });
        let expected = "framework \"Ours\" has the control 00000000-0000-0000-0000-000000000000, which does not exist";
        assert!(message.contains(expected), "{message}");
        let message = with(|state| state.clock = crate::protocol::time::Time(u64::MAX));
        assert!(message.contains("its `clock` is after the year 9999"), "{message}");
    }

    #[tokio::test]
    async fn a_file_for_another_account_is_rejected() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        open(&path).await.unwrap();
        let error = StateFile::open(&path, "111122223333", "us-east-1").await.unwrap_err();
        assert!(matches!(error, StartError::StateOfAnotherAccount { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_missing_directory_is_reported() {
        let directory = tempfile::tempdir().unwrap();
        let error = open(&directory.path().join("none/local.json")).await.unwrap_err();
        assert!(matches!(error, StartError::StateNotWritable { .. }), "{error}");
    }

    #[tokio::test]
    async fn opening_waits_for_a_locked_file_until_the_timeout() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("local.json");
        let (locked, _) = open(&path).await.unwrap();
        let timed_out = StateFile::open_within(LOCK_POLL, &path, "000000000000", "us-east-1").await;
        assert!(matches!(timed_out.unwrap_err(), StartError::StateLocked { .. }));

        let other = path.clone();
        let waiting = tokio::spawn(async move { open(&other).await.map(|_| ()) });
        tokio::task::yield_now().await;
        drop(locked);
        assert!(waiting.await.unwrap().is_ok());
    }
}
