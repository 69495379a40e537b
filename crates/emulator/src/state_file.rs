//! The file that holds the state: locked, versioned, and whole whatever happens.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::failure::StartError;
use crate::library;
use crate::state::AccountState;

/// The version of the format that this program reads and writes.
const VERSION: u32 = 1;

/// How long another process may hold the file before starting fails.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

const LOCK_POLL: Duration = Duration::from_millis(50);

/// An open state file. Nobody else writes it as long as this lives.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    folder: PathBuf,
    /// Holds the lock; the file beside the state stays, so that two processes never lock two files of one name.
    _lock: File,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    #[serde(flatten)]
    state: &'a AccountState,
}

#[derive(Deserialize)]
struct Header {
    version: u32,
}

impl StateFile {
    /// Locks and reads the file, or makes one that holds a new account.
    ///
    /// # Errors
    ///
    /// All of [`StartError`] that concern the state file.
    pub(crate) async fn open(path: &Path, account: &str, region: &str) -> Result<(Self, AccountState), StartError> {
        Self::open_within(LOCK_PATIENCE, path, account, region).await
    }

    /// As [`Self::open`], waiting for another process no longer than this.
    async fn open_within(
        patience: Duration,
        path: &Path,
        account: &str,
        region: &str,
    ) -> Result<(Self, AccountState), StartError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let lock = lock(path, patience).await?;
        let path = path.to_owned();
        let file = Self { path, folder, _lock: lock };
        let Some(state) = file.read()? else {
            let state = library::new_account(account, region);
            let not_writable = |source| StartError::StateNotWritable { path: file.path.clone(), source };
            file.write(&state).map_err(not_writable)?;
            return Ok((file, state));
        };
        if state.account == account && state.region == region {
            Ok((file, state))
        } else {
            let held = format!("{} in {}", state.account, state.region);
            let asked = format!("{account} in {region}");
            Err(StartError::StateOfAnotherAccount { path: file.path, held, asked })
        }
    }

    /// The state in the file, with what this version puts into every account; none where there is no file.
    fn read(&self) -> Result<Option<AccountState>, StartError> {
        let path = || self.path.clone();
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StartError::StateUnreadable { path: path(), source }),
        };
        let malformed = |source| StartError::StateMalformed { path: path(), source };
        let Header { version } = serde_json::from_slice(&text).map_err(malformed)?;
        if version != VERSION {
            return Err(StartError::StateVersion { path: path(), version });
        }
        let mut state: AccountState = serde_json::from_slice(&text).map_err(malformed)?;
        library::add(&mut state);
        match state.contradiction() {
            Some(what) => Err(StartError::StateInconsistent { path: path(), what }),
            None => Ok(Some(state)),
        }
    }

    /// Replaces the content. When this returns, the file holds `state` and survives a power cut; when it fails or the
    /// process dies on the way, the file is the old one or the new one, never a mixture.
    ///
    /// # Errors
    ///
    /// Those of the file system: no space, no permission, a folder that vanished.
    pub(crate) fn write(&self, state: &AccountState) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(&Written { version: VERSION, state })?;
        text.push(b'\n');
        let temporary = sibling(&self.path, ".tmp");
        let mut file = File::create(&temporary)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        // The new name is durable when the folder is; other systems than Unix have no such call.
        if cfg!(unix) {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// Takes the lock, waiting for whoever has it.
async fn lock(state: &Path, patience: Duration) -> Result<File, StartError> {
    let path = sibling(state, ".lock");
    let not_writable = |source| StartError::StateNotWritable { path: path.clone(), source };
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(not_writable)?;
    let deadline = Instant::now() + patience;
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

    async fn open(path: &Path) -> Result<(StateFile, AccountState), StartError> {
        StateFile::open(path, "000000000000", "us-east-1").await
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        let (file, mut state) = open(&path).await.unwrap();
        state.now();
        file.write(&state).unwrap();
        drop(file);
        assert_eq!(open(&path).await.unwrap().1, state);
        let names: std::collections::BTreeSet<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["local.json", "local.json.lock"].map(OsString::from).into());
    }

    #[tokio::test]
    async fn rubbish_left_by_a_crash_is_no_matter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        let state = open(&path).await.unwrap().1;
        fs::write(folder.path().join("local.json.tmp"), "{\"version\":1,").unwrap();
        assert_eq!(open(&path).await.unwrap().1, state);
    }

    #[tokio::test]
    async fn what_is_no_state_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        for (text, part) in [
            ("not json", "not JSON"),
            ("{}", "not JSON"),
            ("{\"version\":2}", "version 2"),
            ("{\"version\":1,\"account\":7}", "not JSON"),
        ] {
            fs::write(&path, text).unwrap();
            let message = open(&path).await.unwrap_err().to_string();
            assert!(message.contains("local.json") && message.contains(part), "{text}: {message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn a_state_that_contradicts_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        let (file, state) = open(&path).await.unwrap();
        let with = |change: fn(&mut AccountState)| {
            let mut state = state.clone();
            change(&mut state);
            file.write(&state).unwrap();
            file.read().unwrap_err().to_string()
        };
        let message = with(|state| {
            let mut framework = state.frameworks.values().next().unwrap().as_ref().clone();
            framework.name = "Ours".to_owned();
            framework.control_sets[0].controls = vec![uuid::Uuid::nil()];
            state.frameworks.insert(uuid::Uuid::nil(), framework.into());
        });
        let said = "the framework \"Ours\" holds the control 00000000-0000-0000-0000-000000000000, which is not there";
        assert!(message.contains(said), "{message}");
        let message = with(|state| state.clock = crate::state::Time(u64::MAX));
        assert!(message.contains("its clock stands at no time"), "{message}");
    }

    #[tokio::test]
    async fn a_file_of_another_account_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        open(&path).await.unwrap();
        let error = StateFile::open(&path, "111122223333", "us-east-1").await.unwrap_err();
        assert!(matches!(error, StartError::StateOfAnotherAccount { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(&folder.path().join("none/local.json")).await.unwrap_err();
        assert!(matches!(error, StartError::StateNotWritable { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_locked_file_is_waited_for_and_then_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("local.json");
        let (held, _) = open(&path).await.unwrap();
        let impatient = StateFile::open_within(LOCK_POLL, &path, "000000000000", "us-east-1").await;
        assert!(matches!(impatient.unwrap_err(), StartError::StateLocked { .. }));

        let other = path.clone();
        let waiting = tokio::spawn(async move { open(&other).await.map(|_| ()) });
        tokio::task::yield_now().await;
        drop(held);
        assert!(waiting.await.unwrap().is_ok());
    }
}
