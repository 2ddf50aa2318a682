//! Blocks of a page that were found among its lines.

use ocr_core::model::{Block, BlockKind, Line, PageText, Polygon, Table};

/// Lines that turned out to be something of their own.
#[derive(Debug)]
pub(crate) struct Found {
    /// Number of the first line, counted over the page.
    pub(crate) start: usize,
    /// How many lines, at least one.
    pub(crate) count: usize,
    pub(crate) kind: BlockKind,
    pub(crate) table: Option<Table>,
}

/// Makes blocks of what was `found`, which goes from the top and does not overlap, and splits the blocks that the lines
/// were in. Lines keep their order, each is in one block still; blocks without lines keep their place.
pub(crate) fn regroup(page: &mut PageText, found: Vec<Found>) {
    if found.is_empty() {
        return;
    }
    let mut found = found.into_iter().peekable();
    let mut blocks: Vec<Block> = Vec::new();
    // Lines of what was found last that are still to come.
    let (mut at, mut left) = (0, 0);
    for block in std::mem::take(&mut page.blocks) {
        // Whether the last of `blocks` is a part of this one.
        let mut is_open = false;
        let whole = block.lines.is_empty() || !touches(at, block.lines.len(), left, found.peek());
        if whole {
            at += block.lines.len();
            blocks.push(block);
            continue;
        }
        let (kind, confidence) = (block.kind, block.confidence);
        for line in block.lines {
            let begins = found.next_if(|found| found.start == at);
            at += 1;
            if let Some(begins) = begins {
                left = begins.count - 1;
                is_open = false;
                let block = Block::new(begins.kind, line.polygon, vec![line]);
                blocks.push(block.with_table(begins.table));
            } else if left > 0 {
                left -= 1;
                add(&mut blocks, line);
            } else if is_open {
                add(&mut blocks, line);
            } else {
                is_open = true;
                let block = Block::new(kind, line.polygon, vec![line]);
                blocks.push(block.with_confidence(confidence));
            }
        }
    }
    page.blocks = blocks;
}

/// Whether any of `count` lines from `at` on is in what was found.
fn touches(at: usize, count: usize, left: usize, next: Option<&Found>) -> bool {
    left > 0 || next.is_some_and(|next| next.start < at + count)
}

/// Adds a line to the last block.
fn add(blocks: &mut [Block], line: Line) {
    if let Some(block) = blocks.last_mut() {
        block.polygon = Polygon::enclosing([&block.polygon, &line.polygon]);
        block.lines.push(line);
    }
}
