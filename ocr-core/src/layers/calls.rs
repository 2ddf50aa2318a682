//! How calls to a port are made: within a time, again after a failure that may pass, and observed.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{Error, ErrorKind, Result, builder::builder};

/// A failure that took longer is not answered by a repetition: whoever waits has waited long enough, and a
/// service without a free connection is not helped by more calls.
const QUICK: Duration = Duration::from_secs(1);

/// How calls to the ports of a platform are made.
///
/// The default gives each call 30 s and repeats nothing.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallPolicy {
    /// Maximum time one call may take: 30 s unless set. A call that was given up is dropped; an adapter
    /// must then be as if it had never been made, or as if it had been made to its end.
    pub timeout: Duration,
    /// How often a call that may be made twice is repeated when the service cannot be reached and says so
    /// within a second: never unless set.
    pub repeats: u32,
    /// Pause before the first repetition, doubled each time: 50 ms unless set.
    pub pause: Duration,
    /// Told of each call that has ended: nobody unless set.
    pub observer: Arc<dyn CallObserver>,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            repeats: 0,
            pause: Duration::from_millis(50),
            observer: Arc::new(Unobserved),
        }
    }
}

builder!(CallPolicy {
    with_timeout(timeout: Duration) "The same with this maximum time for a call."
    with_repeats(repeats: u32) "The same with this many repetitions of calls that may be made twice."
    with_pause(pause: Duration) "The same with this pause before the first repetition."
    with_observer(observer: Arc<dyn CallObserver>) "The same with this observer."
});

/// Is told of every call to a port, for metrics. Must not block.
pub trait CallObserver: fmt::Debug + Send + Sync + 'static {
    /// A call of `operation` to `port` begins, named as in [`EndedCall`]. Tells nobody unless implemented. A call whose
    /// caller gives it up does not end.
    fn begun(&self, _port: &'static str, _operation: &'static str) {}

    /// A call has ended.
    fn ended(&self, call: &EndedCall);
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndedCall {
    /// The port: `store`, `queue`, `blobs`, `notifier`, `search_index`, `corrections`, `filings`, `saved_searches`,
    /// `same_pages`, `usage`, `rate_limiter` or `account_store`.
    pub port: &'static str,
    /// Name of the adapter: `sqlite`.
    pub adapter: &'static str,
    /// Name of the method: `claim`.
    pub operation: &'static str,
    /// How long it took, repetitions and pauses included.
    pub elapsed: Duration,
    /// How often it was repeated.
    pub repeats: u32,
    /// What went wrong, if it failed.
    pub failure: Option<ErrorKind>,
}

/// Tells nobody.
#[derive(Debug)]
struct Unobserved;

impl CallObserver for Unobserved {
    fn ended(&self, _call: &EndedCall) {}
}

/// The calls to one adapter.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    port: &'static str,
    adapter: &'static str,
    policy: CallPolicy,
}

impl Calls {
    pub(super) fn new(port: &'static str, adapter: &'static str, policy: &CallPolicy) -> Self {
        Self {
            port,
            adapter,
            policy: policy.clone(),
        }
    }

