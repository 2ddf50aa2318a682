//! Why an attempt ended without a result.

use crate::Error;

/// Why an attempt ended without a result.
#[derive(Debug)]
pub(super) enum Stop {
    /// In an error.
    Failed(Error),
    /// The time that the task may take was over.
    Deadline,
}
