//! Making a change.

use super::{
    draft::{Draft, DraftBlock, DraftLine, DraftWord, LineAt, WordAt, center, holds},
    operation::{Operation, invalid},
    regions::{REPLACED, follow, retext, side_by_side},
};
use crate::{
    Result,
    model::{Block, BlockKind, Point, Polygon, Rect},
};

/// Share of the height of a word that a line must share with it to hold it.
const SAME_LINE: f32 = 0.5;
/// Maximum distance of a word from the line that holds it, in heights of the word.
const MAX_GAP: f32 = 3.0;

impl Draft {
    /// Makes the change that edit number `edit` is.
    ///
    /// # Errors
    /// `InvalidInput` when the page has not what the change is about. The draft is as it was then.
    pub(super) fn apply(&mut self, operation: &Operation, edit: u32) -> Result<()> {
        operation.check()?;
        match operation {
            Operation::SetText { word, text } => self.set_text(*word, text),
            Operation::SplitWord { word, parts } => self.split(*word, parts),
            Operation::JoinWords { word, count, text } => self.join(*word, *count, text.as_deref()),
            Operation::DeleteWord { word } => self.delete_word(*word, edit),
            Operation::AddWord { text, polygon } => {
                self.add_word(text, *polygon);
                Ok(())
            }
            Operation::MoveLine { line, before } => self.move_line(*line, *before),
            Operation::DeleteLine { line } => self.delete_line(*line, edit),
            Operation::Restore { edit } => self.restore(*edit),
            Operation::SetCell {
                block,
                row,
                column,
                text,
            } => self.set_cell(*block, *row, *column, text),
            Operation::SetField { field, value } => self.set_field(*field, value),
        }
    }

    fn set_text(&mut self, index: u32, text: &str) -> Result<()> {
        let at = self.word_at(index)?;
        let word = &mut self.change(at.line).words[at.word];
        // Who writes what was read confirms it.
        word.changed |= word.word.text != text;
        text.clone_into(&mut word.word.text);
        word.word.confidence = 1.0;
        let point = center(&word.word.polygon);
        follow(self, &[point]);
        Ok(())
    }

    fn split(&mut self, index: u32, parts: &[String]) -> Result<()> {
        let at = self.word_at(index)?;
        let line = self.change(at.line);
        let old = line.words.remove(at.word);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let words = side_by_side(&parts, old.word.polygon, &old.before, &old.from);
        let points: Vec<Point> = words.iter().map(|word| center(&word.word.polygon)).collect();
        drop(line.words.splice(at.word..at.word, words));
        follow(self, &points);
        Ok(())
    }

    fn join(&mut self, index: u32, count: u32, text: Option<&str>) -> Result<()> {
        let all: Vec<WordAt> = self
            .words()
            .skip(index as usize)
            .take(count as usize)
            .map(|(at, _)| at)
            .collect();
        let (Some(first), Some(last)) = (all.first().copied(), all.last().copied()) else {
            return Err(invalid(format!(
                "the page has no word {index}; words are counted from 0"
            )));
        };
        if all.len() < count as usize || all.iter().any(|at| at.line != first.line) {
            return Err(invalid("only words of one line can be joined"));
        }
        let outline = joined(&self.word(first).word.polygon, &self.word(last).word.polygon);
        let texts = all.iter().map(|at| self.word(*at).word.text.as_str());
        let text = text.map_or_else(|| texts.collect::<String>(), str::to_owned);
        let from = all.iter().flat_map(|at| self.word(*at).from.clone()).collect();
        let points: Vec<Point> = all
            .iter()
            .map(|at| center(&self.word(*at).word.polygon))
            .collect();
        let before = self.word(first).before.clone();
        let line = self.change(first.line);
        for at in all.iter().rev() {
            line.words.remove(at.word);
        }
        line.words
            .insert(first.word, DraftWord::written(text, outline, before, from));
        follow(self, &points);
        Ok(())
    }

    fn delete_word(&mut self, index: u32, edit: u32) -> Result<()> {
        let at = self.word_at(index)?;
        let word = &mut self.change(at.line).words[at.word];
        word.deleted = Some(edit);
        let point = center(&word.word.polygon);
        follow(self, &[point]);
        Ok(())
    }

    fn delete_line(&mut self, index: u32, edit: u32) -> Result<()> {
        let at = self.line_at(index)?;
        let points = self.points(at);
        self.touch();
        self.blocks[at.block].lines[at.line].deleted = Some(edit);
        follow(self, &points);
        Ok(())
    }

    fn restore(&mut self, edit: u32) -> Result<()> {
        let nothing = || invalid(format!("edit {edit} deleted nothing that could be restored"));
        if edit == REPLACED {
            return Err(nothing());
        }
        let mut points = Vec::new();
        let mut found = false;
        for line in self.blocks.iter_mut().flat_map(|block| &mut block.lines) {
            if line.deleted == Some(edit) {
                line.deleted = None;
                found = true;
                points.extend(line.words.iter().map(|word| center(&word.word.polygon)));
            }
            for word in line.words.iter_mut().filter(|word| word.deleted == Some(edit)) {
                word.deleted = None;
                line.touched = true;
                found = true;
                points.push(center(&word.word.polygon));
            }
        }
        if !found {
            return Err(nothing());
        }
        self.touch();
        follow(self, &points);
        Ok(())
    }

    fn add_word(&mut self, text: &str, polygon: Polygon) {
        match self.line_beside(polygon.bounds()) {
            Some(at) => self.add_to_line(at, text, polygon),
            None => self.add_block(DraftWord::written(text, polygon, String::new(), Vec::new())),
        }
        follow(self, &[center(&polygon)]);
    }

