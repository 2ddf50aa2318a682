#![doc = include_str!("../README.md")]

use sqlx::migrate::Migrator;

/// The schema for SQLite 3.38 or newer.
#[cfg(feature = "sqlite")]
pub static SQLITE: Migrator = sqlx::migrate!("./sqlite");
