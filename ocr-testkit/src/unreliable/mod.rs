//! Ports that fail at set intervals, to test how the platform recovers.

mod blob;
mod notify;
mod queue;
mod store;

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use ocr_core::{Error, ErrorKind, Result};

/// A port whose every nth call fails with `Unavailable`.
///
/// Half of the failing calls fail before anything happened; of the others only the answer is lost,
/// as when a connection breaks after the commit.
pub struct Unreliable<P: ?Sized> {
    inner: Arc<P>,
    every: usize,
    calls: AtomicUsize,
    failures: AtomicUsize,
    healthy: AtomicBool,
}

enum Fault {
    None,
    Before,
    After,
}

impl<P: ?Sized> Unreliable<P> {
    /// A port that fails every `every`th call: 1 fails always, 0 never.
    pub fn new(inner: Arc<P>, every: usize) -> Self {
        Self {
            inner,
            every,
            calls: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
            healthy: AtomicBool::new(false),
        }
    }

    /// The port underneath, which does not fail.
    pub fn inner(&self) -> &Arc<P> {
        &self.inner
    }

    /// How many calls failed so far.
    pub fn failures(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }

    /// Lets all calls through from now on, or lets them fail again.
    pub fn set_healthy(&self, healthy: bool) {
        self.healthy.store(healthy, Ordering::Relaxed);
    }

    fn next_fault(&self) -> Fault {
        if self.every == 0 || self.healthy.load(Ordering::Relaxed) {
            return Fault::None;
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if !call.is_multiple_of(self.every) {
            return Fault::None;
        }
        let failure = self.failures.fetch_add(1, Ordering::Relaxed);
        if failure.is_multiple_of(2) {
            Fault::Before
        } else {
            Fault::After
        }
    }

    async fn through<T>(&self, operation: &'static str, call: impl Future<Output = Result<T>>) -> Result<T> {
        match self.next_fault() {
            Fault::None => return call.await,
            Fault::Before => {}
            Fault::After => drop(call.await?),
        }
        Err(Error::new(ErrorKind::Unavailable, "the service is not reachable").at("unreliable", operation))
    }
}

impl<P: fmt::Debug + ?Sized> fmt::Debug for Unreliable<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreliable")
            .field("inner", &self.inner)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}
