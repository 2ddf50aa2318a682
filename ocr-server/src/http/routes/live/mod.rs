//! Live updates of one user's tasks.

pub(crate) mod events;
mod message;
pub(crate) mod socket;
