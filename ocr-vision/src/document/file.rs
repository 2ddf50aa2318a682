//! A document as a file that a page process can open.

use std::path::{Path, PathBuf};

use ocr_core::{Error, ErrorKind, Result, blob::body_error, digest::ContentHasher, engine::DocumentSource};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

/// A file that holds the whole document; a copy is removed when dropped.
#[derive(Debug)]
pub(super) enum DocumentFile {
    /// The store's own file, or the caller's.
    InPlace(PathBuf),
    /// A copy of a document that is stored elsewhere.
    Copy(NamedTempFile),
}

impl DocumentFile {
    /// A file of this machine.
    pub(super) fn in_place(path: &Path) -> Self {
        Self::InPlace(path.to_owned())
    }

    /// The document as a file, its checksum verified.
    ///
    /// # Errors
    /// `Corrupt` when the bytes are not those that were stored.
    pub(super) async fn fetch(source: &DocumentSource) -> Result<Self> {
        let mut blob = source.open().await?;
        let local = blob.local.take();
        let copy = local
            .is_none()
            .then(NamedTempFile::new)
            .transpose()
            .map_err(no_room)?;
        let mut file = match &copy {
            Some(copy) => Some(tokio::fs::File::from_std(copy.reopen().map_err(no_room)?)),
            None => None,
        };
        let mut hasher = ContentHasher::default();
        while let Some(piece) = blob.body.next().await {
            let piece = piece.map_err(body_error)?;
            hasher.update(&piece);
            if let Some(file) = &mut file {
                file.write_all(&piece).await.map_err(no_room)?;
            }
        }
        if let Some(file) = &mut file {
            file.flush().await.map_err(no_room)?;
        }
        if !source.sha256().is_empty() && hasher.finish() != source.sha256() {
            return Err(Error::new(
                ErrorKind::Corrupt,
                "the stored file is not the one that was uploaded; upload it again",
            ));
        }
        match (local, copy) {
            (Some(path), _) => Ok(Self::InPlace(path)),
            (None, Some(copy)) => Ok(Self::Copy(copy)),
            (None, None) => Err(Error::new(ErrorKind::Internal, "the document was not fetched")),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::InPlace(path) => path,
            Self::Copy(file) => file.path(),
        }
    }
}

fn no_room(error: std::io::Error) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the document could not be copied to a temporary file",
    )
    .with_source(error)
}
