//! The state in a file: all or nothing, for one process at a time.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use ocr_core::{Error, ErrorKind, Result};

use crate::state::State;

/// A file that holds a [`State`], and the same state in memory.
pub(crate) struct StateFile {
    directory: PathBuf,
    state: Mutex<State>,
    /// Held until dropped. The system drops it when the process dies.
    _lock: File,
}

/// Without the state: it holds the texts of documents, which belong in no log.
impl fmt::Debug for StateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateFile").finish_non_exhaustive()
    }
}

impl StateFile {
    /// The state in `directory`, which must exist. An empty one is written where there is none.
    ///
    /// # Errors
    /// `Unavailable` when another store has the directory open or the file cannot be written, `Corrupt` when
    /// it cannot be understood.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let lock = File::create(directory.join("lock")).map_err(unavailable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let message = "the file of the store is in use by another process";
                Error::new(ErrorKind::Unavailable, message).at("file", "open")
            }
            TryLockError::Error(error) => unavailable(error),
        })?;
        let file = Self {
            directory: directory.to_owned(),
            state: Mutex::new(load(&path(directory))?),
            _lock: lock,
        };
        file.save(&file.lock()).map_err(unavailable)?;
        Ok(file)
    }

    /// Succeeds while the file is there.
    pub(crate) fn check(&self) -> Result<()> {
        fs::metadata(path(&self.directory)).map(drop).map_err(unavailable)
    }

    /// Looks at the state. Blocks while a change is being written.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the state, in the file first and then in memory. What `change` refuses changes nothing.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.lock();
        let mut next = state.clone();
        let value = change(&mut next)?;
        self.save(&next).map_err(unavailable)?;
        *state = next;
        Ok(value)
    }

    /// Nobody leaves the state half changed, so it is whole after a panic too.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes beside the old file and swaps: a crash leaves the old file or the new one.
    fn save(&self, state: &State) -> io::Result<()> {
        let beside = self.directory.join("store.new");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(state)?)?;
        file.sync_all()?;
        fs::rename(beside, path(&self.directory))?;
        // The new name is on the disk once the directory is. Only Unix lets us say so.
        if cfg!(unix) {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }
}

fn load(path: &Path) -> Result<State> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            Error::new(ErrorKind::Corrupt, "the file of the store cannot be understood")
                .with_source(error)
                .at("file", "open")
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
        Err(error) => Err(unavailable(error)),
    }
}

fn path(directory: &Path) -> PathBuf {
    directory.join("store.json")
}

fn unavailable(error: io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "the file of the store cannot be used")
        .with_source(error)
        .at("file", "store")
}
