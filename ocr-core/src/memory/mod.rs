//! Adapters in memory: for tests and examples, and the reference implementation of each contract.

mod account_store;
mod audit_chain;
mod blob;
mod notify;
mod queue;
mod rate_limiter;
mod search_index;
mod store;

pub use account_store::MemoryAccountStore;
pub use blob::MemoryBlobStore;
pub use notify::MemoryNotifier;
pub use queue::MemoryQueue;
pub use rate_limiter::MemoryRateLimiter;
pub use search_index::MemorySearchIndex;
pub use store::MemoryStore;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even if a holder panicked: each critical section leaves its data consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
