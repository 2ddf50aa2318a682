//! What is written out of a recognised document.

mod markdown;

pub use markdown::markdown;
