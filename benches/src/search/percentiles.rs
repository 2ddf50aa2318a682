//! Many measurements in a few numbers, and what they say about more than was measured.

/// The value below which this share of `values` is, by the nearest rank; `None` of nothing.
pub(crate) fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let at = rank.clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied()
}

/// How something grows with the number of pages: as a power of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    /// 0 for what stays the same, 1 for what doubles with the pages.
    pub(crate) exponent: f64,
    /// The last measurement: pages and value.
    last: (f64, f64),
}

impl Growth {
    /// The power that comes nearest to measurements (pages, value), of which the last has most pages. What becomes less
    /// with more pages is taken to stay the same. `None` of fewer than two, and where one is not positive.
    pub(crate) fn of(measured: &[(f64, f64)]) -> Option<Self> {
        let last = *measured.last()?;
        let usable = measured.iter().all(|(pages, value)| *pages > 0.0 && *value > 0.0);
        if measured.len() < 2 || !usable {
            return None;
        }
        let logarithms: Vec<(f64, f64)> = measured
            .iter()
            .map(|(pages, value)| (pages.ln(), value.ln()))
            .collect();
        let count = logarithms.len() as f64;
        let mean_x = logarithms.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = logarithms.iter().map(|(_, y)| y).sum::<f64>() / count;
        let together: f64 = logarithms.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let spread: f64 = logarithms.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        (spread > 0.0).then(|| Self {
            exponent: (together / spread).max(0.0),
            last,
        })
    }

    /// The value at `pages`, if it goes on so from the last measurement.
    pub(crate) fn at(&self, pages: f64) -> f64 {
        let (last_pages, last_value) = self.last;
        last_value * (pages / last_pages).powf(self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        for (share, expected) in [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0), (0.0, 1.0)] {
            assert_eq!(percentile(&values, share), Some(expected), "{share}");
        }
        assert_eq!(percentile(&[7.0], 0.99), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn growth_goes_on_as_it_was_measured() {
        let is = |found: f64, expected: f64| (found - expected).abs() < 1e-6 * expected.max(1.0);
        let linear = Growth::of(&[(25.0, 2.5), (50.0, 5.0), (100.0, 10.0)]).unwrap();
        assert!(
            is(linear.exponent, 1.0) && is(linear.at(1_000.0), 100.0),
            "{linear:?}"
        );
        let constant = Growth::of(&[(25.0, 4.0), (100.0, 4.0)]).unwrap();
        assert!(is(constant.exponent, 0.0) && is(constant.at(1_000.0), 4.0));
        let less = Growth::of(&[(25.0, 4.0), (100.0, 2.0)]).unwrap();
        assert!(is(less.at(1_000.0), 2.0), "{less:?}");
        assert_eq!(Growth::of(&[(25.0, 4.0)]), None);
        assert_eq!(Growth::of(&[(25.0, 0.0), (50.0, 1.0)]), None);
        assert_eq!(Growth::of(&[(25.0, 1.0), (25.0, 1.0)]), None);
    }
}
