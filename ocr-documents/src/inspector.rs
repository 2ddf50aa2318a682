//! The platform's question "what is this file?", answered from its first bytes.

use ocr_core::{
    Result,
    model::{ContentInspector, MediaType},
};

use crate::{SNIFF_BYTES, detect};

/// Decides by content alone: a PNG called `scan.pdf` is a PNG.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inspector;

impl ContentInspector for Inspector {
    fn head_len(&self) -> usize {
        SNIFF_BYTES
    }

    fn inspect(&self, _filename: &str, head: &[u8]) -> Result<MediaType> {
        Ok(detect(head)?)
    }
}
