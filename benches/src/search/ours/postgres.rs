//! Our store and our index in one Postgres database.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use ocr_adapters::postgres::{PgConfig, PgDatabase, PgSearchIndex, PgStore};
use ocr_core::id::RandomIds;
use sqlx::PgPool;

use super::{Ours, Upkeep};

/// Tables of the index.
const TABLES: [&str; 4] = [
    "search_documents",
    "search_pages",
    "search_position",
    "search_vocabulary",
];

impl Ours {
    /// The empty database at `url`.
    pub(crate) async fn on_postgres(url: &str) -> Result<Self> {
        let database = PgDatabase::new(PgConfig::from_url(url))?;
        database.migrate().await?;
        let index = PgSearchIndex::new(database.clone());
        let store = PgStore::new(database, Arc::new(RandomIds));
        let outside = Outside(PgPool::connect(url).await?);
        Self::open("ours on Postgres", store, index, outside).await
    }
}

/// The database without the limits that our connections have.
struct Outside(PgPool);

#[async_trait]
impl Upkeep for Outside {
    async fn settle(&self) -> Result<()> {
        sqlx::query("VACUUM (ANALYZE)").execute(&self.0).await?;
        Ok(())
    }

    async fn bytes(&self) -> Result<u64> {
        let tables = TABLES.map(str::to_owned).to_vec();
        let bytes: i64 = sqlx::query_scalar(
            "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class \
             WHERE relkind = 'r' AND relname::text = ANY($1)",
        )
        .bind(tables)
        .fetch_one(&self.0)
        .await?;
        Ok(bytes.unsigned_abs())
    }
}
