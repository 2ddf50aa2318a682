//! The account store: one file for each of its traits, one transaction a method.

mod accounts;
mod append;
mod attempts;
mod audit;
mod audit_chain;
mod erase;
mod identities;
mod keys;
mod rows;
mod second_factors;
mod sessions;
mod signing_keys;
mod tokens;

pub(super) use append::append;

use async_trait::async_trait;
use ocr_core::{
    Result,
    account_store::{AccountCapabilities, AccountStoreBase},
};

use super::PgDatabase;

/// An account store in the tables of a [`PgDatabase`].
#[derive(Debug)]
pub struct PgAccountStore {
    database: PgDatabase,
}

impl PgAccountStore {
    /// The account store of `database`, whose schema is up to date.
    pub fn new(database: PgDatabase) -> Self {
        Self { database }
    }
}

#[async_trait]
impl AccountStoreBase for PgAccountStore {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn capabilities(&self) -> AccountCapabilities {
        AccountCapabilities::default()
            .with_adoption(true)
            .with_durable(true)
    }

    async fn check(&self) -> Result<()> {
        self.database.check().await
    }
}
