//! The columns that the segments of several lines stand in.

use super::line::{Segment, SplitLine};

/// Maximum part of the lines that may have something over the space between two columns: titles over several.
const MAX_CROSSING: f32 = 0.2;
/// Minimum part of the lines that have a cell in a column.
const MIN_FILL: f32 = 0.25;

/// How many segments are over a stretch of the axis, and where it begins and ends.
type Stretch = (i32, f32, f32);

/// Where columns part in a valley: the middle of its emptiest stretch, but for those that are much narrower than
/// others. A title that begins a little before the column under it leaves such a one.
fn middle(valley: &[Stretch]) -> Option<f32> {
    let width = |&(_, from, to): &Stretch| to - from;
    let widest = valley.iter().map(width).fold(0.0, f32::max);
    let wide = valley.iter().filter(|stretch| width(stretch) >= widest / 4.0);
    wide.min_by(|a, b| a.0.cmp(&b.0).then(width(b).total_cmp(&width(a))))
        .map(|(_, from, to)| f32::midpoint(*from, *to))
}

/// Columns, from left to right.
#[derive(Debug)]
pub(super) struct Columns {
    /// The sides at which one ends and the next begins, without the outer ones.
    separators: Vec<f32>,
}

impl Columns {
    /// The columns of `lines`; `None` when there are not two.
    pub(super) fn of(lines: &[&SplitLine]) -> Option<Self> {
        let mut edges: Vec<(f32, i32)> = lines
            .iter()
            .flat_map(|line| &line.segments)
            .flat_map(|segment| [(segment.left, 1), (segment.right, -1)])
            .collect();
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let allowed = (MAX_CROSSING * lines.len() as f32) as i32;
        let mut separators = Vec::new();
        let mut valley: Vec<Stretch> = Vec::new();
        let (mut over, mut peak) = (0, false);
        for pair in edges.windows(2) {
            over += pair[0].1;
            if over > allowed {
                separators.extend(middle(&valley));
                valley.clear();
                peak = true;
            } else if peak {
                valley.push((over, pair[0].0, pair[1].0));
            }
        }
        let columns = Self { separators }.without_empty(lines);
        (columns.count() > 1).then_some(columns)
    }

    /// The same without columns in which hardly any line has something.
    fn without_empty(mut self, lines: &[&SplitLine]) -> Self {
        let wanted = (MIN_FILL * lines.len() as f32).max(2.0);
        let mut column = 1;
        while column <= self.count() && self.count() > 1 {
            let has = |line: &&&SplitLine| {
                line.segments
                    .iter()
                    .any(|segment| self.range(segment) == (column, column))
            };
            if lines.iter().filter(has).count() as f32 >= wanted {
                column += 1;
            } else {
                // It becomes part of its neighbour on the left, or of the one on the right where it is the first.
                let side = (column as usize).saturating_sub(2).min(self.separators.len() - 1);
                self.separators.remove(side);
                column = column.saturating_sub(1).max(1);
            }
        }
        self
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.separators.len() as u32 + 1
    }

    /// Where one ends and the next begins.
    pub(super) fn separators(&self) -> &[f32] {
        &self.separators
    }

    /// The first and the last column, from 1, in which a segment stands.
    pub(super) fn range(&self, segment: &Segment) -> (u32, u32) {
        let column = |x: f32| self.separators.partition_point(|&side| side <= x) as u32 + 1;
        (
            column(segment.left),
            column(segment.right).max(column(segment.left)),
        )
    }

    /// In how many columns a line has something.
    pub(super) fn filled(&self, line: &SplitLine) -> usize {
        let mut columns: Vec<u32> = line
            .segments
            .iter()
            .map(|segment| self.range(segment).0)
            .collect();
        columns.dedup();
        columns.len()
    }
}
