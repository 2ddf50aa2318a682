//! Runs of thin dark pixels along the rows of a mask, and the lines they make up.

use super::mask::Mask;

/// Maximum thickness of a line in pixels: a millimetre of a page of A4.
const MAX_THICKNESS: u8 = 7;
/// Light pixels in a row that do not end a run.
const MAX_LIGHT: usize = 1;
/// Pixels in a row that are not thin, where another line crosses, that do not end a run.
const MAX_CROSSING: usize = 2 * MAX_THICKNESS as usize;
/// Minimum length of a run: that of the steps of a line of one pixel that slants by three degrees, with some room.
const MIN_RUN: usize = 12;
/// Minimum length of a line: more than most letters are high.
const MIN_LENGTH: f32 = 28.0;
/// Steepest line: a little more than three degrees.
const MAX_RISE: f32 = 0.06;
/// How far runs may be from the line they make up.
const MAX_OFF: f32 = 5.0;
/// Maximum number of runs of a page; more are a picture.
const MAX_RUNS: usize = 400_000;
/// Maximum number of lines of a page along one axis; more are a drawing.
const MAX_SEGMENTS: usize = 3000;

/// A line along the rows of a mask, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    /// Column at which it begins.
    pub(super) start: f32,
    /// Column at which it ends.
    pub(super) end: f32,
    /// Row at its start.
    pub(super) from: f32,
    /// Row at its end.
    pub(super) to: f32,
}

/// Thin dark pixels side by side.
#[derive(Debug, Clone, Copy)]
struct Run {
    row: usize,
    start: usize,
    /// One behind the last.
    end: usize,
}

/// The lines along the rows of a mask; `None` where there are too many.
pub(super) fn segments(mask: &Mask) -> Option<Vec<Segment>> {
    let runs = runs(mask)?;
    let mut home: Vec<usize> = (0..runs.len()).collect();
    let mut above = 0;
    for (index, run) in runs.iter().enumerate() {
        while runs[above].row + 1 < run.row {
            above += 1;
        }
        let before = runs[above..index].iter().take_while(|other| other.row < run.row);
        for (offset, other) in before.enumerate() {
            if other.start <= run.end + 2 && run.start <= other.end + 2 {
                let (a, b) = (root(&mut home, above + offset), root(&mut home, index));
                home[a.max(b)] = a.min(b);
            }
        }
    }
    let mut parts: Vec<Vec<Run>> = vec![Vec::new(); runs.len()];
    for (index, run) in runs.iter().enumerate() {
        parts[root(&mut home, index)].push(*run);
    }
    let segments: Vec<Segment> = parts.iter().filter_map(|runs| segment(runs)).collect();
    (segments.len() <= MAX_SEGMENTS).then_some(segments)
}

fn root(home: &mut [usize], mut index: usize) -> usize {
    while home[index] != index {
        home[index] = home[home[index]];
        index = home[index];
    }
    index
}

/// All runs, row by row.
fn runs(mask: &Mask) -> Option<Vec<Run>> {
    let thin = mask.thin(MAX_THICKNESS);
    let mut runs = Vec::new();
    for (row, (thin, dark)) in thin.chunks_exact(mask.width()).zip(mask.rows()).enumerate() {
        let mut open: Option<Run> = None;
        let (mut light, mut crossing) = (0, 0);
        for (at, (&thin, &dark)) in thin.iter().zip(dark).enumerate() {
            if thin {
                let run = open.get_or_insert(Run {
                    row,
                    start: at,
                    end: at,
                });
                run.end = at + 1;
                (light, crossing) = (0, 0);
            } else if open.is_some() {
                crossing += 1;
                light += usize::from(!dark);
                if light > MAX_LIGHT || crossing > MAX_CROSSING {
                    runs.extend(open.take().filter(is_long));
                }
            }
        }
        runs.extend(open.filter(is_long));
        if runs.len() > MAX_RUNS {
            return None;
        }
    }
    Some(runs)
}

fn is_long(run: &Run) -> bool {
    run.end - run.start >= MIN_RUN
}

/// The line that runs make up, if they do.
fn segment(runs: &[Run]) -> Option<Segment> {
    let start = runs.iter().map(|run| run.start).min()? as f32;
    let end = runs.iter().map(|run| run.end).max()? as f32;
    let length = end - start;
    let pixels: usize = runs.iter().map(|run| run.end - run.start).sum();
    let thickness = pixels as f32 / length;
    if length < MIN_LENGTH.max(3.0 * thickness) || thickness > f32::from(MAX_THICKNESS) + 1.0 {
        return None;
    }
    // Least squares through the middles of the runs, weighted by their lengths.
    let middle = |run: &Run| f32::midpoint(run.start as f32, run.end as f32);
    let weight = |run: &Run| (run.end - run.start) as f32;
    let total = pixels as f32;
    let mean_x = runs.iter().map(|run| weight(run) * middle(run)).sum::<f32>() / total;
    let mean_y = runs
        .iter()
        .map(|run| weight(run) * (run.row as f32 + 0.5))
        .sum::<f32>()
        / total;
    let (mut across, mut along) = (0.0, 0.0);
    for run in runs {
        let x = middle(run) - mean_x;
        across += weight(run) * x * (run.row as f32 + 0.5 - mean_y);
        along += weight(run) * x * x;
    }
    let rise = if along > 0.0 { across / along } else { 0.0 };
    let at = |x: f32| mean_y + rise * (x - mean_x);
    let is_near = |run: &Run| (run.row as f32 + 0.5 - at(middle(run))).abs() <= MAX_OFF;
    let is_straight = rise.abs() <= MAX_RISE && runs.iter().all(is_near);
    is_straight.then(|| Segment {
        start,
        end,
        from: at(start),
        to: at(end),
    })
}
