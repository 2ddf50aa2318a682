//! Calls of the service at the pace its quotas allow.

use std::{future::Future, sync::Arc, time::Duration};

use super::{
    client::TextractApi,
    errors::{Fault, FaultKind},
    quota::{JobRoom, Operation, Quotas},
};

/// Calls made for one answer, as long as the service says it is too much.
const TRIES: u32 = 3;
/// How long a call that polls a job waits for the quota: long, because the job is already paid for.
const PATIENCE: Duration = Duration::from_hours(1);

/// The service behind its quotas. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct PacedApi {
    pub(super) api: Arc<dyn TextractApi>,
    quotas: Quotas,
    longest_wait: Duration,
}

impl PacedApi {
    pub(super) fn new(api: Arc<dyn TextractApi>, quotas: Quotas, longest_wait: Duration) -> Self {
        Self {
            api,
            quotas,
            longest_wait,
        }
    }

    /// Makes a call that starts or does work. Waits up to `longest_wait` for the quota, and repeats a
    /// throttled call a few times. After that it returns a throttling fault, with `retry_after` where that
    /// is known.
    pub(super) async fn work<T, F>(&self, operation: Operation, call: impl Fn() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let turn = self.quotas.admit(operation, self.longest_wait).await;
            turn.map_err(|wait| Fault::new(FaultKind::Throttled, "quota").after(wait))?;
            let outcome = call().await;
            self.learn(operation, &outcome);
            match outcome {
                Err(fault) if fault.kind == FaultKind::Throttled && tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }

    /// Polls a job once, however long it has to wait for the quota.
    pub(super) async fn ask<T, F>(&self, operation: Operation, call: impl FnOnce() -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let turn = self.quotas.admit(operation, PATIENCE).await;
        turn.map_err(|wait| Fault::new(FaultKind::Throttled, "quota").after(wait))?;
        let outcome = call().await;
        self.learn(operation, &outcome);
        outcome
    }

    /// Room for one more job.
    pub(super) async fn room(&self) -> Result<JobRoom, Fault> {
        let room = self.quotas.job(self.longest_wait).await;
        room.ok_or_else(|| Fault::new(FaultKind::TooManyJobs, "jobs"))
    }

    /// Counts a job that runs already, if there is room to count it in.
    pub(super) async fn room_if_any(&self) -> Option<JobRoom> {
        self.quotas.job(Duration::ZERO).await
    }

    fn learn<T>(&self, operation: Operation, outcome: &Result<T, Fault>) {
        match outcome {
            Err(fault) if fault.kind == FaultKind::Throttled => self.quotas.refused(operation),
            Err(fault) if fault.kind == FaultKind::TooManyJobs => self.quotas.too_many_jobs(),
            Err(_) => {}
            Ok(_) => self.quotas.accepted(operation),
        }
    }
}
