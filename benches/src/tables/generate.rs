//! Pages with a table whose cells are known.

use fastrand::Rng;
use ocr_core::model::{Block, BlockKind, Line, PageText, Point, Polygon, Rect, Word};
use ocr_layout::{Rule, find_ruled_tables};

use crate::grid::GridCell;

/// Sides of the page in points.
const PAGE: (f32, f32) = (595.0, 842.0);
/// Height of a word.
const WORD: f32 = 9.0;
/// Height of a line of text.
const LEADING: f32 = 12.0;
/// Width of a letter.
const LETTER: f32 = 5.0;
/// Left side of the table.
const LEFT: f32 = 60.0;

const NAMES: [&str; 12] = [
    "bolt",
    "washer",
    "copper pipe",
    "glue",
    "sand paper",
    "nail",
    "hinge",
    "oak board",
    "wire",
    "screw",
    "lamp",
    "cord",
];
const HEADS: [&str; 8] = [
    "Item", "Count", "Price", "Total", "Tax", "Stock", "Shelf", "Weight",
];

/// What kind of table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ruled,
    HalfRuled,
    Unruled,
    Merged,
    Skewed,
    Photographed,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Ruled,
        Self::HalfRuled,
        Self::Unruled,
        Self::Merged,
        Self::Skewed,
        Self::Photographed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ruled => "ruled",
            Self::HalfRuled => "half-ruled",
            Self::Unruled => "unruled",
            Self::Merged => "merged",
            Self::Skewed => "skewed",
            Self::Photographed => "photographed",
        }
    }

    fn has_sides(self) -> bool {
        !matches!(self, Self::HalfRuled | Self::Unruled)
    }
}

/// Where rows and columns begin and end, in points.
struct Sides {
    columns: Vec<f32>,
    rows: Vec<f32>,
}

/// The page with this seed, in which tables were looked for, and the cells of its table.
pub(crate) fn page(kind: Kind, seed: u64) -> (PageText, Vec<GridCell>) {
    let mut rng = Rng::with_seed(seed);
    let cells = cells(kind, &mut rng);
    let sides = sides(kind, &cells, &mut rng);
    let mut words: Vec<(Rect, String)> = Vec::new();
    prose(&mut words, sides.rows[0] - 3.0 * LEADING);
    for cell in &cells {
        let left = sides.columns[cell.column as usize - 1] + 4.0;
        let top = sides.rows[cell.row as usize - 1] + 3.0;
        // Two lines where the row is high enough for them and there are two words to part.
        let high = sides.rows[cell.row as usize] - sides.rows[cell.row as usize - 1] > 1.5 * LEADING + 6.0;
        let parts: Vec<&str> = if high {
            cell.text.splitn(2, ' ').collect()
        } else {
            vec![cell.text.as_str()]
        };
        for (index, part) in parts.into_iter().enumerate() {
            write(&mut words, part, left, top + LEADING * index as f32);
        }
    }
    let bottom = sides.rows[sides.rows.len() - 1];
    prose(&mut words, bottom + 3.0 * LEADING);
    let warp = Warp::of(kind, &mut rng);
    let rules = rules(kind, &cells, &sides, &warp, &mut rng);
    let mut page = text(words, &warp, &mut rng);
    find_ruled_tables(&mut page, &rules);
    (page, cells)
}

