//! Keys with their values, where a block is made of them.

use ocr_core::model::{Block, BlockKind, Field, PageText};

/// The fields that `block` is made of, in reading order; `None` where it is none of fields, or says anything else, which
/// would be lost.
pub(crate) fn pairs<'a>(page: &'a PageText, block: &Block) -> Option<Vec<&'a Field>> {
    if block.kind != BlockKind::KeyValue {
        return None;
    }
    let area = block.polygon.bounds();
    let mut fields: Vec<(usize, f32, &Field)> = Vec::new();
    for field in &page.fields {
        let key = field.key_polygon.bounds();
        if area.holds_middle_of(&key) {
            let mut lines = block.lines.iter();
            let line = lines.position(|line| line.polygon.bounds().holds_middle_of(&key));
            fields.push((line.unwrap_or(usize::MAX), key.left, field));
        }
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let fields: Vec<&Field> = fields.into_iter().map(|(.., field)| field).collect();
    let said = sorted(
        fields
            .iter()
            .flat_map(|field| [field.key.as_str(), field.value.as_str()]),
    );
    let read = sorted(block.lines.iter().map(|line| line.text.as_str()));
    (!fields.is_empty() && said == read).then_some(fields)
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    words.sort_unstable();
    words
}

/// What was filled in, with a box for one that is ticked or not.
pub(crate) fn value(field: &Field) -> String {
    let box_of = |selected| if selected { "\u{2612}" } else { "\u{2610}" };
    let parts = [field.selected.map_or("", box_of), field.value.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Line, Polygon};

    fn place(left: f32, top: f32) -> Polygon {
        Polygon::from_box(left, top, left + 0.2, top + 0.05)
    }

    fn page(texts: &[&str]) -> (PageText, Block) {
        let lines = texts.iter().enumerate().map(|(index, text)| {
            let top = 0.1 + 0.1 * index as f32;
            Line::new(*text, Polygon::from_box(0.1, top, 0.9, top + 0.05), 1.0, vec![])
        });
        let block = Block::new(
            BlockKind::KeyValue,
            Polygon::from_box(0.0, 0.0, 1.0, 0.5),
            lines.collect(),
        );
        let fields = vec![
            Field::new("Age:", place(0.1, 0.2), 1.0),
            Field::new("Name:", place(0.1, 0.1), 1.0).with_value("Jane Doe"),
            Field::new("Member", place(0.6, 0.1), 1.0).with_selected(true),
            Field::new("elsewhere", place(0.1, 0.8), 1.0).with_value("x"),
        ];
        (PageText::empty(1, 10, 10).with_fields(fields), block)
    }

    #[test]
    fn fields_of_a_block_come_in_reading_order() {
        let (page, block) = page(&["Name: Jane Doe Member", "Age:"]);
        let found = pairs(&page, &block).unwrap();
        let found: Vec<(&str, String)> = found
            .iter()
            .map(|field| (field.key.as_str(), value(field)))
            .collect();
        let expected = [("Name:", "Jane Doe"), ("Member", "\u{2612}"), ("Age:", "")];
        assert_eq!(found, expected.map(|(key, value)| (key, value.to_owned())));
    }

    #[test]
    fn a_block_that_says_more_is_not_made_of_fields() {
        let (page, block) = page(&["Name: Jane Doe Member", "Age: (in years)"]);
        assert_eq!(pairs(&page, &block), None);
        let paragraph = Block::new(BlockKind::Paragraph, block.polygon, block.lines);
        assert_eq!(pairs(&page, &paragraph), None);
    }
}
