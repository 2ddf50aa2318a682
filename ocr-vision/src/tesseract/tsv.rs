//! The program's table of words into the result model.

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon, TextOrigin, Word};
use ocr_layout::Rule;

/// Level of a word in the first column.
const WORD: &str = "5";

/// A page of `width` x `height` pixels, on which the lines `rules` are drawn, from the program's TSV. Rows that cannot be
/// understood are left out.
pub(super) fn page(table: &str, width: u32, height: u32, rules: &[Rule]) -> PageText {
    let mut page = PageText::empty(1, width, height);
    let mut place = None;
    for (row, word) in table.lines().filter_map(|line| word(line, width, height)) {
        let same_block = place.is_some_and(|(block, _)| block == row.0);
        if !same_block {
            let polygon = word.polygon;
            page.blocks
                .push(Block::new(BlockKind::Paragraph, polygon, Vec::new()));
        }
        let Some(block) = page.blocks.last_mut() else {
            continue;
        };
        if !same_block || place.is_some_and(|(_, line)| line != row.1) {
            let polygon = word.polygon;
            block
                .lines
                .push(Line::new(String::new(), polygon, 0.0, Vec::new()));
        }
        if let Some(line) = block.lines.last_mut() {
            line.words.push(word);
        }
        place = Some(row);
    }
    for block in &mut page.blocks {
        block.lines.iter_mut().for_each(finish);
        block.polygon = Polygon::enclosing(block.lines.iter().map(|line| &line.polygon));
    }
    if !page.blocks.is_empty() {
        page.source = TextOrigin::Ocr;
    }
    ocr_layout::find_ruled_tables(&mut page, rules);
    ocr_layout::find_lists(&mut page);
    page.update_confidence();
    page
}

fn finish(line: &mut Line) {
    line.update_text();
    line.polygon = Polygon::enclosing(line.words.iter().map(|word| &word.polygon));
    let sum: f32 = line.words.iter().map(|word| word.confidence).sum();
    line.confidence = sum / line.words.len().max(1) as f32;
}

/// Block and paragraph, and line within them.
type Place = ((u32, u32), u32);

fn word(row: &str, width: u32, height: u32) -> Option<(Place, Word)> {
    let columns: Vec<&str> = row.splitn(12, '\t').collect();
    let [
        WORD,
        _,
        block,
        paragraph,
        line,
        _,
        left,
        top,
        w,
        h,
        confidence,
        text,
    ] = columns[..]
    else {
        return None;
    };
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let number = |text: &str| text.parse::<f32>().ok().filter(|number| number.is_finite());
    let (left, top, w, h) = (number(left)?, number(top)?, number(w)?, number(h)?);
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let polygon =
        Polygon::from_box(left / width, top / height, (left + w) / width, (top + h) / height).clamped();
    let confidence = (number(confidence)? / 100.0).clamp(0.0, 1.0);
    let place = ((block.parse().ok()?, paragraph.parse().ok()?), line.parse().ok()?);
    Some((place, Word::new(text, polygon, confidence)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
        1\t1\t0\t0\t0\t0\t0\t0\t200\t100\t-1\t\n\
        5\t1\t1\t1\t1\t1\t20\t10\t40\t10\t90\tHello\n\
        5\t1\t1\t1\t1\t2\t70\t10\t40\t10\t80\tworld\n\
        5\t1\t1\t1\t2\t1\t20\t30\t40\t10\t70\tagain\n\
        5\t1\t2\t1\t1\t1\t20\t60\t40\t10\t96.5\tEnd\n\
        5\t1\t2\t1\t1\t2\t20\t60\t40\t10\t96.5\t \n";

    #[test]
    fn words_become_lines_and_blocks() {
        let page = page(TABLE, 200, 100, &[]);
        assert_eq!(page.plain_text(), "Hello world\nagain\n\nEnd");
        assert_eq!(page.blocks.len(), 2);
        let hello = page.words().next().unwrap();
        assert_eq!(hello.polygon, Polygon::from_box(0.1, 0.1, 0.3, 0.2));
        assert!((hello.confidence - 0.9).abs() < 1e-6);
    }

    #[test]
    fn a_page_without_words_is_empty() {
        assert_eq!(page("", 10, 10, &[]), PageText::empty(1, 10, 10));
    }

    proptest! {
        #[test]
        fn any_table_gives_a_page(table in "(5\t[0-9]{0,3}\t[0-9.-]{0,9}\t.{0,20}\n?){0,5}") {
            for word in page(&table, 0, 0, &[]).words() {
                prop_assert!((0.0..=1.0).contains(&word.confidence));
            }
        }
    }
}
