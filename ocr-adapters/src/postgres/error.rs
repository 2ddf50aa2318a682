//! From Postgres' errors to ours.

use std::time::Duration;

use ocr_core::{Error, ErrorKind};
use sqlx::migrate::MigrateError;

/// The port error for a failed statement of `operation`.
pub(super) fn pg_error(operation: &'static str, error: sqlx::Error) -> Error {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    let (kind, message) = match (code.as_deref(), &error) {
        (Some("23503"), _) => (ErrorKind::NotFound, "the user or task does not exist"),
        (Some("23505"), _) => (
            ErrorKind::AlreadyExists,
            "an object with this identity exists already",
        ),
        (Some("57014"), _) => (ErrorKind::Timeout, "the database did not answer in time"),
        (Some("53100"), _) => (ErrorKind::StorageFull, "the disk of the database is full"),
        (Some("22021" | "22P05"), _) => (
            ErrorKind::InvalidInput,
            "a text has a character that the database cannot store",
        ),
        (Some("22001"), _) => (ErrorKind::InvalidInput, "a text is too long for the database"),
        (Some("28P01" | "28000"), _) => (
            ErrorKind::Config,
            "the database refuses the user or password; check them",
        ),
        (Some("42501"), _) => (
            ErrorKind::Config,
            "the user of the database lacks a right; grant it",
        ),
        (Some("3D000"), _) => (ErrorKind::Config, "the database does not exist; create it"),
        (Some("42P01" | "42703" | "42883"), _) => (
            ErrorKind::Config,
            "the schema of the database is not up to date; run migrate",
        ),
        (_, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => {
            (ErrorKind::Corrupt, "a row of the database cannot be read")
        }
        (_, sqlx::Error::Configuration(_)) => (ErrorKind::Config, "the database cannot be opened"),
        (_, sqlx::Error::PoolTimedOut) => (
            ErrorKind::Unavailable,
            "the database cannot be reached, or all connections to it are in use",
        ),
        _ => (ErrorKind::Unavailable, "the database is not available"),
    };
    Error::new(kind, message)
        .with_source(error)
        .at("postgres", operation)
}

/// The port error for a migration that failed: a lost connection may come back, the rest will not pass.
pub(super) fn migrate_error(error: MigrateError) -> Error {
    let lost = match &error {
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => {
            matches!(
                inner,
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)
            ) || inner.as_database_error().is_some_and(|inner| {
                // The server shuts down or starts up.
                inner.code().is_some_and(|code| code.starts_with("57P"))
            })
        }
        _ => false,
    };
    let (kind, message) = match (&error, lost) {
        (_, true) => (ErrorKind::Unavailable, "the database is not available"),
        (MigrateError::VersionMissing(_), _) => (
            ErrorKind::Config,
            "the schema of the database is newer than this program; use a newer program",
        ),
        _ => (
            ErrorKind::Config,
            "the database schema could not be brought up to date",
        ),
    };
    Error::new(kind, message)
        .with_source(error)
        .at("postgres", "migrate")
}

/// The port error for a call that was given up after `limit`.
pub(super) fn timed_out(operation: &'static str, limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, "the database did not answer in time")
        .with_context("limit_ms", limit.as_millis())
        .at("postgres", operation)
}
