//! Our store and our index in one SQLite file.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use async_trait::async_trait;
use ocr_adapters::sqlite::{SqliteDatabase, SqliteSearchIndex, SqliteStore};
use ocr_core::{clock::SystemClock, id::RandomIds};

use super::{Ours, Upkeep};
use crate::sqlite_file::SqliteFile;

impl Ours {
    /// A new file at `path`.
    pub(crate) async fn on_sqlite(path: &Path) -> Result<Self> {
        let database = SqliteDatabase::open(path).await?;
        let index = SqliteSearchIndex::new(database.clone());
        let store = SqliteStore::new(database, Arc::new(SystemClock), Arc::new(RandomIds));
        Self::open("ours on SQLite", store, index, SqliteFile::open(path).await?).await
    }
}

#[async_trait]
impl Upkeep for SqliteFile {
    async fn settle(&self) -> Result<()> {
        self.checkpoint().await
    }

    async fn bytes(&self) -> Result<u64> {
        // The tables of the index begin so, and those behind its table of texts.
        self.bytes_of("search").await
    }
}
