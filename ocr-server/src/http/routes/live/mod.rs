//! Live updates of one user's tasks.

pub(crate) mod events;
mod message;
mod seen;
pub(crate) mod socket;
mod standing;
pub(crate) mod ticket;
