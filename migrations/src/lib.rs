#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "sqlite", feature = "postgres"))]
use std::sync::LazyLock;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

/// The migrations of a database, in order: number, what it does, and the file of its folder.
///
/// Listed by hand, where the macro of sqlx would read the folder: that macro brings every database driver
/// into the build a second time, for the compiler.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
macro_rules! migrations {
    ($folder:literal, $(($version:literal, $description:literal, $file:literal)),+ $(,)?) => {
        LazyLock::new(|| {
            Migrator::with_migrations(vec![$(migration(
                $version,
                $description,
                include_str!(concat!("../", $folder, "/", $file)),
            )),+])
        })
    };
}

/// The schema for SQLite 3.38 or newer.
#[cfg(feature = "sqlite")]
pub static SQLITE: LazyLock<Migrator> = migrations!(
    "sqlite",
    (1, "initial", "0001_initial.sql"),
    (2, "usage and checkpoints", "0002_usage_and_checkpoints.sql"),
    (3, "changes by hand", "0003_changes_by_hand.sql"),
    (4, "change log by time", "0004_change_log_by_time.sql"),
    (5, "trace context", "0005_trace_context.sql"),
    (6, "search", "0006_search.sql"),
    (7, "corrections", "0007_corrections.sql"),
    (8, "accounts", "0008_accounts.sql"),
    (9, "labels", "0009_labels.sql"),
    (10, "same bytes", "0010_same_bytes.sql"),
    (11, "same pages", "0011_same_pages.sql"),
    (12, "failures", "0012_failures.sql"),
    (13, "limits", "0013_limits.sql"),
    (14, "audit chain", "0014_audit_chain.sql"),
    (15, "identities", "0015_identities.sql"),
    (16, "tokens", "0016_tokens.sql"),
    (17, "shares", "0017_shares.sql"),
);

/// The schema for Postgres 13 or newer. Concurrent runs wait for each other on an advisory lock.
#[cfg(feature = "postgres")]
pub static POSTGRES: LazyLock<Migrator> = migrations!(
    "postgres",
    (1, "initial", "0001_initial.sql"),
    (2, "usage and checkpoints", "0002_usage_and_checkpoints.sql"),
    (3, "changes by hand", "0003_changes_by_hand.sql"),
    (4, "change log by time", "0004_change_log_by_time.sql"),
    (5, "trace context", "0005_trace_context.sql"),
    (6, "search", "0006_search.sql"),
    (7, "corrections", "0007_corrections.sql"),
    (8, "accounts", "0008_accounts.sql"),
    (9, "labels", "0009_labels.sql"),
    (10, "same bytes", "0010_same_bytes.sql"),
    (11, "same pages", "0011_same_pages.sql"),
    (12, "failures", "0012_failures.sql"),
    (13, "limits", "0013_limits.sql"),
    (14, "audit chain", "0014_audit_chain.sql"),
    (15, "identities", "0015_identities.sql"),
    (16, "tokens", "0016_tokens.sql"),
    (17, "shares", "0017_shares.sql"),
);

#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn migration(version: i64, description: &'static str, sql: &'static str) -> Migration {
    Migration::new(
        version,
        description.into(),
        MigrationType::Simple,
        sql.into_sql_str(),
        false,
    )
}

#[cfg(all(test, any(feature = "sqlite", feature = "postgres")))]
mod tests {
    use super::*;

    /// Every file of the folder is a migration, under the number and the words of its name.
    fn is_whole(migrator: &Migrator, folder: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = std::fs::read_dir(path).unwrap();
        let mut found: Vec<(String, String)> = files
            .map(|file| {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                (name, std::fs::read_to_string(file.path()).unwrap())
            })
            .collect();
        found.sort();
        let listed: Vec<(String, String)> = migrator
            .iter()
            .map(|migration| {
                let words = migration.description.replace(' ', "_");
                let name = format!("{:04}_{words}.sql", migration.version);
                (name, migration.sql.as_str().to_owned())
            })
            .collect();
        assert_eq!(listed, found);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn the_list_of_sqlite_is_whole() {
        is_whole(&SQLITE, "sqlite");
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn the_list_of_postgres_is_whole() {
        is_whole(&POSTGRES, "postgres");
    }
}
