//! Reading order: columns, what spans them, and paragraphs.
//!
//! A recursive cut of the page (Nagy and Seth's XY-cut) that looks for a gutter first and lets a few
//! lines cross it: titles and footers over two columns part the page into bands that are read one after
//! the other. A gutter between cells of a table is none: tables are read row by row.

use super::lines::{TextLine, lines};

/// Narrowest gutter, in ems.
const MIN_GUTTER: f64 = 0.9;

/// Largest part of the stretches that may cross a gutter.
const MAX_CROSSING: f64 = 0.25;

/// Depth of recursion after which a region is read line by line.
const MAX_DEPTH: u32 = 40;

/// Distance of baselines, in multiples of the usual one, that parts paragraphs.
const PARAGRAPH_LEADING: f64 = 1.35;

/// Fewest lines of a column that show a leading of their own.
const FEW_LINES: usize = 5;

/// Change of size that parts blocks.
const SIZE_CHANGE: f64 = 1.15;

/// The stretches of a page as blocks of whole lines in reading order.
pub(super) fn blocks(chunks: Vec<TextLine>) -> Vec<Vec<TextLine>> {
    let columns = order(chunks.into_iter().map(Chunk::new).collect(), MAX_DEPTH);
    columns.into_iter().flat_map(paragraphs).collect()
}

/// A stretch with its measures.
#[derive(Debug)]
struct Chunk {
    line: TextLine,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    baseline: f64,
    size: f64,
}

impl Chunk {
    fn new(line: TextLine) -> Self {
        let bounds = line.bounds();
        Self {
            left: bounds.x0,
            right: bounds.x1,
            top: bounds.y0,
            bottom: bounds.y1,
            baseline: line.baseline(),
            size: line.size(),
            line,
        }
    }
}

/// The columns of a region in reading order; a region without gutters is one column.
fn order(region: Vec<Chunk>, depth: u32) -> Vec<Vec<Chunk>> {
    if region.len() < 2 || depth == 0 {
        return vec![region];
    }
    if let Some(gutter) = gutter(&region) {
        return bands(region, gutter, depth);
    }
    let Some(at) = widest_break(&region) else {
        return vec![region];
    };
    let (above, below) = region.into_iter().partition(|chunk| chunk.baseline < at);
    let mut columns = order(above, depth - 1);
    let mut rest = order(below, depth - 1);
    // A break that led to no columns parts nothing: the column goes on after it.
    if let ([above], [below]) = (columns.as_mut_slice(), rest.as_mut_slice()) {
        above.append(below);
    } else {
        columns.append(&mut rest);
    }
    columns
}

/// Reads what lies between the stretches that cross the gutter, and those stretches, from the top.
fn bands(mut region: Vec<Chunk>, gutter: (f64, f64), depth: u32) -> Vec<Vec<Chunk>> {
    region.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut columns = Vec::new();
    let (mut left, mut right, mut crossing) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in region {
        let side = side(&chunk, gutter);
        // What stands on the line of a crossing stretch is read with it.
        if side == Side::Crossing || crossing.iter().any(|crossing| on_one_line(crossing, &chunk)) {
            for column in [&mut left, &mut right] {
                columns.append(&mut order(std::mem::take(column), depth - 1));
            }
            crossing.push(chunk);
            continue;
        }
        columns.push(std::mem::take(&mut crossing));
        match side {
            Side::Left => left.push(chunk),
            _ => right.push(chunk),
        }
    }
    columns.push(crossing);
    for column in [left, right] {
        columns.append(&mut order(column, depth - 1));
    }
    columns.retain(|column| !column.is_empty());
    columns
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    Crossing,
}

fn side(chunk: &Chunk, (from, to): (f64, f64)) -> Side {
    if chunk.right <= from {
        Side::Left
    } else if chunk.left >= to {
        Side::Right
    } else {
        Side::Crossing
    }
}

fn on_one_line(a: &Chunk, b: &Chunk) -> bool {
    (a.baseline - b.baseline).abs() < 0.3 * a.size.max(b.size)
}

/// The best vertical gap that parts columns of text, from its left to its right side.
fn gutter(region: &[Chunk]) -> Option<(f64, f64)> {
    let narrowest = MIN_GUTTER * median(region.iter().map(|chunk| chunk.size));
    let allowed = (MAX_CROSSING * region.len() as f64) as i64;
    let mut candidates = gaps(region, allowed);
    candidates.retain(|gap| gap.to - gap.from >= narrowest);
    candidates.sort_by(|a, b| {
        let width = |gap: &Gap| gap.to - gap.from;
        a.crossing.cmp(&b.crossing).then(width(b).total_cmp(&width(a)))
    });
    candidates
        .into_iter()
        .map(|gap| (gap.from, gap.to))
        .find(|&gap| parts_columns(region, gap))
}

struct Gap {
    from: f64,
    to: f64,
    crossing: i64,
}

