//! Rows that a person wrote into a database.

use ocr_core::Result;

/// The value of a row, or `None` with a line in the log: a row that was edited by hand and cannot be parsed
/// must not fail the whole query.
pub(crate) fn readable<T>(read: Result<T>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(?error, "a row is left out because it cannot be read"))
        .ok()
}
