//! Tables that were read beside text that the page has already.

use std::mem;

use ocr_core::model::{Block, PageText, Table, Word};

use super::{SAME_PLACE, UNKNOWN, keep_words, renew, shared};

/// The same blocks without tables, of which only some words are wanted: cells would still tell the others.
pub(super) fn left_out(mut blocks: Vec<Block>) -> Vec<Block> {
    for block in &mut blocks {
        block.table = None;
    }
    blocks
}

/// Moves words of `layer` that stand in tables of `read` into those, in place of the words that were read there. A word
/// of unknown letters gives way to what was read. Where the layer has a table itself, that one stays the only one.
pub(super) fn take_in(layer: &mut PageText, read: &mut [Block]) {
    for block in read {
        let place = block.polygon.bounds();
        let known = layer.blocks.iter().filter(|other| other.table.is_some());
        if known
            .map(|other| other.polygon.bounds())
            .any(|other| shared(place, other) >= SAME_PLACE || shared(other, place) >= SAME_PLACE)
        {
            block.table = None;
        }
        if block.table.is_some() {
            keep_words(&mut layer.blocks, |word| !enter(block, word));
        }
    }
}

/// Puts a word of the layer in place of the words of the table `block` that were read there; whether there are some.
fn enter(block: &mut Block, word: &Word) -> bool {
    let place = word.polygon.bounds();
    let is_here = |other: &Word| shared(other.polygon.bounds(), place) >= SAME_PLACE;
    if word.text.contains(UNKNOWN) {
        return block.lines.iter().flat_map(|line| &line.words).any(is_here);
    }
    let mut entered = false;
    for line in &mut block.lines {
        if !line.words.iter().any(is_here) {
            continue;
        }
        for read in mem::take(&mut line.words) {
            if !is_here(&read) {
                line.words.push(read);
                continue;
            }
            let text = if entered { "" } else { word.text.as_str() };
            if let Some(table) = &mut block.table {
                rewrite(table, &read, text);
            }
            if !entered {
                line.words.push(word.clone());
            }
            entered = true;
        }
        renew(line);
    }
    block.lines.retain(|line| !line.words.is_empty());
    entered
}

/// Writes `text` in place of the word `read` in its cell; nothing where that is empty.
fn rewrite(table: &mut Table, read: &Word, text: &str) {
    let place = read.polygon.bounds();
    let cell = table.cells.iter_mut().find(|cell| {
        shared(place, cell.polygon.bounds()) >= 0.5
            && cell.text.split_whitespace().any(|word| word == read.text)
    });
    let Some(cell) = cell else { return };
    let mut new = Some(text);
    let words: Vec<&str> = cell
        .text
        .split_whitespace()
        .map(|word| {
            if word == read.text {
                new.take().unwrap_or(word)
            } else {
                word
            }
        })
        .filter(|word| !word.is_empty())
        .collect();
    let text = words.join(" ");
    cell.text = text;
}

#[cfg(test)]
mod tests {
    use ocr_core::model::{BlockKind, Cell, Line, Polygon, TextOrigin};

    use super::*;

    fn word(text: &str, left: f32, top: f32, confidence: f32) -> Word {
        let polygon = Polygon::from_box(left, top, left + 0.1, top + 0.02);
        Word::new(text, polygon, confidence)
    }

    fn block(kind: BlockKind, words: Vec<Word>) -> Block {
        let mut line = Line::new("", Polygon::from_box(0.0, 0.0, 0.0, 0.0), 1.0, words);
        renew(&mut line);
        Block::new(kind, line.polygon, vec![line])
    }

    fn layer(text: &str, left: f32) -> PageText {
        PageText::empty(1, 1000, 1000)
            .with_source(TextOrigin::TextLayer)
            .with_blocks(vec![block(
                BlockKind::Paragraph,
                vec![word(text, left, 0.1, 1.0)],
            )])
    }

    /// Two cells side by side: `Paid` and, hardly legible, `I2 EUR`.
    fn table() -> Vec<Block> {
        let cells = vec![
            Cell::new(1, 1, "Paid", Polygon::from_box(0.1, 0.09, 0.3, 0.13), 0.9),
            Cell::new(1, 2, "I2 EUR", Polygon::from_box(0.3, 0.09, 0.6, 0.13), 0.9),
        ];
        let words = vec![
            word("Paid", 0.1, 0.1, 0.9),
            word("I2", 0.3, 0.1, 0.2),
            word("EUR", 0.45, 0.1, 0.9),
        ];
        vec![block(BlockKind::Table, words).with_table(Some(Table::new(1, 2, cells)))]
    }

    fn cells(blocks: &[Block]) -> Vec<&str> {
        let tables = blocks.iter().filter_map(|block| block.table.as_ref());
        tables
            .flat_map(|table| &table.cells)
            .map(|cell| cell.text.as_str())
            .collect()
    }

    #[test]
    fn a_word_of_the_layer_is_taken_into_the_cell_where_it_stands() {
        let (mut layer, mut read) = (layer("12", 0.3), table());
        take_in(&mut layer, &mut read);
        assert_eq!(cells(&read), ["Paid", "12 EUR"]);
        assert_eq!(read[0].lines[0].text, "Paid 12 EUR");
        assert_eq!(layer.blocks, [], "it is said once");
    }

    #[test]
    fn a_word_elsewhere_leaves_the_table_as_it_was_read() {
        let (mut layer, mut read) = (layer("RECEIVED", 0.8), table());
        take_in(&mut layer, &mut read);
        assert_eq!(read, table());
        assert_eq!(layer.plain_text(), "RECEIVED");
    }

    #[test]
    fn unknown_letters_give_way_to_what_was_read() {
        let (mut layer, mut read) = (layer("\u{fffd}\u{fffd}", 0.3), table());
        take_in(&mut layer, &mut read);
        assert_eq!((read, layer.blocks), (table(), Vec::new()));
    }

    #[test]
    fn a_table_of_the_layer_stays_the_only_one() {
        let mut layer = PageText::empty(1, 1000, 1000).with_blocks(table());
        let mut read = table();
        take_in(&mut layer, &mut read);
        assert_eq!(cells(&read), [""; 0]);
        assert_eq!(cells(&layer.blocks), ["Paid", "I2 EUR"]);
    }
}
