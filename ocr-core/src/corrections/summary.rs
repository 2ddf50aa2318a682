//! A corrected page, and what is corrected about it.

use super::{
    draft::Draft,
    log::{PageLog, base},
};
use crate::model::{PageText, Polygon};

/// A page with its corrections, and what they are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CorrectedPage {
    /// The page as it is now.
    pub page: PageText,
    /// Words of it that a person wrote, in reading order.
    pub changed: Vec<ChangedWord>,
    /// What was read and is not on it any more, in reading order.
    pub deleted: Vec<Deletion>,
    /// Whether there is an edit that can be taken back.
    pub can_undo: bool,
    /// Whether there is an edit that was taken back.
    pub can_redo: bool,
    /// How many edits of an earlier text could be looked for on this one.
    pub earlier: usize,
}

/// A word that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedWord {
    /// Its place among the words of the page, from 0 in reading order.
    pub index: u32,
    /// What was read there; empty for a word that was added.
    pub original: String,
}

/// A word or line that a person deleted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Deletion {
    /// The version that the deletion made: with it, it can be restored.
    pub edit: u32,
    /// What it said.
    pub text: String,
    /// Its outline, normalised to the page.
    pub polygon: Polygon,
}

/// The page that was read as `page`, with what counts of its log.
pub fn correct(page: &PageText, log: &PageLog) -> CorrectedPage {
    let base = base(page);
    let edits = log.in_effect(&base);
    let (can_undo, can_redo) = log.can_undo_redo(&base);
    let earlier = log.earlier(&base).len();
    if edits.is_empty() {
        return CorrectedPage {
            page: page.clone(),
            changed: Vec::new(),
            deleted: Vec::new(),
            can_undo,
            can_redo,
            earlier,
        };
    }
    let draft = Draft::replay(page, &edits);
    let changed = (0..).zip(draft.words()).filter(|(_, (_, word))| word.changed);
    let changed = changed.map(|(index, (_, word))| ChangedWord {
        index,
        original: word.from.join(" "),
    });
    CorrectedPage {
        changed: changed.collect(),
        deleted: draft.deletions(),
        page: draft.finish(),
        can_undo,
        can_redo,
        earlier,
    }
}

impl Draft {
    fn deletions(&self) -> Vec<Deletion> {
        let mut deletions = Vec::new();
        for line in self.blocks.iter().flat_map(|block| &block.lines) {
            // A line without words that was emptied by the change of a cell cannot be restored.
            if let Some(edit) = line.deleted.filter(|edit| *edit > 0) {
                deletions.push(Deletion {
                    edit,
                    text: line.text(),
                    polygon: line.line.polygon,
                });
                continue;
            }
            let words = line.words.iter();
            deletions.extend(words.filter_map(|word| {
                Some(Deletion {
                    edit: word.deleted?,
                    text: word.word.text.clone(),
                    polygon: word.word.polygon,
                })
            }));
        }
        deletions
    }
}
