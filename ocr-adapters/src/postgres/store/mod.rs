//! The store: one file or folder for each of its traits, one transaction a method.

mod changes;
mod corrections;
mod filings;
mod outbox;
mod pages;
mod same_pages;
mod saved_searches;
mod shares;
mod tasks;
mod trash;
mod usage;

use std::sync::Arc;

use async_trait::async_trait;
use ocr_core::{
    Result,
    id::IdGenerator,
    store::{StoreBase, StoreCapabilities},
};

use super::PgDatabase;

/// A store in the tables of a [`PgDatabase`].
#[derive(Debug)]
pub struct PgStore {
    database: PgDatabase,
    ids: Arc<dyn IdGenerator>,
    folding: tasks::Folding,
}

impl PgStore {
    /// The store of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase, ids: Arc<dyn IdGenerator>) -> Self {
        Self {
            database,
            ids,
            folding: tasks::Folding::default(),
        }
    }
}

#[async_trait]
impl StoreBase for PgStore {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::durable().with_audit(true)
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }
}
