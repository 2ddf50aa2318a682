//! What can be changed about a page.

use serde::{Deserialize, Serialize};

use crate::{
    Error, ErrorKind, Result,
    model::{Point, Polygon},
};

/// Maximum number of characters of a word.
pub const MAX_WORD_CHARS: usize = 500;
/// Maximum number of characters of a cell or of the value of a field.
pub const MAX_VALUE_CHARS: usize = 10_000;
/// Maximum number of words that one word is split into, or that are joined to one.
pub const MAX_PARTS: usize = 20;
/// Minimum width and height of a word that is drawn, as a share of the page.
const MIN_SIDE: f32 = 0.0005;

/// A change of a page. Words, lines, blocks and fields are named by their place on the page as it is before the change,
/// from 0 in reading order; words and lines are counted through all blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Operation {
    /// A word says something else; or it is confirmed, where that is what was read.
    SetText {
        /// The word.
        word: u32,
        /// What it says: no white space, 1..=[`MAX_WORD_CHARS`] characters.
        text: String,
    },
    /// A word is several, side by side within its outline.
    SplitWord {
        /// The word.
        word: u32,
        /// What they say, 2..=[`MAX_PARTS`].
        parts: Vec<String>,
    },
    /// Several words of a line are one.
    JoinWords {
        /// The first word.
        word: u32,
        /// How many, 2..=[`MAX_PARTS`].
        count: u32,
        /// What it says; the words without spaces between them when absent.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        text: Option<String>,
    },
    /// There is no such word.
    DeleteWord {
        /// The word.
        word: u32,
    },
    /// There is a word where none was read.
    AddWord {
        /// What it says.
        text: String,
        /// Its outline, normalised to the page.
        polygon: Polygon,
    },
    /// A line is read elsewhere.
    MoveLine {
        /// The line.
        line: u32,
        /// The line before which it is read; the number of lines for the end of the page.
        before: u32,
    },
    /// There is no such line.
    DeleteLine {
        /// The line.
        line: u32,
    },
    /// What was deleted is there after all.
    Restore {
        /// The version that the deletion made.
        edit: u32,
    },
    /// A cell of a table says something else.
    SetCell {
        /// The block of the table.
        block: u32,
        /// One-based row of the top of the cell.
        row: u32,
        /// One-based column of its left side.
        column: u32,
        /// What it says, on one line; empty for an empty cell.
        text: String,
    },
    /// The value of a field says something else.
    SetField {
        /// The field.
        field: u32,
        /// What was filled in, on one line; empty when nothing was.
        value: String,
    },
}

impl Operation {
    /// Checks all that can be checked without the page.
    ///
    /// # Errors
    /// `InvalidInput` with what is wrong.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::SetText { text, .. } => check_word(text),
            Self::SplitWord { parts, .. } => {
                check_count(parts.len())?;
                parts.iter().try_for_each(|part| check_word(part))
            }
            Self::JoinWords { count, text, .. } => {
                check_count(*count as usize)?;
                text.as_deref().map_or(Ok(()), check_word)
            }
            Self::AddWord { text, polygon } => {
                check_word(text)?;
                check_outline(polygon)
            }
            Self::SetCell { text, .. } => check_value(text),
            Self::SetField { value, .. } => check_value(value),
            Self::DeleteWord { .. }
            | Self::MoveLine { .. }
            | Self::DeleteLine { .. }
            | Self::Restore { .. } => Ok(()),
        }
    }

    /// Bytes of all texts that it brings.
    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::SetText { text, .. } | Self::AddWord { text, .. } | Self::SetCell { text, .. } => {
                text.len()
            }
            Self::SetField { value, .. } => value.len(),
            Self::SplitWord { parts, .. } => parts.iter().map(String::len).sum(),
            Self::JoinWords { text, .. } => text.as_ref().map_or(0, String::len),
            Self::DeleteWord { .. }
            | Self::DeleteLine { .. }
            | Self::MoveLine { .. }
            | Self::Restore { .. } => 0,
        }
    }

    /// What it says in place of what was read; `None` where no text is written.
    pub fn written(&self) -> Option<String> {
        match self {
            Self::SetText { text, .. } | Self::AddWord { text, .. } | Self::SetCell { text, .. } => {
                Some(text.clone())
            }
            Self::SetField { value, .. } => Some(value.clone()),
            Self::SplitWord { parts, .. } => Some(parts.join(" ")),
            Self::JoinWords { text, .. } => text.clone(),
            Self::DeleteWord { .. } | Self::DeleteLine { .. } => Some(String::new()),
            Self::MoveLine { .. } | Self::Restore { .. } => None,
        }
    }
}

