//! The document model as it is.

use std::io;

use ocr_core::{formats::FormatInfo, model::DocumentText};

use crate::Format;

/// Everything: pages, blocks, lines, words, boxes, confidence, in one line of JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

impl Format for Json {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("json", "application/json", "json")
    }

    fn write(&self, document: &DocumentText, output: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer(output, document).map_err(io::Error::from)
    }
}
