#![doc = include_str!("../README.md")]
// Labels items with the features they need, where docs.rs builds this.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "s3", feature = "textract"))]
pub mod aws;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod by_hand;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod dead_letters;
#[cfg(any(feature = "fs", feature = "sqlite"))]
mod disk_room;
#[cfg(any(feature = "fs", feature = "sqlite"))]
pub use disk_room::{DiskRoom, RoomWatch};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod filings;
#[cfg(feature = "fs")]
pub mod fs;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod recovery_codes;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod same_pages;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod search;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod taken_identity;
#[cfg(feature = "textract")]
pub mod textract;
