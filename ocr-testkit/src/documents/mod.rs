//! Documents made by ourselves, with known text, of every type and in every condition.

mod broken;
mod degrade;
mod encode;
mod pdf;
mod stroke_font;
mod typeset;

use ocr_core::model::MediaType;

pub use broken::{BrokenDocument, broken_documents};
pub use degrade::Degrade;
pub use encode::{jpeg, png, tiff, webp};
pub use pdf::{PASSWORD, encrypted_pdf, image_pdf, locked_pdf, text_pdf};
pub use typeset::Typeset;

/// The type that the first bytes of a document announce.
pub fn magic(head: &[u8]) -> Option<MediaType> {
    match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(MediaType::Pdf),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
        [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(MediaType::Tiff),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::Webp),
        [b'B', b'M', ..] => Some(MediaType::Bmp),
        [b'G', b'I', b'F', b'8', ..] => Some(MediaType::Gif),
        [0xff, 0x4f, 0xff, 0x51, ..] | [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => Some(MediaType::Jpeg2000),
        _ => None,
    }
}
