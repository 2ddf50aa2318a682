//! The type of a document, told by its content.

use ocr_core::model::MediaType;

use crate::DocumentError;

/// How many leading bytes [`sniff`] looks at; give it at least as many when the file has them.
pub const SNIFF_BYTES: usize = 4096;

/// The type of a document by its magic bytes, or `None` when it is none of the supported ones.
///
/// `head` is the beginning of the file, [`SNIFF_BYTES`] of it if there are as many. A PDF header may
/// follow other bytes, as readers have always allowed, unless those bytes make it another known type.
pub fn sniff(head: &[u8]) -> Option<MediaType> {
    let head = head.get(..SNIFF_BYTES).unwrap_or(head);
    if is_jpeg_2000(head) {
        return Some(MediaType::Jpeg2000);
    }
    match infer::get(head).map(|kind| kind.mime_type()) {
        Some("application/pdf") => Some(MediaType::Pdf),
        Some("image/png") => Some(MediaType::Png),
        Some("image/jpeg") => Some(MediaType::Jpeg),
        Some("image/tiff") => Some(MediaType::Tiff),
        Some("image/webp") => Some(MediaType::Webp),
        Some("image/gif") => Some(MediaType::Gif),
        Some("image/bmp") if is_bmp(head) => Some(MediaType::Bmp),
        // A PDF may be told only by a header further in; HTML or text before it does not change what
        // PDF readers make of the file, while an archive or a program stays what it is.
        Some(mime) if !mime.starts_with("text/") => None,
        _ if is_tiff(head) => Some(MediaType::Tiff),
        _ => has_pdf_header(head).then_some(MediaType::Pdf),
    }
}

/// The type under which an upload is treated, from its first bytes.
///
/// Content alone decides: a JPEG named `.png`, or without any extension, is read as the JPEG it is,
/// always, and no name or declared media type makes other content acceptable.
///
/// # Errors
/// [`DocumentError::Empty`] without any byte, [`DocumentError::Heic`] for pictures as telephones take them, and
/// [`DocumentError::UnsupportedType`] for other content of no supported type.
pub fn detect(head: &[u8]) -> Result<MediaType, DocumentError> {
    if head.is_empty() {
        return Err(DocumentError::Empty);
    }
    sniff(head).ok_or(if is_heic(head) {
        DocumentError::Heic
    } else {
        DocumentError::UnsupportedType
    })
}

/// A JP2 file, or a bare code stream: its start, and its size marker (ITU-T T.800, annexes A and I).
fn is_jpeg_2000(head: &[u8]) -> bool {
    head.starts_with(b"\0\0\0\x0cjP  \r\n\x87\n") || head.starts_with(b"\xff\x4f\xff\x51")
}

/// Two letters begin many a text; the size of the header after the file header is one of those there are.
fn is_bmp(head: &[u8]) -> bool {
    let Some(&size) = head.get(14..).and_then(|rest| rest.first_chunk::<4>()) else {
        return false;
    };
    matches!(u32::from_le_bytes(size), 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124)
}

/// HEIC and its kin: an ISO base media file of a brand of still pictures (ISO/IEC 23008-12, annex B).
fn is_heic(head: &[u8]) -> bool {
    const BRANDS: [&[u8; 4]; 10] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis",
    ];
    let brand = head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"));
    brand.is_some_and(|brand| BRANDS.into_iter().any(|known| known == brand))
}

fn has_pdf_header(head: &[u8]) -> bool {
    head.windows(5).any(|window| window == b"%PDF-")
}

/// TIFF of either byte order, also when too short for `infer`, and BigTIFF (version 43 in place of 42).
fn is_tiff(head: &[u8]) -> bool {
    const MAGICS: [&[u8; 4]; 4] = [b"II\x2a\0", b"MM\0\x2a", b"II\x2b\0", b"MM\0\x2b"];
    MAGICS.into_iter().any(|magic| head.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_bytes_decide() {
        assert_eq!(sniff(b"%PDF-1.7\n"), Some(MediaType::Pdf));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(MediaType::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(MediaType::Jpeg));
        assert_eq!(sniff(b"II\x2a\0\x08\0\0\0"), Some(MediaType::Tiff));
        assert_eq!(sniff(b"MM\0\x2a"), Some(MediaType::Tiff));
        assert_eq!(sniff(b"MM\0\x2b\0\x08\0\0"), Some(MediaType::Tiff));
        assert_eq!(sniff(b"RIFF\x24\0\0\0WEBPVP8 "), Some(MediaType::Webp));
        assert_eq!(sniff(b"GIF89a\x01\0\x01\0"), Some(MediaType::Gif));
        assert_eq!(
            sniff(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
            Some(MediaType::Bmp)
        );
        assert_eq!(
            sniff(b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 "),
            Some(MediaType::Jpeg2000)
        );
        assert_eq!(sniff(b"\xff\x4f\xff\x51\0\x2f"), Some(MediaType::Jpeg2000));
    }

    #[test]
    fn other_content_is_refused() {
        for content in [
            &b"RIFF\x24\0\0\0WAVEfmt "[..],
            b"BMW is a maker of cars, and this is a text.",
            b"PK\x03\x04%PDF-1.4",
            b"\x7fELF\x02\x01\x01\0",
            b"%!PS-Adobe-3.0",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\xff",
            b"",
        ] {
            assert_eq!(sniff(content), None, "{content:?}");
        }
    }

    #[test]
    fn a_pdf_header_may_come_late_but_not_later_than_we_look() {
        let at = |offset: usize| {
            let mut head = vec![b'x'; offset];
            head.extend_from_slice(b"%PDF-1.4\n");
            head
        };
        assert_eq!(sniff(&at(2048)), Some(MediaType::Pdf));
        assert_eq!(sniff(&at(SNIFF_BYTES)), None);
    }

    #[test]
    fn empty_is_told_from_unsupported() {
        assert!(matches!(detect(b""), Err(DocumentError::Empty)));
        assert!(matches!(detect(b"hello"), Err(DocumentError::UnsupportedType)));
    }

    #[test]
    fn pictures_of_telephones_are_told_how_they_can_be_read() {
        for brand in ["heic", "mif1", "avif"] {
            let head = format!("\0\0\0\x18ftyp{brand}\0\0\0\0");
            let error = detect(head.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("save it as JPEG"), "{error}");
        }
        let film = b"\0\0\0\x18ftypisom\0\0\0\0";
        assert!(matches!(detect(film), Err(DocumentError::UnsupportedType)));
    }
}
