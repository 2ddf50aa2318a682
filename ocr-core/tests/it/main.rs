//! Whole flows over a platform in memory.

mod drive;
mod faults;
mod life;
mod recovery;
mod submit;
mod trash;
