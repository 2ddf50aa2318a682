//! Folders of documents that engines are measured on.

use std::{ffi::OsString, fs, path::Path};

use anyhow::{Result, bail};

/// Files of a corpus that are about documents and not documents.
const NOT_DOCUMENTS: [&str; 4] = ["txt", "json", "md", "uzn"];

/// Engines that a peer script is asked for.
pub(crate) const PEERS: [&str; 2] = ["rapidocr", "tesseract"];

/// The documents of a corpus, sorted.
pub(crate) fn documents(corpus: &Path) -> Result<Vec<OsString>> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(corpus)? {
        let path = entry?.path();
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        let is_document = extension.is_some_and(|extension| !NOT_DOCUMENTS.contains(&extension.as_str()));
        if is_document && path.is_file() {
            documents.push(path.into_os_string());
        }
    }
    documents.sort();
    if documents.is_empty() {
        bail!("there are no documents in {}", corpus.display());
    }
    Ok(documents)
}