    /// The nearest line that stands as high as a word and close to it.
    fn line_beside(&self, word: Rect) -> Option<LineAt> {
        let distance = |line: &DraftLine| {
            let bounds = line.line.polygon.bounds();
            (word.left - bounds.right).max(bounds.left - word.right).max(0.0)
        };
        let near = self.lines().filter(|(_, line)| {
            let bounds = line.line.polygon.bounds();
            bounds.overlap_y(&word) >= SAME_LINE * word.height()
                && distance(line) * self.page.width as f32
                    <= MAX_GAP * word.height() * self.page.height as f32
        });
        near.min_by(|(_, one), (_, other)| distance(one).total_cmp(&distance(other)))
            .map(|(at, _)| at)
    }

    fn add_to_line(&mut self, at: LineAt, text: &str, polygon: Polygon) {
        let line = self.change(at);
        let x = |word: &DraftWord| center(&word.word.polygon).x;
        let leftwards = match (line.words.first(), line.words.last()) {
            (Some(first), Some(last)) => x(first) > x(last),
            _ => false,
        };
        let here = center(&polygon).x;
        let later = line.words.iter().position(|word| (x(word) > here) != leftwards);
        let place = later.unwrap_or(line.words.len());
        line.words
            .insert(place, DraftWord::written(text, polygon, " ".into(), Vec::new()));
        if let Some(next) = line
            .words
            .get_mut(place + 1)
            .filter(|next| next.before.is_empty())
        {
            next.before.push(' ');
        }
        grow(&mut line.line.polygon, polygon);
        grow(&mut self.blocks[at.block].block.polygon, polygon);
    }

    /// Puts a word into a paragraph of its own, before the first block that begins below it.
    fn add_block(&mut self, word: DraftWord) {
        let polygon = word.word.polygon;
        let middle = center(&polygon).y;
        let block = Block::new(BlockKind::Paragraph, polygon, Vec::new());
        let mut blocks = self.blocks.iter();
        let place = blocks.position(|block| block.block.polygon.bounds().top > middle);
        let place = place.unwrap_or(self.blocks.len());
        self.blocks
            .insert(place, DraftBlock::added(block, DraftLine::added(word)));
        self.touch();
    }

    fn move_line(&mut self, index: u32, before: u32) -> Result<()> {
        let from = self.line_at(index)?;
        let count = self.lines().count();
        let to = match before as usize {
            end if end == count => None,
            _ => Some(self.line_at(before)?),
        };
        // The last line of the page stands at its end already; to put it there would make it a part of another block.
        if to == Some(from) || (to.is_none() && index as usize + 1 == count) {
            return Ok(());
        }
        let line = self.blocks[from.block].lines.remove(from.line);
        let polygon = line.line.polygon;
        let (block, place) = match to {
            // What stood behind it in its block has moved up.
            Some(to) if to.block == from.block && to.line > from.line => (to.block, to.line - 1),
            Some(to) => (to.block, to.line),
            None => {
                let last = (0..self.blocks.len()).rfind(|block| self.blocks[*block].is_live());
                let block = last.unwrap_or(from.block);
                (block, self.blocks[block].lines.len())
            }
        };
        self.blocks[block].lines.insert(place, line);
        if block != from.block {
            grow(&mut self.blocks[block].block.polygon, polygon);
        }
        self.touch();
        Ok(())
    }

    fn set_cell(&mut self, block: u32, row: u32, column: u32, text: &str) -> Result<()> {
        let polygon = self.cell(block, row, column)?.polygon;
        let at = self.block_at(block)?;
        retext(self, at, polygon, text);
        let table = self.blocks[at].block.table.as_mut();
        let cells = table.into_iter().flat_map(|table| &mut table.cells);
        for cell in cells.filter(|cell| cell.row == row && cell.column == column) {
            text.clone_into(&mut cell.text);
            cell.confidence = 1.0;
        }
        Ok(())
    }

    fn set_field(&mut self, index: u32, value: &str) -> Result<()> {
        let field = self.page.fields.get(index as usize);
        let polygon = field
            .ok_or_else(|| {
                invalid(format!(
                    "the page has no field {index}; fields are counted from 0"
                ))
            })?
            .value_polygon;
        if let Some(polygon) = polygon {
            let at = self.block_around(&polygon);
            if let Some(at) = at {
                retext(self, at, polygon, value);
            }
        }
        let field = &mut self.page.fields[index as usize];
        value.clone_into(&mut field.value);
        field.confidence = 1.0;
        self.touch();
        Ok(())
    }

    /// The block that holds the middle of an outline, or the first one.
    fn block_around(&self, polygon: &Polygon) -> Option<usize> {
        let point = center(polygon);
        let mut blocks = self.blocks.iter();
        let around = blocks.position(|block| holds(block.block.polygon.bounds(), point));
        around.or((!self.blocks.is_empty()).then_some(0))
    }

    /// The middles of the words of a line.
    fn points(&self, at: LineAt) -> Vec<Point> {
        let words = self.line(at).words.iter();
        words.map(|word| center(&word.word.polygon)).collect()
    }
}

/// The outline from one word to another of its line, in whatever order they are read.
fn joined(first: &Polygon, last: &Polygon) -> Polygon {
    let (left, right) = if center(first).x <= center(last).x {
        (first, last)
    } else {
        (last, first)
    };
    let ([a, _, _, d], [_, b, c, _]) = (left.0, right.0);
    Polygon([a, b, c, d])
}

/// Makes an outline hold another one too.
fn grow(outline: &mut Polygon, more: Polygon) {
    let (now, more) = (outline.bounds(), more.bounds());
    let inside =
        more.left >= now.left && more.right <= now.right && more.top >= now.top && more.bottom <= now.bottom;
    // One that is large enough keeps its slant.
    if !inside {
        *outline = now.union(more).into();
    }
}
