//! The filters that lists of tasks have in common.

use ocr_core::{
    model::{FilingName, TaskStatus},
    store::TaskFilter,
};

use crate::http::error::ApiError;

/// What the parameters of a list ask for. An empty text asks for nothing.
#[derive(Debug)]
pub(super) struct ListFilters {
    /// Statuses, separated by commas.
    pub(super) status: Option<String>,
    /// The trash instead of the live tasks.
    pub(super) deleted: bool,
    /// A part of the name of the file.
    pub(super) q: Option<String>,
    /// A label.
    pub(super) label: Option<String>,
    /// A collection.
    pub(super) collection: Option<String>,
}

impl ListFilters {
    /// # Errors
    /// `InvalidInput` for a status that is none, or a name that no label can have.
    pub(super) fn into_model(self) -> Result<TaskFilter, ApiError> {
        let statuses = self.status.unwrap_or_default();
        let statuses = statuses.split(',').filter(|text| !text.is_empty());
        let statuses = statuses.map(str::parse::<TaskStatus>);
        Ok(TaskFilter::default()
            .with_statuses(statuses.collect::<Result<Vec<_>, _>>()?)
            .with_deleted(self.deleted)
            .with_name_contains(asked(self.q))
            .with_label(name(self.label)?)
            .with_collection(name(self.collection)?))
    }
}

fn asked(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn name(text: Option<String>) -> Result<Option<FilingName>, ApiError> {
    Ok(asked(text).as_deref().map(FilingName::new).transpose()?)
}
