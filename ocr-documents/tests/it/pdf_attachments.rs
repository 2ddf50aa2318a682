//! PDF files that carry other files.

use std::fmt::Write as _;

use crate::{
    open,
    pdf_builder::{PdfBuilder, written},
};

/// Adds a file of this name and returns the number of its specification.
fn attached(pdf: &mut PdfBuilder, name: &str) -> usize {
    let stored = pdf.stream("/Type /EmbeddedFile", b"the content");
    pdf.object(format!(
        "<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {stored} 0 R /UF {stored} 0 R >> >>"
    ))
}

/// The warnings of a file with a page of words, these entries of the page and these of the catalog.
fn warnings(mut pdf: PdfBuilder, page: &str, catalog: &str) -> Vec<String> {
    pdf.page(
        (600, 800),
        page,
        &[],
        &written(&[(60, 700, "See the attachments")]),
    );
    pdf.catalog(catalog);
    open(pdf.build()).warnings()
}

#[test]
fn a_plain_document_has_none() {
    assert_eq!(warnings(PdfBuilder::new(), "", ""), [""; 0]);
}

#[test]
fn a_portfolio_is_told_with_the_names_of_its_files() {
    let mut pdf = PdfBuilder::new();
    let files: Vec<usize> = (1..=7)
        .map(|number| attached(&mut pdf, &format!("part {number}.pdf")))
        .collect();
    let mut names = String::new();
    for (number, file) in files.iter().enumerate() {
        write!(names, "(key {number}) {file} 0 R ").unwrap();
    }
    let leaf = pdf.object(format!("<< /Names [{names}] /Limits [(a) (z)] >>"));
    let catalog = format!("/Collection << >> /Names << /EmbeddedFiles << /Kids [{leaf} 0 R] >> >>");
    assert_eq!(
        warnings(pdf, "", &catalog),
        [
            "this PDF is a portfolio with 7 attachments, which were not read: part 1.pdf, part 2.pdf, part 3.pdf, \
          part 4.pdf, part 5.pdf and others"
        ]
    );
    assert_eq!(
        warnings(PdfBuilder::new(), "", "/Collection << >>"),
        ["this PDF is a portfolio with attachments, which were not read"]
    );
}

#[test]
fn a_file_is_told_once_wherever_it_is_named() {
    let mut pdf = PdfBuilder::new();
    let file = attached(&mut pdf, "invoice.xml");
    let note = pdf.object(format!(
        "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {file} 0 R >>"
    ));
    let page = format!("/Annots [{note} 0 R] /AF [{file} 0 R]");
    let catalog = format!("/AF [{file} 0 R] /Names << /EmbeddedFiles << /Names [(a) {file} 0 R] >> >>");
    assert_eq!(
        warnings(pdf, &page, &catalog),
        ["this PDF has 1 attachment, which was not read: invoice.xml"]
    );
}

#[test]
fn a_file_pinned_to_a_page_is_told() {
    let mut pdf = PdfBuilder::new();
    let file = attached(&mut pdf, "photo.jpg");
    let page =
        format!("/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {file} 0 R >>]");
    assert_eq!(
        warnings(pdf, &page, ""),
        ["this PDF has 1 attachment, which was not read: photo.jpg"]
    );
}

#[test]
fn a_tree_of_names_that_leads_in_a_circle_ends() {
    let mut pdf = PdfBuilder::new();
    let file = attached(&mut pdf, "a.txt");
    let own = file + 1;
    let node = pdf.object(format!(
        "<< /Kids [{own} 0 R {own} 0 R] /Names [(a) {file} 0 R] >>"
    ));
    assert_eq!(node, own);
    assert_eq!(
        warnings(pdf, "", &format!("/Names << /EmbeddedFiles {own} 0 R >>")),
        ["this PDF has 1 attachment, which was not read: a.txt"]
    );
}
