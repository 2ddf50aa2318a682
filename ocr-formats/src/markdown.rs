//! Markdown from the result model.

use ocr_core::model::{Block, BlockKind, DocumentText};

/// The document as Markdown: headings, paragraphs and lists in reading order; a rule between pages.
pub fn markdown(document: &DocumentText) -> String {
    let pages = document.pages.iter().map(|page| {
        let blocks: Vec<String> = page
            .blocks
            .iter()
            .map(block)
            .filter(|text| !text.is_empty())
            .collect();
        blocks.join("\n\n")
    });
    pages.collect::<Vec<_>>().join("\n\n---\n\n")
}

fn block(block: &Block) -> String {
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
    use ocr_core::model::{EngineInfo, Line, PageText, Polygon};

    #[test]
    fn blocks_keep_their_kind_and_text_its_characters() {
        let polygon = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let block = |kind, lines: &[&str]| {
            let lines = lines.iter().map(|text| Line {
                text: (*text).into(),
                polygon,
                confidence: 1.0,
                words: vec![],
            });
            Block::new(kind, polygon, lines.collect())
        };
        let mut page = PageText::empty(1, 10, 10);
        page.blocks = vec![
            block(BlockKind::Heading, &["Bill", "of sale"]),
            block(BlockKind::Paragraph, &["# not *a* heading", "<b>"]),
        ];
        let document = DocumentText::new(EngineInfo::default(), vec![page, PageText::empty(2, 1, 1)]);
        let expected = "## Bill of sale\n\n\\# not \\*a\\* heading  \n\\<b\\>\n\n---\n\n";
        assert_eq!(markdown(&document), expected);
    }
}
