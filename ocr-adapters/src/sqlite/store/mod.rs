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
    clock::Clock,
    id::IdGenerator,
    store::{Scope, StoreBase, StoreCapabilities},
};

use super::{SqliteDatabase, rows::text_time};

/// A store in the tables of a [`SqliteDatabase`].
#[derive(Debug)]
pub struct SqliteStore {
    database: SqliteDatabase,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl SqliteStore {
    /// The store of `database`.
    pub fn new(database: SqliteDatabase, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { database, clock, ids }
    }

    fn now(&self) -> String {
        text_time(self.clock.now())
    }
}

/// The owner to bind where a query says `?n IS NULL OR user_id = ?n`.
fn owner_of(scope: Scope) -> Option<String> {
    scope.owner_id().map(|owner| owner.to_string())
}

#[async_trait]
impl StoreBase for SqliteStore {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::durable().with_audit(true)
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }
}
