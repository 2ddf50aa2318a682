//! Documents whose text is known, and what was read of them.

use std::{fs, io, path::Path};

use anyhow::{Context as _, Result, bail};
use ocr_core::{
    model::PageText,
    search::{Token, page_tokens},
};
use ocr_testkit::samples::page_of_lines;

/// Between pages of a text.
const PAGE_BREAK: char = '\u{c}';

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    /// What its truth is searched by, all pages as one.
    pub(crate) truth: Vec<Token>,
    /// The pages that were read.
    pub(crate) pages: Vec<PageText>,
}

impl Document {
    pub(crate) fn new(truth: &str, reading: &str) -> Self {
        let pages = (1..).zip(reading.split(PAGE_BREAK));
        Self {
            truth: page_tokens(&page(1, &truth.replace(PAGE_BREAK, "\n"))),
            pages: pages.map(|(number, text)| page(number, text)).collect(),
        }
    }

    /// What each page that was read is searched by.
    pub(crate) fn read(&self) -> Vec<Vec<Token>> {
        self.pages.iter().map(page_tokens).collect()
    }
}

fn page(number: u32, text: &str) -> PageText {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    page_of_lines(number, &lines)
}

/// The documents with a `NAME.txt` in `truths`, by name, as they were read into `NAME.txt` in `readings`. One that is
/// not there counts as read empty.
pub(crate) fn documents(truths: &Path, readings: &Path) -> Result<Vec<Document>> {
    let entries = fs::read_dir(truths).with_context(|| format!("{} cannot be read", truths.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            names.extend(path.file_name().map(ToOwned::to_owned));
        }
    }
    names.sort();
    if names.is_empty() {
        bail!("there is no NAME.txt in {}", truths.display());
    }
    names
        .iter()
        .map(|name| document(truths, readings, name.as_ref()))
        .collect()
}

fn document(truths: &Path, readings: &Path, name: &Path) -> Result<Document> {
    let truth = fs::read_to_string(truths.join(name))
        .with_context(|| format!("the text of {} cannot be read", name.display()))?;
    let reading = match fs::read(readings.join(name)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("the reading of {} cannot be read", name.display()));
        }
    };
    Ok(Document::new(&truth, &reading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_reading_counts_as_read_empty() {
        let (truths, readings) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["a.txt", "b.txt", "b.png"] {
            fs::write(truths.path().join(name), "one two").unwrap();
        }
        fs::write(readings.path().join("a.txt"), "one\u{c}two three").unwrap();
        let documents = documents(truths.path(), readings.path()).unwrap();
        let read = |index: usize| -> Vec<usize> { documents[index].read().iter().map(Vec::len).collect() };
        assert_eq!((read(0), read(1)), (vec![1, 2], vec![0]));
        assert_eq!(documents[1].truth.len(), 2);
    }

    #[test]
    fn a_folder_without_truth_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(documents(folder.path(), folder.path()).is_err());
    }
}
