//! Words that a page draws as text itself, and a layer need not repeat.

use std::collections::HashMap;

use ocr_core::model::{PageText, Polygon, Rect};

/// Places of the words that a page draws by their texts, in fractions of the page as it is shown.
#[derive(Debug, Default)]
pub(super) struct Drawn(HashMap<String, Vec<Rect>>);

impl Drawn {
    /// The words of `page`, as it draws them.
    pub(super) fn of(page: &PageText) -> Self {
        let mut words: HashMap<String, Vec<Rect>> = HashMap::new();
        for word in page.words() {
            let places = words.entry(word.text.clone()).or_default();
            places.push(shown(&word.polygon, page));
        }
        Self(words)
    }

    /// `read` without the words that are drawn with the same text in the same place.
    pub(super) fn left_out_of(&self, read: &PageText) -> PageText {
        let mut left = read.clone();
        for line in left.blocks.iter_mut().flat_map(|block| &mut block.lines) {
            line.words.retain(|word| {
                let place = shown(&word.polygon, read);
                let (x, y) = (place.center_x(), place.center_y());
                let mut places = self.0.get(&word.text).into_iter().flatten();
                !places
                    .any(|rect| (rect.left..rect.right).contains(&x) && (rect.top..rect.bottom).contains(&y))
            });
        }
        left
    }
}

/// Where an outline on the upright page lies on the page as it is shown.
fn shown(outline: &Polygon, page: &PageText) -> Rect {
    let turn = page.turn();
    outline.map(|point| turn.to_stored(point, 1.0, 1.0)).bounds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{Block, BlockKind, Line, Word};

    fn page(words: &[(&str, Polygon)]) -> PageText {
        let everywhere = Polygon::from_box(0.0, 0.0, 1.0, 1.0);
        let words = words
            .iter()
            .map(|(text, polygon)| Word::new(*text, *polygon, 1.0));
        let line = Line::new("", everywhere, 1.0, words.collect());
        PageText::empty(1, 10, 10).with_blocks(vec![Block::new(BlockKind::Paragraph, everywhere, vec![line])])
    }

    #[test]
    fn the_same_word_in_the_same_place_is_left_out() {
        let here = Polygon::from_box(0.1, 0.1, 0.3, 0.2);
        let there = Polygon::from_box(0.1, 0.5, 0.3, 0.6);
        let drawn = Drawn::of(&page(&[("PAID", here), ("x7#", there)]));
        let read = page(&[("PAID", here), ("PAID", there), ("total", there)]);
        let left: Vec<String> = drawn
            .left_out_of(&read)
            .words()
            .map(|word| word.text.clone())
            .collect();
        // What is drawn in another place, or says something else, is no repetition.
        assert_eq!(left, ["PAID", "total"]);
    }
}
