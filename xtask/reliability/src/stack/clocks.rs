//! Clocks of processes that can be set: a library that is loaded before them (libfaketime) reads how far off each is.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::proc;

/// The library for programs with several threads, in a folder of each architecture on Debian.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// Where the library keeps something for each process, which nobody takes away when the process is killed: a later one
/// of the same id would find it.
const SHARED: &str = "/dev/shm";
/// How it is called there, before the id.
const PREFIXES: [&str; 2] = ["faketime_shm_", "sem.faketime_sem_"];

/// A clock for each process, right until it is set.
#[derive(Debug)]
pub(crate) struct Clocks {
    library: PathBuf,
    directory: PathBuf,
}

impl Clocks {
    /// Clocks that are kept in `directory`, which is made.
    ///
    /// # Errors
    /// When the library is not there.
    pub(crate) fn create(directory: PathBuf) -> Result<Self> {
        let library =
            library().context("clocks cannot be set without libfaketime: apt-get install faketime")?;
        fs::create_dir(&directory)?;
        Ok(Self { library, directory })
    }

    /// Variables of the process `name`, whose clock is right for now. Its children do not get them: page processes have
    /// an environment of their own.
    pub(crate) fn environment(&self, name: &str) -> Result<[(&'static str, String); 4]> {
        self.set(name, 0)?;
        Ok([
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file(name).display().to_string()),
            ("FAKETIME_NO_CACHE", "1".into()),
            // Waiting must take as long as it takes: what steps is the clock on the wall.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ])
    }

    /// Sets the clock of the process `name` so many seconds ahead of the right time, or behind it.
    pub(crate) fn set(&self, name: &str, ahead: i64) -> Result<()> {
        // It is read at any time: never half of it.
        let new = self.directory.join(format!("{name}.new"));
        fs::write(&new, format!("{ahead:+}\n"))?;
        fs::rename(&new, self.file(name)).context("a clock could not be set")
    }

    /// Sets all clocks right.
    pub(crate) fn heal(&self) -> Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "new") {
                continue;
            }
            if let Some(name) = path.file_name() {
                self.set(&name.to_string_lossy(), 0)?;
            }
        }
        Ok(())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Drop for Clocks {
    fn drop(&mut self) {
        let entries = fs::read_dir(SHARED).into_iter().flatten().flatten();
        for entry in entries {
            let pid = process_of(&entry.file_name().to_string_lossy());
            if pid.is_some_and(|pid| proc::identity(pid).is_none()) {
                // Somebody else may have been faster.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// The process that the library keeps a file of this name for.
fn process_of(name: &str) -> Option<u32> {
    let mut ids = PREFIXES.iter().filter_map(|prefix| name.strip_prefix(prefix));
    ids.next()?.parse().ok()
}

/// Where the library is.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = folders.map(|folder| folder.path());
    // Where other systems have it, whoever runs this can say so as the linker is told.
    let told = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let folders = folders.chain(env::split_paths(&told));
    let mut found = folders.filter_map(|folder| there(&folder.join(LIBRARY)));
    found.next()
}

fn there(path: &Path) -> Option<PathBuf> {
    path.is_file().then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_a_process_is_known_by_its_name() {
        assert_eq!(process_of("faketime_shm_4711"), Some(4711));
        assert_eq!(process_of("sem.faketime_sem_4711"), Some(4711));
        assert_eq!(process_of("sem.other_4711"), None);
        assert_eq!(process_of("faketime_shm_"), None);
    }

    #[test]
    fn a_clock_is_set_and_set_right_again() {
        let folder = tempfile::tempdir().unwrap();
        let clocks = Clocks {
            library: "/library".into(),
            directory: folder.path().to_owned(),
        };
        let environment = clocks.environment("server-1").unwrap();
        let file = folder.path().join("server-1");
        assert!(environment.contains(&("FAKETIME_TIMESTAMP_FILE", file.display().to_string())));
        let shown = || fs::read_to_string(&file).unwrap();
        assert_eq!(shown(), "+0\n");
        clocks.set("server-1", -3600).unwrap();
        assert_eq!(shown(), "-3600\n");
        clocks.set("server-1", 3600).unwrap();
        assert_eq!(shown(), "+3600\n");
        clocks.heal().unwrap();
        assert_eq!(shown(), "+0\n");
    }
}
