//! The document model as it is.

use std::io;

use ocr_core::formats::{FormatInfo, FormatInput};

use crate::{Format, WriteError};

/// Everything: pages, blocks, lines, words, boxes, confidence, in one line of JSON.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

impl Format for Json {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("json", "application/json", "json")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        serde_json::to_writer(output, input.document).map_err(io::Error::from)?;
        Ok(())
    }
}
