//! Pages whose text layer is not all there is to read, or not certain: the layer held against the pixels, and the words
//! of its pictures put in their places.

mod tables;

use std::collections::HashSet;

use ocr_core::{
    Result,
    model::{Block, Line, PageText, Point, Polygon, Rect, Table, TextOrigin, Word},
    page::{PageImage, PageRecognizer, RecognizeOptions},
};
use ocr_documents::{MixedPage, turned};

/// Minimum part of the words of a doubtful layer that recognition must find as well.
const AGREEMENT: f64 = 0.6;

/// Minimum number of letters of a word by which the two are compared.
const COMPARED_LETTERS: usize = 3;

/// Minimum confidence of a word of a picture; what textures look like is below.
const MIN_CONFIDENCE: f32 = 0.6;

/// Part of a recognised word under words of the layer from which it is one of them.
const SAME_PLACE: f32 = 0.3;

/// White space around what is read, in pixels.
const MARGIN: usize = 24;

/// Minimum side in pixels of what is read, so that a word is not enlarged beyond the size at which letters are known.
const MIN_SIDE: usize = 700;

/// Letters that the document gives no meaning.
const UNKNOWN: char = char::REPLACEMENT_CHARACTER;

/// The text of the page: its layer with what is read of the rest, or what is read if the layer is wrong.
///
/// # Errors
/// Those of the recogniser.
pub(crate) fn read(
    recognizer: &dyn PageRecognizer,
    page: MixedPage,
    options: &RecognizeOptions,
) -> Result<PageText> {
    let MixedPage {
        text,
        image,
        unread,
        doubtful,
        ..
    } = page;
    if doubtful {
        let mut read = recognizer.recognize_page(&image, options)?;
        if agree(&text, &read) {
            let whole = Part {
                image,
                place: Rect::new(0.0, 0.0, 1.0, 1.0),
            };
            return Ok(merged(text, tables::left_out(whole.placed(read)), &unread));
        }
        read.dpi = read.dpi.or(image.dpi());
        // What was read had been turned already, as the layer asks.
        read.rotation = (text.rotation + read.rotation) % 360;
        let note = "the text of the document itself says something else than what is seen; it was not used";
        read.warnings.push(note.into());
        return Ok(read);
    }
    let Some(part) = Part::around(&image, &unread) else {
        return Ok(text);
    };
    match recognizer.recognize_page(&part.image, options) {
        Ok(read) => Ok(merged(text, tables::left_out(part.placed(read)), &unread)),
        Err(error) if error.is_transient() => Err(error),
        // The text of the document is exact; it is not lost for what stands in a picture.
        Err(error) => {
            let mut text = text;
            let note = format!("pictures on the page could not be read: {}", error.message());
            text.warnings.push(note);
            Ok(text)
        }
    }
}

/// What is read in the picture of a page (`image`, as stored), with the words of `layer`, which can be seen as text, in
/// place of those that were read there, also in the cells of tables.
///
/// # Errors
/// Those of the recogniser.
pub(crate) fn read_around(
    recognizer: &dyn PageRecognizer,
    mut layer: PageText,
    image: &PageImage,
    options: &RecognizeOptions,
) -> Result<PageText> {
    let image = turned(image, layer.turn());
    let read = recognizer.recognize_page(&image, options)?;
    let whole = Rect::new(0.0, 0.0, 1.0, 1.0);
    let part = Part { image, place: whole };
    let mut read = part.placed(read);
    tables::take_in(&mut layer, &mut read);
    Ok(merged(layer, read, &[whole]))
}

/// Whether most words of the layer were recognised, wherever. A page on which nothing was is no witness.
fn agree(layer: &PageText, read: &PageText) -> bool {
    let recognised: HashSet<String> = read.words().filter_map(compared).collect();
    let words: Vec<String> = layer.words().filter_map(compared).collect();
    let found = words.iter().filter(|&word| recognised.contains(word)).count();
    recognised.is_empty() || found as f64 >= AGREEMENT * words.len() as f64
}

/// The letters of a word in one case.
fn compared(word: &Word) -> Option<String> {
    let letters = word.text.chars().filter(|char| char.is_alphabetic());
    let letters: String = letters.flat_map(char::to_lowercase).collect();
    (letters.chars().count() >= COMPARED_LETTERS).then_some(letters)
}

