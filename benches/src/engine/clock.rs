//! Time on the wall and of the processor.

use std::{
    ops::Add,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// How long something took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// Of all threads of this process together.
    pub(crate) processor: Duration,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            processor: self.processor + other.processor,
        }
    }
}

/// A point in time on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    wall: Instant,
    processor: Duration,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor(),
        }
    }

    /// What passed since.
    pub(crate) fn elapsed(&self) -> Cost {
        Cost {
            wall: self.wall.elapsed(),
            processor: processor().saturating_sub(self.processor),
        }
    }
}

fn processor() -> Duration {
    // A clock that counts from the start of the process is never negative.
    clock_gettime(ClockId::ProcessCPUTime)
        .try_into()
        .unwrap_or_default()
}
