//! The formats in which a result can be had. The core knows none: the platform is given a registry of them, as
//! `ocr-formats` provides one.

use std::{fmt, io};

use crate::{
    Error, ErrorKind, Result,
    digest::sha256_hex,
    model::{DocumentText, PageSelection},
};

/// Writes documents in formats.
///
/// # Behavior
/// - The same document, format and options give the same bytes.
/// - Everything comes from what is given. A format may refuse an original that it cannot build on; nothing in the
///   document itself can keep it from being written.
pub trait DocumentFormats: fmt::Debug + Send + Sync + 'static {
    /// Every format there is, in the order in which they are offered; fixed, cheap.
    fn list(&self) -> Vec<FormatInfo>;

    /// Writes `input` in the format called `name`. Blocking.
    ///
    /// # Errors
    /// `InvalidInput` for a name that [`DocumentFormats::list`] does not have, `Unsupported` where the format needs
    /// an original that was not given or that it cannot build on; what `output` fails with.
    fn write(
        &self,
        name: &str,
        input: FormatInput<'_>,
        options: &RenditionOptions,
        output: &mut dyn io::Write,
    ) -> Result<()>;

    /// The PDF `original` as it is without its protection. Blocking. The password serves this call alone: it is
    /// neither kept nor logged, and is part of no error.
    ///
    /// # Errors
    /// `PasswordRequired` when `password` does not open it, `InvalidInput` when its structure cannot be read,
    /// `Unsupported` where the formats open nothing, which is the default.
    fn unlock(&self, original: &[u8], password: &str) -> Result<Vec<u8>> {
        let _ = (original, password);
        Err(Error::new(
            ErrorKind::Unsupported,
            "this platform opens no documents with a password; remove it and upload the file again",
        ))
    }
}

/// What is written.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FormatInput<'a> {
    /// What was read.
    pub document: &'a DocumentText,
    /// The bytes of the file that it was read from, for formats that build on it
    /// ([`FormatInfo::needs_original`]).
    pub original: Option<&'a [u8]>,
}

impl<'a> FormatInput<'a> {
    /// A document alone.
    pub fn new(document: &'a DocumentText) -> Self {
        Self {
            document,
            original: None,
        }
    }

    /// The same with the file that it was read from.
    pub fn with_original(mut self, original: Option<&'a [u8]>) -> Self {
        self.original = original;
        self
    }
}

/// What is known of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatInfo {
    /// Short lower-case name by which it is asked for: `markdown`. Letters, digits and `-`.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Of a file in it, without a dot.
    pub extension: String,
    /// Raised when the same document is written otherwise, so that nothing older is given out.
    pub version: u32,
    /// Whether the file that was read is needed besides what was read in it.
    pub needs_original: bool,
}

impl FormatInfo {
    /// The first version of the format `name`.
    pub fn new(name: impl Into<String>, media_type: impl Into<String>, extension: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            extension: extension.into(),
            version: 1,
            needs_original: false,
        }
    }

    /// The name of a file in this format: `stem` with its ending, and with the name of the format too where several
    /// of `all` have that ending.
    pub fn file_name(&self, stem: &str, all: &[Self]) -> String {
        let alike = all.iter().filter(|other| other.extension == self.extension);
        if alike.count() > 1 {
            format!("{stem}_{}.{}", self.name, self.extension)
        } else {
            format!("{stem}.{}", self.extension)
        }
    }

    /// The same, made from the file that was read too.
    pub fn with_original(mut self) -> Self {
        self.needs_original = true;
        self
    }

    /// The same in another version.
    pub fn with_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }
}

/// How a document is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RenditionOptions {
    /// Pages wanted; all when absent.
    pub pages: Option<PageSelection>,
}

impl RenditionOptions {
    /// All pages.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with these pages only.
    pub fn with_pages(mut self, pages: Option<PageSelection>) -> Self {
        self.pages = pages;
        self
    }

    /// The document as these options want it; the same where they want all of it.
    pub fn apply(&self, document: DocumentText) -> DocumentText {
        let Some(chosen) = &self.pages else {
            return document;
        };
        let wanted = |page: &crate::model::PageText| chosen.contains(page.number);
        DocumentText {
            pages: document.pages.into_iter().filter(wanted).collect(),
            ..document
        }
    }

    /// The same text for the same options, and another for others; sixteen hexadecimal digits.
    pub(crate) fn digest(&self, format: &FormatInfo) -> String {
        let mut digest = sha256_hex(format!("{}\0{:?}", format.version, self.pages));
        digest.truncate(16);
        digest
    }
}

/// The format called `name` among `formats`.
///
/// # Errors
/// `InvalidInput` with a sentence that lists the names.
pub fn choose(formats: &[FormatInfo], name: &str) -> Result<FormatInfo> {
    let found = formats.iter().find(|format| format.name == name);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = formats.iter().map(|format| format.name.as_str()).collect();
        let message = format!("there is no such format; choose one of: {}", names.join(", "));
        Error::new(ErrorKind::InvalidInput, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_one_ending_are_told_apart_by_name() {
        let all = [
            FormatInfo::new("text", "text/plain", "txt"),
            FormatInfo::new("words", "text/csv", "csv"),
            FormatInfo::new("tables", "text/csv", "csv"),
        ];
        assert_eq!(all[0].file_name("a.b", &all), "a.b.txt");
        assert_eq!(all[2].file_name("scan", &all), "scan_tables.csv");
    }
}
