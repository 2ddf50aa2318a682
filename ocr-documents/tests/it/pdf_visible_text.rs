//! Text of a page that nobody can see is not its text.

use crate::{
    image, open,
    pdf_builder::{PdfBuilder, written},
    text,
};

const SEEN: &str = "Minutes of the allotment society, taken down by the secretary in the hut";

/// The words of a page that draws `drawn` below a line of plain text.
fn read(drawn: &str) -> String {
    read_with(&[], "", drawn)
}

fn read_with(entries: &[&str], page: &str, drawn: &str) -> String {
    let mut pdf = PdfBuilder::new();
    let objects: Vec<usize> = entries
        .iter()
        .map(|entries| pdf.stream(entries, &[40; 64]))
        .collect();
    let plain = written(&[(60, 700, SEEN)]);
    pdf.page((600, 800), page, &objects, &format!("{plain}{drawn}"));
    let read = text(open(pdf.build()).page(0).unwrap());
    read.plain_text().replace(SEEN, "").trim().to_owned()
}

/// Text at 60, 500, about 90 points long.
fn secret() -> String {
    written(&[(60, 500, "Adelbert Quill")])
}

const IMAGE: &str =
    "/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray";

#[test]
fn text_under_a_later_shape_is_not_seen() {
    let shapes = [
        "0 g 55 495 120 18 re f",
        "1 g 55 495 120 18 re f",
        // A corner off, as drawing programs do.
        "0.2 0.4 0.9 rg 55 497 m 57 495 l 173 495 l 175 497 l 175 515 l 55 515 l h f",
        // A thick line, and two bars that cover it together.
        "0 G 20 w 50 504 m 180 504 l S",
        "0 g 55 495 120 8 re f 55 502 120 13 re f",
        // Redrawn in another size, so that something else can be seen in the same place.
        "1 g 55 495 120 18 re f 0 g BT /F 12 Tf 60 500 Td (void) Tj ET",
    ];
    for shape in shapes {
        let read = read(&format!("{} {shape}", secret()));
        assert!(
            !read.contains("Quill") && !read.contains("Adel"),
            "{shape}: {read:?}"
        );
        assert_eq!(read.contains("void"), shape.contains("void"), "{shape}");
    }
}

#[test]
fn text_under_a_later_picture_is_not_seen() {
    let drawn = format!("{} q 120 0 0 20 55 494 cm /X0 Do Q", secret());
    assert_eq!(read_with(&[IMAGE], "", &drawn), "");
}

#[test]
fn marks_that_hide_nothing_leave_the_text() {
    let marks = [
        // Before the text, beside it, and around it.
        format!("0.9 g 55 495 120 18 re f 0 g {}", secret()),
        format!("{} 0 g 55 470 120 18 re f", secret()),
        format!("{} 0 G 1 w 55 495 120 18 re S", secret()),
        format!("{} 4 w 50 490 130 28 re S", secret()),
        // Struck out and underlined.
        format!("{} 0 g 58 503 92 0.8 re f 58 498 92 0.8 re f", secret()),
        // An L around it, whose box covers it.
        format!(
            "{} 0 g 40 480 m 200 480 l 200 486 l 46 486 l 46 530 l 40 530 l h f",
            secret()
        ),
    ];
    for drawn in marks {
        assert_eq!(read(&drawn), "Adelbert Quill", "{drawn}");
    }
}

#[test]
fn letters_in_the_colour_of_their_ground_are_not_seen() {
    for (ground, letters) in [
        ("1 g", "1 g"),
        ("0 g", "0 g"),
        ("0.2 0.3 0.8 rg", "0.2 0.3 0.8 rg"),
        ("0.98 g", "1 g"),
    ] {
        let drawn = format!("{ground} 40 480 300 50 re f {letters} {} 0 g", secret());
        assert_eq!(read(&drawn), "", "{letters} on {ground}");
    }
    assert_eq!(read(&format!("1 g {} 0 g", secret())), "");
}

#[test]
fn light_letters_on_a_dark_ground_are_seen() {
    for (ground, letters) in [
        ("0 g", "1 g"),
        ("0.1 0.15 0.4 rg", "1 g"),
        ("0.8 0.1 0.1 rg", "0.1 0.5 0.1 rg"),
        ("0.6 g", "0.8 g"),
    ] {
        let drawn = format!("{ground} 40 480 300 50 re f {letters} {} 0 g", secret());
        assert_eq!(read(&drawn), "Adelbert Quill", "{letters} on {ground}");
    }
    let on_a_picture = format!("q 300 0 0 50 40 480 cm /X0 Do Q 1 g {} 0 g", secret());
    assert_eq!(read_with(&[IMAGE], "", &on_a_picture), "Adelbert Quill");
}

#[test]
fn text_that_lets_everything_through_is_not_seen() {
    let clear = "/Resources << /Font << /F 3 0 R >> /ExtGState << /G << /ca 0 >> >> >>";
    let mut pdf = PdfBuilder::new();
    let form = pdf.stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 600 800] {clear}"),
        format!("/G gs {}", secret()).as_bytes(),
    );
    pdf.page(
        (600, 800),
        "",
        &[form],
        &format!("{} /X0 Do", written(&[(60, 700, SEEN)])),
    );
    assert_eq!(text(open(pdf.build()).page(0).unwrap()).plain_text(), SEEN);
}

#[test]
fn text_that_is_clipped_away_or_cropped_is_not_seen() {
    assert_eq!(read(&format!("q 300 300 50 50 re W n {} Q", secret())), "");
    let corner = "40 530 m 340 530 l 340 480 l h";
    assert_eq!(read(&format!("q {corner} W n {} Q", secret())), "");
    assert_eq!(read_with(&[], "/CropBox [0 550 600 800]", &secret()), "");
    let within = format!("q 40 480 300 50 re W n {} Q", secret());
    assert_eq!(read(&within), "Adelbert Quill");
}

#[test]
fn a_page_of_hidden_text_only_is_read_from_its_pixels() {
    let mut pdf = PdfBuilder::new();
    pdf.page(
        (600, 800),
        "",
        &[],
        &format!("{} 0 g 55 495 120 18 re f", secret()),
    );
    assert!(image(open(pdf.build()).page(0).unwrap()).width() >= 1600);
}
