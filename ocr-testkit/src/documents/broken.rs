//! Documents that nobody can read, each for its own reason.

use bytes::Bytes;
use ocr_core::model::MediaType;

use super::{Typeset, encrypted_pdf, jpeg, png, text_pdf, tiff, webp};

/// A document that nobody can read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BrokenDocument {
    /// What is wrong with it.
    pub what: &'static str,
    /// What it claims to be.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Bytes,
}

/// One document for each way of being unreadable: empty, mere magic, headers without content,
/// sizes that cannot be, encryption.
pub fn broken_documents() -> Vec<BrokenDocument> {
    let page = Typeset::card().page("broken");
    let whole = [
        (MediaType::Pdf, text_pdf(&["broken"])),
        (MediaType::Png, png(&page)),
        (MediaType::Jpeg, jpeg(&page, 80)),
        (MediaType::Tiff, tiff(std::slice::from_ref(&page))),
        (MediaType::Webp, webp(&page)),
    ];
    let mut broken = Vec::new();
    for (media_type, bytes) in whole {
        let mut add = |what, bytes: Bytes| {
            broken.push(BrokenDocument {
                what,
                media_type,
                bytes,
            });
        };
        add("empty", Bytes::new());
        add("only the first bytes", bytes.slice(..12));
        let zeros = vec![0; bytes.len()];
        add(
            "zeros behind the first bytes",
            [&bytes[..12], &zeros[..]].concat().into(),
        );
    }
    broken.push(BrokenDocument {
        what: "a million times a million pixels",
        media_type: MediaType::Png,
        bytes: huge_png(),
    });
    broken.push(BrokenDocument {
        what: "encrypted",
        media_type: MediaType::Pdf,
        bytes: encrypted_pdf(),
    });
    broken.push(BrokenDocument {
        what: "no pages",
        media_type: MediaType::Pdf,
        bytes: text_pdf::<&str>(&[]),
    });
    broken
}

/// A PNG whose header announces 10^12 pixels, with a checksum that is right.
fn huge_png() -> Bytes {
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&1_000_000_u32.to_be_bytes());
    header.extend_from_slice(&1_000_000_u32.to_be_bytes());
    header.extend_from_slice(&[8, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend_from_slice(&13_u32.to_be_bytes());
    file.extend_from_slice(&header);
    file.extend_from_slice(&crc32(&header).to_be_bytes());
    file.into()
}

/// CRC-32 as PNG has it (ISO 3309, reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn image_files_cannot_be_decoded() {
        for document in broken_documents() {
            if document.media_type != MediaType::Pdf {
                let decoded = image::load_from_memory(&document.bytes);
                assert!(decoded.is_err(), "{} {}", document.media_type, document.what);
            }
        }
    }
}
