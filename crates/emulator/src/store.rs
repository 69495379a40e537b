//! The state of a running emulator: the durable state, the pending writes, and the requests that wait for them.
//!
//! Reads see the last durable state. Writes build on each other ahead of it and are acknowledged together once one file
//! contains them all. If that file cannot be written, all of them are undone and answered with an error; the next write
//! starts again from the durable state, so that a state that was once visible stays valid. (As with any server error, a
//! write that failed this way may be in effect after a restart: the file may have been replaced before the error.)

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::task::spawn_blocking;

use crate::state::State;
use crate::state_file::StateFile;

/// A state that requests read and write concurrently.
#[derive(Debug)]
pub(crate) struct Store {
    versions: Mutex<Versions>,
    /// Notifies the task that writes the file.
    work: Notify,
    in_memory: bool,
}

#[derive(Debug)]
struct Versions {
    /// The state that reads see.
    durable: Arc<State>,
    /// The state that the next write builds on.
    latest: Arc<State>,
    /// The requests that are answered once `latest` is durable.
    waiting: Vec<oneshot::Sender<Result<(), NotSaved>>>,
    closed: bool,
}

/// A write was undone because the file could not be written; the text is the error of the operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotSaved(pub(crate) String);

impl Store {
    /// Creates a store with `state`. Unless it is `in_memory`, [`Store::keep`] must run concurrently.
    pub(crate) fn new(state: State, in_memory: bool) -> Self {
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

    /// Returns the last durable state.
    pub(crate) fn read(&self) -> Arc<State> {
        Arc::clone(&self.versions().durable)
    }

    /// Changes the state, or leaves it unchanged if `change` fails. Returns once the state that `change` saw and its
    /// result are durable: an error of `change`, too, may depend on a pending write.
    ///
    /// # Errors
    ///
    /// The state file could not be written. The state is unchanged.
    pub(crate) async fn write<T, E>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<Result<T, E>, NotSaved> {
        let (result, saved) = {
            let mut versions = self.versions();
            if versions.closed {
                return Err(NotSaved("the emulator has stopped".to_owned()));
            }
            let mut next = State::clone(&versions.latest);
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
            let (waiting, saved) = oneshot::channel();
            versions.waiting.push(waiting);
            (result, saved)
        };
        self.work.notify_one();
        match saved.await {
            Ok(saved) => saved.map(|()| result),
            Err(_) => Err(NotSaved("the emulator has stopped".to_owned())),
        }
    }

    /// Writes the file whenever writes are pending, each time all of them, until the store is closed and no request
    /// waits.
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

    /// Closes the store: the task that writes the file ends, and later writes fail.
    pub(crate) fn close(&self) {
        self.versions().closed = true;
        self.work.notify_one();
    }

    async fn next_batch(&self) -> Option<(Arc<State>, Vec<oneshot::Sender<Result<(), NotSaved>>>)> {
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
        state: Arc<State>,
        mut waiting: Vec<oneshot::Sender<Result<(), NotSaved>>>,
        written: io::Result<()>,
    ) {
        let mut versions = self.versions();
        let answer = match written {
            Ok(()) => {
                versions.durable = state;
                Ok(())
            }
            Err(error) => {
                // Later writes build on the writes that are now undone.
                versions.latest = Arc::clone(&versions.durable);
                waiting.append(&mut versions.waiting);
                Err(NotSaved(error.to_string()))
            }
        };
        drop(versions);
        for one in waiting {
            // Fails only if the request was canceled.
            let _ = one.send(answer.clone());
        }
    }

    fn versions(&self) -> MutexGuard<'_, Versions> {
        // A panic under the lock cannot leave a state partly changed: changes are made on a clone.
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
    use crate::protocol::time::Time;

    async fn open(path: &Path) -> (StateFile, State) {
        StateFile::open(path, "000000000000", "us-east-1").await.unwrap()
    }

    async fn count(store: &Store) -> Result<u64, NotSaved> {
        let counted = store.write(|state| Ok::<_, Infallible>(state.audit_manager.now().0)).await;
        counted.map(|Ok(time)| time)
    }

    #[tokio::test]
    async fn an_acknowledged_write_is_in_the_file_and_visible() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s.json");
        let (file, state) = open(&path).await;
        let store = Arc::new(Store::new(state, false));
        let keeper = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.keep(file).await }
        });
        for _ in 0..3 {
            let time = count(&store).await.unwrap();
            assert_eq!(store.read().audit_manager.clock.0, time);
            assert!(fs::read_to_string(&path).unwrap().contains(&time.to_string()));
        }
        store.close();
        keeper.await.unwrap();
        assert!(count(&store).await.is_err());
        assert_eq!(open(&path).await.1, *store.read());
    }

    #[tokio::test]
    async fn concurrent_writes_share_one_file_and_rejections_wait_for_it() {
        let directory = tempfile::tempdir().unwrap();
        let (file, state) = open(&directory.path().join("s.json")).await;
        let store = Store::new(state, false);
        let mut writes: Vec<_> = (0..50).map(|_| Box::pin(count(&store))).collect();
        let mut rejected = pin!(store.write(|state| Err::<Infallible, Time>(state.audit_manager.clock)));
        let mut context = Context::from_waker(Waker::noop());
        for write in &mut writes {
            assert!(write.as_mut().poll(&mut context).is_pending());
        }
        assert!(rejected.as_mut().poll(&mut context).is_pending());
        let before = store.read();

        let (state, waiting) = store.next_batch().await.unwrap();
        assert_eq!(waiting.len(), 51);
        assert_eq!(*before, *store.read(), "writes are not visible before they are durable");
        let written = file.write(&state);
        store.settle(state, waiting, written);
        for write in &mut writes {
            assert!(matches!(write.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
        }
        assert_eq!(rejected.await, Ok(Err(store.read().audit_manager.clock)));
    }

    #[tokio::test]
    async fn a_failed_file_undoes_its_writes_and_the_next_starts_from_the_durable_state() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s.json");
        let (file, state) = open(&path).await;
        let store = Arc::new(Store::new(state, false));
        let keeper = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.keep(file).await }
        });
        count(&store).await.unwrap();
        let durable = store.read();

        let obstacle = directory.path().join("s.json.tmp");
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
    async fn in_memory_writes_return_immediately() {
        let store = Store::new(State::new("000000000000", "us-east-1"), true);
        let time = count(&store).await.unwrap();
        assert_eq!(store.read().audit_manager.clock.0, time);
    }
}
