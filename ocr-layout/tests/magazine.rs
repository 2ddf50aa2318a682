//! Pages as of magazines: columns that begin at any height, headlines over some of them, pictures between.

use ocr_layout::{Boxes, Piece, Rect, blocks};

/// Distance of lines.
const LEADING: f32 = 25.0;

/// A page that is drawn in the order in which it is to be read.
struct Sheet {
    pieces: Vec<Piece>,
    boxes: Boxes,
}

impl Sheet {
    /// The same page as found in pixels and as computed from fonts.
    fn both(draw: impl Fn(&mut Self)) -> [Self; 2] {
        [Boxes::Found, Boxes::Exact].map(|boxes| {
            let mut sheet = Self {
                pieces: Vec::new(),
                boxes,
            };
            draw(&mut sheet);
            sheet
        })
    }

    fn line(&mut self, left: f32, top: f32, width: f32, height: f32) {
        let rect = Rect::new(left, top, left + width, top + height);
        self.pieces.push(match self.boxes {
            Boxes::Found => Piece::found(rect),
            Boxes::Exact => Piece::typeset(rect, height, top + 0.8 * height),
            other => unreachable!("no sheet has {other:?} boxes"),
        });
    }

    /// A column of running text, whose paragraphs end early.
    fn column(&mut self, left: f32, width: f32, top: f32, lines: usize) {
        for index in 0..lines {
            let width = if index % 5 == 4 { 0.6 * width } else { width };
            self.line(left, top + index as f32 * LEADING, width, 18.0);
        }
    }

    /// Indices in the order in which they are read.
    fn read(&self) -> Vec<usize> {
        let groups = blocks(&self.pieces, self.boxes);
        groups
            .into_iter()
            .flat_map(|group| group.rows)
            .flatten()
            .collect()
    }

    fn assert_in_order(&self) {
        let read = self.read();
        let expected: Vec<usize> = (0..self.pieces.len()).collect();
        assert_eq!(read, expected, "{:?}", self.boxes);
    }
}

#[test]
fn columns_begin_at_any_height() {
    for sheet in Sheet::both(|sheet| {
        sheet.column(50.0, 400.0, 100.0, 40);
        // A picture stands over the second column.
        sheet.column(490.0, 400.0, 507.0, 24);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn a_headline_over_two_of_three_columns_does_not_part_the_third() {
    for sheet in Sheet::both(|sheet| {
        sheet.line(50.0, 100.0, 540.0, 40.0);
        sheet.column(50.0, 250.0, 160.0, 30);
        sheet.column(330.0, 250.0, 160.0, 30);
        sheet.column(610.0, 250.0, 65.0, 33);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn a_headline_in_the_middle_of_two_columns_leaves_the_third_alone() {
    for sheet in Sheet::both(|sheet| {
        sheet.column(50.0, 250.0, 100.0, 12);
        sheet.column(330.0, 250.0, 100.0, 12);
        sheet.line(50.0, 425.0, 520.0, 36.0);
        sheet.column(50.0, 250.0, 480.0, 12);
        sheet.column(330.0, 250.0, 480.0, 12);
        sheet.column(610.0, 250.0, 107.0, 27);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn three_columns_on_one_grid() {
    for sheet in Sheet::both(|sheet| {
        for column in 0..3 {
            sheet.column(50.0 + 280.0 * column as f32, 250.0, 100.0, 30);
        }
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn the_number_of_columns_changes_down_the_page() {
    for sheet in Sheet::both(|sheet| {
        sheet.line(50.0, 20.0, 800.0, 44.0);
        sheet.column(50.0, 380.0, 100.0, 10);
        sheet.column(470.0, 380.0, 100.0, 10);
        sheet.column(50.0, 240.0, 420.0, 10);
        sheet.column(330.0, 240.0, 420.0, 10);
        sheet.column(610.0, 240.0, 420.0, 10);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn a_box_over_the_right_columns_and_a_headline_over_the_left() {
    // No gutter goes through the whole page without being crossed.
    for sheet in Sheet::both(|sheet| {
        sheet.line(50.0, 60.0, 540.0, 40.0);
        sheet.column(50.0, 250.0, 120.0, 24);
        sheet.column(330.0, 250.0, 120.0, 12);
        sheet.column(610.0, 250.0, 67.0, 14);
        sheet.line(330.0, 440.0, 530.0, 30.0);
        sheet.column(330.0, 250.0, 480.0, 9);
        sheet.column(610.0, 250.0, 480.0, 9);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn a_headline_over_the_last_two_of_three_columns() {
    for sheet in Sheet::both(|sheet| {
        sheet.column(50.0, 250.0, 65.0, 33);
        sheet.line(330.0, 100.0, 540.0, 40.0);
        sheet.column(330.0, 250.0, 160.0, 30);
        sheet.column(610.0, 250.0, 160.0, 30);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn pictures_in_the_middle_of_columns() {
    for sheet in Sheet::both(|sheet| {
        sheet.column(50.0, 250.0, 100.0, 30);
        sheet.column(330.0, 250.0, 100.0, 10);
        // A caption.
        sheet.line(330.0, 360.0, 200.0, 14.0);
        sheet.column(330.0, 250.0, 600.0, 10);
        sheet.column(610.0, 250.0, 100.0, 10);
        sheet.column(610.0, 250.0, 400.0, 18);
    }) {
        sheet.assert_in_order();
    }
}

#[test]
fn the_fields_of_a_form_are_read_by_rows() {
    for sheet in Sheet::both(|sheet| {
        for row in 0..12 {
            let top = 100.0 + row as f32 * 40.0;
            for (left, width) in [(50.0, 120.0), (250.0, 150.0), (500.0, 110.0), (700.0, 90.0)] {
                sheet.line(left, top, width, 18.0);
            }
        }
    }) {
        sheet.assert_in_order();
    }
}