/// The part of a page that is read.
struct Part {
    image: PageImage,
    /// Its place on the page, as shares of it.
    place: Rect,
}

impl Part {
    /// The smallest part around all of these places; `None` when it is empty.
    fn around(page: &PageImage, places: &[Rect]) -> Option<Self> {
        let around = places.iter().copied().reduce(Rect::union)?;
        let (width, height) = (page.width() as usize, page.height() as usize);
        let columns = span(around.left, around.right, width);
        let rows = span(around.top, around.bottom, height);
        let channels = page.format().channels();
        let mut pixels = Vec::with_capacity(columns.len() * rows.len() * channels);
        for row in rows.clone() {
            let start = (row * width + columns.start) * channels;
            pixels.extend_from_slice(page.pixels().get(start..start + columns.len() * channels)?);
        }
        let image = PageImage::new(columns.len() as u32, rows.len() as u32, page.format(), pixels)?;
        let share = |at: usize, side: usize| at as f32 / side.max(1) as f32;
        Some(Self {
            image: image.with_dpi(page.dpi()),
            place: Rect::new(
                share(columns.start, width),
                share(rows.start, height),
                share(columns.end, width),
                share(rows.end, height),
            ),
        })
    }

    /// Blocks of a text of this part, whichever way it was turned to be read, as blocks of the page.
    fn placed(&self, read: PageText) -> Vec<Block> {
        let turn = read.turn();
        let place = self.place;
        let onto_page = |point: Point| {
            let point = turn.to_stored(point, 1.0, 1.0);
            Point::new(
                place.left + point.x * place.width(),
                place.top + point.y * place.height(),
            )
        };
        let mut blocks = read.blocks;
        for block in &mut blocks {
            block.polygon = block.polygon.map(onto_page).clamped();
            for cell in block.table.iter_mut().flat_map(|table| &mut table.cells) {
                cell.polygon = cell.polygon.map(onto_page).clamped();
            }
            for line in &mut block.lines {
                line.polygon = line.polygon.map(onto_page).clamped();
                for word in &mut line.words {
                    word.polygon = word.polygon.map(onto_page).clamped();
                }
            }
        }
        blocks
    }
}

/// The pixels between two shares of a side, with a margin.
fn span(from: f32, to: f32, side: usize) -> std::ops::Range<usize> {
    let at = |share: f32| (share.clamp(0.0, 1.0) * side as f32) as usize;
    let margin = MARGIN.max(MIN_SIDE.saturating_sub(at(to).saturating_sub(at(from))) / 2);
    let end = (at(to) + 1 + margin).min(side);
    at(from).saturating_sub(margin).min(end)..end
}

/// The layer with recognised words where it has none.
fn merged(mut layer: PageText, mut read: Vec<Block>, unread: &[Rect]) -> PageText {
    let exact: Vec<Rect> = layer
        .words()
        .filter(|word| !word.text.contains(UNKNOWN))
        .map(|word| word.polygon.bounds())
        .collect();
    let wanted = |word: &Word| {
        let place = word.polygon.bounds();
        word.confidence >= MIN_CONFIDENCE
            && word.text.chars().any(char::is_alphanumeric)
            && unread.iter().any(|region| shared(place, *region) >= 0.5)
            && !exact.iter().any(|other| shared(place, *other) >= SAME_PLACE)
    };
    keep_words(&mut read, wanted);
    let mut changed = spell_out(&mut layer, &mut read);
    for block in read {
        changed = true;
        let at = place_in_order(&layer.blocks, &block);
        layer.blocks.insert(at, block);
    }
    if changed {
        layer.source = TextOrigin::Mixed;
        layer.update_confidence();
    }
    let unknown = layer.words().filter(|word| word.text.contains(UNKNOWN)).count();
    if unknown > 0 {
        let note = format!("{unknown} words have letters to which the document gives no meaning");
        layer.warnings.push(note);
    }
    layer
}

/// Leaves out all words but these, and lines and blocks without words. A table keeps its words, which are in its cells
/// too.
fn keep_words(blocks: &mut Vec<Block>, mut keep: impl FnMut(&Word) -> bool) {
    for block in blocks.iter_mut().filter(|block| block.table.is_none()) {
        for line in &mut block.lines {
            let before = line.words.len();
            line.words.retain(&mut keep);
            if line.words.len() < before {
                renew(line);
            }
        }
        let before = block.lines.len();
        block.lines.retain(|line| !line.words.is_empty());
        if block.lines.len() < before {
            block.polygon = Polygon::enclosing(block.lines.iter().map(|line| &line.polygon));
        }
    }
    blocks.retain(|block| block.table.is_some() || !block.lines.is_empty());
}

