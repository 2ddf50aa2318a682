//! The secret with which this server signs its URLs.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, Result};

const LENGTH: usize = 32;

/// The secret of a data directory, made at first use and readable by its owner only.
pub(crate) fn load_or_create(path: &Path) -> Result<[u8; LENGTH]> {
    match fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            anyhow::anyhow!(
                "{} is not a secret of this server; remove it to get a new one",
                path.display()
            )
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn create(path: &Path) -> Result<[u8; LENGTH]> {
    let mut secret = [0; LENGTH];
    getrandom::fill(&mut secret).context("the system gives no random numbers")?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // Temporary files are made readable by their owner only.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&secret)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(secret),
        // Another process created the file first: use its secret.
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => load_or_create(path),
        Err(error) => Err(error.error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = load_or_create(&path).unwrap();
        assert_eq!(load_or_create(&path).unwrap(), first);
        assert_ne!(first, [0; LENGTH]);
        fs::write(&path, b"short").unwrap();
        assert!(load_or_create(&path).is_err());
    }
}
