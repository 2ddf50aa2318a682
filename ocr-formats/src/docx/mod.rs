//! Documents of Word.

mod flow;
mod list;
mod package;
mod positioned;
mod schema;
mod sheet;
mod styles;
mod table;
mod text;

use std::io;

use ocr_core::formats::{FormatInfo, FormatInput};

use crate::{Format, WriteError};

const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A document for Word to go on with: headings, paragraphs, lists and tables flow as if they had been written there.
/// Each page is a section of its size.
#[derive(Debug, Clone, Copy, Default)]
pub struct Docx;

impl Format for Docx {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("docx", MEDIA_TYPE, "docx").with_version(2)
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        Ok(package::write(flow::document(input.document), output)?)
    }
}

/// A document for Word that looks like the pages: each line in a frame where it stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct DocxPositioned;

impl Format for DocxPositioned {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("docx-positioned", MEDIA_TYPE, "positioned.docx")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        Ok(package::write(positioned::document(input.document), output)?)
    }
}
