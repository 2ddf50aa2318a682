//! Levels of headings, which the model does not hold, by how large they are.

use ocr_core::model::{Block, BlockKind, DocumentText, PageText};

use super::super::stated_dpi;
use crate::median::median;

/// The lowest level that PDF has (ISO 32000-1, 14.8.4.3.2).
const LOWEST: usize = 6;

/// A heading is smaller than another from this share of its size on: lines that were found in pixels differ as much as
/// their letters do.
const SMALLER: f32 = 0.87;

/// The sizes of the headings of a document, and which level the last one had.
#[derive(Debug)]
pub(super) struct Headings {
    /// In inches, each a level, the largest first.
    sizes: Vec<f32>,
    /// The level of the largest.
    first: usize,
    last: usize,
}

impl Headings {
    pub(super) fn of(document: &DocumentText) -> Self {
        let blocks = || {
            document
                .pages
                .iter()
                .flat_map(|page| page.blocks.iter().map(move |block| (page, block)))
        };
        let headings = blocks().filter(|(_, block)| block.kind == BlockKind::Heading);
        let mut all: Vec<f32> = headings.map(|(page, block)| size(page, block)).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        let mut sizes: Vec<f32> = Vec::new();
        for size in all {
            if sizes.last().is_none_or(|larger| size < SMALLER * larger) {
                sizes.push(size);
            }
        }
        let has_title = blocks().any(|(_, block)| block.kind == BlockKind::Title);
        Self {
            sizes,
            first: if has_title { 2 } else { 1 },
            last: 0,
        }
    }

    /// The role of the next title or heading. No level is left out on the way down.
    pub(super) fn role(&mut self, page: &PageText, block: &Block) -> &'static str {
        const ROLES: [&str; LOWEST] = ["H1", "H2", "H3", "H4", "H5", "H6"];
        let level = if block.kind == BlockKind::Title {
            1
        } else {
            let size = size(page, block);
            let rank = self
                .sizes
                .iter()
                .take_while(|larger| size < SMALLER * **larger)
                .count();
            self.first + rank
        };
        self.last = level.min(self.last + 1).min(LOWEST);
        ROLES[self.last - 1]
    }
}

/// How high the lines of a block are, in inches.
fn size(page: &PageText, block: &Block) -> f32 {
    let heights = block.lines.iter().map(|line| line.polygon.height());
    let pixels = median(heights).unwrap_or(0.0) * page.height as f32;
    pixels / stated_dpi(page.dpi)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{EngineInfo, Line, Polygon};

    fn block(kind: BlockKind, height: f32) -> Block {
        let polygon = Polygon::from_box(0.1, 0.1, 0.5, 0.1 + height);
        Block::new(kind, polygon, vec![Line::new("x", polygon, 1.0, vec![])])
    }

    fn roles(blocks: Vec<Block>) -> Vec<&'static str> {
        let page = PageText::empty(1, 1000, 1000).with_blocks(blocks);
        let document = DocumentText::new(EngineInfo::default(), vec![page]);
        let mut headings = Headings::of(&document);
        let page = &document.pages[0];
        page.blocks
            .iter()
            .map(|block| headings.role(page, block))
            .collect()
    }

    #[test]
    fn larger_headings_are_higher() {
        let sizes = [0.04, 0.03, 0.029, 0.02, 0.03, 0.04];
        let blocks = sizes.map(|size| block(BlockKind::Heading, size)).into();
        assert_eq!(roles(blocks), ["H1", "H2", "H2", "H3", "H2", "H1"]);
    }

    #[test]
    fn a_title_is_the_highest_and_no_level_is_left_out() {
        let blocks = vec![
            block(BlockKind::Title, 0.02),
            block(BlockKind::Heading, 0.01),
            block(BlockKind::Heading, 0.03),
            block(BlockKind::Heading, 0.01),
        ];
        assert_eq!(roles(blocks), ["H1", "H2", "H2", "H3"]);
    }
}
