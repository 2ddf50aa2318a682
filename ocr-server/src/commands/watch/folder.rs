//! What lands in a folder, and which of it is complete.

use std::{
    collections::HashMap,
    fs::{self, Metadata},
    io,
    path::Path,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Endings of files that a program is still writing.
const UNFINISHED: [&str; 6] = [
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".tmp",
];

/// What tells a file from what it was before it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// In bytes.
    pub(super) size: u64,
    /// When it was last written: nanoseconds since 1970.
    pub(super) modified: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> io::Result<Self> {
        let since = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH);
        let modified = since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
        Ok(Self {
            size: metadata.len(),
            modified,
        })
    }

    /// Of the file at `path`; `None` where there is no file, or none that can be looked at.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(path).ok()?;
        metadata.is_file().then(|| Self::of(&metadata).ok())?
    }
}

/// A file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) stamp: Stamp,
}

/// The files in a folder, and the names of those that cannot be named in UTF-8.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) files: Vec<Found>,
    pub(super) unnameable: Vec<String>,
}

/// Looks at the files that lie in `folder` itself, in the order of their names. Folders, links, hidden files and those
/// that a program says it is still writing are passed over.
///
/// # Errors
/// When the folder cannot be read, or a file in it cannot be looked at: that it is there is known, and to pass it over
/// would tell that it is not.
pub(super) fn look(folder: &Path) -> io::Result<Look> {
    let mut look = Look::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_unfinished) {
            continue;
        }
        let Some(metadata) = unless_gone(entry.metadata())? else {
            continue;
        };
        if !metadata.is_file() {
            continue;
        }
        match name.into_string() {
            Ok(name) => {
                let stamp = Stamp::of(&metadata)?;
                look.files.push(Found { name, stamp });
            }
            Err(odd) => look.unnameable.push(odd.to_string_lossy().into_owned()),
        }
    }
    look.files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(look)
}

/// What is known of an entry; `None` for one that went away while we looked, which is none of ours.
fn unless_gone(metadata: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match metadata {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        metadata => metadata.map(Some),
    }
}

fn is_unfinished(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.starts_with(['.', '~']) || UNFINISHED.iter().any(|ending| lower.ends_with(ending))
}

/// Since when each file is as it is.
#[derive(Debug, Default)]
pub(super) struct Settling(HashMap<String, (Stamp, Instant)>);

impl Settling {
    /// The files that were not seen to change for `quiet`, up to `now`.
    pub(super) fn settled(&mut self, files: Vec<Found>, now: Instant, quiet: Duration) -> Vec<Found> {
        let mut seen = HashMap::with_capacity(files.len());
        let is_settled = |file: &Found| {
            let since = match self.0.get(&file.name) {
                Some((stamp, since)) if *stamp == file.stamp => *since,
                _ => now,
            };
            seen.insert(file.name.clone(), (file.stamp, since));
            now.duration_since(since) >= quiet
        };
        let settled = files.into_iter().filter(is_settled).collect();
        self.0 = seen;
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_when_it_does_not_change_any_more() {
        let file = |size| {
            let (name, modified) = ("a.pdf".to_owned(), 1);
            let stamp = Stamp { size, modified };
            vec![Found { name, stamp }]
        };
        let quiet = Duration::from_secs(3);
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut settling = Settling::default();
        assert_eq!(settling.settled(file(1), at(0), quiet), []);
        assert_eq!(settling.settled(file(2), at(2), quiet), [], "it grows");
        assert_eq!(settling.settled(file(2), at(4), quiet), []);
        assert_eq!(settling.settled(file(2), at(5), quiet), file(2));
        assert_eq!(settling.settled(Vec::new(), at(6), quiet), []);
        assert_eq!(settling.settled(file(2), at(7), quiet), [], "it was away");
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_taken_for_absent() {
        let with = |kind: io::ErrorKind| unless_gone(Err(kind.into())).map(|found| found.is_some());
        assert!(!with(io::ErrorKind::NotFound).unwrap());
        for kind in [
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::TimedOut,
            io::ErrorKind::Other,
        ] {
            assert_eq!(with(kind).unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn only_files_that_are_finished_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b.pdf",
            "a.pdf",
            ".hidden.pdf",
            "~lock.pdf",
            "c.pdf.PART",
            "d.tmp",
        ] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("folder.pdf")).unwrap();
        let look = look(folder.path()).unwrap();
        let names: Vec<&str> = look.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.pdf", "b.pdf"]);
        assert_eq!(look.files[0].stamp.size, 5);
        assert_eq!(Stamp::at(&folder.path().join("a.pdf")), Some(look.files[0].stamp));
        assert_eq!(Stamp::at(folder.path()), None);
    }
}