/// The texts of a table, row by row.
fn cells(kind: Kind, rng: &mut Rng) -> Vec<GridCell> {
    let (rows, columns) = (rng.u32(4..=14), rng.u32(3..=6));
    // In the first row a cell over two columns, in the first column one over two rows.
    let is_merged = kind == Kind::Merged;
    let (wide, tall) = (rng.u32(2..columns), rng.u32(2..rows));
    let mut cells = Vec::new();
    for row in 1..=rows {
        for column in 1..=columns {
            let covered = is_merged && ((row == 1 && column == wide + 1) || (column == 1 && row == tall + 1));
            let is_wide = is_merged && row == 1 && column == wide;
            let is_tall = is_merged && column == 1 && row == tall;
            let text = match (row, column) {
                (1, _) if is_wide => "All of it".to_owned(),
                (1, column) => HEADS[column as usize - 1].to_owned(),
                (_, 1) => NAMES[rng.usize(..NAMES.len())].to_owned(),
                _ => format!("{}.{:02}", rng.u32(1..900), rng.u32(0..100)),
            };
            // Some are empty, but in the first row and column.
            let is_empty = row > 1 && column > 1 && rng.u32(0..10) == 0;
            if !covered && !is_empty {
                cells.push(GridCell {
                    row,
                    column,
                    row_span: 1 + u32::from(is_tall),
                    column_span: 1 + u32::from(is_wide),
                    text,
                });
            }
        }
    }
    cells
}

fn sides(kind: Kind, cells: &[GridCell], rng: &mut Rng) -> Sides {
    let count = |of: fn(&GridCell) -> u32| cells.iter().map(of).max().unwrap_or(1);
    let (rows, columns) = (count(|cell| cell.row), count(|cell| cell.column));
    let mut sides = Sides {
        columns: vec![LEFT],
        rows: vec![150.0],
    };
    for column in 1..=columns {
        let longest = cells
            .iter()
            .filter(|cell| cell.column == column && cell.column_span == 1)
            .map(|cell| cell.text.chars().count());
        let width = LETTER * longest.max().unwrap_or(4) as f32 + 16.0 + 8.0 * rng.f32();
        sides.columns.push(sides.columns[column as usize - 1] + width);
    }
    for row in 1..=rows {
        // Without lines between them rows of two lines are two rows to any reader.
        let wrapped = kind.has_sides() && rng.u32(0..5) == 0;
        let height = LEADING * if wrapped { 2.0 } else { 1.0 } + 4.0 + 3.0 * rng.f32();
        sides.rows.push(sides.rows[row as usize - 1] + height);
    }
    sides
}

/// Two lines of text over the width of the page.
fn prose(words: &mut Vec<(Rect, String)>, top: f32) {
    let lines = [
        "what follows is what was found in the shed when",
        "it was cleared in the autumn of the last year",
    ];
    for (index, line) in lines.into_iter().enumerate() {
        write(words, line, LEFT, top + LEADING * index as f32);
    }
}

fn write(words: &mut Vec<(Rect, String)>, text: &str, left: f32, top: f32) {
    let mut at = left;
    for word in text.split(' ') {
        let width = LETTER * word.chars().count() as f32;
        words.push((Rect::new(at, top, at + width, top + WORD), word.to_owned()));
        at += width + 0.6 * LETTER;
    }
}

/// The lines that are drawn.
fn rules(kind: Kind, cells: &[GridCell], sides: &Sides, warp: &Warp, rng: &mut Rng) -> Vec<Rule> {
    let (rows, columns) = (sides.rows.len() - 1, sides.columns.len() - 1);
    let mut drawn: Vec<(Point, Point)> = Vec::new();
    let level = |row: usize, from: usize, to: usize| {
        let y = sides.rows[row];
        (
            Point::new(sides.columns[from], y),
            Point::new(sides.columns[to], y),
        )
    };
    match kind {
        Kind::Unruled => {}
        Kind::HalfRuled => drawn.extend([0, 1, rows].map(|row| level(row, 0, columns))),
        _ => {
            for row in 0..=rows {
                for column in 0..columns {
                    let inside = |cell: &GridCell| {
                        cell.row_span > 1 && cell.column as usize == column + 1 && cell.row as usize == row
                    };
                    if !cells.iter().any(inside) {
                        drawn.push(level(row, column, column + 1));
                    }
                }
            }
            for column in 0..=columns {
                for row in 0..rows {
                    let inside = |cell: &GridCell| {
                        cell.column_span > 1 && cell.row as usize == row + 1 && cell.column as usize == column
                    };
                    if !cells.iter().any(inside) {
                        let x = sides.columns[column];
                        drawn.push((Point::new(x, sides.rows[row]), Point::new(x, sides.rows[row + 1])));
                    }
                }
            }
        }
    }
    // A camera loses some.
    if kind == Kind::Photographed {
        drawn.retain(|_| rng.u32(0..33) > 0);
    }
    drawn
        .into_iter()
        .map(|(from, to)| Rule::new(warp.on_page(from), warp.on_page(to)))
        .collect()
}

