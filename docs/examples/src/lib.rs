//! The Rust examples of the book, compiled: each page below is the documentation of a module, so that
//! `cargo test --doc -p ocr-book-examples` compiles and runs its blocks. Blocks that need models, a service or
//! files are compiled only (`no_run`).
//!
//! `tests/book.rs` fails for a page with Rust blocks that is not here.

mod ink;

pub use ink::InkDetector;

#[doc = include_str!("../../tutorial/embed.md")]
pub mod tutorial_embed {}

#[doc = include_str!("../../tutorial/test.md")]
pub mod tutorial_test {}

#[doc = include_str!("../../tutorial/own-engine.md")]
pub mod tutorial_own_engine {}

#[doc = include_str!("../../how-to/embed-the-library.md")]
pub mod embed_the_library {}

#[doc = include_str!("../../how-to/swap-adapters-in-tests.md")]
pub mod swap_adapters_in_tests {}

#[doc = include_str!("../../how-to/write-an-adapter.md")]
pub mod write_an_adapter {}

#[doc = include_str!("../../how-to/write-an-engine.md")]
pub mod write_an_engine {}

#[doc = include_str!("../../how-to/write-a-store.md")]
pub mod write_a_store {}

#[doc = include_str!("../../how-to/write-a-blob-store.md")]
pub mod write_a_blob_store {}

#[doc = include_str!("../../how-to/get-documents-out.md")]
pub mod get_documents_out {}

#[doc = include_str!("../../how-to/write-a-format.md")]
pub mod write_a_format {}

#[doc = include_str!("../../how-to/read-with-textract.md")]
pub mod read_with_textract {}

#[doc = include_str!("../../reference/result-format.md")]
pub mod result_format {}

#[doc = include_str!("../../reference/errors.md")]
pub mod errors {}
