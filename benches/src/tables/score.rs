//! How much of the tables was found.

use crate::{grid::GridCell, teds};

/// Counts over the tables of one kind.
#[derive(Debug, Default)]
pub(crate) struct Score {
    right: usize,
    wanted: usize,
    found: usize,
    similarity: f64,
    tables: usize,
}

impl Score {
    /// Adds a table and what was found of it. A cell is right with its place, its spans and its text.
    pub(crate) fn add(&mut self, truth: &[GridCell], found: &[GridCell]) {
        self.right += found.iter().filter(|cell| truth.contains(cell)).count();
        self.wanted += truth.len();
        self.found += found.len();
        self.similarity += teds::similarity(truth, found);
        self.tables += 1;
    }

    /// Share of the cells found that are right; 1 where none was found.
    pub(crate) fn precision(&self) -> f64 {
        share(self.right, self.found)
    }

    /// Share of the cells that were found.
    pub(crate) fn recall(&self) -> f64 {
        share(self.right, self.wanted)
    }

    /// Harmonic mean of both.
    pub(crate) fn f1(&self) -> f64 {
        share(2 * self.right, self.wanted + self.found)
    }

    /// Mean similarity of the trees.
    pub(crate) fn teds(&self) -> f64 {
        self.similarity / self.tables.max(1) as f64
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_counts_in_its_place_with_its_text() {
        let truth = [
            GridCell::single(1, 1, "a"),
            GridCell::single(1, 2, "b"),
            GridCell::single(2, 1, "c"),
            GridCell::single(2, 2, "d"),
        ];
        let mut score = Score::default();
        score.add(
            &truth,
            &[GridCell::single(1, 1, "a"), GridCell::single(1, 2, "x")],
        );
        assert!((score.precision() - 0.5).abs() < 1e-9);
        assert!((score.recall() - 0.25).abs() < 1e-9);
        assert!((score.f1() - 1.0 / 3.0).abs() < 1e-9);
    }
}
