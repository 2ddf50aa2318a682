//! Ports that fail at set intervals, or as a [`Disruption`] decides, to test how the platform recovers.

mod blob;
mod disruption;
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

pub use disruption::Disruption;

/// A port whose every nth call fails with `Unavailable`.
///
/// Half of the failing calls fail before anything happened; of the others only the answer is lost,
/// as when a connection breaks after the commit. Where neither should follow a fixed rhythm, a [`Disruption`] decides.
pub struct Unreliable<P: ?Sized> {
    inner: Arc<P>,
    disruption: Option<Arc<dyn Disruption>>,
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
            disruption: None,
            every,
            calls: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
            healthy: AtomicBool::new(false),
        }
    }

    /// A port whose calls are delayed, ended and failed by `disruption`.
    pub fn disrupted(inner: Arc<P>, disruption: Arc<dyn Disruption>) -> Self {
        Self {
            disruption: Some(disruption),
            ..Self::new(inner, 0)
        }
    }

    /// The port underneath, which does not fail.
    pub fn inner(&self) -> &Arc<P> {
        &self.inner
    }

    /// How many calls failed so far by the set interval.
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
        if let Some(disruption) = &self.disruption {
            disruption.before(operation).await?;
            let answer = call.await;
            disruption.after(operation).await?;
            return answer;
        }
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
