//! Whole flows over a platform in memory.

mod drive;
mod faults;
mod life;
mod queries;
mod recovery;
mod submit;
mod trash;
