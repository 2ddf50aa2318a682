//! What was measured, in one table.

use std::fmt::Write as _;

use serde::Deserialize;

/// What was measured of one system in one round.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Figures {
    /// Which.
    pub(crate) system: String,
    /// Jobs added in bulk.
    pub(crate) add_per_second: f64,
    /// Jobs taken and finished.
    pub(crate) drain_per_second: f64,
    /// Time of the call that adds one job.
    pub(crate) add_one_p50_ms: f64,
    /// Wait of one job on an idle queue.
    pub(crate) latency_p50_ms: f64,
    /// The same for one in a hundred.
    pub(crate) latency_p99_ms: f64,
}

/// A Markdown table of the medians, with the least and the greatest of the rounds.
pub(crate) fn table(figures: &[Figures]) -> String {
    let mut systems: Vec<&str> = Vec::new();
    for figure in figures {
        if !systems.contains(&figure.system.as_str()) {
            systems.push(&figure.system);
        }
    }
    let mut table = String::from(
        "| queue | added/s | finished/s | add p50 ms | wait p50 ms | wait p99 ms |\n|---|---|---|---|---|---|\n",
    );
    for system in systems {
        let of = |figure: fn(&Figures) -> f64, digits| {
            let rounds = figures.iter().filter(|figure| figure.system == system);
            spread(rounds.map(figure).collect(), digits)
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "| {system} | {} | {} | {} | {} | {} |",
            of(|figure| figure.add_per_second, 0),
            of(|figure| figure.drain_per_second, 0),
            of(|figure| figure.add_one_p50_ms, 2),
            of(|figure| figure.latency_p50_ms, 2),
            of(|figure| figure.latency_p99_ms, 2),
        );
    }
    table
}

fn spread(mut rounds: Vec<f64>, digits: usize) -> String {
    rounds.sort_by(f64::total_cmp);
    match rounds[..] {
        [] => "-".into(),
        [only] => format!("{only:.digits$}"),
        [least, .., most] => {
            let median = rounds[rounds.len() / 2];
            format!("{median:.digits$} ({least:.digits$} to {most:.digits$})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_median_is_shown_with_its_spread() {
        assert_eq!(spread(vec![], 0), "-");
        assert_eq!(spread(vec![2.5], 1), "2.5");
        assert_eq!(spread(vec![9.0, 1.0, 4.0], 0), "4 (1 to 9)");
    }
}
