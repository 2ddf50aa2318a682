//! How documents are filed, as rows of the table `filings`: one for each label, for the collection and for the note.

use ocr_core::{
    Result,
    filing_store::FiledTask,
    id::TaskId,
    model::{Filing, FilingKind, FilingName},
    store::TaskFilter,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use crate::by_hand::readable;

/// The kind of a row that holds a note.
const NOTE: &str = "note";

/// A row.
#[derive(Debug)]
pub(crate) struct FilingRow {
    pub(crate) task: TaskId,
    pub(crate) kind: String,
    pub(crate) text: String,
}

/// Puts rows together that are in the order of task, kind and key. A row that was written by hand and is no name is left
/// out.
pub(crate) fn gathered(rows: impl IntoIterator<Item = Result<FilingRow>>) -> Vec<FiledTask> {
    let mut filed: Vec<FiledTask> = Vec::new();
    for FilingRow { task, kind, text } in rows.into_iter().filter_map(readable) {
        if filed.last().is_none_or(|last| last.task != task) {
            filed.push(FiledTask::new(task, Filing::default()));
        }
        let Some(FiledTask { filing, .. }) = filed.last_mut() else {
            continue;
        };
        if kind == NOTE {
            filing.note = text;
        } else if kind == FilingKind::Label.as_str() {
            filing.labels.extend(readable(FilingName::new(&text)));
        } else if kind == FilingKind::Collection.as_str() {
            filing.collection = readable(FilingName::new(&text));
        }
    }
    filed
}

/// The rows of a filing: kind, key and text of each.
pub(crate) fn rows_of(filing: &Filing) -> Vec<(&'static str, &str, &str)> {
    let labels = filing.labels.iter();
    let labels = labels.map(|name| named(FilingKind::Label, name));
    let collection = filing.collection.iter();
    let collection = collection.map(|name| named(FilingKind::Collection, name));
    let note = Some((NOTE, "", filing.note.as_str())).filter(|(.., note)| !note.is_empty());
    labels.chain(collection).chain(note).collect()
}

fn named(kind: FilingKind, name: &FilingName) -> (&'static str, &str, &str) {
    (kind.as_str(), name.key(), name.as_str())
}

/// Limits a list of tasks (`t`) to those with the label and in the collection that `filter` names.
pub(crate) fn restrict_to_filed<D: Database>(query: &mut QueryBuilder<D>, filter: &TaskFilter)
where
    String: for<'q> Encode<'q, D> + Type<D>,
{
    for (kind, name) in [
        (FilingKind::Label, &filter.label),
        (FilingKind::Collection, &filter.collection),
    ] {
        if let Some(name) = name {
            query
                .push(" AND EXISTS (SELECT 1 FROM filings x WHERE x.task_id = t.id AND x.kind = ")
                .push_bind(kind.as_str().to_owned());
            query
                .push(" AND x.key = ")
                .push_bind(name.key().to_owned())
                .push(")");
        }
    }
}
