//! How objects are written and read.

use std::ops::Range;

use crate::{Error, ErrorKind, Result};

/// How an object is to be written.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PutOptions {
    /// MIME type recorded with the object.
    pub content_type: Option<String>,
    /// Maximum number of bytes the body may have.
    pub max_bytes: Option<u64>,
    /// SHA-256 the body must have, lower-case hex.
    pub sha256: Option<String>,
    /// Whether an object that exists must stay as it is.
    pub if_absent: bool,
}

impl PutOptions {
    /// Records the MIME type of the object.
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Refuses a body of more than `max_bytes` bytes.
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Refuses a body whose SHA-256 (lower-case hex) is another one; `None` takes any.
    pub fn with_sha256(mut self, sha256: Option<String>) -> Self {
        self.sha256 = sha256;
        self
    }

    /// Writes only where there is no object yet.
    pub fn if_absent(mut self) -> Self {
        self.if_absent = true;
        self
    }

    /// `ChecksumMismatch` when the body was to have another SHA-256 than `found` (lower-case hex).
    pub fn verify_sha256(&self, found: &str) -> Result<()> {
        match &self.sha256 {
            Some(expected) if expected != found => Err(Error::new(
                ErrorKind::ChecksumMismatch,
                "the file does not have the announced SHA-256",
            )),
            _ => Ok(()),
        }
    }
}

/// Which part of an object is wanted.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GetOptions {
    /// First byte and the byte after the last; everything when absent.
    pub range: Option<Range<u64>>,
}

impl GetOptions {
    /// Only these bytes; a range that ends behind the object is cut to it.
    pub fn range(range: Range<u64>) -> Self {
        Self { range: Some(range) }
    }

    /// The bytes wanted of an object of `size` bytes.
    ///
    /// # Errors
    /// `InvalidInput` when the range starts behind the object or ends before it starts.
    pub fn within(&self, size: u64) -> Result<Range<u64>> {
        let range = self.range.clone().unwrap_or(0..size);
        if range.start > size || range.start > range.end {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "the range lies outside the file",
            ));
        }
        Ok(range.start..range.end.min(size))
    }
}
