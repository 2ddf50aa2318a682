//! Model files from a directory: found, checked against the catalogue, loaded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ocr_core::{Error, ErrorKind, digest::sha256_hex};
use rten::{Model, ModelOptions};

use super::{
    catalog::{Role, file},
    ctc::Alphabet,
};

/// Why the models could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file is not there.
    #[error("the model file {name} is missing in {}", directory.display())]
    Missing {
        /// Name of the file.
        name: &'static str,
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A file is there but is not the one the catalogue names.
    #[error("the model file {} is damaged: its checksum does not match", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("the model file {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The runtime does not understand a file that has the right checksum.
    #[error("the model file {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the runtime said.
        reason: String,
    },
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let kind = match &error {
            LoadError::Missing { .. } => ErrorKind::Config,
            LoadError::Corrupt { .. } => ErrorKind::Corrupt,
            LoadError::Unreadable { .. } => ErrorKind::Unavailable,
            LoadError::Unusable { .. } => ErrorKind::Internal,
        };
        Self::new(kind, error.to_string())
            .with_source(error)
            .at("ppocr", "load")
    }
}

/// The bytes of a file of the catalogue, checked.
pub(crate) fn read_verified(directory: &Path, role: Role) -> Result<Vec<u8>, LoadError> {
    let entry = file(role);
    let path = directory.join(entry.name);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LoadError::Missing {
                name: entry.name,
                directory: directory.to_path_buf(),
            });
        }
        Err(source) => return Err(LoadError::Unreadable { path, source }),
    };
    if sha256_hex(&bytes) == entry.sha256 {
        Ok(bytes)
    } else {
        Err(LoadError::Corrupt { path })
    }
}

/// The model of a role.
pub(crate) fn load_model(directory: &Path, role: Role) -> Result<Model, LoadError> {
    let bytes = read_verified(directory, role)?;
    let mut options = ModelOptions::with_all_ops();
    // Packed weights cost memory once (about the size of the file) and save work on every line.
    options.prepack_weights(true);
    options.load(bytes).map_err(|error| LoadError::Unusable {
        path: directory.join(file(role).name),
        reason: error.to_string(),
    })
}

/// The recogniser of a role and its alphabet: inside the small model, beside the tiny one.
pub(crate) fn load_recognizer(directory: &Path, role: Role) -> Result<(Model, Alphabet), LoadError> {
    let model = load_model(directory, role)?;
    let unusable = |reason: &str| LoadError::Unusable {
        path: directory.join(file(role).name),
        reason: reason.to_owned(),
    };
    let alphabet = if role == Role::RecTiny {
        let bytes = read_verified(directory, Role::RecTinyCharacters)?;
        let text = String::from_utf8(bytes).map_err(|_| unusable("its dictionary is not text"))?;
        Alphabet::from_lines(&text)
    } else {
        let text = model
            .metadata()
            .get("character")
            .ok_or_else(|| unusable("it has no dictionary"))?;
        Alphabet::from_lines(text)
    };
    Ok((model, alphabet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = read_verified(directory.path(), Role::DetSmall).unwrap_err();
        assert!(matches!(
            error,
            LoadError::Missing {
                name: "PP-OCRv6_det_small.onnx",
                ..
            }
        ));
        let error = Error::from(error);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().contains("PP-OCRv6_det_small.onnx"));
    }

    #[test]
    fn a_changed_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("PP-OCRv6_det_small.onnx"), b"not a model").unwrap();
        let error = read_verified(directory.path(), Role::DetSmall).unwrap_err();
        assert!(matches!(error, LoadError::Corrupt { .. }));
    }

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
