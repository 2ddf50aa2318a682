//! What is to be read from pixels beside a text layer.

use ocr_core::model::Rect;

use crate::{
    mixed, open,
    pdf_builder::{PdfBuilder, written},
    text,
};

const TEXT: [(u32, u32, &str); 3] = [
    (
        60,
        740,
        "Travel expenses of the second quarter, with the receipts of the hotel",
    ),
    (
        60,
        720,
        "and of the railway pasted below. Please return the originals to me.",
    ),
    (
        60,
        700,
        "The sum was transferred in advance on the third of the month.",
    ),
];

/// A picture of bars, dark on white, as lines of letters are.
fn bars(pdf: &mut PdfBuilder, width: u32, height: u32) -> usize {
    let pixel = |x: u32, y: u32| if y % 20 < 10 && x % 8 < 4 { 20 } else { 250 };
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| pixel(x, y)))
        .collect();
    pdf.gray_image(width, height, &pixels)
}

#[test]
fn a_picture_beside_a_text_is_to_be_read() {
    let mut pdf = PdfBuilder::new();
    let picture = bars(&mut pdf, 300, 200);
    let drawn = format!("{} q 240 0 0 160 180 400 cm /X0 Do Q", written(&TEXT));
    pdf.page((600, 800), "", &[picture], &drawn);
    let page = mixed(open(pdf.build()).page(0).unwrap());
    assert!(page.text.plain_text().starts_with("Travel expenses") && page.text.warnings.is_empty());
    let Rect {
        left,
        top,
        right,
        bottom,
    } = page.unread[0];
    let near = |a: f32, b: f32| (a - b).abs() < 0.01;
    assert!(
        near(left, 0.3) && near(right, 0.7) && near(top, 0.3) && near(bottom, 0.5),
        "{:?}",
        page.unread
    );
    // The text itself is not there to be read again.
    let rows = page.image.height() as usize / 5;
    let above = &page.image.pixels()[..rows * page.image.width() as usize * page.image.format().channels()];
    assert!(above.iter().all(|&value| value == 255));
}

#[test]
fn a_picture_in_strips_is_one() {
    let mut pdf = PdfBuilder::new();
    let strip = bars(&mut pdf, 300, 20);
    let strips: String = (0..10)
        .map(|row| format!("q 240 0 0 16 180 {} cm /X0 Do Q ", 400 + row * 16))
        .collect::<Vec<_>>()
        .concat();
    pdf.page((600, 800), "", &[strip], &(written(&TEXT) + &strips));
    assert_eq!(mixed(open(pdf.build()).page(0).unwrap()).unread.len(), 1);
}

#[test]
fn pictures_without_words_and_ornaments_change_nothing() {
    let mut pdf = PdfBuilder::new();
    let even = pdf.gray_image(300, 200, &vec![200; 300 * 200]);
    let small = bars(&mut pdf, 40, 40);
    let drawn = format!(
        "{} q 240 0 0 160 180 400 cm /X0 Do Q q 30 0 0 30 500 740 cm /X1 Do Q",
        written(&TEXT)
    );
    pdf.page((600, 800), "", &[even, small], &drawn);
    let page = text(open(pdf.build()).page(0).unwrap());
    assert_eq!(page.lines().count(), 3);
}

#[test]
fn a_few_letters_drawn_as_shapes_are_to_be_read() {
    let letters: String = (0..12)
        .map(|at| {
            let x = 200 + at * 14;
            format!(
                "{x} 500 m {x} 516 l {} 516 l {} 508 l {} 500 l {} 504 l {x} 502 l h f\n",
                x + 10,
                x + 6,
                x + 10,
                x + 4
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let mut pdf = PdfBuilder::new();
    pdf.page((600, 800), "", &[], &(written(&TEXT) + &letters));
    let page = mixed(open(pdf.build()).page(0).unwrap());
    assert_eq!(page.unread.len(), 1, "{:?}", page.unread);
}

#[test]
fn a_picture_on_a_page_of_sideways_text_is_where_it_is_read() {
    let mut pdf = PdfBuilder::new();
    let picture = bars(&mut pdf, 300, 200);
    let lines: String = (0..3)
        .map(|line| {
            format!(
                "BT /F 12 Tf 0 1 -1 0 {} 60 Tm ({}) Tj ET ",
                60 + line * 20,
                TEXT[line].2
            )
        })
        .collect::<Vec<_>>()
        .concat();
    pdf.page(
        (600, 800),
        "",
        &[picture],
        &format!("{lines} q 240 0 0 160 300 600 cm /X0 Do Q"),
    );
    let page = mixed(open(pdf.build()).page(0).unwrap());
    assert_eq!(page.text.rotation, 90);
    assert!(page.image.width() > page.image.height());
    // 300 to 540 points from the left and 40 to 200 from the top, turned clockwise.
    let Rect {
        left,
        top,
        right,
        bottom,
    } = page.unread[0];
    let near = |a: f32, b: f32| (a - b).abs() < 0.01;
    assert!(
        near(left, 600.0 / 800.0) && near(right, 760.0 / 800.0) && near(top, 0.5) && near(bottom, 0.9),
        "{:?}",
        page.unread
    );
}
