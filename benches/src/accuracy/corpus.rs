//! Folders of texts.

use std::{fs, io, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    normalize::normalize,
    score::{Score, score},
};

/// A document whose text is known.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its name without extension.
    pub(crate) name: String,
    /// Its text, normalised.
    pub(crate) text: String,
}

/// The documents of a folder whose text is known, by name; those without text are left out.
pub(crate) fn truth(folder: &Path) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = normalize(&fs::read_to_string(&path)?);
        if text.chars().count() >= 2 {
            let name = name.to_owned();
            documents.push(Document { name, text });
        }
    }
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    if documents.is_empty() {
        bail!("there is no NAME.txt in {}", folder.display());
    }
    Ok(documents)
}

/// Scores what is in `folder`; a document that is not there counts as read empty.
pub(crate) fn scores(truth: &[Document], folder: &Path) -> Result<Vec<Score>> {
    if !folder.is_dir() {
        bail!("{} is no folder", folder.display());
    }
    let read = |document: &Document| match fs::read(folder.join(format!("{}.txt", document.name))) {
        Ok(bytes) => Ok(normalize(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            eprintln!("accuracy: {} is missing in {}", document.name, folder.display());
            Ok(String::new())
        }
        Err(error) => Err(error).with_context(|| format!("the text of {} cannot be read", document.name)),
    };
    truth
        .iter()
        .map(|document| Ok(score(&document.name, &document.text, &read(document)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_document_counts_as_read_empty() {
        let (expected, found) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["a.txt", "b.txt", "b.json"] {
            fs::write(expected.path().join(name), "some words").unwrap();
        }
        fs::write(found.path().join("a.txt"), "Some  Words\n").unwrap();
        let truth = truth(expected.path()).unwrap();
        let scores = scores(&truth, found.path()).unwrap();
        let recalls: Vec<f64> = scores.iter().map(|score| score.recall).collect();
        assert_eq!(recalls, [1.0, 0.0]);
    }
}
