#![doc = include_str!("../README.md")]

use sqlx::migrate::Migrator;

/// The schema for SQLite 3.38 or newer.
#[cfg(feature = "sqlite")]
pub static SQLITE: Migrator = sqlx::migrate!("./sqlite");

/// The schema for Postgres 13 or newer. Runs wait for each other on an advisory lock.
#[cfg(feature = "postgres")]
pub static POSTGRES: Migrator = sqlx::migrate!("./postgres");