    /// Makes a call that must not be made twice.
    pub(super) async fn once<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.within(operation, self.policy.timeout, call).await
    }

    /// Makes a call that may take `timeout` by itself.
    pub(super) async fn waiting<T>(
        &self,
        operation: &'static str,
        timeout: Duration,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let limit = self.policy.timeout.saturating_add(timeout);
        self.within(operation, limit, call).await
    }

    /// Makes a call whose time depends on how much is sent: observed, but without a limit.
    pub(super) async fn unlimited<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.observed(operation, async { (call.await, 0) }).await
    }

    /// Makes a call that may be made twice, again while the service cannot be reached.
    pub(super) async fn repeated<T, F: Future<Output = Result<T>>>(
        &self,
        operation: &'static str,
        call: impl Fn() -> F,
    ) -> Result<T> {
        let attempts = async {
            let begun = Instant::now();
            let mut repeats = 0;
            loop {
                let outcome = self.limited(operation, self.policy.timeout, call()).await;
                let may_pass = matches!(&outcome, Err(error)
                    if error.kind() == ErrorKind::Unavailable && error.is_transient());
                if !may_pass || repeats == self.policy.repeats || begun.elapsed() >= QUICK {
                    return (outcome, repeats);
                }
                tokio::time::sleep(self.policy.pause.saturating_mul(1 << repeats.min(16))).await;
                repeats += 1;
            }
        };
        self.observed(operation, attempts).await
    }

    async fn within<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let call = async { (self.limited(operation, limit, call).await, 0) };
        self.observed(operation, call).await
    }

    async fn limited<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "a service did not answer in time")
                .with_context("limit_ms", limit.as_millis())
                .at(self.adapter, operation))
        })
    }

    /// Runs `attempts`, which say how often they were repeated, in a span of their own, and tells the
    /// observer.
    async fn observed<T>(
        &self,
        operation: &'static str,
        attempts: impl Future<Output = (Result<T>, u32)>,
    ) -> Result<T> {
        let span = tracing::debug_span!("call", port = self.port, adapter = self.adapter, operation);
        self.policy.observer.begun(self.port, operation);
        let begun = Instant::now();
        let (outcome, repeats) = attempts.instrument(span).await;
        self.policy.observer.ended(&EndedCall {
            port: self.port,
            adapter: self.adapter,
            operation,
            elapsed: begun.elapsed(),
            repeats,
            failure: outcome.as_ref().err().map(Error::kind),
        });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[derive(Debug, Default)]
    struct Ledger(Mutex<Vec<EndedCall>>);

    impl CallObserver for Ledger {
        fn ended(&self, call: &EndedCall) {
            self.0.lock().unwrap().push(call.clone());
        }
    }

    fn calls(repeats: u32) -> (Calls, Arc<Ledger>) {
        let ledger = Arc::new(Ledger::default());
        let policy = CallPolicy::default()
            .with_repeats(repeats)
            .with_observer(ledger.clone() as Arc<dyn CallObserver>);
        (Calls::new("store", "fake", &policy), ledger)
    }

    #[derive(Debug, Default)]
    struct Order(Mutex<Vec<(&'static str, &'static str)>>);

    impl CallObserver for Order {
        fn begun(&self, port: &'static str, operation: &'static str) {
            self.0.lock().unwrap().push((port, operation));
        }

        fn ended(&self, call: &EndedCall) {
            self.0.lock().unwrap().push((call.port, "ended"));
        }
    }

    #[tokio::test]
    async fn an_observer_is_told_before_a_call_and_after_it() {
        let order = Arc::new(Order::default());
        let policy = CallPolicy::default().with_observer(order.clone() as Arc<dyn CallObserver>);
        let calls = Calls::new("store", "fake", &policy);
        let told = Arc::clone(&order);
        let call = async move {
            told.0.lock().unwrap().push(("adapter", "called"));
            Ok(())
        };
        calls.once("task", call).await.unwrap();
        let told = order.0.lock().unwrap().clone();
        assert_eq!(
            told,
            [("store", "task"), ("adapter", "called"), ("store", "ended")]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_given_up() {
        let (calls, ledger) = calls(3);
        let hangs = std::future::pending::<Result<()>>();
        let error = calls.once("task", hangs).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(error.location(), ("fake", "task"));
        let told = ledger.0.lock().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].failure, told[0].repeats), (Some(ErrorKind::Timeout), 0));
        assert!(told[0].elapsed >= Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_while_the_service_cannot_be_reached() {
        let (calls, ledger) = calls(2);
        let made = AtomicU32::new(0);
        let call = |kind: ErrorKind, succeeds_at: u32| {
            let made = &made;
            move || async move {
                let number = made.fetch_add(1, Ordering::Relaxed) + 1;
                if number >= succeeds_at {
                    Ok(number)
                } else {
                    Err(Error::new(kind, "no"))
                }
            }
        };
        let third = calls.repeated("task", call(ErrorKind::Unavailable, 3)).await;
        assert_eq!(third.unwrap(), 3);
        made.store(0, Ordering::Relaxed);
        let fourth = calls.repeated("task", call(ErrorKind::Unavailable, 4)).await;
        assert_eq!(fourth.unwrap_err().kind(), ErrorKind::Unavailable);
        made.store(0, Ordering::Relaxed);
        let refused = calls.repeated("task", call(ErrorKind::Conflict, 2)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
        let repeats: Vec<u32> = ledger.0.lock().unwrap().iter().map(|call| call.repeats).collect();
        assert_eq!(repeats, [2, 2, 0]);
    }
}
