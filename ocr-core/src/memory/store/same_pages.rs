//! Pages by what they were read from and how.

use async_trait::async_trait;

use super::{MemoryStore, lock, tables::Row};
use crate::{
    Result,
    clock::Timestamp,
    id::UserId,
    same_page_store::{EarlierPage, SamePageStore},
    store::Scope,
};

#[async_trait]
impl SamePageStore for MemoryStore {
    async fn same_page(
        &self,
        owner: UserId,
        digest: String,
        since: Timestamp,
    ) -> Result<Option<EarlierPage>> {
        let scope = Scope::owner(owner);
        let page_of = |row: &Row| {
            let mut pages = row.pages.values().rev();
            let page = pages.find(|page| page.digest.as_ref() == Some(&digest))?;
            Some(EarlierPage::new(row.task.id, page.clone()))
        };
        let tables = lock(&self.tables);
        // By their ids, the newest first.
        let mut rows = tables.tasks.values().rev();
        Ok(rows.find_map(|row| {
            let is_meant = scope.sees(&row.task) && row.task.created_at >= since;
            is_meant.then(|| page_of(row)).flatten()
        }))
    }
}
