//! The engine of our own with its real models.

#[cfg(feature = "ppocr")]
mod ppocr;
