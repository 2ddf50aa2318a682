//! hOCR 1.2 (<https://kba.github.io/hocr-spec/1.2/>): recognised text as XHTML with places.

use std::{collections::BTreeSet, io};

use ocr_core::{
    formats::{FormatInfo, FormatInput},
    model::{Block, BlockKind, DocumentText, Line, PageText, Polygon, Table},
};

use crate::{
    Format, WriteError,
    cells::{Place, cell_lines, note_lines, rows, table_of},
    language,
    pieces::{Piece, pieces},
    pixels::{Pixels, resolution},
    writing::{Writing, engine_name},
    xml::{Tag, fraction},
};

/// What may occur; readers take what is not named for absent.
const CAPABILITIES: &str = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocr_table ocr_image ocr_header \
                            ocr_footer ocr_pageno ocrp_lang ocrp_dir ocrp_poly ocrp_wconf";

/// [hOCR 1.2](https://kba.github.io/hocr-spec/1.2/): pages, areas, paragraphs, lines and words as XHTML, with boxes
/// in pixels and confidence in percent. What is slanted has its corners too (`poly`).
///
/// The baseline is the lower side of a line's outline, for the model knows no other; lines that run up, down or
/// upside down have a `textangle` instead. The height of a line is in `x_size`, which is not of the specification but
/// of Tesseract; readers go by it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hocr;

impl Format for Hocr {
    fn info(&self) -> FormatInfo {
        FormatInfo::new("hocr", "application/xhtml+xml", "hocr")
    }

    fn write(&self, input: FormatInput<'_>, output: &mut dyn io::Write) -> Result<(), WriteError> {
        let write = |writing: &mut Writing<'_, Self>| writing.document(input.document);
        Ok(Writing::to(output, write)?)
    }
}

impl Writing<'_, Hocr> {
    fn document(&mut self, document: &DocumentText) -> io::Result<()> {
        self.xml.declaration()?;
        self.xml.html_doctype()?;
        self.xml
            .open(Tag::new("html").with("xmlns", "http://www.w3.org/1999/xhtml"))?;
        self.xml.open(Tag::new("head"))?;
        self.xml.leaf(Tag::new("title"), "Recognised document")?;
        self.xml.empty(Tag::new("meta").with("charset", "utf-8"))?;
        self.meta("ocr-system", &engine_name(&document.engine))?;
        self.meta("ocr-number-of-pages", &document.pages.len().to_string())?;
        self.meta("ocr-langs", &languages(document))?;
        self.meta("ocr-capabilities", CAPABILITIES)?;
        self.xml.close()?;
        self.xml.open(Tag::new("body"))?;
        for page in &document.pages {
            self.page(page)?;
        }
        self.xml.close()?;
        self.xml.close()
    }

    fn meta(&mut self, name: &str, content: &str) -> io::Result<()> {
        let meta = Tag::new("meta").with("name", name).with("content", content);
        self.xml.empty(meta)
    }

    fn page(&mut self, page: &PageText) -> io::Result<()> {
        self.pixels = Pixels::of(page);
        let dpi = resolution(page);
        let scan_resolution = dpi.map_or_else(String::new, |dpi| {
            let dpi = dpi.round();
            format!("; scan_res {dpi} {dpi}")
        });
        // Pages of the format count from 0. The name of the picture is not known here.
        let title = format!(
            "image \"\"; bbox 0 0 {} {}; ppageno {}{scan_resolution}",
            page.width,
            page.height,
            page.number.saturating_sub(1)
        );
        let language = language::of_page(page);
        let direction = language.is_some_and(language::is_right_to_left).then_some("rtl");
        self.xml.open(
            element("div", "ocr_page", self.ids.next_page(), title)
                .with_some("lang", language)
                .with_some("xml:lang", language)
                .with_some("dir", direction),
        )?;
        for block in &page.blocks {
            self.block(block)?;
        }
        self.xml.close()
    }

    fn block(&mut self, block: &Block) -> io::Result<()> {
        let table = table_of(block);
        let class = match block.kind {
            _ if table.is_some() => "ocr_table",
            BlockKind::Table => "ocr_table",
            BlockKind::Figure => "ocr_image",
            BlockKind::Header => "ocr_header",
            BlockKind::Footer => "ocr_footer",
            BlockKind::PageNumber => "ocr_pageno",
            _ => "ocr_carea",
        };
        let title = self.place(&block.polygon);
        self.xml
            .open(element("div", class, self.ids.next("block"), title))?;
        match table {
            Some(table) => self.table(block, table)?,
            None => self.paragraph(&block.lines)?,
        }
        self.xml.close()
    }

    fn paragraph(&mut self, lines: &[Line]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let around = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
        let title = self.place(&around);
        self.xml
            .open(element("p", "ocr_par", self.ids.next("par"), title))?;
        for line in lines {
            self.line(line)?;
        }
        self.xml.close()
    }

    fn table(&mut self, block: &Block, table: &Table) -> io::Result<()> {
        self.paragraph(&note_lines(block, table.title.as_deref()))?;
        self.xml.open(Tag::new("table"))?;
        for row in rows(table) {
            self.xml.open(Tag::new("tr"))?;
            for place in row {
                self.place_in_row(block, &place)?;
            }
            self.xml.close()?;
        }
        self.xml.close()?;
        self.paragraph(&note_lines(block, table.footer.as_deref()))
    }

    fn place_in_row(&mut self, block: &Block, place: &Place<'_>) -> io::Result<()> {
        let Place::Cell(cell) = place else {
            return self.xml.leaf(place.tag(), "");
        };
        let title = self.place(&cell.polygon);
        self.xml.open(place.tag().with("title", title))?;
        for line in cell_lines(block, cell) {
            self.line(&line)?;
        }
        self.xml.close()
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let pieces = pieces(line);
        if pieces.is_empty() {
            return Ok(());
        }
        let polygon = self.pixels.polygon(&line.polygon);
        let title = format!(
            "{}; {}; x_size {}",
            self.place(&line.polygon),
            direction(&polygon),
            polygon.height().round()
        );
        self.xml
            .open(element("span", "ocr_line", self.ids.next("line"), title))?;
        for piece in &pieces {
            self.word(piece)?;
        }
        self.xml.text("")?;
        self.xml.close()
    }

    fn word(&mut self, piece: &Piece<'_>) -> io::Result<()> {
        let percent = (fraction(piece.confidence) * 100.0).round();
        let title = format!("{}; x_wconf {percent}", self.place(&piece.polygon));
        // Nothing else may come between words: a line break would be a space.
        self.xml.text(if piece.spaced { " " } else { "" })?;
        let word = element("span", "ocrx_word", self.ids.next("word"), title);
        self.xml.leaf(word, piece.text)
    }

    /// The box of `polygon`, and its corners where they say more.
    fn place(&self, polygon: &Polygon) -> String {
        let bounds = self.pixels.bounds(polygon);
        if !self.pixels.is_slanted(polygon) {
            return format!("bbox {bounds}");
        }
        let points = self.pixels.points(polygon).replace(',', " ");
        format!("bbox {bounds}; poly {points}")
    }
}

