//! From SQLite's errors to ours.

use ocr_core::{Error, ErrorKind};

/// `SQLITE_FULL`: the disk is full.
const FULL: &str = "13";

/// The port error for a failed statement of `operation`.
pub(super) fn sqlite_error(operation: &'static str, error: sqlx::Error) -> Error {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    let (kind, message) = match &error {
        _ if code.as_deref() == Some(FULL) => (ErrorKind::StorageFull, "the disk of the database is full"),
        sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => {
            (ErrorKind::NotFound, "the user or task does not exist")
        }
        sqlx::Error::Database(inner) if inner.is_unique_violation() => (
            ErrorKind::AlreadyExists,
            "an object with this identity exists already",
        ),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            (ErrorKind::Corrupt, "a row of the database cannot be read")
        }
        sqlx::Error::Configuration(_) => (ErrorKind::Config, "the database cannot be opened"),
        _ => (ErrorKind::Unavailable, "the database is not available"),
    };
    Error::new(kind, message)
        .with_source(error)
        .at("sqlite", operation)
}
