//! Whole flows over a platform in memory.

mod cascade;
mod corrections;
mod cost;
mod drive;
mod fallback;
mod faults;
mod filing;
mod life;
mod queries;
mod reading;
mod recovery;
mod renditions;
mod search;
mod submit;
mod trash;
