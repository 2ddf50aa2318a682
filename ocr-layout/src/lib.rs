//! Where pieces of text stand on a page, and in which order they are read: columns, rows, paragraphs and headings,
//! for pixels, text layers and services alike. Pure: boxes in, indices out.
//!
//! ```
//! use ocr_layout::{Boxes, Piece, Rect, blocks};
//!
//! // Two columns of five lines, found in pixels from left to right and from top to bottom.
//! let pieces: Vec<Piece> = (0..10)
//!     .map(|index| {
//!         let (left, top) = ((index % 2) as f32 * 500.0, (index / 2) as f32 * 25.0);
//!         Piece::found(Rect::new(left, top, left + 450.0, top + 20.0))
//!     })
//!     .collect();
//! let blocks = blocks(&pieces, Boxes::Found);
//! let order: Vec<usize> = blocks.into_iter().flat_map(|block| block.rows).flatten().collect();
//! assert_eq!(order, [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]);
//! ```

mod blocks;
mod gutter;
mod order;
mod piece;
mod rows;

pub use blocks::{Group, blocks};
pub use ocr_core::model::geometry::{self, Rect};
pub use order::order;
pub use piece::{Boxes, Piece, median};
pub use rows::Row;
