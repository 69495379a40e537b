//! The state while the emulator runs: what is durable, what is on its way there, and who waits for it.
//!
//! Reads see the last durable state. Writes build on each other ahead of it and are answered together once one file
//! holds them all. When that file cannot be written, all of them are undone and answered with an error; the next write
//! starts again from what is durable, so that what was ever shown stays true. (As with any failure of a server, what was
//! answered so may yet be found done after a restart: the file may have been replaced before the failure.)

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_blocking;

use crate::state::AccountState;
use crate::state_file::StateFile;

/// A state that many requests read and write at once.
#[derive(Debug)]
pub(crate) struct Store {
    versions: Mutex<Versions>,
    /// Wakes the task that writes the file.
    work: Notify,
    in_memory: bool,
}

#[derive(Debug)]
struct Versions {
    /// What reads see.
    durable: Arc<AccountState>,
    /// What the next write builds on.
    latest: Arc<AccountState>,
    /// Those who are answered once `latest` is durable.
    waiting: Vec<oneshot::Sender<Result<(), NotKept>>>,
    closed: bool,
}

/// A write was undone, since no file could hold it; the text is the system's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotKept(pub(crate) String);

impl Store {
    /// A store that starts from `state`. Unless it is `in_memory`, [`Store::keep`] must run beside it.
    pub(crate) fn new(state: AccountState, in_memory: bool) -> Self {
        let state = Arc::new(state);
        Self {
            versions: Mutex::new(Versions {
                durable: Arc::clone(&state),
                latest: state,
                waiting: Vec::new(),
                closed: false,
            }),
            work: Notify::new(),
            in_memory,
        }
    }

    /// The last durable state.
    pub(crate) fn read(&self) -> Arc<AccountState> {
        Arc::clone(&self.versions().durable)
    }

    /// Changes the state, as a whole or, when `change` refuses, not at all. Returns once what `change` saw and did is
    /// durable: a refusal, too, may rest on a write that is still on its way.
    ///
    /// # Errors
    ///
    /// The state file could not be written. Nothing is changed.
    pub(crate) async fn write<T, E>(
        &self,
        change: impl FnOnce(&mut AccountState) -> Result<T, E>,
    ) -> Result<Result<T, E>, NotKept> {
        let (result, kept) = {
            let mut versions = self.versions();
            if versions.closed {
                return Err(NotKept("the emulator has stopped".to_owned()));
            }
            let mut next = AccountState::clone(&versions.latest);
            let result = change(&mut next);
            if result.is_ok() {
                versions.latest = Arc::new(next);
            }
            if self.in_memory {
                versions.durable = Arc::clone(&versions.latest);
            }
            if Arc::ptr_eq(&versions.latest, &versions.durable) {
                return Ok(result);
            }
            let (waiting, kept) = oneshot::channel();
            versions.waiting.push(waiting);
            (result, kept)
        };
        self.work.notify_one();
        match kept.await {
            Ok(kept) => kept.map(|()| result),
            Err(_) => Err(NotKept("the emulator has stopped".to_owned())),
        }
    }

    /// Writes the file whenever there is something to write, each time all that there is, until the store is closed and
    /// nobody waits any more.
    pub(crate) async fn keep(&self, file: StateFile) {
        let file = Arc::new(file);
        while let Some((state, waiting)) = self.next_batch().await {
            let written = if Arc::ptr_eq(&state, &self.read()) {
                Ok(())
            } else {
                let (file, state) = (Arc::clone(&file), Arc::clone(&state));
                let writing = spawn_blocking(move || file.write(&state));
                writing.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
            };
            self.settle(state, waiting, written);
        }
    }

    /// Lets the task that writes the file end; nothing is written from now on.
    pub(crate) fn close(&self) {
        self.versions().closed = true;
        self.work.notify_one();
    }

    async fn next_batch(&self) -> Option<(Arc<AccountState>, Vec<oneshot::Sender<Result<(), NotKept>>>)> {
        loop {
            {
                let mut versions = self.versions();
                if !versions.waiting.is_empty() {
                    let waiting = std::mem::take(&mut versions.waiting);
                    return Some((Arc::clone(&versions.latest), waiting));
                }
                if versions.closed {
                    return None;
                }
            }
            self.work.notified().await;
        }
    }

