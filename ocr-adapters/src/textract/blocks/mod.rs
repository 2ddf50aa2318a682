//! From the service's blocks to the result model. Pure; only whole answers may be given, since blocks refer
//! to each other across the parts of an answer.

mod forms;
mod geometry;
mod raw;
mod tables;
mod text;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_textract::types::{Block, BlockType, Relationship, RelationshipType};
use ocr_core::model::{PageText, TextOrigin};

use geometry::Orientation;

/// Size of a page as the service saw it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct PageSize {
    /// Width in pixels.
    pub(super) width: u32,
    /// Height in pixels.
    pub(super) height: u32,
    /// Dots per inch, when known.
    pub(super) dpi: Option<f32>,
}

/// The pages of an answer by their numbers; `size` tells how large each is. A page is there when the answer
/// has a block on it.
pub(super) fn pages(blocks: &[Block], size: impl Fn(u32) -> PageSize) -> BTreeMap<u32, PageText> {
    let index = Index::new(blocks);
    let mut by_page: BTreeMap<u32, Vec<&Block>> = BTreeMap::new();
    for block in blocks {
        by_page.entry(page_of(block)).or_default().push(block);
    }
    by_page
        .into_iter()
        .map(|(number, blocks)| (number, page(number, &blocks, &index, size(number))))
        .collect()
}

/// One-based; answers about single pages do not say it.
fn page_of(block: &Block) -> u32 {
    block
        .page
        .and_then(|page| u32::try_from(page).ok())
        .unwrap_or(1)
        .max(1)
}

fn page(number: u32, blocks: &[&Block], index: &Index<'_>, size: PageSize) -> PageText {
    let orientation = Orientation::of(blocks, size);
    let (width, height) = orientation.0.size(size.width, size.height);
    let mut page = PageText::empty(number, width, height);
    page.dpi = size.dpi;
    page.rotation = orientation.0.degrees();
    let view = View {
        index,
        orientation,
        width: width.max(1) as f32,
        height: height.max(1) as f32,
    };
    text::fill(&mut page, blocks, &view);
    page.fields = forms::fields(blocks, &view);
    page.selections = forms::selections(blocks, &view);
    page.answers = forms::answers(blocks, &view);
    page.raw = raw::unknown(blocks);
    page.source = if page.words().next().is_some() {
        TextOrigin::Ocr
    } else {
        TextOrigin::Empty
    };
    page.update_confidence();
    page
}

/// What is needed to understand a block: the others, and how the page lies.
struct View<'a> {
    index: &'a Index<'a>,
    orientation: Orientation,
    width: f32,
    height: f32,
}

/// Blocks by their ids.
struct Index<'a>(HashMap<&'a str, &'a Block>);

impl<'a> Index<'a> {
    fn new(blocks: &'a [Block]) -> Self {
        let with_ids = blocks
            .iter()
            .filter_map(|block| Some((block.id.as_deref()?, block)));
        Self(with_ids.collect())
    }

    /// The blocks that `block` relates to in this way; what is missing from the answer is left out.
    fn related(&self, block: &Block, kind: &RelationshipType) -> Vec<&'a Block> {
        block
            .relationships()
            .iter()
            .filter(|relation| relation.r#type.as_ref() == Some(kind))
            .flat_map(Relationship::ids)
            .filter_map(|id| self.0.get(id.as_str()).copied())
            .collect()
    }

    fn children(&self, block: &Block) -> Vec<&'a Block> {
        self.related(block, &RelationshipType::Child)
    }

    /// The words below `block`, joined by spaces; tables nest three deep.
    fn text(&self, block: &Block) -> String {
        let mut words = Vec::new();
        self.collect_words(block, 4, &mut words);
        words.join(" ")
    }

    fn collect_words(&self, block: &Block, depth: u8, words: &mut Vec<&'a str>) {
        for child in self.children(block) {
            match (&child.block_type, &child.text) {
                (Some(BlockType::Word), Some(text)) => words.push(text.trim()),
                _ if depth > 0 => self.collect_words(child, depth - 1, words),
                _ => {}
            }
        }
    }
}

fn is(block: &Block, kind: &BlockType) -> bool {
    block.block_type.as_ref() == Some(kind)
}

/// The service counts in percent.
fn confidence(block: &Block) -> f32 {
    let percent = block.confidence.unwrap_or(0.0);
    if percent.is_finite() {
        (percent / 100.0).clamp(0.0, 1.0)
    } else {
        0.0
    }
}
