//! Where pieces of text stand on a page, and in which order they are read: for engines that find
//! lines and leave the rest to us.

mod paragraph;
mod reading_order;
mod rect;

pub(crate) use paragraph::continues;
pub(crate) use reading_order::order;
#[cfg(feature = "ppocr")]
pub(crate) use reading_order::{Row, median};
pub(crate) use rect::Rect;
