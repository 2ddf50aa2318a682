//! Adapters that keep everything in memory: for tests, examples, and as the measure of behaviour
//! that every other adapter is held to.

mod blob;
mod notify;
mod queue;
mod store;

pub use blob::MemoryBlobStore;
pub use notify::MemoryNotifier;
pub use queue::MemoryQueue;
pub use store::MemoryStore;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even if a holder panicked: each critical section leaves its data consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