/// What scanners and cameras do to places on a page.
struct Warp {
    degrees: f32,
    /// How much narrower the top is than the bottom.
    narrowing: f32,
    /// How far boxes of words are off, in points.
    off: f32,
}

impl Warp {
    fn of(kind: Kind, rng: &mut Rng) -> Self {
        let slant = |most: f32, rng: &mut Rng| most * (2.0 * rng.f32() - 1.0);
        match kind {
            Kind::Skewed => Self {
                degrees: slant(2.8, rng),
                narrowing: 0.0,
                off: 0.3,
            },
            Kind::Photographed => Self {
                degrees: slant(1.5, rng),
                narrowing: slant(0.02, rng),
                off: 0.8,
            },
            _ => Self {
                degrees: 0.0,
                narrowing: 0.0,
                off: 0.0,
            },
        }
    }

    /// A place of the sheet as a share of the page.
    fn on_page(&self, point: Point) -> Point {
        let center = Point::new(PAGE.0 / 2.0, PAGE.1 / 2.0);
        let up = 1.0 - point.y / PAGE.1;
        let x = center.x + (point.x - center.x) * (1.0 - self.narrowing * up);
        let turned = Point::new(x, point.y).rotated(center, self.degrees);
        Point::new(turned.x / PAGE.0, turned.y / PAGE.1)
    }
}

/// The page with these words, those at one height in one line as engines give them.
fn text(mut words: Vec<(Rect, String)>, warp: &Warp, rng: &mut Rng) -> PageText {
    words.sort_by(|(a, _), (b, _)| a.top.total_cmp(&b.top).then(a.left.total_cmp(&b.left)));
    let mut shift = || warp.off * (2.0 * rng.f32() - 1.0);
    let mut lines: Vec<Line> = Vec::new();
    for row in words.chunk_by(|(a, _), (b, _)| (a.top - b.top).abs() < 1.0) {
        let placed: Vec<Word> = row
            .iter()
            .map(|(rect, text)| {
                let (x, y) = (shift(), shift());
                let place = Rect::new(rect.left + x, rect.top + y, rect.right + x, rect.bottom + y);
                Word::new(
                    text.as_str(),
                    Polygon::from(place).map(|point| warp.on_page(point)),
                    0.95,
                )
            })
            .collect();
        let outline = Polygon::enclosing(placed.iter().map(|word| &word.polygon));
        let mut line = Line::new(String::new(), outline, 0.95, placed);
        line.update_text();
        lines.push(line);
    }
    let outline = Polygon::enclosing(lines.iter().map(|line| &line.polygon));
    let block = Block::new(BlockKind::Paragraph, outline, lines);
    PageText::empty(1, 1654, 2339)
        .with_skew(warp.degrees)
        .with_blocks(vec![block])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_page_and_each_text_is_on_it() {
        for kind in Kind::ALL {
            let (page, truth) = super::page(kind, 7);
            assert_eq!(super::page(kind, 7), (page.clone(), truth.clone()));
            let words: Vec<&str> = page.words().map(|word| word.text.as_str()).collect();
            for cell in &truth {
                assert!(
                    cell.text.split(' ').all(|word| words.contains(&word)),
                    "{kind:?} {cell:?}"
                );
            }
        }
    }

    #[test]
    fn ruled_tables_are_found_as_they_were_made() {
        for kind in [Kind::Ruled, Kind::Merged, Kind::Skewed] {
            let mut score = crate::score::Score::default();
            for seed in 0..20 {
                let (page, truth) = super::page(kind, seed);
                score.add(&truth, &crate::grid::found(&page));
            }
            assert!(score.f1() >= 0.9, "{kind:?}: {}", score.f1());
        }
    }
}
