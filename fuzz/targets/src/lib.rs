//! What is fuzzed: parsers of bytes that strangers send.
//!
//! The same functions run under libFuzzer (`cargo xtask fuzz TARGET`, which needs a nightly compiler) and
//! as plain tests of this crate: on every seed under `fuzz/seeds/TARGET`, and on some thousand mutations of
//! them that are the same each time. A target panics when it finds something wrong; that bytes are
//! refused is right.
//!
//! The seeds are made here too, by each target's `seeds` (`cargo xtask fuzz-seeds` writes them), so that no
//! foreign document is committed. What a fuzzer finds becomes a seed: put its file into the folder.

mod document;
mod metadata;
mod mutation;
mod page_protocol;
mod pdf;
mod redis_messages;
mod settings;

pub use document::document;
pub use metadata::metadata;
pub use mutation::Mutations;
pub use page_protocol::page_protocol;
pub use pdf::pdf;
pub use redis_messages::redis_messages;
pub use settings::settings;

/// A name and the bytes of a seed.
pub type Seed = (&'static str, Vec<u8>);

/// A function that takes any bytes, and where a fuzzer may begin.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of the folder of its seeds.
    pub name: &'static str,
    /// Panics when something is wrong.
    pub run: fn(&[u8]),
    /// Inputs that reach far into it.
    pub seeds: fn() -> Vec<Seed>,
    /// Words that inputs are made of, for mutations.
    pub words: &'static [&'static [u8]],
    /// How many mutations a plain test tries; a target that decodes whole pages tries fewer.
    pub mutations: usize,
}

/// Everything that is fuzzed.
pub const TARGETS: [Target; 6] = [
    document::TARGET,
    metadata::TARGET,
    pdf::TARGET,
    page_protocol::TARGET,
    redis_messages::TARGET,
    settings::TARGET,
];