    fn settle(
        &self,
        state: Arc<AccountState>,
        mut waiting: Vec<oneshot::Sender<Result<(), NotKept>>>,
        written: io::Result<()>,
    ) {
        let mut versions = self.versions();
        let answer = match written {
            Ok(()) => {
                versions.durable = state;
                Ok(())
            }
            Err(error) => {
                // Whoever came since then built on what is now undone.
                versions.latest = Arc::clone(&versions.durable);
                waiting.append(&mut versions.waiting);
                Err(NotKept(error.to_string()))
            }
        };
        drop(versions);
        for one in waiting {
            // Who has hung up meanwhile need not know.
            let _ = one.send(answer.clone());
        }
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        // A panic under the lock cannot leave a state half changed: changes are made on a copy.
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::fs;
    use std::future::Future;
    use std::path::Path;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::library;

    async fn open(path: &Path) -> (StateFile, AccountState) {
        StateFile::open(path, "000000000000", "us-east-1").await.unwrap()
    }

    async fn count(store: &Store) -> Result<u64, NotKept> {
        let counted = store.write(|state| Ok::<_, Infallible>(state.now().0)).await;
        counted.map(|Ok(time)| time)
    }

    #[tokio::test]
    async fn an_answered_write_is_in_the_file_and_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.json");
        let (file, state) = open(&path).await;
        let store = Arc::new(Store::new(state, false));
        let keeper = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.keep(file).await }
        });
        for _ in 0..3 {
            let time = count(&store).await.unwrap();
            assert_eq!(store.read().clock.0, time);
            assert!(fs::read_to_string(&path).unwrap().contains(&time.to_string()));
        }
        store.close();
        keeper.await.unwrap();
        assert!(count(&store).await.is_err());
        assert_eq!(open(&path).await.1, *store.read());
    }

    #[tokio::test]
    async fn concurrent_writes_share_one_file_and_refusals_wait_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, state) = open(&folder.path().join("s.json")).await;
        let store = Store::new(state, false);
        let mut writes: Vec<_> = (0..50).map(|_| Box::pin(count(&store))).collect();
        let mut refused = pin!(store.write(|state| Err::<Infallible, _>(state.clock)));
        let mut context = Context::from_waker(Waker::noop());
        for write in &mut writes {
            assert!(write.as_mut().poll(&mut context).is_pending());
        }
        assert!(refused.as_mut().poll(&mut context).is_pending());
        let before = store.read();

        let (state, waiting) = store.next_batch().await.unwrap();
        assert_eq!(waiting.len(), 51);
        assert_eq!(*before, *store.read(), "nothing shows before it is durable");
        let written = file.write(&state);
        store.settle(state, waiting, written);
        for write in &mut writes {
            assert!(matches!(write.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
        }
        assert_eq!(refused.await, Ok(Err(store.read().clock)));
    }

    #[tokio::test]
    async fn a_failed_file_undoes_its_writes_and_the_next_one_starts_from_what_is_durable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.json");
        let (file, state) = open(&path).await;
        let store = Arc::new(Store::new(state, false));
        let keeper = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.keep(file).await }
        });
        count(&store).await.unwrap();
        let durable = store.read();

        let obstacle = folder.path().join("s.json.tmp");
        fs::create_dir(&obstacle).unwrap();
        let (one, two) = tokio::join!(count(&store), count(&store));
        assert!(one.is_err() && two.is_err());
        assert_eq!(store.read(), durable);

        fs::remove_dir(&obstacle).unwrap();
        count(&store).await.unwrap();
        store.close();
        keeper.await.unwrap();
        assert_eq!(open(&path).await.1, *store.read());
    }

    #[tokio::test]
    async fn in_memory_nobody_waits() {
        let store = Store::new(library::new_account("000000000000", "us-east-1"), true);
        let time = count(&store).await.unwrap();
        assert_eq!(store.read().clock.0, time);
    }
}
