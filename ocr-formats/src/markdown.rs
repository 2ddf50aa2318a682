//! Markdown, with tables as of GitHub.

use std::io;

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, Field, PageText, Table},
};

use ocr_layout::MarkerStyle;

use crate::{
    Format, WriteError,
    cells::table_of,
    lists::{List, lists},
    pairs::{pairs, value},
    tables::grid,
};

/// Headings, paragraphs, lists and tables in reading order; a rule between pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Format for Markdown {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("markdown", "text/markdown; charset=utf-8", "md").with_version(2)
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        for (index, page) in input.document.pages.iter().enumerate() {
            if index > 0 {
                output.write_all(b"\n\n---\n\n")?;
            }
            let blocks = page
                .blocks
                .iter()
                .map(|block| self::block(page, block))
                .filter(|text| !text.is_empty());
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

fn block(page: &PageText, block: &Block) -> String {
    if let Some(table) = table_of(block) {
        return with_cells(table);
    }
    if let Some(fields) = pairs(page, block) {
        let lines: Vec<String> = fields.into_iter().map(pair).collect();
        return lines.join("  \n");
    }
    let lines: Vec<String> = block.lines.iter().map(|line| escape(&line.text)).collect();
    match block.kind {
        BlockKind::Title => format!("# {}", lines.join(" ")),
        BlockKind::Heading => format!("## {}", lines.join(" ")),
        BlockKind::List => {
            let mut lines = Vec::new();
            for each in lists(&block.lines) {
                list(&each, 0, &mut lines);
            }
            lines.join("\n")
        }
        // Two spaces at the end keep a line break that the page has.
        _ => lines.join("  \n"),
    }
}

/// A key, bold, with its value.
fn pair(field: &Field) -> String {
    let pair = format!("**{}** {}", escape(field.key.trim()), escape(&value(field)));
    pair.trim_end().to_owned()
}

/// Adds a line for each item, its inner lists below it, farther from the margin.
fn list(list: &List<'_>, indent: usize, lines: &mut Vec<String>) {
    for item in &list.items {
        let mark = match item.marker {
            Some(marker) if marker.style == MarkerStyle::Decimal => {
                // The format has two of the three ways to write a number.
                let end = if marker.around.1 == ")" { ')' } else { '.' };
                format!("{}{end}", marker.number)
            }
            _ => "-".to_owned(),
        };
        // It knows no letters; they stay in the text.
        let is_lettered = mark == "-" && list.is_ordered();
        let sign = if is_lettered {
            format!("{} ", escape(item.sign))
        } else {
            String::new()
        };
        lines.push(format!(
            "{}{mark} {sign}{}",
            " ".repeat(indent),
            escape(&item.text)
        ));
        for inner in &item.inner {
            self::list(inner, indent + mark.len() + 1, lines);
        }
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
    use ocr_core::model::{DocumentText, EngineInfo, Line, Polygon};

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

    #[test]
    fn keys_are_bold_before_their_values() {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let lines = ["Name: Jane Doe", "Age:"].map(|text| Line::new(text, polygon, 1.0, vec![]));
        let block = Block::new(BlockKind::KeyValue, polygon, lines.into());
        let fields = vec![
            Field::new("Name:", polygon, 1.0).with_value("Jane Doe"),
            Field::new("Age:", polygon, 1.0),
        ];
        let page = PageText::empty(1, 1, 1).with_fields(fields);
        assert_eq!(super::block(&page, &block), "**Name:** Jane Doe  \n**Age:**");
    }

    #[test]
    fn lists_lie_inside_one_another() {
        let line = |(text, left): &(&str, f32)| {
            Line::new(*text, Polygon::from_box(*left, 0.1, 0.9, 0.12), 1.0, vec![])
        };
        let lines = [
            ("7. seven", 0.1),
            ("goes on", 0.12),
            ("a) # letter", 0.15),
            ("(8) eight", 0.1),
            ("• dot", 0.1),
        ];
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let block = Block::new(BlockKind::List, polygon, lines.iter().map(line).collect());
        let expected = "7. seven goes on\n   - a) \\# letter\n8) eight\n- dot";
        assert_eq!(super::block(&PageText::empty(1, 1, 1), &block), expected);
    }
}
