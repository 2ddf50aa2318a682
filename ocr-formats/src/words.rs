//! Words as rows.

use std::io;

use ocr_core::formats::{FormatInfo, FormatInput};

use crate::{Format, WriteError, csv::CsvWriter};

const HEAD: [&str; 14] = [
    "page",
    "word",
    "line",
    "block",
    "text",
    "confidence",
    "x1",
    "y1",
    "x2",
    "y2",
    "x3",
    "y3",
    "x4",
    "y4",
];

/// One row for each word, in reading order: page, numbers of word, line and block on the page, text, confidence,
/// and the four corners as fractions of the page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Words;

impl Format for Words {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("words", "text/csv; charset=utf-8", "csv")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let mut csv = CsvWriter::new(output)?;
        for name in HEAD {
            csv.text(name)?;
        }
        csv.end_row()?;
        for page in &input.document.pages {
            let (mut word_number, mut line_number) = (0_u32, 0_u32);
            for (block_index, block) in page.blocks.iter().enumerate() {
                for line in &block.lines {
                    line_number += 1;
                    for word in &line.words {
                        word_number += 1;
                        csv.number(page.number)?;
                        csv.number(word_number)?;
                        csv.number(line_number)?;
                        csv.number(block_index + 1)?;
                        csv.text(&word.text)?;
                        csv.number(word.confidence)?;
                        for corner in word.polygon.0 {
                            csv.number(format_args!("{:.5}", corner.x))?;
                            csv.number(format_args!("{:.5}", corner.y))?;
                        }
                        csv.end_row()?;
                    }
                }
            }
        }
        Ok(())
    }
}
