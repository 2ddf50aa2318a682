#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod blocks;
mod gutter;
mod lists;
mod order;
mod piece;
mod regroup;
mod rows;
mod tables;

pub use blocks::{Group, blocks};
pub use lists::{ListItem, Marker, MarkerStyle, find_lists, list_items};
pub use ocr_core::model::geometry::{self, Rect};
pub use order::order;
pub use piece::{Boxes, Piece, median};
pub use rows::Row;
pub use tables::{Rule, SeenCell, SeenTable, find_ruled_tables, find_seen_tables, find_tables};
