//! Tables put into a page in the place of the words they are made of.

use std::collections::HashMap;

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon, Word};

use super::ruled::{Ruled, WordPlace};

/// Makes blocks of these tables, which have no word in common. Their words leave the lines they were in; what else those
/// lines had stays where it was.
pub(super) fn insert(page: &mut PageText, tables: Vec<Ruled>) {
    if tables.is_empty() {
        return;
    }
    let lines: Vec<&Line> = page.lines().collect();
    let mut homes: HashMap<WordPlace, usize> = HashMap::new();
    let mut blocks: Vec<Option<Block>> = Vec::new();
    for (number, ruled) in tables.into_iter().enumerate() {
        homes.extend(ruled.lines.iter().flatten().map(|&place| (place, number)));
        blocks.push(Some(block(&lines, ruled)));
    }
    let mut number = 0;
    let mut around: Vec<Block> = Vec::new();
    for block in std::mem::take(&mut page.blocks) {
        let count = block.lines.len();
        let has_words = |line: usize| {
            (0..block.lines[line].words.len()).any(|at| homes.contains_key(&(number + line, at)))
        };
        if !(0..count).any(has_words) {
            number += count;
            around.push(block);
            continue;
        }
        let (kind, confidence) = (block.kind, block.confidence);
        // Whether the last of `around` is a part of this block.
        let mut is_open = false;
        for mut line in block.lines {
            let home = |at: usize| homes.get(&(number, at));
            for begins in (0..line.words.len()).filter_map(home) {
                if let Some(table) = blocks.get_mut(*begins).and_then(Option::take) {
                    around.push(table);
                    is_open = false;
                }
            }
            let before = line.words.len();
            let mut at = 0;
            line.words.retain(|_| {
                at += 1;
                home(at - 1).is_none()
            });
            number += 1;
            // Words without letters say nothing once the others are in the table.
            let is_blank = line.words.iter().all(|word| word.text.trim().is_empty());
            if line.words.len() < before && is_blank {
                continue;
            }
            if line.words.len() < before {
                line.update_text();
                line.polygon = outline(&line.words);
            }
            match around.last_mut() {
                Some(open) if is_open => {
                    open.polygon = Polygon::enclosing([&open.polygon, &line.polygon]);
                    open.lines.push(line);
                }
                _ => {
                    is_open = true;
                    around.push(Block::new(kind, line.polygon, vec![line]).with_confidence(confidence));
                }
            }
        }
    }
    page.blocks = around;
}

/// The block of a table out of the lines of the page.
fn block(lines: &[&Line], ruled: Ruled) -> Block {
    let made: Vec<Line> = ruled
        .lines
        .iter()
        .filter_map(|places| line(lines, places))
        .collect();
    let outline = Polygon::enclosing(ruled.table.cells.iter().map(|cell| &cell.polygon));
    Block::new(BlockKind::Table, outline, made).with_table(ruled.table)
}

/// The line of these words: one of the page, where it has no others.
fn line(lines: &[&Line], places: &[WordPlace]) -> Option<Line> {
    let &(first, _) = places.first()?;
    let whole = lines.get(first)?;
    let is_whole = places.len() == whole.words.len() && places.iter().all(|(line, _)| *line == first);
    if is_whole {
        return Some((*whole).clone());
    }
    let words: Vec<Word> = places
        .iter()
        .filter_map(|&(line, at)| lines.get(line)?.words.get(at).cloned())
        .collect();
    let sum: f32 = words.iter().map(|word| word.confidence).sum();
    let confidence = sum / words.len().max(1) as f32;
    let mut line = Line::new(String::new(), outline(&words), confidence, words);
    line.update_text();
    Some(line)
}

/// Outline of words side by side: slanted from the first to the last when that holds them all, else the box around them.
fn outline(words: &[Word]) -> Polygon {
    let around = Polygon::enclosing(words.iter().map(|word| &word.polygon));
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return around;
    };
    let (first, last) = (first.polygon.0, last.polygon.0);
    let slanted = Polygon([first[0], last[1], last[2], first[3]]);
    let inner = slanted.bounds();
    if inner.union(around.bounds()) == inner {
        slanted
    } else {
        around
    }
}
