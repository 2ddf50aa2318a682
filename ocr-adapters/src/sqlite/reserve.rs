//! A file that takes up room beside the database. On a full disk it gives that room up, so that small
//! changes, such as deleting a task, can still be written.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::disk_room::free_bytes;

/// Bytes of the reserve: a write-ahead log that has grown to where SQLite empties it (4 MB), several times over.
const RESERVE: u64 = 16 * 1024 * 1024;
/// Free bytes below which the reserve is given up.
const LOW: u64 = 4 * 1024 * 1024;
/// Free bytes from which the reserve is taken again.
const PLENTY: u64 = 4 * RESERVE;

/// The reserve of a database file. Processes that share the database share it.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    taken: AtomicBool,
}

impl Reserve {
    /// The reserve beside the database file at `database`.
    pub(super) fn beside(database: &Path) -> Self {
        Self {
            path: database.with_extension("reserve"),
            taken: AtomicBool::new(false),
        }
    }

    /// Gives the reserve up when the disk is nearly full, and takes it again when there is room. Asks the
    /// disk, which takes microseconds.
    pub(super) fn adjust(&self) {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        if let Some(free) = free_bytes(folder) {
            self.adjust_to(free);
        }
    }

    fn adjust_to(&self, free: u64) {
        let taken = self.taken.load(Ordering::Relaxed);
        let (resize, size): (bool, u64) = match free {
            // Another process may have taken it: its size tells, not what this process did.
            ..LOW => (std::fs::metadata(&self.path).is_ok_and(|file| file.len() > 0), 0),
            PLENTY.. => (!taken, RESERVE),
            _ => (false, 0),
        };
        if !resize {
            return;
        }
        match self.resize(size) {
            Ok(()) if size == 0 => {
                tracing::warn!("the disk of the database is full: its reserve is given up");
            }
            Ok(()) => {}
            // A file system that cannot set room aside: then there is no reserve.
            Err(error) => tracing::debug!(%error, "the reserve of the database could not be changed"),
        }
        self.taken.store(size > 0, Ordering::Relaxed);
    }

    fn resize(&self, size: u64) -> io::Result<()> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.path)?;
        if size == 0 {
            file.set_len(0)?;
            // The room is free when the file system has written that down.
            return file.sync_all();
        }
        set_aside(&file, size)
    }
}

#[cfg(unix)]
fn set_aside(file: &File, size: u64) -> io::Result<()> {
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, size).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn set_aside(_: &File, _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_given_up_when_the_disk_is_full_and_taken_again_later() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::beside(&folder.path().join("ocr.sqlite"));
        let size = || std::fs::metadata(folder.path().join("ocr.reserve")).map_or(0, |file| file.len());
        reserve.adjust_to(PLENTY - 1);
        assert_eq!(size(), 0, "it must not itself fill the disk");
        reserve.adjust_to(PLENTY);
        assert_eq!(size(), RESERVE);
        reserve.adjust_to(LOW);
        assert_eq!(size(), RESERVE);
        reserve.adjust_to(LOW - 1);
        assert_eq!(size(), 0);
        reserve.adjust_to(PLENTY);
        assert_eq!(size(), RESERVE);
    }

    #[test]
    fn another_process_can_give_the_reserve_up() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("ocr.sqlite");
        Reserve::beside(&database).adjust_to(PLENTY);
        Reserve::beside(&database).adjust_to(0);
        let left = std::fs::metadata(folder.path().join("ocr.reserve")).unwrap();
        assert_eq!(left.len(), 0);
    }
}
