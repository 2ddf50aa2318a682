//! How much room the disk of a directory has, and how much of it is kept free.

use std::{path::Path, sync::Arc};

use ocr_core::{Error, ErrorKind, Result};

/// Bytes after which the room is looked at again: others write too, and not every body says how long it is.
const CHECK_EVERY: u64 = 1024 * 1024;

/// The room on the disk of a directory, of which a part is kept free: for a database, and for all that
/// makes room again. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DiskRoom {
    folder: Arc<Path>,
    minimum: u64,
}

impl DiskRoom {
    /// The room of the disk that holds `folder`, of which `minimum` bytes are kept free; 0 keeps nothing free.
    pub fn new(folder: &Path, minimum: u64) -> Self {
        Self {
            folder: folder.into(),
            minimum,
        }
    }

    /// Watches the room while something of unknown length is written.
    pub fn watch(&self) -> RoomWatch<'_> {
        RoomWatch {
            room: self,
            unchecked: 0,
        }
    }

    /// Whether `more` bytes fit without using what is kept free. A disk that does not say what is free has
    /// room: writing to it tells.
    ///
    /// # Errors
    /// `StorageFull` when they do not.
    pub fn check(&self, more: u64) -> Result<()> {
        match free_bytes(&self.folder) {
            Some(free) if self.minimum > 0 && free < self.minimum.saturating_add(more) => {
                let message = "there is too little room left on the disk of this server";
                Err(Error::new(ErrorKind::StorageFull, message)
                    .with_context("free", free)
                    .with_context("kept_free", self.minimum)
                    .with_context("wanted", more))
            }
            _ => Ok(()),
        }
    }
}

/// Looks at the room on a disk now and then while something is written.
#[derive(Debug)]
pub struct RoomWatch<'a> {
    room: &'a DiskRoom,
    unchecked: u64,
}

impl RoomWatch<'_> {
    /// Counts `bytes` that are written.
    ///
    /// # Errors
    /// `StorageFull` when there is no room any more.
    pub fn add(&mut self, bytes: u64) -> Result<()> {
        self.unchecked += bytes;
        if self.unchecked >= CHECK_EVERY {
            self.room.check(0)?;
            self.unchecked = 0;
        }
        Ok(())
    }
}

/// Bytes that are free on the disk of `folder`, for users without privileges; `None` where it does not say.
#[cfg(unix)]
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// No system but those of the Unix family is asked.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_free_is_not_given_away() {
        let folder = tempfile::tempdir().unwrap();
        let room = |minimum| DiskRoom::new(folder.path(), minimum);
        assert!(room(0).check(u64::MAX).is_ok(), "nothing is kept free");
        assert!(room(1).check(0).is_ok());
        for (minimum, more) in [(u64::MAX, 0), (1, u64::MAX)] {
            let refused = room(minimum).check(more).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::StorageFull);
            assert!(refused.is_transient(), "somebody may make room");
        }
        let nowhere = DiskRoom::new(&folder.path().join("none"), u64::MAX);
        assert!(nowhere.check(0).is_ok());
    }
}
