//! The file of a document: a zip archive of XML.

use std::io::{self, Cursor, Write};

use docx_rs::{Docx, XMLDocx};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::schema::in_order;

/// Writes a document. The library can write archives too; this one is compressed, and has no time of writing
/// whatever else is built into the program.
pub(super) fn write(docx: Docx, output: &mut dyn Write) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, xml) in parts(docx.build()) {
        archive.start_file(name, options)?;
        archive.write_all(&in_order(&xml).map_err(io::Error::other)?)?;
    }
    output.write_all(archive.finish()?.get_ref())
}

/// The parts of a document without pictures, headers and footers, by their names; first that which names the others.
fn parts(xml: XMLDocx) -> [(&'static str, Vec<u8>); 14] {
    [
        ("[Content_Types].xml", xml.content_type),
        ("_rels/.rels", xml.rels),
        ("docProps/app.xml", xml.doc_props.app),
        ("docProps/core.xml", xml.doc_props.core),
        ("docProps/custom.xml", xml.doc_props.custom),
        ("word/_rels/document.xml.rels", xml.document_rels),
        ("word/document.xml", xml.document),
        ("word/styles.xml", xml.styles),
        ("word/settings.xml", xml.settings),
        ("word/fontTable.xml", xml.font_table),
        ("word/comments.xml", xml.comments),
        ("word/numbering.xml", xml.numberings),
        ("word/commentsExtended.xml", xml.comments_extended),
        ("word/footnotes.xml", xml.footnotes),
    ]
}
