//! A store in memory: one file for each of its traits.

mod changes;
mod corrections;
mod filings;
mod outbox;
mod pages;
mod same_pages;
mod saved_searches;
mod shares;
mod tables;
mod tasks;
mod trash;
mod usage;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use self::tables::Tables;
use super::lock;
use crate::{
    Result,
    clock::Clock,
    store::{StoreBase, StoreCapabilities},
};

/// A store in memory; its tasks end with it.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    tables: Mutex<Tables>,
}

impl MemoryStore {
    /// An empty store that reads time from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            tables: Mutex::default(),
        }
    }
}

#[async_trait]
impl StoreBase for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> StoreCapabilities {
        StoreCapabilities::volatile()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}
