//! Pages with lists, and pages with what looks like one.

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon};

use super::find_lists;

/// A page of A4 with blocks of lines, each with its distance from the left; lines are 1% of the page high and stand
/// 1.5% apart, blocks 2.5%.
fn page(blocks: &[&[(&str, f32)]]) -> PageText {
    let mut top = 0.1;
    let mut page = PageText::empty(1, 1654, 2339);
    for lines in blocks {
        let mut made = Vec::new();
        for (text, left) in *lines {
            let polygon = Polygon::from_box(*left, top, 0.9, top + 0.01);
            made.push(Line::new(*text, polygon, 1.0, vec![]));
            top += 0.015;
        }
        top += 0.01;
        let polygon = Polygon::enclosing(made.iter().map(|line| &line.polygon));
        page.blocks.push(Block::new(BlockKind::Paragraph, polygon, made));
    }
    page
}

/// The kinds of the blocks and how many lines they have.
fn found(blocks: &[&[(&str, f32)]]) -> Vec<(BlockKind, usize)> {
    let mut page = page(blocks);
    let before: Vec<String> = page.lines().map(|line| line.text.clone()).collect();
    find_lists(&mut page);
    let after: Vec<String> = page.lines().map(|line| line.text.clone()).collect();
    assert_eq!(before, after);
    let blocks = page.blocks.iter();
    blocks.map(|block| (block.kind, block.lines.len())).collect()
}

/// The same for lines that begin at one place, in one block.
fn flat(lines: &[&str]) -> Vec<(BlockKind, usize)> {
    let lines: Vec<(&str, f32)> = lines.iter().map(|text| (*text, 0.1)).collect();
    found(&[&lines])
}

const LIST: BlockKind = BlockKind::List;
const TEXT: BlockKind = BlockKind::Paragraph;

#[test]
fn bullets_and_numbers_are_lists_and_part_their_paragraph() {
    assert_eq!(flat(&["Bring:", "• a pen", "• a ruler"]), [(TEXT, 1), (LIST, 2)]);
    assert_eq!(flat(&["- one", "- two", "\u{f0b7} three"]), [(LIST, 3)]);
    assert_eq!(flat(&["8. a", "9. b", "10. c"]), [(LIST, 3)]);
    // One number was not read.
    assert_eq!(flat(&["1) a", "3) c"]), [(LIST, 2)]);
    assert_eq!(flat(&["a) x", "b) y"]), [(LIST, 2)]);
    assert_eq!(flat(&["(i) x", "(ii) y"]), [(LIST, 2)]);
    assert_eq!(flat(&["h) x", "i) y", "j) z"]), [(LIST, 3)]);
    assert_eq!(flat(&["A. x", "B. y", "C. z"]), [(LIST, 3)]);
}

#[test]
fn items_that_stand_apart_are_one_list() {
    let blocks: &[&[(&str, f32)]] = &[
        &[("Intro", 0.1)],
        &[("1. one", 0.1), ("goes on", 0.13)],
        &[("2. two", 0.1), ("goes on", 0.13)],
        &[("And then", 0.1), ("another", 0.1)],
    ];
    assert_eq!(found(blocks), [(TEXT, 1), (LIST, 4), (TEXT, 2)]);
}

#[test]
fn lists_inside_lists_are_one_block() {
    let lines: &[(&str, f32)] = &[
        ("1. one", 0.1),
        ("a) first", 0.14),
        ("• dot", 0.18),
        ("b) second", 0.14),
        ("2. two", 0.1),
        ("• dot", 0.14),
    ];
    assert_eq!(found(&[lines]), [(LIST, 6)]);
    let lines: &[(&str, f32)] = &[("• one", 0.1), ("- first", 0.14), ("- second", 0.14)];
    assert_eq!(found(&[lines]), [(LIST, 3)]);
}

#[test]
fn text_that_follows_without_a_space_is_text() {
    let lines = ["• one", "• two", "This goes on below the list", "for two lines."];
    assert_eq!(flat(&lines), [(LIST, 2), (TEXT, 2)]);
    // Unless items go on that way.
    let lines = ["1. one", "goes on", "2. two", "goes on"];
    assert_eq!(flat(&lines), [(LIST, 4)]);
}

#[test]
fn what_only_looks_like_a_list_is_none() {
    for lines in [
        &["1999 was", "2000 was"][..],
        &["He was born on the", "3. of March, and his brother"],
        &["A. Smith", "B. Jones"],
        &["A. Smith", "C. Jones", "T. Brown"],
        &["- 12.50", "- 7.00"],
        &["\u{2014} Yes, he said.", "\u{2014} No, she said."],
        &["1.5 kg flour", "2.5 kg sugar"],
        &["3. Oktober", "12. Oktober"],
        &["• alone"],
        &["1. Introduction", "This is about", "something else."],
        &["e.g. this", "i.e. that"],
    ] {
        assert_eq!(flat(lines), [(TEXT, lines.len())], "{lines:?}");
    }
}

#[test]
fn headings_with_numbers_stay_apart() {
    let blocks: &[&[(&str, f32)]] = &[
        &[("1. First", 0.1)],
        &[("Text of the first", 0.1), ("part", 0.1)],
        &[("2. Second", 0.1)],
        &[("Text of the second", 0.1)],
    ];
    assert_eq!(found(blocks).len(), 4);
}

#[test]
fn other_blocks_stay_as_they_are() {
    let mut page = page(&[&[("• a", 0.1), ("• b", 0.1)], &[("• c", 0.1), ("• d", 0.1)]]);
    page.blocks[0].kind = BlockKind::Heading;
    page.blocks.insert(
        1,
        Block::new(BlockKind::Figure, Polygon::from_box(0.0, 0.0, 1.0, 1.0), vec![]),
    );
    find_lists(&mut page);
    let kinds: Vec<BlockKind> = page.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [BlockKind::Heading, BlockKind::Figure, BlockKind::List]);
    let once = page.clone();
    find_lists(&mut page);
    assert_eq!(page, once);
}
