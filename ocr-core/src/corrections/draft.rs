//! A page while it is corrected: what was deleted is still in its place, and each word knows where it comes from.

use super::operation::invalid;
use crate::{
    Result,
    model::{Block, Cell, Line, PageText, Point, Polygon, Rect, TextOrigin, Word},
};

/// A page while it is corrected.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The page without its blocks.
    pub(super) page: PageText,
    pub(super) blocks: Vec<DraftBlock>,
    /// Whether anything was changed.
    touched: bool,
}

#[derive(Debug, Clone)]
pub(super) struct DraftBlock {
    /// The block without its lines.
    pub(super) block: Block,
    pub(super) lines: Vec<DraftLine>,
    /// Whether lines stood in it at first: a block that had none is kept without any.
    had_lines: bool,
}

#[derive(Debug, Clone)]
pub(super) struct DraftLine {
    /// The line without its words.
    pub(super) line: Line,
    pub(super) words: Vec<DraftWord>,
    /// What follows the last word in the text of the line.
    tail: String,
    /// The edit that deleted it.
    pub(super) deleted: Option<u32>,
    /// Whether its text and confidence have to be made anew.
    pub(super) touched: bool,
}

#[derive(Debug, Clone)]
pub(super) struct DraftWord {
    pub(super) word: Word,
    /// What stands before it in the text of the line.
    pub(super) before: String,
    /// The words of the engine that it was made of; none for one that was added.
    pub(super) from: Vec<String>,
    pub(super) changed: bool,
    /// The edit that deleted it.
    pub(super) deleted: Option<u32>,
}

/// Where a line is, in a draft with all that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineAt {
    pub(super) block: usize,
    pub(super) line: usize,
}

/// Where a word is, in a draft with all that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WordAt {
    pub(super) line: LineAt,
    pub(super) word: usize,
}

impl DraftWord {
    fn read(word: Word, before: String) -> Self {
        Self {
            from: vec![word.text.clone()],
            word,
            before,
            changed: false,
            deleted: None,
        }
    }

    /// A word that a person wrote, made of these words of the engine.
    pub(super) fn written(
        text: impl Into<String>,
        polygon: Polygon,
        before: String,
        from: Vec<String>,
    ) -> Self {
        Self {
            word: Word::new(text, polygon, 1.0),
            before,
            from,
            changed: true,
            deleted: None,
        }
    }
}

impl DraftLine {
    fn read(mut line: Line) -> Self {
        let (separators, tail) = separators(&line);
        let words = std::mem::take(&mut line.words);
        Self {
            words: words
                .into_iter()
                .zip(separators)
                .map(|(word, before)| DraftWord::read(word, before))
                .collect(),
            line,
            tail,
            deleted: None,
            touched: false,
        }
    }

    /// A line of one word that was added.
    pub(super) fn added(word: DraftWord) -> Self {
        Self {
            line: Line::new("", word.word.polygon, 1.0, Vec::new()),
            words: vec![word],
            tail: String::new(),
            deleted: None,
            touched: true,
        }
    }

    /// Whether it is on the corrected page.
    pub(super) fn is_live(&self) -> bool {
        let empty = !self.words.is_empty() && self.words.iter().all(|word| word.deleted.is_some());
        self.deleted.is_none() && !empty
    }

    /// Places of the words that are on the corrected page, where the line is.
    pub(super) fn live_words(&self) -> impl Iterator<Item = usize> {
        let words = self.words.iter().enumerate();
        words
            .filter(|(_, word)| word.deleted.is_none())
            .map(|(index, _)| index)
    }

    /// Its text as it is now.
    pub(super) fn text(&self) -> String {
        if !self.touched {
            return self.line.text.clone();
        }
        let mut text = String::new();
        for word in self.words.iter().filter(|word| word.deleted.is_none()) {
            // What stood between a word and one that is gone is of no use before the first word.
            let before = word.before.as_str();
            text.push_str(if text.is_empty() {
                before.trim_start()
            } else {
                before
            });
            text.push_str(&word.word.text);
        }
        text.push_str(&self.tail);
        text.truncate(text.trim_end().len());
        text
    }

    fn finish(self) -> Line {
        let text = self.text();
        let words = self.words.into_iter().filter(|word| word.deleted.is_none());
        let words: Vec<Word> = words.map(|word| word.word).collect();
        let mut line = self.line;
        if self.touched && !words.is_empty() {
            let sum: f32 = words.iter().map(|word| word.confidence).sum();
            line.confidence = sum / words.len() as f32;
        }
        line.text = text;
        line.words = words;
        line
    }
}

impl DraftBlock {
    fn read(mut block: Block) -> Self {
        let lines = std::mem::take(&mut block.lines);
        Self {
            had_lines: !lines.is_empty(),
            block,
            lines: lines.into_iter().map(DraftLine::read).collect(),
        }
    }

    /// A block of one line that was added.
    pub(super) fn added(block: Block, line: DraftLine) -> Self {
        Self {
            block,
            lines: vec![line],
            had_lines: true,
        }
    }

    /// Whether it is on the corrected page.
    pub(super) fn is_live(&self) -> bool {
        !self.had_lines || self.block.table.is_some() || self.lines.iter().any(DraftLine::is_live)
    }
}

impl Draft {
    /// A page of which nothing was corrected yet.
    pub(super) fn new(mut page: PageText) -> Self {
        let blocks = std::mem::take(&mut page.blocks);
        Self {
            page,
            blocks: blocks.into_iter().map(DraftBlock::read).collect(),
            touched: false,
        }
    }

