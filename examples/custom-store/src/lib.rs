#![doc = include_str!("../README.md")]

mod changes;
mod file;
mod outbox;
mod pages;
mod rows;
mod state;
mod store;
mod tasks;
mod trash;

pub use store::FileStore;