fn check_count(count: usize) -> Result<()> {
    if (2..=MAX_PARTS).contains(&count) {
        Ok(())
    } else {
        Err(invalid(format!("a word has 2 to {MAX_PARTS} parts")))
    }
}

fn check_word(text: &str) -> Result<()> {
    let length = text.chars().count();
    if length == 0 || length > MAX_WORD_CHARS {
        return Err(invalid(format!("a word has 1 to {MAX_WORD_CHARS} characters")));
    }
    if text.contains(char::is_whitespace) {
        return Err(invalid("a word has no spaces; split it into several"));
    }
    check_characters(text)
}

fn check_value(text: &str) -> Result<()> {
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err(invalid(format!(
            "a cell or value has at most {MAX_VALUE_CHARS} characters"
        )));
    }
    check_characters(text)
}

fn check_characters(text: &str) -> Result<()> {
    if text.contains(char::is_control) {
        return Err(invalid("the text has a control character, such as a line break"));
    }
    Ok(())
}

fn check_outline(polygon: &Polygon) -> Result<()> {
    let inside = |point: &Point| (0.0..=1.0).contains(&point.x) && (0.0..=1.0).contains(&point.y);
    let bounds = polygon.bounds();
    if !polygon.0.iter().all(inside) || bounds.width() < MIN_SIDE || bounds.height() < MIN_SIDE {
        return Err(invalid(
            "the outline of a word is four points within 0..=1 that enclose something",
        ));
    }
    Ok(())
}

/// The error for a change that cannot be made.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_written_by_their_names() {
        for (json, operation) in [
            (
                r#"{"op":"set-text","word":3,"text":"a"}"#,
                Operation::SetText {
                    word: 3,
                    text: "a".into(),
                },
            ),
            (
                r#"{"op":"join-words","word":3,"count":2}"#,
                Operation::JoinWords {
                    word: 3,
                    count: 2,
                    text: None,
                },
            ),
            (
                r#"{"op":"move-line","line":1,"before":0}"#,
                Operation::MoveLine { line: 1, before: 0 },
            ),
        ] {
            assert_eq!(serde_json::from_str::<Operation>(json).unwrap(), operation);
            assert_eq!(serde_json::to_string(&operation).unwrap(), json);
        }
    }

    #[test]
    fn what_no_page_can_hold_is_refused() {
        let word = |text: &str| Operation::SetText {
            word: 0,
            text: text.into(),
        };
        let add = |left: f32, right: f32| Operation::AddWord {
            text: "a".into(),
            polygon: Polygon::from_box(left, 0.1, right, 0.2),
        };
        let parts = |count: usize| Operation::SplitWord {
            word: 0,
            parts: vec!["a".into(); count],
        };
        let long = "x".repeat(MAX_WORD_CHARS + 1);
        for refused in [
            word(""),
            word("a b"),
            word("a\u{3000}b"),
            word("a\u{0}"),
            word(&long),
            add(0.1, 0.1),
            add(0.1, 1.5),
            add(f32::NAN, 0.5),
            parts(1),
            parts(MAX_PARTS + 1),
            Operation::SetField {
                field: 0,
                value: "a\nb".into(),
            },
        ] {
            assert_eq!(
                refused.check().unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{refused:?}"
            );
        }
        for taken in [word("Straße"), word("東京"), add(0.1, 0.2), parts(2)] {
            taken.check().unwrap();
        }
    }
}
