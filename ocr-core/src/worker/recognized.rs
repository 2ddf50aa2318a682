//! What a successful attempt returns beside its stored pages.

use std::collections::BTreeMap;

use crate::{
    clock::Timestamp,
    id::TaskId,
    model::{EngineInfo, Usage},
};

/// What a successful attempt returns beside its stored pages.
#[derive(Debug)]
pub(super) struct Recognized {
    /// The engine that read.
    pub(super) engine: EngineInfo,
    /// What engines charged, in earlier attempts too.
    pub(super) usage: BTreeMap<String, Usage>,
    /// When this attempt began to read, by the clock of the platform.
    pub(super) started: Timestamp,
    /// The task whose result was taken over; `None` where an engine read.
    pub(super) same_as: Option<TaskId>,
}
