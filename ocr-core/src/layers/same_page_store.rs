//! The store of same pages by its calls.

use async_trait::async_trait;

use super::Layered;
use crate::{
    Result,
    clock::Timestamp,
    id::UserId,
    same_page_store::{EarlierPage, SamePageStore},
};

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: SamePageStore + ?Sized> SamePageStore for Layered<P> {
    async fn same_page(
        &self,
        owner: UserId,
        digest: String,
        since: Timestamp,
    ) -> Result<Option<EarlierPage>> {
        self.calls
            .repeated("same_page", || self.inner.same_page(owner, digest.clone(), since))
            .await
    }
}
