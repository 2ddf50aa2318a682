//! Plain text.

use std::io;

use ocr_core::formats::{FormatInfo, FormatInput};

use crate::{Format, WriteError};

/// Plain text in reading order: an empty line between blocks, a form feed between pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Text;

impl Format for Text {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("text", "text/plain; charset=utf-8", "txt")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        for (index, page) in input.document.pages.iter().enumerate() {
            if index > 0 {
                output.write_all(b"\x0c")?;
            }
            output.write_all(page.plain_text().as_bytes())?;
        }
        Ok(())
    }
}