    /// The page as it is now.
    pub(super) fn finish(self) -> PageText {
        let mut page = self.page;
        let blocks = self.blocks.into_iter().filter(DraftBlock::is_live);
        page.blocks = blocks
            .map(|draft| {
                let mut block = draft.block;
                let lines = draft.lines.into_iter().filter(DraftLine::is_live);
                block.lines = lines.map(DraftLine::finish).collect();
                block
            })
            .collect();
        if self.touched {
            page.update_confidence();
            if page.words().next().is_some() {
                page.error = None;
            }
            // What a person wrote is not in the text layer of the file, and a searchable PDF has to get it.
            page.source = match page.source {
                TextOrigin::TextLayer => TextOrigin::Mixed,
                TextOrigin::Empty if page.words().next().is_some() => TextOrigin::Ocr,
                source => source,
            };
        }
        page
    }

    /// Notes that something was changed.
    pub(super) fn touch(&mut self) {
        self.touched = true;
    }

    /// Lines on the corrected page, in reading order.
    pub(super) fn lines(&self) -> impl Iterator<Item = (LineAt, &DraftLine)> {
        self.blocks.iter().enumerate().flat_map(|(block, draft)| {
            let lines = draft.lines.iter().enumerate();
            lines
                .filter(|(_, line)| line.is_live())
                .map(move |(index, line)| (LineAt { block, line: index }, line))
        })
    }

    /// Words on the corrected page, in reading order.
    pub(super) fn words(&self) -> impl Iterator<Item = (WordAt, &DraftWord)> {
        self.lines().flat_map(|(at, line)| {
            line.live_words().map(move |index| {
                (
                    WordAt {
                        line: at,
                        word: index,
                    },
                    &line.words[index],
                )
            })
        })
    }

    /// Where the word `index` of the corrected page is.
    pub(super) fn word_at(&self, index: u32) -> Result<WordAt> {
        let found = self.words().nth(index as usize).map(|(at, _)| at);
        found.ok_or_else(|| invalid(format!("the page has no word {index}; words are counted from 0")))
    }

    /// Where the line `index` of the corrected page is.
    pub(super) fn line_at(&self, index: u32) -> Result<LineAt> {
        let found = self.lines().nth(index as usize).map(|(at, _)| at);
        found.ok_or_else(|| invalid(format!("the page has no line {index}; lines are counted from 0")))
    }

    /// Where the block `index` of the corrected page is.
    pub(super) fn block_at(&self, index: u32) -> Result<usize> {
        let mut live = self
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.is_live());
        let found = live.nth(index as usize).map(|(at, _)| at);
        found.ok_or_else(|| {
            invalid(format!(
                "the page has no block {index}; blocks are counted from 0"
            ))
        })
    }

    /// The cell of the block `block` of the corrected page.
    pub(super) fn cell(&self, block: u32, row: u32, column: u32) -> Result<&Cell> {
        let table = self.blocks[self.block_at(block)?].block.table.as_ref();
        let cells = table.map(|table| table.cells.as_slice()).unwrap_or_default();
        let found = cells.iter().find(|cell| cell.row == row && cell.column == column);
        found.ok_or_else(|| {
            invalid(format!(
                "block {block} has no cell that begins in row {row} and column {column}"
            ))
        })
    }

    pub(super) fn word(&self, at: WordAt) -> &DraftWord {
        &self.line(at.line).words[at.word]
    }

    pub(super) fn line(&self, at: LineAt) -> &DraftLine {
        &self.blocks[at.block].lines[at.line]
    }

    /// A line that is about to be changed.
    pub(super) fn change(&mut self, at: LineAt) -> &mut DraftLine {
        self.touched = true;
        let line = &mut self.blocks[at.block].lines[at.line];
        line.touched = true;
        line
    }
}

/// What stands before each word in the text of a line, and behind the last one. Where the words are not in the text, one
/// space.
fn separators(line: &Line) -> (Vec<String>, String) {
    let mut rest = line.text.as_str();
    let mut separators = Vec::with_capacity(line.words.len());
    for word in &line.words {
        let Some(at) = rest.find(&word.text) else {
            let spaces = (0..line.words.len()).map(|index| if index == 0 { "" } else { " " });
            return (spaces.map(str::to_owned).collect(), String::new());
        };
        separators.push(rest[..at].to_owned());
        rest = &rest[at + word.text.len()..];
    }
    (separators, rest.to_owned())
}

/// The middle of an outline.
pub(super) fn center(polygon: &Polygon) -> Point {
    let bounds = polygon.bounds();
    Point::new(bounds.center_x(), bounds.center_y())
}

/// Whether a point is in a rectangle.
pub(super) fn holds(bounds: Rect, point: Point) -> bool {
    (bounds.left..=bounds.right).contains(&point.x) && (bounds.top..=bounds.bottom).contains(&point.y)
}

/// How much of the smaller one of two outlines is shared, 0..=1.
pub(super) fn shared(one: &Polygon, other: &Polygon) -> f32 {
    let (one, other) = (one.bounds(), other.bounds());
    let area = |rect: Rect| rect.width() * rect.height();
    let smaller = area(one).min(area(other));
    if smaller <= 0.0 {
        return 0.0;
    }
    one.overlap_x(&other) * one.overlap_y(&other) / smaller
}
