//! The data directory: nobody else's, and shared by processes that know of each other.

#[cfg(unix)]
mod rights;

#[cfg(not(unix))]
use std::fs;
use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

use anyhow::{Context, Result};

/// The file that says that a process uses the directory.
const IN_USE: &str = "in-use.lock";

/// From now on every file and directory that this process makes is its user's only, where the system has such rights.
pub(crate) fn make_new_files_private() {
    #[cfg(unix)]
    rights::make_new_files_private();
}

/// Makes the directory, which is its owner's only. One that is there already is narrowed when it is a data
/// directory or empty; anything else belongs to somebody who set its rights, and is only warned of.
///
/// # Errors
/// When it cannot be made or looked at.
pub(crate) fn prepare(path: &Path) -> Result<()> {
    #[cfg(unix)]
    return rights::prepare(path);
    #[cfg(not(unix))]
    fs::create_dir_all(path).with_context(|| format!("{} cannot be created", path.display()))
}

/// A process that uses a data directory, for as long as this lives.
#[derive(Debug)]
pub(crate) struct InUse {
    _file: File,
    /// Whether another process used it already.
    pub(crate) shared: bool,
}

impl InUse {
    /// Notes that this process uses the directory. Several may: the roles of a server can be processes of
    /// their own, and SQLite and the leases keep them apart.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub(crate) fn note(path: &Path) -> Result<Self> {
        let note = || -> io::Result<Self> {
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path.join(IN_USE))?;
            let shared = match file.try_lock() {
                Ok(()) => false,
                Err(TryLockError::WouldBlock) => true,
                Err(TryLockError::Error(error)) => return Err(error),
            };
            file.unlock()?;
            file.lock_shared()?;
            Ok(Self { _file: file, shared })
        };
        note().with_context(|| format!("{} cannot be written", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_learns_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = InUse::note(folder.path()).unwrap();
        let second = InUse::note(folder.path()).unwrap();
        assert!(!first.shared && second.shared);
        drop((first, second));
        assert!(!InUse::note(folder.path()).unwrap().shared);
    }
}
