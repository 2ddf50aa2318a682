//! Form fields and free texts: what viewers draw themselves is text of the page.

use ocr_core::model::PageText;

use crate::{
    open,
    pdf_builder::{PdfBuilder, written},
    text,
};

/// A page with a label and annotations of these entries; the form has `form` entries. `APPEARANCE` and `EMPTY` stand
/// for appearances that draw the word "Shown" and nothing.
fn page_with(form: &str, annotations: &[&str]) -> PageText {
    let mut pdf = PdfBuilder::new();
    let box_of = "/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F 3 0 R >> >>";
    let shown = pdf.stream(box_of, written(&[(2, 5, "Shown")]).as_bytes());
    let empty = pdf.stream(box_of, b"/Tx BMC EMC");
    let mut references = Vec::new();
    for entries in annotations {
        let entries = entries
            .replace("APPEARANCE", &format!("/AP << /N {shown} 0 R >>"))
            .replace("EMPTY", &format!("/AP << /N {empty} 0 R >>"));
        let number = pdf.object(format!("<< /Type /Annot {entries} >>"));
        references.push(format!("{number} 0 R"));
    }
    let list = references.join(" ");
    pdf.catalog(&format!("/AcroForm << /Fields [{list}] {form} >>"));
    let label = written(&[(60, 700, "Name:")]);
    pdf.page((600, 800), &format!("/Annots [{list}]"), &[], &label);
    text(open(pdf.build()).page(0).unwrap())
}

/// A text field beside the label.
const FIELD: &str = "/Subtype /Widget /FT /Tx /Rect [120 696 360 714] /DA (/F 12 Tf 0 g)";

fn read(form: &str, annotations: &[&str]) -> String {
    page_with(form, annotations).plain_text().replace("\n\n", "\n")
}

#[test]
fn a_value_without_an_appearance_is_read_at_its_place() {
    let page = page_with("", &[&format!("{FIELD} /V (Ingrid Solheim)")]);
    assert_eq!(page.plain_text(), "Name: Ingrid Solheim");
    let words: Vec<_> = page.words().map(|word| word.polygon.bounds()).collect();
    assert!(words[1].left > 0.2 && words[1].right < words[2].left && words[2].right < 0.6);
    assert!((words[1].center_y() - words[0].center_y()).abs() < 0.01);
}

#[test]
fn an_appearance_is_not_doubled() {
    let shown = format!("{FIELD} /V (Shown) APPEARANCE");
    assert_eq!(read("", &[&shown]), "Name: Shown");
    assert_eq!(read("/NeedAppearances true", &[&shown]), "Name: Shown");
    // What the field holds is shown in another way.
    let formatted = format!("{FIELD} /V (1234) APPEARANCE");
    assert_eq!(read("/NeedAppearances true", &[&formatted]), "Name: Shown");
    // Two widgets of a field that was drawn into the page.
    let label = "/Subtype /Widget /FT /Tx /Rect [50 690 200 714] /V (Name:)";
    assert_eq!(read("", &[label]), "Name:");
}

#[test]
fn an_empty_appearance_that_is_to_be_made_anew_shows_its_value() {
    let empty = format!("{FIELD} /V (Birch) EMPTY");
    assert_eq!(read("/NeedAppearances true", &[&empty]), "Name: Birch");
    assert_eq!(read("", &[&empty]), "Name:");
}

#[test]
fn what_nobody_sees_is_not_read() {
    let hidden = format!("{FIELD} /V (unseen) /F 2");
    let no_view = format!("{FIELD} /V (unseen) /F 32");
    let password = format!("{FIELD} /V (secret) /Ff 8192");
    let button = "/Subtype /Widget /FT /Btn /Ff 65536 /V (push) /Rect [120 696 360 714]";
    assert_eq!(read("", &[&hidden, &no_view, &password, button]), "Name:");
}

#[test]
fn entries_are_inherited_and_choices_are_shown_as_they_read() {
    let mut pdf = PdfBuilder::new();
    let parent = pdf.object("<< /FT /Ch /T (land) /V (no) /Opt [[(no) (Norway)] [(se) (Sweden)]] >>");
    let widget = pdf.object(format!(
        "<< /Type /Annot /Subtype /Widget /Rect [120 696 360 714] /Parent {parent} 0 R >>"
    ));
    pdf.page(
        (600, 800),
        &format!("/Annots [{widget} 0 R]"),
        &[],
        &written(&[(60, 700, "Land:")]),
    );
    assert_eq!(
        text(open(pdf.build()).page(0).unwrap()).plain_text(),
        "Land: Norway"
    );
    // A field that is its own parent.
    let mut pdf = PdfBuilder::new();
    let own = pdf.object("<< /Subtype /Widget /FT /Tx /V (own) /Rect [120 696 360 714] /Parent 4 0 R >>");
    pdf.page((600, 800), &format!("/Annots [{own} 0 R]"), &[], "");
    assert_eq!(text(open(pdf.build()).page(0).unwrap()).plain_text(), "own");
}

#[test]
fn boxes_say_whether_they_are_checked() {
    let checked = "/Subtype /Widget /FT /Btn /AS /Yes /Rect [120 696 134 710]";
    let empty = "/Subtype /Widget /FT /Btn /V /Off /Rect [160 696 174 710]";
    assert_eq!(read("", &[checked, empty]), "Name: \u{2611} \u{2610}");
}

#[test]
fn free_text_is_broken_into_lines() {
    let note = "/Subtype /FreeText /Rect [60 480 160 560] /DA (/F 10 Tf) /Contents (Rush order approved by the office\r\rCall first)";
    assert_eq!(
        read("", &[note]),
        "Name:\nRush order approved\nby the office\nCall first"
    );
    let unicode = "/Subtype /FreeText /Rect [60 500 360 520] /Contents <feff05d005d1002005d205d3>";
    assert_eq!(read("", &[unicode]), "Name:\n\u{5d0}\u{5d1} \u{5d2}\u{5d3}");
}
