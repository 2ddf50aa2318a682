//! Small PDF files written by hand, so that each says exactly what its test is about.

use std::fmt::Write;

/// A PDF file being written; objects are numbered from 1 in the order in which they are added.
pub(crate) struct PdfBuilder {
    objects: Vec<Vec<u8>>,
    pages: Vec<usize>,
}

/// Objects that every file has: catalog, page tree and a font.
const CATALOG: usize = 1;
const PAGE_TREE: usize = 2;
const FONT: usize = 3;

impl PdfBuilder {
    pub(crate) fn new() -> Self {
        let font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
        Self {
            objects: vec![
                format!("<< /Type /Catalog /Pages {PAGE_TREE} 0 R >>").into_bytes(),
                Vec::new(),
                font.to_vec(),
            ],
            pages: Vec::new(),
        }
    }

    /// Adds an object and returns its number.
    pub(crate) fn object(&mut self, body: impl Into<Vec<u8>>) -> usize {
        self.objects.push(body.into());
        self.objects.len()
    }

    /// Gives the catalog more entries.
    pub(crate) fn catalog(&mut self, entries: &str) {
        self.objects[CATALOG - 1] =
            format!("<< /Type /Catalog /Pages {PAGE_TREE} 0 R {entries} >>").into_bytes();
    }

    /// Adds a stream with more dictionary entries and returns its number.
    pub(crate) fn stream(&mut self, entries: &str, content: &[u8]) -> usize {
        let mut body = format!("<< {entries} /Length {} >>\nstream\n", content.len()).into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\nendstream");
        self.object(body)
    }

    /// Adds an image of eight-bit grey pixels and returns its number.
    pub(crate) fn gray_image(&mut self, width: u32, height: u32, pixels: &[u8]) -> usize {
        let entries = format!(
            "/Type /XObject /Subtype /Image /Width {width} /Height {height} \
             /ColorSpace /DeviceGray /BitsPerComponent 8"
        );
        self.stream(&entries, pixels)
    }

    /// Adds a page of `width` x `height` points with more dictionary entries; its resources name the
    /// font `F` and the given objects `X0`, `X1` and so on.
    pub(crate) fn page(
        &mut self,
        (width, height): (u32, u32),
        entries: &str,
        drawn: &[usize],
        content: &str,
    ) {
        let content = self.stream("", content.as_bytes());
        let mut objects = String::new();
        for (index, object) in drawn.iter().enumerate() {
            write!(objects, "/X{index} {object} 0 R ").unwrap();
        }
        let page = self.object(format!(
            "<< /Type /Page /Parent {PAGE_TREE} 0 R /MediaBox [0 0 {width} {height}] /Contents {content} 0 R \
             /Resources << /Font << /F {FONT} 0 R >> /XObject << {objects} >> >> {entries} >>"
        ));
        self.pages.push(page);
    }

    /// The finished file.
    pub(crate) fn build(mut self) -> Vec<u8> {
        let kids: Vec<String> = self.pages.iter().map(|page| format!("{page} 0 R")).collect();
        let tree = format!(
            "<< /Type /Pages /Count {} /Kids [{}] >>",
            kids.len(),
            kids.join(" ")
        );
        self.objects[PAGE_TREE - 1] = tree.into_bytes();
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut offsets = String::new();
        for (index, body) in self.objects.iter().enumerate() {
            writeln!(offsets, "{:010} 00000 n ", file.len()).unwrap();
            file.extend(format!("{} 0 obj\n", index + 1).into_bytes());
            file.extend_from_slice(body);
            file.extend_from_slice(b"\nendobj\n");
        }
        let (start, size) = (file.len(), self.objects.len() + 1);
        file.extend(
            format!(
                "xref\n0 {size}\n0000000000 65535 f \n{offsets}trailer << /Size {size} /Root 1 0 R >>\n\
                 startxref\n{start}\n%%EOF\n"
            )
            .into_bytes(),
        );
        file
    }
}

/// Content that writes each string at its place in points from the lower left corner, in 12 points.
pub(crate) fn written(strings: &[(u32, u32, &str)]) -> String {
    strings.iter().fold(String::new(), |mut content, (x, y, string)| {
        writeln!(content, "BT /F 12 Tf {x} {y} Td ({string}) Tj ET").unwrap();
        content
    })
}
