//! What a PDF page draws, and how far the filters of a stream expand.

use std::fmt::Write as _;

use ocr_documents::{Document, fuzzing};

use crate::{Seed, Target, document::limits};

pub(crate) const TARGET: Target = Target {
    name: "pdf",
    run: pdf,
    seeds,
    words: &[
        b"/FlateDecode",
        b"/LZWDecode",
        b"/RunLengthDecode",
        b"/ASCIIHexDecode",
        b"/ASCII85Decode",
        b"/CCITTFaxDecode",
        b"/JBIG2Decode",
        b"/ObjStm",
        b"/XObject",
        b"/Length",
        b"endstream",
        b"endobj",
        b"1 0 obj",
        b"1 0 R",
        b" Do ",
        b" cm ",
        b"BT /F0 12 Tf",
        b"(x) Tj ET",
        b"99999999999",
        b"-1",
    ],
    mutations: 3000,
};

/// Pages of a file that are looked at.
const PAGES: u32 = 3;

/// Expands `bytes` by each filter, and surveys the pages of the PDF that they may be.
///
/// # Panics
/// When an expansion keeps more than it may.
pub fn pdf(bytes: &[u8]) {
    fuzzing::expansion(bytes);
    if let Ok(document) = Document::open(bytes, limits()) {
        for index in 0..document.page_count().min(PAGES) {
            let _either = document.facts(index);
        }
    }
}

/// A file of one page with this content. Readers rebuild the missing table of objects.
fn one_page(resources: &str, dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut file = format!(
        "%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R \
         /Resources << /Font << /F0 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> {resources} >> >>\n\
         endobj\n4 0 obj\n<< {dictionary} /Length {} >>\nstream\n",
        content.len()
    )
    .into_bytes();
    file.extend_from_slice(content);
    file.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n");
    file
}

fn seeds() -> Vec<Seed> {
    let text = b"BT /F0 12 Tf 10 50 Td (Some words on a page) Tj 0 -14 Td (and more) Tj ET";
    let drawing =
        b"q 0.5 g 10 10 30 30 re f 0 0 m 50 50 l 60 10 20 20 100 50 c S Q q 5 5 90 90 re W n 0 0 9 9 re f Q";
    let inline = b"q 100 0 0 50 0 0 cm BI /W 4 /H 2 /BPC 8 /CS /G /F /AHx ID 00ff00ff ff00ff00> EI Q";
    let hexadecimal = text.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    let mut run_lengths = vec![(text.len() - 1) as u8];
    run_lengths.extend_from_slice(text);
    run_lengths.extend_from_slice(&[250, b' ', 128]);
    // Stored without compression: a header, one block, a checksum that need not be right.
    let length = text.len() as u16;
    let mut deflated = vec![0x78, 0x01, 1];
    deflated.extend_from_slice(&length.to_le_bytes());
    deflated.extend_from_slice(&(!length).to_le_bytes());
    deflated.extend_from_slice(text);
    deflated.extend_from_slice(&[0; 4]);
    let form = "/XObject << /X0 4 0 R >>";
    vec![
        ("text", one_page("", "", text)),
        ("drawing", one_page("", "", drawing)),
        ("inline-image", one_page("", "", inline)),
        (
            "hexadecimal",
            one_page(
                "",
                "/Filter /ASCIIHexDecode",
                format!("{hexadecimal}>").as_bytes(),
            ),
        ),
        (
            "run-lengths",
            one_page("", "/Filter [/RunLengthDecode]", &run_lengths),
        ),
        ("deflated", one_page("", "/Filter /FlateDecode", &deflated)),
        (
            "base-85",
            one_page("", "/Filter /ASCII85Decode", b"87cUR D]i,\"Ebo80z~>"),
        ),
        (
            "form-of-itself",
            one_page(
                form,
                "/Type /XObject /Subtype /Form /BBox [0 0 9 9]",
                b"/X0 Do /X0 Do",
            ),
        ),
        ("run-lengths-alone", run_lengths.clone()),
        ("deflated-alone", deflated.clone()),
    ]
}
