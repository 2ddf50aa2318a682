//! A corrected page, as it is answered.

use chrono::{DateTime, Utc};
use ocr_core::{
    corrections::{Action, CarriedEdit, ChangedWord, Deletion, Entry, Operation},
    model::{PageText, Polygon},
    service::PageCorrections,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Entries of the log in one answer, the newest.
const MAX_ENTRIES: usize = 100;

/// A page with its corrections.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CorrectionsView {
    /// How often something was done to the page: the next change names it.
    version: u32,
    /// The page as in the result document, with its corrections.
    #[schema(value_type = Object)]
    page: PageText,
    /// Words of it that a person wrote, in reading order.
    changed: Vec<ChangedWordView>,
    /// What was read and is not on it any more, in reading order.
    deleted: Vec<DeletionView>,
    /// Whether there is something to undo.
    can_undo: bool,
    /// Whether there is something to redo.
    can_redo: bool,
    /// Corrections of an earlier text of the page, which was read again since, that were not looked for on this one.
    earlier: usize,
    /// What was done to the page, the newest first, at most 100 entries.
    log: Vec<EntryView>,
}

/// A word that a person wrote.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedWordView {
    /// Its place among the words of the page, from 0 in reading order.
    index: u32,
    /// What was read there; empty for a word that was added.
    original: String,
}

/// A word or line that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletionView {
    /// With it, it can be restored.
    edit: u32,
    text: String,
    #[schema(value_type = Vec<Vec<f32>>)]
    polygon: Polygon,
}

/// Something that a person did to a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// The version that it made.
    version: u32,
    at: DateTime<Utc>,
    /// Who; null for the platform itself.
    by: Option<Uuid>,
    /// edit, undo, redo or carry-over.
    action: &'static str,
    /// The change, of an edit.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Operation>,
}

/// What became of the corrections of an earlier text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CarriedOver {
    corrections: CorrectionsView,
    /// Each of them, the oldest first.
    carried: Vec<CarriedView>,
}

/// A correction of an earlier text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CarriedView {
    /// The version that it made then.
    version: u32,
    /// carried (made again), already-read (the new text says it), or not-found (its words are not there any more).
    fate: &'static str,
    /// What it was about.
    original: String,
    /// What it wrote; null where no text was written.
    text: Option<String>,
}

impl From<PageCorrections> for CorrectionsView {
    fn from(found: PageCorrections) -> Self {
        let version = found.version();
        let corrected = found.corrected;
        let newest = found.log.entries.into_iter().rev().take(MAX_ENTRIES);
        Self {
            version,
            page: corrected.page,
            changed: corrected.changed.into_iter().map(ChangedWordView::from).collect(),
            deleted: corrected.deleted.into_iter().map(DeletionView::from).collect(),
            can_undo: corrected.can_undo,
            can_redo: corrected.can_redo,
            earlier: corrected.earlier,
            log: newest.map(EntryView::from).collect(),
        }
    }
}

impl From<ChangedWord> for ChangedWordView {
    fn from(word: ChangedWord) -> Self {
        Self {
            index: word.index,
            original: word.original,
        }
    }
}

impl From<Deletion> for DeletionView {
    fn from(deletion: Deletion) -> Self {
        Self {
            edit: deletion.edit,
            text: deletion.text,
            polygon: deletion.polygon,
        }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let (action, operation) = match entry.action {
            Action::Edit(edit) => ("edit", Some(edit.operation)),
            Action::Undo => ("undo", None),
            Action::Redo => ("redo", None),
            _ => ("carry-over", None),
        };
        Self {
            version: entry.version,
            at: entry.at,
            by: entry.by.map(|user| user.0),
            action,
            operation,
        }
    }
}

impl CarriedOver {
    pub(crate) fn new(corrections: PageCorrections, carried: Vec<CarriedEdit>) -> Self {
        Self {
            corrections: corrections.into(),
            carried: carried.into_iter().map(CarriedView::from).collect(),
        }
    }
}

impl From<CarriedEdit> for CarriedView {
    fn from(carried: CarriedEdit) -> Self {
        let about = carried.edit.target.iter().map(|target| target.text.as_str());
        Self {
            version: carried.version,
            fate: carried.fate.as_str(),
            original: about.collect::<Vec<_>>().join(" "),
            text: carried.edit.operation.written(),
        }
    }
}
