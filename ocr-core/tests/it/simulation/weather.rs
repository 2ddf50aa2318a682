//! Services that fail, and the clocks of the processes that use them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use ocr_core::{
    Error, ErrorKind, Result,
    clock::{Clock, ManualClock, Timestamp, later},
};
use ocr_testkit::unreliable::Disruption;
use tokio::time::Instant;

use super::dice::Dice;

/// Of 1000 calls to a service, how many fail before anything happened, and how many after it.
const FAILING_CALLS: u64 = 15;
/// How many are refused for want of room.
const FULL_DISKS: u64 = 4;

/// Whether the faults of a run last, and which come. As a disruption it is a service that fails, also after it did
/// what it was asked for.
#[derive(Debug)]
pub(super) struct Weather {
    pub(super) dice: Dice,
    calm: AtomicBool,
}

impl Weather {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            dice: Dice::new(seed),
            calm: AtomicBool::new(false),
        })
    }

    /// From now on nothing breaks; what is frozen wakes up, what died is started again.
    pub(super) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// Whether something breaks that breaks in `per_mille` of 1000 cases.
    pub(super) fn breaks(&self, per_mille: u64) -> bool {
        !self.is_calm() && self.dice.comes_true(per_mille)
    }

    fn fail(&self, kind: ErrorKind, share: u64, operation: &'static str) -> Result<()> {
        if self.breaks(share) {
            return Err(Error::new(kind, "the service does not work").at("weather", operation));
        }
        Ok(())
    }
}

#[async_trait]
impl Disruption for Weather {
    async fn before(&self, operation: &'static str) -> Result<()> {
        // A service without room has done nothing.
        self.fail(ErrorKind::StorageFull, FULL_DISKS, operation)?;
        self.fail(ErrorKind::Unavailable, FAILING_CALLS, operation)
    }

    async fn after(&self, operation: &'static str) -> Result<()> {
        self.fail(ErrorKind::Unavailable, FAILING_CALLS, operation)
    }
}

/// A clock that goes with the time of the runtime, and may be set wrong.
#[derive(Debug)]
pub(super) struct SteppedClock {
    start: Timestamp,
    epoch: Instant,
    off_by_millis: AtomicI64,
}

impl SteppedClock {
    /// A clock that began at `epoch`.
    pub(super) fn new(epoch: Instant) -> Arc<Self> {
        Arc::new(Self {
            start: ManualClock::default().now(),
            epoch,
            off_by_millis: AtomicI64::new(0),
        })
    }

    /// Sets the clock up to five seconds before or behind the true time.
    pub(super) fn step(&self, dice: &Dice) {
        const HALF: i64 = 5_000;
        let off = i64::try_from(dice.below(10_001)).unwrap_or(0) - HALF;
        self.off_by_millis.store(off, Ordering::Relaxed);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        let elapsed: Duration = self.epoch.elapsed();
        later(self.start, elapsed) + TimeDelta::milliseconds(self.off_by_millis.load(Ordering::Relaxed))
    }
}
