//! Corrections of an earlier text, looked for on the one that was read since.

use std::collections::HashMap;

use super::{
    draft::{Draft, shared},
    log::{Action, Edit, Entry, PageLog, Target, base},
    operation::Operation,
};
use crate::{
    Result,
    clock::Timestamp,
    id::UserId,
    model::{PageText, Polygon},
};

/// Share of the smaller outline from which two words stand at the same place.
const SAME_PLACE: f32 = 0.3;
/// Share from which something is read where a word was added.
const COVERED: f32 = 0.5;

/// What became of an edit on another text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// What it is about is there, and was changed again.
    Carried,
    /// The text says already what the edit made of the earlier one.
    AlreadyRead,
    /// What it is about is not there any more.
    NotFound,
}

impl Fate {
    /// Stable name: `carried`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::AlreadyRead => "already-read",
            Self::NotFound => "not-found",
        }
    }
}

/// An edit of an earlier text.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CarriedEdit {
    /// The version that it made then.
    pub version: u32,
    /// The change, with places on the earlier text.
    pub edit: Edit,
    /// What became of it.
    pub fate: Fate,
}

/// Looks for the edits of the text before on the page that was read as `page`: the entries to be added to its log, and
/// what became of each edit. The first entry notes that this was done, so that it is offered once.
///
/// # Errors
/// `InvalidInput` when the log has no room for them.
pub fn carry_over(
    page: &PageText,
    log: &PageLog,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<(Vec<Entry>, Vec<CarriedEdit>)> {
    let base = base(page);
    let earlier = log.earlier(&base);
    log.check_room(earlier.len() + 1)?;
    let mut draft = Draft::replay(page, &log.in_effect(&base));
    let mut version = log.version() + 1;
    let mut entries = vec![Entry::new(version, at, by, base.clone(), Action::CarryOver)];
    let mut carried = Vec::with_capacity(earlier.len());
    let mut renumbered = HashMap::new();
    for (then, edit) in earlier {
        let found = draft.translated(edit, &renumbered);
        let fate = match found {
            Ok(operation) => match draft.carry(operation, version + 1) {
                Ok(edit) => {
                    version += 1;
                    renumbered.insert(then, version);
                    entries.push(Entry::new(version, at, by, base.clone(), Action::Edit(edit)));
                    Fate::Carried
                }
                Err(_) => Fate::NotFound,
            },
            Err(fate) => fate,
        };
        carried.push(CarriedEdit {
            version: then,
            edit: edit.clone(),
            fate,
        });
    }
    log.check_bytes(&entries)?;
    Ok((entries, carried))
}

/// `Err` with the fate of an edit that is not made again.
type Translated = Result<Operation, Fate>;

impl Draft {
    fn carry(&mut self, operation: Operation, version: u32) -> Result<Edit> {
        let target = self.target(&operation)?;
        self.apply(&operation, version)?;
        Ok(Edit::new(operation, target))
    }

    /// The change that an edit of an earlier text is on this one.
    fn translated(&self, edit: &Edit, renumbered: &HashMap<u32, u32>) -> Translated {
        let target = edit.target.as_slice();
        match (&edit.operation, target) {
            (Operation::SetText { text, .. }, [one]) => {
                let word = self.found(one, &[text.as_str()])?;
                Ok(Operation::SetText {
                    word,
                    text: text.clone(),
                })
            }
            (Operation::SplitWord { parts, .. }, [one]) => {
                let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
                let word = self.found(one, &texts)?;
                Ok(Operation::SplitWord {
                    word,
                    parts: parts.clone(),
                })
            }
            (Operation::JoinWords { count, text, .. }, [first, ..]) => {
                self.join_again(first, target, *count, text.as_deref())
            }
            (Operation::DeleteWord { .. }, [one]) => match self.word_like(one) {
                Some(word) => Ok(Operation::DeleteWord { word }),
                None if self.is_empty_at(&one.polygon) => Err(Fate::AlreadyRead),
                None => Err(Fate::NotFound),
            },
            (Operation::AddWord { text, polygon }, _) => self.add_again(text, *polygon),
            (Operation::MoveLine { .. }, [moved, rest @ ..]) => self.move_again(moved, rest.first()),
            (Operation::DeleteLine { .. }, [one]) => match self.line_like(one) {
                Some(line) => Ok(Operation::DeleteLine { line }),
                None if self.is_empty_at(&one.polygon) => Err(Fate::AlreadyRead),
                None => Err(Fate::NotFound),
            },
            // What was not deleted again need not be restored.
            (Operation::Restore { edit }, _) => renumbered
                .get(edit)
                .map(|edit| Operation::Restore { edit: *edit })
                .ok_or(Fate::AlreadyRead),
            (Operation::SetCell { text, .. }, [one]) => self.cell_again(one, text),
            (Operation::SetField { value, .. }, [key, old]) => self.field_again(key, old, value),
            _ => Err(Fate::NotFound),
        }
    }

    /// The word that an edit was about; where there is none, whether what it wrote is read there.
    fn found(&self, target: &Target, written: &[&str]) -> Result<u32, Fate> {
        if let Some(word) = self.word_like(target) {
            return Ok(word);
        }
        let is_read = |text: &&str| self.reads(text, &target.polygon);
        Err(if written.iter().all(is_read) {
            Fate::AlreadyRead
        } else {
            Fate::NotFound
        })
    }

    fn join_again(&self, first: &Target, all: &[Target], count: u32, text: Option<&str>) -> Translated {
        let joined: String = all.iter().map(|target| target.text.as_str()).collect();
        let written = text.unwrap_or(&joined);
        let word = self.found(first, &[written])?;
        let words = self.words().skip(word as usize);
        let same = words
            .zip(all)
            .filter(|((_, word), target)| word.word.text == target.text);
        if same.count() == all.len() && all.len() == count as usize {
            Ok(Operation::JoinWords {
                word,
                count,
                text: text.map(str::to_owned),
            })
        } else {
            Err(Fate::NotFound)
        }
    }

    fn add_again(&self, text: &str, polygon: Polygon) -> Translated {
        if self.reads(text, &polygon) {
            return Err(Fate::AlreadyRead);
        }
        let mut words = self.words();
        if words.any(|(_, word)| shared(&word.word.polygon, &polygon) >= COVERED) {
            return Err(Fate::NotFound);
        }
        Ok(Operation::AddWord {
            text: text.to_owned(),
            polygon,
        })
    }

    fn move_again(&self, moved: &Target, next: Option<&Target>) -> Translated {
        let line = self.line_like(moved).ok_or(Fate::NotFound)?;
        let before = match next {
            Some(next) => self.line_like(next).ok_or(Fate::NotFound)?,
            None => self.lines().count() as u32,
        };
        // The first line of a block can be read after the last one of another, and still not be a part of that.
        let block = |index: u32| self.line_at(index).ok().map(|at| at.block);
        let together = next.is_none() || block(line) == block(before);
        if line + 1 == before && together {
            return Err(Fate::AlreadyRead);
        }
        Ok(Operation::MoveLine { line, before })
    }

    fn cell_again(&self, target: &Target, text: &str) -> Translated {
        let live = self.blocks.iter().filter(|block| block.is_live());
        for (block, draft) in (0..).zip(live) {
            let cells = draft.block.table.iter().flat_map(|table| &table.cells);
            for cell in cells.filter(|cell| shared(&cell.polygon, &target.polygon) >= COVERED) {
                if cell.text == target.text {
                    return Ok(Operation::SetCell {
                        block,
                        row: cell.row,
                        column: cell.column,
                        text: text.to_owned(),
                    });
                }
                if cell.text == text {
                    return Err(Fate::AlreadyRead);
                }
            }
        }
        Err(Fate::NotFound)
    }

    fn field_again(&self, key: &Target, old: &Target, value: &str) -> Translated {
        let fields = (0..).zip(&self.page.fields);
        let alike = fields.filter(|(_, field)| field.key == key.text);
        let mut fate = Fate::NotFound;
        for (index, field) in alike {
            if field.value == old.text {
                return Ok(Operation::SetField {
                    field: index,
                    value: value.to_owned(),
                });
            }
            if field.value == value {
                fate = Fate::AlreadyRead;
            }
        }
        Err(fate)
    }

    /// The word that says the same at the same place; of several, the one that stands there best.
    fn word_like(&self, target: &Target) -> Option<u32> {
        let words = (0..).zip(self.words());
        let alike = words.filter(|(_, (_, word))| word.word.text == target.text);
        best(
            alike.map(|(index, (_, word))| (index, word.word.polygon)),
            &target.polygon,
        )
    }

    /// The line that says the same at the same place.
    fn line_like(&self, target: &Target) -> Option<u32> {
        let lines = (0..).zip(self.lines());
        let alike = lines.filter(|(_, (_, line))| line.text() == target.text);
        best(
            alike.map(|(index, (_, line))| (index, line.line.polygon)),
            &target.polygon,
        )
    }

    /// Whether a word at this place says `text`.
    fn reads(&self, text: &str, polygon: &Polygon) -> bool {
        let mut words = self.words();
        words.any(|(_, word)| word.word.text == text && shared(&word.word.polygon, polygon) >= SAME_PLACE)
    }

    /// Whether nothing is read at this place.
    fn is_empty_at(&self, polygon: &Polygon) -> bool {
        let mut words = self.words();
        !words.any(|(_, word)| shared(&word.word.polygon, polygon) >= SAME_PLACE)
    }
}

/// The candidate that shares most with `polygon` for its size; of several, the one that is nearest.
fn best(candidates: impl Iterator<Item = (u32, Polygon)>, polygon: &Polygon) -> Option<u32> {
    let distance = |other: &Polygon| -> f32 {
        let corners = other.0.iter().zip(&polygon.0);
        corners.map(|(one, other)| one.distance(*other)).sum()
    };
    candidates
        .filter(|(_, other)| shared(other, polygon) >= SAME_PLACE)
        .min_by(|(_, one), (_, other)| distance(one).total_cmp(&distance(other)))
        .map(|(index, _)| index)
}