/// Stretches of the horizontal axis over which at most `allowed` chunks lie, as wide as they can be for
/// the number that lies over their emptiest place.
fn gaps(region: &[Chunk], allowed: i64) -> Vec<Gap> {
    let mut edges: Vec<(f64, i64)> = region
        .iter()
        .flat_map(|chunk| [(chunk.left, 1), (chunk.right, -1)])
        .collect();
    // At one place, what ends does so before what begins.
    edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut over = 0;
    let mut steps: Vec<Gap> = Vec::with_capacity(edges.len());
    for pair in edges.windows(2) {
        let [(from, change), (to, _)] = pair else { continue };
        over += change;
        if to > from {
            steps.push(Gap {
                from: *from,
                to: *to,
                crossing: over,
            });
        }
    }
    let inner = |index: usize| index > 0 && index + 1 < steps.len();
    let valley = |&index: &usize| {
        let lower = |other: usize| {
            steps
                .get(other)
                .is_none_or(|other| other.crossing > steps[index].crossing)
        };
        inner(index) && steps[index].crossing <= allowed && lower(index.wrapping_sub(1)) && lower(index + 1)
    };
    (0..steps.len())
        .filter(valley)
        .map(|index| Gap {
            from: steps[index].from,
            to: steps[index].to,
            crossing: steps[index].crossing,
        })
        .collect()
}

/// Whether what lies to both sides of a gap are columns to be read one after the other, rather than the
/// cells of a table or labels with their values.
fn parts_columns(region: &[Chunk], gap: (f64, f64)) -> bool {
    const FEWEST_LINES: usize = 2;
    let of =
        |wanted: Side| -> Vec<&Chunk> { region.iter().filter(|chunk| side(chunk, gap) == wanted).collect() };
    let (left, right) = (of(Side::Left), of(Side::Right));
    let enough = |side: &[&Chunk]| side.len() >= FEWEST_LINES && is_dense(side);
    if !enough(&left) || !enough(&right) || !side_by_side(&left, &right) {
        return false;
    }
    let fewer = if left.len() < right.len() { &left } else { &right };
    let other = if left.len() < right.len() { &right } else { &left };
    let aligned = fewer
        .iter()
        .filter(|chunk| other.iter().any(|beside| on_one_line(chunk, beside)))
        .count();
    let table_like = aligned * 2 >= fewer.len();
    !table_like || (is_running_text(&left) && is_running_text(&right))
}

/// Whether the two sides share enough of their height to stand beside each other.
fn side_by_side(left: &[&Chunk], right: &[&Chunk]) -> bool {
    let ((left_top, left_bottom), (right_top, right_bottom)) = (extent(left), extent(right));
    let shared = left_bottom.min(right_bottom) - left_top.max(right_top);
    shared > 0.3 * (left_bottom - left_top).min(right_bottom - right_top)
}

/// Whether lines take enough of the height they spread over to belong together; notes strewn beside a
/// text do not.
fn is_dense(side: &[&Chunk]) -> bool {
    const LEAST_COVERAGE: f64 = 0.3;
    let (top, bottom) = extent(side);
    let lines: f64 = side.iter().map(|chunk| chunk.bottom - chunk.top).sum();
    lines >= LEAST_COVERAGE * (bottom - top)
}

/// Top and bottom of a side.
fn extent(side: &[&Chunk]) -> (f64, f64) {
    let top = side.iter().map(|chunk| chunk.top).fold(f64::INFINITY, f64::min);
    let bottom = side
        .iter()
        .map(|chunk| chunk.bottom)
        .fold(f64::NEG_INFINITY, f64::max);
    (top, bottom)
}

/// Whether most lines of a side fill its width, and hold more than a cell would.
fn is_running_text(side: &[&Chunk]) -> bool {
    const FEWEST_LINES: usize = 3;
    const FEWEST_CHARACTERS: f64 = 18.0;
    const LEAST_FILL: f64 = 0.6;
    let left = side.iter().map(|chunk| chunk.left).fold(f64::INFINITY, f64::min);
    let right = side
        .iter()
        .map(|chunk| chunk.right)
        .fold(f64::NEG_INFINITY, f64::max);
    let fill = median(
        side.iter()
            .map(|chunk| (chunk.right - chunk.left) / (right - left)),
    );
    let characters = median(side.iter().map(|chunk| chunk.line.characters() as f64));
    side.len() >= FEWEST_LINES && fill >= LEAST_FILL && characters >= FEWEST_CHARACTERS
}

