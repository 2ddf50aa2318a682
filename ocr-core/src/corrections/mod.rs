//! Corrections: what people changed about a page, as a layer over what an engine read.
//!
//! What was read stays as it is. A page has a [`PageLog`], to which edits, undoing and redoing are added and from which
//! nothing is taken; the corrected page is what [`correct`] makes of both. An edit names words, lines and cells by their
//! place on the page as it was when the edit was made, so a log means something only on the text that it was made on:
//! each entry says which one by its [`base`]. Where a document is read again and says something else, the edits do not
//! apply any more, and [`carry_over`] finds those whose words are still there.

mod apply;
mod carry_over;
mod draft;
mod log;
mod operation;
mod regions;
mod summary;
#[cfg(test)]
mod tests;

pub use carry_over::{CarriedEdit, Fate, carry_over};
pub use log::{Action, Edit, Entry, MAX_ENTRIES, MAX_LOG_BYTES, PageLog, Target, base, record, redo, undo};
pub use operation::{MAX_PARTS, MAX_VALUE_CHARS, MAX_WORD_CHARS, Operation};
pub use summary::{ChangedWord, CorrectedPage, Deletion, correct};