/// The languages of the pages, without their regions.
fn languages(document: &DocumentText) -> String {
    let tags = document.pages.iter().filter_map(language::of_page);
    let known: BTreeSet<&str> = tags.filter_map(|tag| tag.split('-').next()).collect();
    if known.is_empty() {
        return "unknown".to_owned();
    }
    known.into_iter().collect::<Vec<_>>().join(" ")
}

/// How the text in `polygon`, in pixels, runs.
fn direction(polygon: &Polygon) -> String {
    let angle = polygon.angle();
    if angle.abs() > 45.0 {
        // Counter-clockwise, as the format counts.
        return format!("textangle {}", (-angle).rem_euclid(360.0).round());
    }
    let [_, _, right, left] = polygon.0;
    let (bounds, run) = (polygon.bounds(), right.x - left.x);
    let slope = if run > 0.0 { (right.y - left.y) / run } else { 0.0 };
    // From the lower left corner of the box, which is the origin.
    let offset = left.y - slope * (left.x - bounds.left) - bounds.bottom;
    // Adding 0 turns -0 into 0.
    let (slope, offset) = ((slope * 1000.0).round() / 1000.0 + 0.0, offset.round() + 0.0);
    format!("baseline {slope} {offset}")
}

fn element(name: &'static str, class: &str, id: String, title: String) -> Tag {
    Tag::new(name)
        .with("class", class)
        .with("id", id)
        .with("title", title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::Point;

    #[test]
    fn text_that_is_not_level_has_an_angle() {
        let level = Polygon::from_box(10.0, 10.0, 90.0, 20.0);
        assert_eq!(direction(&level), "baseline 0 0");
        assert_eq!(direction(&level.flipped()), "textangle 180");
        assert_eq!(direction(&level.read_upwards()), "textangle 90");
        // Its box begins left of the lower left corner, where the line would be lower still.
        let rising = level.map(|point| point.rotated(Point::new(10.0, 20.0), -30.0));
        assert_eq!(direction(&rising), "baseline -0.577 3");
    }
}
