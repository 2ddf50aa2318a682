//! Model files from a directory: found, checked against the catalogue, loaded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ocr_core::{Error, ErrorKind, digest::sha256_hex};

#[cfg(feature = "onnxruntime")]
use super::runtime::{Library, NativeModel};
use super::{
    catalog::{Role, file},
    ctc::Alphabet,
    runtime::Model,
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

/// A directory of model files, and what runs the models.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Models<'a> {
    directory: &'a Path,
    #[cfg(feature = "onnxruntime")]
    library: Option<Library>,
}

impl<'a> Models<'a> {
    /// The files of `directory`, on ONNX Runtime where its library is among them.
    pub(crate) fn of(directory: &'a Path) -> Self {
        Self {
            directory,
            #[cfg(feature = "onnxruntime")]
            library: library(directory),
        }
    }

    /// The model of a role.
    pub(crate) fn model(&self, role: Role) -> Result<Model, LoadError> {
        let (path, bytes) = read_verified(self.directory, role)?;
        let unusable = |reason| LoadError::Unusable { path, reason };
        #[cfg(feature = "onnxruntime")]
        if let Some(library) = self.library {
            return NativeModel::load(library, bytes)
                .map(Model::Native)
                .map_err(unusable);
        }
        Model::portable(bytes).map_err(unusable)
    }

    /// The model of a role that reading goes on without; `None` when it is not there, or when it cannot be used, which
    /// is told in the log.
    pub(crate) fn optional(&self, role: Role) -> Option<Model> {
        match self.model(role) {
            Ok(model) => Some(model),
            Err(LoadError::Missing { .. }) => None,
            Err(error) => {
                tracing::warn!(%error, "a model that is of use is not used");
                None
            }
        }
    }

    /// The recogniser of a role and its alphabet: inside the small model, beside the tiny one.
    pub(crate) fn recognizer(&self, role: Role) -> Result<(Model, Alphabet), LoadError> {
        let model = self.model(role)?;
        let alphabet = if role == Role::RecTiny {
            let (path, bytes) = read_verified(self.directory, Role::RecTinyCharacters)?;
            String::from_utf8(bytes).map_err(|_| LoadError::Unusable {
                path,
                reason: "its dictionary is not text".to_owned(),
            })?
        } else {
            model.metadata("character").ok_or_else(|| LoadError::Unusable {
                path: file(role).map_or_else(PathBuf::new, |entry| self.directory.join(entry.name)),
                reason: "it has no dictionary".to_owned(),
            })?
        };
        Ok((model, Alphabet::from_lines(&alphabet)))
    }
}

/// Path and bytes of a file of the catalogue, checked.
fn read_verified(directory: &Path, role: Role) -> Result<(PathBuf, Vec<u8>), LoadError> {
    let Some(entry) = file(role) else {
        return Err(LoadError::Unusable {
            path: directory.to_owned(),
            reason: format!("there is no file of {role:?} for this platform"),
        });
    };
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
        Ok((path, bytes))
    } else {
        Err(LoadError::Corrupt { path })
    }
}

/// ONNX Runtime out of `directory`; `None` when it is not there, or when it cannot be used, which is told in the log:
/// reading goes on without it.
#[cfg(feature = "onnxruntime")]
fn library(directory: &Path) -> Option<Library> {
    file(Role::OnnxRuntime)?;
    let loaded = read_verified(directory, Role::OnnxRuntime)
        .and_then(|(path, _)| Library::load(&path).map_err(|reason| LoadError::Unusable { path, reason }));
    match loaded {
        Ok(library) => Some(library),
        Err(LoadError::Missing { .. }) => None,
        Err(error) => {
            tracing::warn!(%error, "ONNX Runtime is not used");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = Models::of(directory.path()).model(Role::DetSmall).unwrap_err();
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
        let error = Models::of(directory.path()).model(Role::DetSmall).unwrap_err();
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