/// Text and outline of a line of which words have changed.
fn renew(line: &mut Line) {
    line.update_text();
    line.polygon = Polygon::enclosing(line.words.iter().map(|word| &word.polygon));
}

/// Gives words of unknown letters the text that was read in their places, and takes it from `read`. Tells whether it
/// did.
fn spell_out(layer: &mut PageText, read: &mut Vec<Block>) -> bool {
    let mut changed = false;
    for block in &mut layer.blocks {
        for line in &mut block.lines {
            changed |= spell_line(line, block.table.as_mut(), read);
        }
    }
    changed
}

/// The same for one line, whose words are in the cells of the table too, where it is part of one.
fn spell_line(line: &mut Line, mut table: Option<&mut Table>, read: &mut Vec<Block>) -> bool {
    let mut spelled = false;
    for word in &mut line.words {
        if !word.text.contains(UNKNOWN) {
            continue;
        }
        let place = word.polygon.bounds();
        let here = |other: &Word| shared(other.polygon.bounds(), place) >= 0.5;
        let found: Vec<&Word> = read
            .iter()
            .flat_map(|block| &block.lines)
            .flat_map(|line| &line.words)
            .filter(|other| here(other))
            .collect();
        if found.is_empty() {
            continue;
        }
        let text: String = found.iter().map(|word| word.text.as_str()).collect();
        let unknown = std::mem::replace(&mut word.text, text);
        let cells = table.as_mut().map(|table| &mut table.cells);
        if let Some(cell) = cells.and_then(|cells| cells.iter_mut().find(|cell| cell.text.contains(&unknown)))
        {
            cell.text = cell.text.replacen(&unknown, &word.text, 1);
        }
        word.confidence = found.iter().map(|word| word.confidence).fold(1.0, f32::min);
        keep_words(read, |other| !here(other));
        spelled = true;
    }
    if spelled {
        line.update_text();
    }
    spelled
}

/// The part of a rectangle that another covers.
fn shared(inner: Rect, outer: Rect) -> f32 {
    let area = (inner.width() * inner.height()).max(f32::MIN_POSITIVE);
    inner.overlap_x(&outer) * inner.overlap_y(&outer) / area
}

