//! Live updates of one user's tasks.

pub(crate) mod events;
mod message;
mod seen;
pub(crate) mod socket;
pub(crate) mod ticket;
