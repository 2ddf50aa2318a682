//! Whole flows over a platform in memory.

mod accounts;
mod cascade;
mod corrections;
mod cost;
mod dead_letters;
mod drive;
mod explain;
mod exports;
mod fallback;
mod faults;
mod filing;
mod life;
mod queries;
mod quotas;
mod reading;
mod recovery;
mod renditions;
mod reuse;
mod same_pages;
mod search;
mod simulation;
mod submit;
mod training;
mod trash;
mod unlock;