/// Where a block goes among blocks in reading order: behind the last one above it in its column, or before the first
/// below it; at the end where it has a column of its own.
fn place_in_order(blocks: &[Block], block: &Block) -> usize {
    let place = block.polygon.bounds();
    let in_column = |other: Rect| {
        let narrower = place.width().min(other.width()).max(f32::MIN_POSITIVE);
        place.overlap_x(&other) >= 0.3 * narrower
    };
    let column: Vec<(usize, Rect)> = blocks
        .iter()
        .map(|other| other.polygon.bounds())
        .enumerate()
        .filter(|(_, other)| in_column(*other))
        .collect();
    let above = column
        .iter()
        .filter(|(_, other)| other.center_y() <= place.center_y())
        .map(|(at, _)| at + 1)
        .max();
    let below = column.iter().map(|(at, _)| *at).min();
    above.or(below).unwrap_or(blocks.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::{
        model::{BlockKind, Cell},
        page::{PixelFormat, RecognizerCapabilities},
    };

    fn word(text: &str, left: f32, top: f32) -> Word {
        let polygon = Polygon::from_box(left, top, left + 0.02 * text.len() as f32, top + 0.02);
        Word::new(text, polygon, 0.9)
    }

    fn block(words: Vec<Word>) -> Block {
        let mut line = Line::new("", Polygon::from_box(0.0, 0.0, 0.0, 0.0), 1.0, words);
        renew(&mut line);
        Block::new(BlockKind::Paragraph, line.polygon, vec![line])
    }

    /// Reads this on every page.
    #[derive(Debug)]
    struct Scan(PageText);

    impl PageRecognizer for Scan {
        fn name(&self) -> &'static str {
            "scan"
        }

        fn capabilities(&self) -> RecognizerCapabilities {
            RecognizerCapabilities::new("1")
        }

        fn recognize_page(&self, _: &PageImage, _: &RecognizeOptions) -> Result<PageText> {
            Ok(self.0.clone())
        }
    }

    fn page(blocks: Vec<Block>) -> PageText {
        PageText::empty(1, 1000, 1000)
            .with_source(TextOrigin::TextLayer)
            .with_blocks(blocks)
    }

    #[test]
    fn words_of_a_picture_stand_between_the_texts_around_it() {
        let layer = page(vec![
            block(vec![word("above", 0.1, 0.1)]),
            block(vec![word("below", 0.1, 0.8)]),
        ]);
        let read = vec![
            block(vec![word("receipt", 0.1, 0.4), word("above", 0.1, 0.1)]),
            block(vec![word("outside", 0.7, 0.05)]),
        ];
        let page = merged(layer, read, &[Rect::new(0.05, 0.05, 0.6, 0.7)]);
        assert_eq!(page.plain_text(), "above\n\nreceipt\n\nbelow");
        assert_eq!(page.source, TextOrigin::Mixed);
    }

    #[test]
    fn a_page_without_words_in_its_pictures_stays_what_it_is() {
        let layer = page(vec![block(vec![word("above", 0.1, 0.1)])]);
        let mut faint = word("noise", 0.2, 0.5);
        faint.confidence = 0.3;
        let read = vec![block(vec![faint, word("--", 0.4, 0.5)])];
        let everywhere = Rect::new(0.0, 0.0, 1.0, 1.0);
        let read = merged(layer.clone(), read, &[everywhere]);
        assert_eq!(read, layer);
    }

    #[test]
    fn words_that_are_text_replace_those_that_were_read_there() {
        let layer = page(vec![block(vec![word("RECEIVED", 0.1, 0.1)])]);
        let scan = Scan(page(vec![
            block(vec![word("RECE1VED", 0.1, 0.1)]),
            block(vec![word("letter", 0.1, 0.5)]),
        ]));
        let image = PageImage::new(2, 2, PixelFormat::Gray8, vec![255; 4]).unwrap();
        let read = read_around(&scan, layer, &image, &RecognizeOptions::new()).unwrap();
        assert_eq!(read.plain_text(), "RECEIVED\n\nletter");
        assert_eq!(read.source, TextOrigin::Mixed);
    }

    #[test]
    fn tables_of_a_scan_that_has_one_visible_word_stay() {
        let layer = page(vec![block(vec![word("RECEIVED", 0.1, 0.1)])]);
        let mut rows = block(vec![word("Total", 0.1, 0.5), word("12", 0.5, 0.5)]);
        let cells = vec![
            Cell::new(1, 1, "Total", Polygon::from_box(0.1, 0.48, 0.4, 0.54), 0.9),
            Cell::new(1, 2, "12", Polygon::from_box(0.4, 0.48, 0.7, 0.54), 0.9),
        ];
        rows.table = Some(Table::new(1, 2, cells));
        let scan = Scan(page(vec![rows.clone()]));
        let image = PageImage::new(2, 2, PixelFormat::Gray8, vec![255; 4]).unwrap();
        let read = read_around(&scan, layer, &image, &RecognizeOptions::new()).unwrap();
        assert_eq!(read.plain_text(), "RECEIVED\n\nTotal 12");
        assert_eq!(read.blocks[1].table, rows.table);
    }

    #[test]
    fn unknown_letters_are_read_in_their_places() {
        let layer = page(vec![block(vec![
            word("the", 0.1, 0.1),
            word("of\u{fffd}ice", 0.2, 0.1),
        ])]);
        let place = layer.blocks[0].lines[0].words[1].polygon.bounds();
        let read = vec![block(vec![word("office", 0.2, 0.1)])];
        let page = merged(layer, read, &[place]);
        assert_eq!(page.plain_text(), "the office");
    }

    #[test]
    fn a_layer_is_believed_if_its_words_were_read() {
        let words = |texts: &[&str]| {
            let words = (0..)
                .zip(texts)
                .map(|(at, text)| word(text, 0.1, 0.05 * at as f32));
            page(vec![block(words.collect())])
        };
        let layer = words(&["BRKT", "XQZW", "KTML", "PQRS"]);
        assert!(agree(&layer, &words(&["brkt", "XQZW", "KTML,", "PORS"])));
        assert!(!agree(&layer, &words(&["whole", "other", "words"])));
        assert!(agree(&layer, &words(&[])));
    }
}
