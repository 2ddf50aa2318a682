//! Engines and storage behind the ports of the platform, one cargo feature each.
//!
//! | feature | module | what it is |
//! |---|---|---|
//! | `ppocr` | [`ppocr`] | local recognition with PP-OCRv6 models, pure Rust |
//! | `models` | [`models`] | fetches, lists and verifies the weights that `ppocr` reads |

#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "ppocr")]
pub mod ppocr;
