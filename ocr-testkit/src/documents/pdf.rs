//! A writer of minimal PDF files (ISO 32000-1): scans, born-digital text, and an encrypted one.

use std::fmt::Write;

use bytes::Bytes;
use ocr_core::page::{PageImage, PixelFormat};

use super::encode::jpeg;

/// Points an inch.
const POINTS: f32 = 72.0;
/// Height of an A4 page in points.
const A4_HEIGHT: f32 = 842.0;
/// Distance between base lines of born-digital text, in points.
const LEADING: f32 = 16.0;

/// Objects of a file, numbered from 1 in the order they are added.
#[derive(Default)]
struct Objects(Vec<Vec<u8>>);

impl Objects {
    /// Adds an object and says its number.
    fn add(&mut self, body: impl Into<Vec<u8>>) -> usize {
        self.0.push(body.into());
        self.0.len()
    }

    fn add_stream(&mut self, dictionary: &str, data: &[u8]) -> usize {
        let mut body = format!("<< {dictionary} /Length {} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// Adds the page tree and the catalogue; `pages` are the bodies of page objects without parent.
    fn finish(mut self, pages: &[String], trailer: &str) -> Bytes {
        let tree = self.0.len() + pages.len() + 1;
        let kids: Vec<String> = pages
            .iter()
            .map(|page| {
                let number = self.add(format!("<< /Type /Page /Parent {tree} 0 R {page} >>"));
                format!("{number} 0 R")
            })
            .collect();
        self.add(format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            kids.len()
        ));
        let root = self.add(format!("<< /Type /Catalog /Pages {tree} 0 R >>"));
        self.write(root, trailer)
    }

    fn write(self, root: usize, trailer: &str) -> Bytes {
        let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.0.len() + 1);
        for (number, body) in (1..).zip(&self.0) {
            // Writing to a String cannot fail.
            let _ = writeln!(table, "{:010} 00000 n ", file.len());
            file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            file.extend_from_slice(body);
            file.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len();
        let size = self.0.len() + 1;
        let end = format!(
            "{table}trailer\n<< /Size {size} /Root {root} 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
        );
        file.extend_from_slice(end.as_bytes());
        file.into()
    }
}

/// A scan: a JPEG of each page, filling a page of its size.
///
/// # Panics
/// When a page has no pixels.
pub fn image_pdf(pages: &[PageImage]) -> Bytes {
    let mut objects = Objects::default();
    let bodies: Vec<String> = pages
        .iter()
        .map(|page| {
            let color = match page.format() {
                PixelFormat::Gray8 => "/DeviceGray",
                PixelFormat::Rgb8 => "/DeviceRGB",
            };
            let (width, height) = (page.width(), page.height());
            let dictionary = format!(
                "/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace {color} \
                 /BitsPerComponent 8 /Filter /DCTDecode"
            );
            let image = objects.add_stream(&dictionary, &jpeg(page, 85));
            let points = |pixels: u32| pixels as f32 * POINTS / page.dpi().unwrap_or(200.0);
            let (width, height) = (points(width), points(height));
            let draw = format!("q {width:.2} 0 0 {height:.2} 0 0 cm /Im0 Do Q");
            let content = objects.add_stream("", draw.as_bytes());
            format!(
                "/MediaBox [0 0 {width:.2} {height:.2}] /Contents {content} 0 R \
                 /Resources << /XObject << /Im0 {image} 0 R >> >>"
            )
        })
        .collect();
    objects.finish(&bodies, "")
}

/// A born-digital document: each text a page of A4 in 12 point Helvetica, line by line. Characters
/// outside of Latin-1 become question marks.
pub fn text_pdf<T: AsRef<str>>(pages: &[T]) -> Bytes {
    let (objects, bodies) = text_objects(pages);
    objects.finish(&bodies, "")
}

/// A document that asks for a password. Its dictionary is that of the standard security handler,
/// revision 2; there is no password that opens it.
pub fn encrypted_pdf() -> Bytes {
    let (mut objects, bodies) = text_objects(&["secret"]);
    let key = "5a".repeat(32);
    let encrypt = objects.add(format!(
        "<< /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -44 >>"
    ));
    let id = "0f".repeat(16);
    objects.finish(&bodies, &format!("/Encrypt {encrypt} 0 R /ID [<{id}> <{id}>]"))
}

/// What opens [`locked_pdf`].
pub const PASSWORD: &str = "open sesame";

/// A document of one page that [`PASSWORD`] opens, and that says "Opened with its password". Its dictionary is that
/// of the standard security handler, revision 2 (ISO 32000-1, 7.6.3); what depends on the password was computed once.
pub fn locked_pdf() -> Bytes {
    const CONTENT: [u8; 55] = [
        0x84, 0x50, 0x8a, 0x78, 0x17, 0x1d, 0xe2, 0xb9, 0x11, 0x33, 0x70, 0xd9, 0xa6, 0x88, 0x22, 0xff, 0x02,
        0xb4, 0x8d, 0xe1, 0x4e, 0x4c, 0x22, 0xd9, 0x0c, 0x08, 0x21, 0x15, 0x57, 0xde, 0xfc, 0xfd, 0x01, 0xb3,
        0x7d, 0x21, 0xb7, 0xe7, 0xa9, 0xfd, 0x48, 0x36, 0x05, 0xfd, 0x04, 0xb1, 0xf9, 0x22, 0x96, 0x95, 0x49,
        0x97, 0x51, 0x80, 0xc8,
    ];
    let (owner, user) = (
        "295815096290d89f881ad8500840bca77fab9e9027621d1b0af4a6d622a6f9af",
        "fe1a0d8875b7d9a533996a64dae9eb98dd56fb993d3ff66db2ff15fdcfce0097",
    );
    let mut objects = Objects::default();
    let font =
        objects.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
    // The second object: the number is a part of its key.
    let content = objects.add_stream("", &CONTENT);
    let encrypt = objects.add(format!(
        "<< /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{user}> /P -44 >>"
    ));
    let page = format!(
        "/MediaBox [0 0 595 {A4_HEIGHT}] /Contents {content} 0 R /Resources << /Font << /F1 {font} 0 R >> >>"
    );
    let id = "0f".repeat(16);
    objects.finish(&[page], &format!("/Encrypt {encrypt} 0 R /ID [<{id}> <{id}>]"))
}

fn text_objects<T: AsRef<str>>(pages: &[T]) -> (Objects, Vec<String>) {
    let mut objects = Objects::default();
    let font =
        objects.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
    let bodies = pages
        .iter()
        .map(|text| {
            let content = objects.add_stream("", &show(text.as_ref()));
            format!(
                "/MediaBox [0 0 595 {A4_HEIGHT}] /Contents {content} 0 R \
                 /Resources << /Font << /F1 {font} 0 R >> >>"
            )
        })
        .collect();
    (objects, bodies)
}

/// The operators that show `text` from the top left corner.
fn show(text: &str) -> Vec<u8> {
    let top = A4_HEIGHT - 72.0;
    let mut content = format!("BT /F1 12 Tf {LEADING} TL 72 {top} Td\n").into_bytes();
    for line in text.lines() {
        content.push(b'(');
        for character in line.chars() {
            let byte = u8::try_from(u32::from(character)).unwrap_or(b'?');
            if matches!(byte, b'(' | b')' | b'\\') {
                content.push(b'\\');
            }
            content.push(byte);
        }
        content.extend_from_slice(b") Tj T*\n");
    }
    content.extend_from_slice(b"ET");
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every entry of the cross-reference table points at its object, and the trailer at the table.
    fn is_well_formed(file: &Bytes) {
        let text: String = file.iter().map(|byte| char::from(*byte)).collect();
        let start: usize = text
            .rsplit("startxref\n")
            .next()
            .and_then(|tail| tail.lines().next())
            .and_then(|number| number.parse().ok())
            .unwrap();
        let at = |offset: usize| -> String { text.chars().skip(offset).take(20).collect() };
        assert!(at(start).starts_with("xref\n0 "));
        let table: String = text.chars().skip(start).collect();
        let entries: Vec<usize> = table
            .lines()
            .filter_map(|line| line.strip_suffix(" 00000 n "))
            .map(|offset| offset.parse().unwrap())
            .collect();
        assert!(entries.len() >= 4);
        for (number, offset) in (1..).zip(entries) {
            assert!(
                at(offset).starts_with(&format!("{number} 0 obj\n")),
                "object {number}"
            );
        }
    }

    #[test]
    fn offsets_point_at_their_objects() {
        let page = crate::documents::Typeset::card().page("Hello");
        is_well_formed(&image_pdf(&[page.clone(), page]));
        is_well_formed(&text_pdf(&["one (1)", "two \\ 2"]));
        is_well_formed(&encrypted_pdf());
        is_well_formed(&locked_pdf());
    }
}
