//! Where pieces of text stand on a page, and in which order they are read: for engines that find
//! lines and leave the rest to us.

mod paragraph;
mod reading_order;

pub use ocr_core::model::geometry::{self, Rect};
pub use paragraph::continues;
pub use reading_order::{Row, median, order};
