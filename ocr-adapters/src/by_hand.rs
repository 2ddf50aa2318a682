//! Rows that a person wrote into a database.

use ocr_core::Result;

/// What a row says, if we can read it: one that somebody wrote by hand must not make all others
/// unreadable.
pub(crate) fn readable<T>(read: Result<T>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!(?error, "a row is left out because it cannot be read"))
        .ok()
}
