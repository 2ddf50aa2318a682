//! What a worker proves with that a task is still its own.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::TaskId;

/// Names the attempt at a task that a worker is at. Every write of a worker carries it, and a store
/// refuses one whose attempt is no longer current, so that a worker that was overtaken writes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fence {
    /// The task.
    pub task: TaskId,
    /// Number of the claim: see [`TaskState::attempt`](super::TaskState::attempt).
    pub attempt: u32,
}

impl Fence {
    /// The fence of claim number `attempt` of `task`.
    pub const fn new(task: TaskId, attempt: u32) -> Self {
        Self { task, attempt }
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} attempt {}", self.task, self.attempt)
    }
}
