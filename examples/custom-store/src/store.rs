//! What all parts of the store share: how they reach the state, and what the store says of itself.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Clock, Timestamp},
    store::{StoreBase, StoreCapabilities},
};

use crate::{file::StateFile, state::State};

/// A store in one file of a directory. One process has it open at a time.
#[derive(Debug)]
pub struct FileStore {
    file: Arc<StateFile>,
    clock: Arc<dyn Clock>,
}

impl FileStore {
    /// Opens the store in `directory`, which must exist. It reads time from `clock`, so that tests need not
    /// wait for leases to end.
    ///
    /// # Errors
    /// `Unavailable` when another store has the directory open or the file cannot be written, `Corrupt` when
    /// it cannot be understood.
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            file: Arc::new(StateFile::open(directory)?),
            clock,
        })
    }

    /// Changes the state, all or nothing. The time is read under the lock, so that changes are in the order
    /// of their times.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut State, Timestamp) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let clock = self.clock.clone();
        self.on_file(move |file| file.change(|state| change(state, clock.now())))
            .await
    }

    /// Looks at the state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&State, Timestamp) -> T + Send + 'static,
    ) -> Result<T> {
        let clock = self.clock.clone();
        self.on_file(move |file| Ok(file.read(|state| look(state, clock.now()))))
            .await
    }

    /// Files block, and so does whoever waits for one, so the work is done on a thread for that. It goes on to
    /// its end although the caller may have lost interest: all or nothing.
    async fn on_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&StateFile) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let file = self.file.clone();
        tokio::task::spawn_blocking(move || work(&file))
            .await
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "the work on the file of the store broke off")
                    .with_source(error)
                    .at("file", "store")
            })?
    }
}

#[async_trait]
impl StoreBase for FileStore {
    fn name(&self) -> &'static str {
        "file"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::kept_by_one_process()
    }

    async fn check(&self) -> Result<()> {
        self.on_file(StateFile::check).await
    }
}