/// The middle of the widest horizontal strip without text, unless the region is evenly spaced.
fn widest_break(region: &[Chunk]) -> Option<f64> {
    let mut spans: Vec<(f64, f64)> = region.iter().map(|chunk| (chunk.top, chunk.bottom)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut bottom = spans.first()?.1;
    let mut widest: Option<(f64, f64)> = None;
    for (top, end) in spans {
        if top - bottom > widest.map_or(0.0, |(width, _)| width) {
            widest = Some((top - bottom, f64::midpoint(top, bottom)));
        }
        bottom = bottom.max(end);
    }
    let least = 0.5 * median(region.iter().map(|chunk| chunk.size));
    widest.filter(|(width, _)| *width >= least).map(|(_, at)| at)
}

/// Parts the lines of one column where the distance grows or the size changes.
fn paragraphs(column: Vec<Chunk>) -> Vec<Vec<TextLine>> {
    let lines = lines(column.into_iter().map(|chunk| chunk.line).collect());
    let leading = |above: &TextLine, below: &TextLine| below.baseline() - above.baseline();
    let usual = median(lines.windows(2).filter_map(|pair| match pair {
        [above, below] => Some(leading(above, below) / above.size().max(below.size())),
        _ => None,
    }));
    // Leading is 1.15 to 1.6 ems in running text and up to twice that when double-spaced; a few lines
    // are not enough to tell double spacing from distance.
    let widest = if lines.len() < FEW_LINES { 1.6 } else { 2.5 };
    let usual = usual.clamp(1.0, widest);
    let mut blocks = Vec::new();
    let mut block: Vec<TextLine> = Vec::new();
    for line in lines {
        if let Some(last) = block.last() {
            let size = last.size().max(line.size());
            let apart = leading(last, &line) > PARAGRAPH_LEADING * usual * size;
            let resized = size > SIZE_CHANGE * last.size().min(line.size());
            if apart || resized {
                blocks.push(std::mem::take(&mut block));
            }
        }
        block.push(line);
    }
    if !block.is_empty() {
        blocks.push(block);
    }
    blocks
}

/// The middle value; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            lines::{chunks, tests::word},
            words::Word,
        },
        *,
    };

    fn read(words: Vec<Word>) -> Vec<String> {
        blocks(chunks(words))
            .into_iter()
            .flatten()
            .map(|line| line.text())
            .collect()
    }

    /// Two columns of `rows` lines of 20 characters, the second beginning at 130 points.
    fn two_columns(rows: i32, from: f64) -> Vec<Word> {
        (0..rows)
            .flat_map(|row| {
                let baseline = from + f64::from(row) * 12.0;
                [
                    word(&format!("left-line-number--{row:02}"), 0.0, baseline),
                    word(&format!("right-line-number-{row:02}"), 130.0, baseline),
                ]
            })
            .collect()
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let read = read(two_columns(4, 50.0));
        assert!(read[..4].iter().all(|line| line.starts_with("left")), "{read:?}");
        assert!(read[4..].iter().all(|line| line.starts_with("right")), "{read:?}");
    }

    #[test]
    fn a_title_over_columns_comes_first_and_a_footer_last() {
        let mut words = two_columns(6, 50.0);
        words.push(word("a title over both of the columns", 40.0, 20.0));
        words.push(word("a footer under both of the columns", 40.0, 200.0));
        let read = read(words);
        assert!(read[0].starts_with("a title"), "{read:?}");
        assert!(
            read[1].starts_with("left") && read[7].starts_with("right"),
            "{read:?}"
        );
        assert!(read[13].starts_with("a footer"), "{read:?}");
    }

    #[test]
    fn a_heading_between_columns_parts_them() {
        let mut words = two_columns(5, 50.0);
        words.push(word("a heading over both of the columns", 40.0, 130.0));
        words.extend(two_columns(5, 150.0));
        let read = read(words);
        assert!(
            read[5].starts_with("right") && read[10].starts_with("a heading"),
            "{read:?}"
        );
        assert!(read[11].starts_with("left"), "{read:?}");
    }

    #[test]
    fn a_table_is_read_by_rows() {
        let rows = (0..5).flat_map(|row| {
            let baseline = 50.0 + f64::from(row) * 12.0;
            [
                word(&format!("item-{row}"), 0.0, baseline),
                word(&format!("{row}.50"), 130.0, baseline),
                word("EUR", 200.0, baseline),
            ]
        });
        let read = read(rows.collect());
        assert_eq!(read[0], "item-0 0.50 EUR");
        assert_eq!(read.len(), 5);
    }

    #[test]
    fn notes_strewn_beside_a_text_are_no_column() {
        let mut words: Vec<Word> = (0..30)
            .map(|row| word(&format!("line-{row:02}"), 0.0, 50.0 + f64::from(row) * 12.0))
            .collect();
        words.extend([116.0, 236.0, 310.0].map(|baseline| word("note", 130.0, baseline)));
        let read = read(words);
        assert_ne!(read.last().map(String::as_str), Some("note"), "{read:?}");
    }

    #[test]
    fn a_wider_distance_parts_paragraphs() {
        let words =
            [50.0, 62.0, 74.0, 98.0, 110.0].map(|baseline| word("some-words-of-a-line", 0.0, baseline));
        let blocks = blocks(chunks(words.to_vec()));
        assert_eq!(blocks.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
    }
}
