//! What is laid over a port: an implementation of it that is made of others.
//!
//! [`Layered`] gives the calls to a port a limit, repeats what may be repeated and tells an observer of
//! them, by one [`CallPolicy`]; a [`Platform`](crate::platform::Platform) lays it over its ports by
//! itself. [`Fallback`] and [`Cascade`] make one engine of several.

mod account_store;
mod blob;
mod breaker;
mod calls;
mod cascade;
mod correction_store;
mod fallback;
mod filing_store;
mod notify;
mod queue;
mod rate_limiter;
mod same_page_store;
mod saved_search_store;
mod search_index;
mod share_store;
mod store;
mod usage_store;

pub use breaker::BreakerPolicy;
pub use calls::{CallObserver, CallPolicy, EndedCall};
pub use cascade::Cascade;
pub use fallback::Fallback;

use std::{fmt, sync::Arc};

use crate::{
    account_store::AccountStore, blob::BlobStore, correction_store::CorrectionStore,
    filing_store::FilingStore, notify::Notifier, queue::Queue, rate_limiter::RateLimiter,
    same_page_store::SamePageStore, saved_search_store::SavedSearchStore, search_index::SearchIndex,
    share_store::ShareStore, store::Store, usage_store::UsageStore,
};
use calls::Calls;

/// A port whose calls follow a [`CallPolicy`]: a `Layered<dyn Store>` is a `Store`, and so on.
///
/// An adapter under it needs no limits of its own, but must bear that a call is dropped at any await
/// point. Sending and reading the bytes of blobs has no limit: it takes as long as they are large.
pub struct Layered<P: ?Sized> {
    inner: Arc<P>,
    calls: Calls,
}

impl<P: fmt::Debug + ?Sized> fmt::Debug for Layered<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<P: Store + ?Sized> Layered<P> {
    /// A store whose calls follow `policy`.
    pub fn store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("store", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: Queue + ?Sized> Layered<P> {
    /// A queue whose calls follow `policy`.
    pub fn queue(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("queue", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: BlobStore + ?Sized> Layered<P> {
    /// A blob store whose calls follow `policy`.
    pub fn blobs(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("blobs", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: Notifier + ?Sized> Layered<P> {
    /// A notifier whose calls follow `policy`.
    pub fn notifier(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("notifier", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: SearchIndex + ?Sized> Layered<P> {
    /// A search index whose calls follow `policy`.
    pub fn search_index(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("search_index", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: CorrectionStore + ?Sized> Layered<P> {
    /// A correction store whose calls follow `policy`.
    pub fn corrections(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("corrections", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: FilingStore + ?Sized> Layered<P> {
    /// A filing store whose calls follow `policy`.
    pub fn filing_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("filings", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: RateLimiter + ?Sized> Layered<P> {
    /// A rate limiter whose calls follow `policy`.
    pub fn rate_limiter(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("rate_limiter", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: UsageStore + ?Sized> Layered<P> {
    /// A store of what was used whose calls follow `policy`.
    pub fn usage_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("usage", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: SavedSearchStore + ?Sized> Layered<P> {
    /// A store of saved searches whose calls follow `policy`.
    pub fn saved_search_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("saved_searches", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: ShareStore + ?Sized> Layered<P> {
    /// A store of links whose calls follow `policy`.
    pub fn share_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("shares", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: SamePageStore + ?Sized> Layered<P> {
    /// A store of same pages whose calls follow `policy`.
    pub fn same_page_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("same_pages", inner.name(), policy);
        Self { inner, calls }
    }
}

impl<P: AccountStore + ?Sized> Layered<P> {
    /// An account store whose calls follow `policy`.
    pub fn account_store(inner: Arc<P>, policy: &CallPolicy) -> Self {
        let calls = Calls::new("account_store", inner.name(), policy);
        Self { inner, calls }
    }
}
