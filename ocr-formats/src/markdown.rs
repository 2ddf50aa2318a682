//! Markdown, with tables as of GitHub.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, Table},
};

use crate::{Format, WriteError, tables::grid};

/// Headings, paragraphs, lists and tables in reading order; a rule between pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Format for Markdown {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("markdown", "text/markdown; charset=utf-8", "md")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        for (index, page) in input.document.pages.iter().enumerate() {
            if index > 0 {
                output.write_all(b"\n\n---\n\n")?;
            }
            let blocks = page.blocks.iter().map(block).filter(|text| !text.is_empty());
            for (index, text) in blocks.enumerate() {
                if index > 0 {
                    output.write_all(b"\n\n")?;
                }
                output.write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }
}

fn block(block: &Block) -> String {
    if let Some(table) = block.table.as_ref().filter(|table| !table.cells.is_empty()) {
        return with_cells(table);
    }
    let lines: Vec<String> = block.lines.iter().map(|line| escape(&line.text)).collect();
    match block.kind {
        BlockKind::Title => format!("# {}", lines.join(" ")),
        BlockKind::Heading => format!("## {}", lines.join(" ")),
        BlockKind::List => lines
            .iter()
            .map(|line| format!("- {line}"))
            .collect::<Vec<_>>()
            .join("\n"),
        // Two spaces at the end keep a line break that the page has.
        _ => lines.join("  \n"),
    }
}

/// A table whose first row is its head, as the format wants it, between its title and its notes.
fn with_cells(table: &Table) -> String {
    let row = |cells: &Vec<&str>| {
        let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
        format!("| {} |", cells.join(" | "))
    };
    let grid = grid(table);
    let columns = grid.first().map_or(0, Vec::len);
    let mut lines: Vec<String> = grid.iter().map(row).collect();
    if !lines.is_empty() {
        lines.insert(1, format!("|{}", " --- |".repeat(columns)));
    }
    let parts = [
        table.title.as_deref().map(escape),
        Some(lines.join("\n")),
        table.footer.as_deref().map(escape),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n\n")
}

/// The text of a cell, which has one line.
fn cell(text: &str) -> String {
    escape(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Text that Markdown shows as it is.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        let special = matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|')
            || (index == 0 && matches!(character, '#' | '-' | '+'));
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{DocumentText, EngineInfo, Line, PageText, Polygon};

    #[test]
    fn blocks_keep_their_kind_and_text_its_characters() {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let block = |kind, lines: &[&str]| {
            let lines = lines.iter().map(|text| Line::new(*text, polygon, 1.0, vec![]));
            Block::new(kind, polygon, lines.collect())
        };
        let mut page = PageText::empty(1, 10, 10);
        page.blocks = vec![
            block(BlockKind::Heading, &["Bill", "of sale"]),
            block(BlockKind::Paragraph, &["# not *a* heading", "<b>"]),
        ];
        let document = DocumentText::new(EngineInfo::default(), vec![page, PageText::empty(2, 1, 1)]);
        let expected = "## Bill of sale\n\n\\# not \\*a\\* heading  \n\\<b\\>\n\n---\n\n";
        let mut output = Vec::new();
        Markdown.write(FormatInput::new(&document), &mut output).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }
}
