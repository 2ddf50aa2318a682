//! Runs one clause on one fresh fixture, and moves time for it.

use std::{any::Any, fmt, future::Future, sync::Arc, time::Duration};

use ocr_core::{
    ErrorKind, Result,
    clock::{Clock, ManualClock, SystemClock, Timestamp},
};

/// Time limit of a clause. The slowest correct one moves some megabytes.
const CLAUSE_LIMIT: Duration = Duration::from_mins(2);

/// A lease that no clause outlives.
pub const LONG: Duration = Duration::from_hours(1);

/// What must live as long as the fixture: temporary directories, containers, servers.
pub type Guard = Box<dyn Any + Send + Sync>;

/// An empty guard.
pub(crate) fn no_guard() -> Guard {
    Box::new(())
}

/// The method of a fixture that takes its guard.
macro_rules! with_guard {
    () => {
        /// The same with what must live as long as the fixture: directories, containers, servers.
        #[must_use]
        pub fn with_guard(mut self, guard: impl std::any::Any + Send + Sync) -> Self {
            self.guard = Box::new(guard);
            self
        }
    };
}
pub(crate) use with_guard;

/// How time passes for an adapter.
///
/// An adapter that reads an injected clock is tested on a [`ManualClock`] and never sleeps; one that
/// asks its database for the time is tested with short leases in real time.
#[derive(Clone, Default)]
pub struct TestTime(Option<Arc<ManualClock>>);

impl TestTime {
    /// The adapter reads this clock.
    pub fn manual(clock: Arc<ManualClock>) -> Self {
        Self(Some(clock))
    }

    /// The adapter reads a clock that nobody can move.
    pub fn real() -> Self {
        Self(None)
    }

    /// Whether times can be compared exactly.
    pub fn is_manual(&self) -> bool {
        self.0.is_some()
    }

    /// What the adapter's clock says; within a machine's skew when it is not ours.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(clock) => clock.now(),
            None => SystemClock.now(),
        }
    }

    /// A duration short enough to be waited for.
    pub fn short(&self) -> Duration {
        match self.0 {
            Some(_) => Duration::from_secs(10),
            None => Duration::from_millis(400),
        }
    }

    /// Lets `duration` pass.
    pub async fn pass(&self, duration: Duration) {
        match &self.0 {
            Some(clock) => clock.advance(duration),
            // Databases may round to milliseconds.
            None => tokio::time::sleep(duration + Duration::from_millis(20)).await,
        }
    }

    /// Lets enough time pass for two things to be one after the other.
    pub async fn tick(&self) {
        self.pass(Duration::from_millis(5)).await;
    }
}

impl fmt::Debug for TestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "manual" } else { "real" })
    }
}

/// Runs `clause` on what `fresh` makes, on a runtime of its own with two threads.
///
/// # Panics
/// When the clause does, or does not end within two minutes.
pub fn run<T, F: Future<Output = T>>(fresh: impl FnOnce() -> F, clause: impl AsyncFnOnce(&T)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async {
        let fixture = fresh().await;
        tokio::time::timeout(CLAUSE_LIMIT, clause(&fixture))
            .await
            .expect("the clause ends");
    });
}

/// Asserts that a call was refused with `kind`.
///
/// # Panics
/// When it succeeded, or failed otherwise.
#[track_caller]
pub fn refused<T: fmt::Debug>(outcome: Result<T>, kind: ErrorKind) {
    match outcome {
        Ok(value) => panic!("expected {kind:?}, got {value:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error:?}"),
    }
}

/// Waits for `future`, which should be ready soon.
///
/// # Panics
/// When it is not ready after ten seconds.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .unwrap_or_else(|_| panic!("{what} did not happen in time"))
}

/// Says that a clause has nothing to test on this adapter.
pub fn not_offered(capability: &str) {
    println!("not tested: the adapter does not offer {capability}");
}

/// Expands to one `#[test]` for each clause of a suite. Use the macros of the suites instead.
#[doc(hidden)]
#[macro_export]
macro_rules! clauses {
    ($fresh:expr, $suite:ident: $($clause:ident)+) => {
        $(
            #[test]
            fn $clause() {
                $crate::harness::run($fresh, $crate::$suite::$clause);
            }
        )+
    };
}
