//! Batches of lines of similar width, as many in one run of the model as its runtime reads best.

use std::ops::Range;

/// Maximum number of columns of pixels in a batch, padding included; with the line height it bounds the memory of a run.
const MAX_COLUMNS: usize = 6400;
/// A line is padded to the widest of its batch by at most this part of its own width, and
const MAX_PADDING: f32 = 0.1;
/// by at least this many columns if need be: short lines are many and cheap.
const FREE_PADDING: usize = 16;

/// Cuts lines, whose `widths` in columns ascend, into batches of at most `max_lines`: ranges that follow one another.
pub(crate) fn batches(widths: &[usize], max_lines: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (index, &width) in widths.iter().enumerate() {
        match found.last_mut() {
            Some(batch) if batch.len() < max_lines && fits(widths[batch.start], width, batch.len()) => {
                batch.end = index + 1;
            }
            _ => found.push(index..index + 1),
        }
    }
    found
}

/// Whether a line of `width` may join `lines` lines of which the narrowest has `narrowest` columns.
fn fits(narrowest: usize, width: usize, lines: usize) -> bool {
    let padding = FREE_PADDING.max((narrowest as f32 * MAX_PADDING) as usize);
    width * (lines + 1) <= MAX_COLUMNS && width <= narrowest + padding
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_of_similar_width_go_together() {
        assert_eq!(batches(&[40, 48, 56, 300, 320, 700], 8), [0..3, 3..5, 5..6]);
        assert_eq!(batches(&[40, 48, 56], 1), [0..1, 1..2, 2..3]);
        assert!(batches(&[], 8).is_empty());
    }

    proptest! {
        #[test]
        fn every_line_is_in_one_bounded_batch(
            mut widths in proptest::collection::vec(8_usize..3200, 0..60),
            max_lines in 1_usize..9,
        ) {
            widths.sort_unstable();
            let found = batches(&widths, max_lines);
            let mut next = 0;
            for batch in found {
                prop_assert_eq!(batch.start, next);
                prop_assert!((1..=max_lines).contains(&batch.len()));
                prop_assert!(batch.len() * widths[batch.end - 1] <= MAX_COLUMNS);
                next = batch.end;
            }
            prop_assert_eq!(next, widths.len());
        }
    }
}
