//! What was measured.

use std::{collections::BTreeMap, time::Duration};

use super::arrivals::Operation;
use crate::table;

const MIB: u64 = 1024 * 1024;

/// A request that was answered, or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// When it should have been sent, from the beginning.
    pub(crate) at: Duration,
    /// What it was.
    pub(crate) operation: Operation,
    /// From the time it should have been sent to the last byte of the answer.
    pub(crate) latency: Duration,
    /// How it was answered.
    pub(crate) outcome: Answered,
}

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// As it was asked.
    Well,
    /// 429, 503 or 507: the server has enough to do and says so.
    Refused,
    /// Otherwise, or not at all.
    Wrong,
}

/// Memory at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// When, from the beginning.
    pub(crate) at: Duration,
    /// Resident memory of the server, in bytes.
    pub(crate) server: u64,
    /// Of all of its children.
    pub(crate) children: u64,
}

/// The value below which this share of `sorted` is, by the nearest rank.
pub(crate) fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let at = rank.clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

/// A row for each operation.
pub(crate) fn of_latencies(samples: &[Sample]) -> String {
    let mut groups: BTreeMap<Operation, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        groups.entry(sample.operation).or_default().push(sample);
    }
    let rows = groups.into_iter().map(|(operation, samples)| {
        let count = |wanted| samples.iter().filter(|sample| sample.outcome == wanted).count();
        let well = samples.iter().filter(|sample| sample.outcome == Answered::Well);
        let mut latencies: Vec<Duration> = well.map(|sample| sample.latency).collect();
        latencies.sort();
        let mut row = vec![
            operation.name().to_owned(),
            samples.len().to_string(),
            count(Answered::Refused).to_string(),
            count(Answered::Wrong).to_string(),
        ];
        let shown = [0.5, 0.95, 0.99, 1.0].map(|share| percentile(&latencies, share));
        row.extend(shown.map(|latency| format!("{:.1}", latency.as_secs_f64() * 1000.0)));
        row
    });
    let head = [
        "milliseconds",
        "requests",
        "refused",
        "wrong",
        "p50",
        "p95",
        "p99",
        "max",
    ];
    table::text(&head, rows)
}

/// One line about memory.
pub(crate) fn of_memory(memory: &[Memory]) -> String {
    let shown = |name: &str, of: fn(&Memory) -> u64| {
        let all: Vec<u64> = memory.iter().map(|memory| of(memory) / MIB).collect();
        let (first, last) = (all.first().unwrap_or(&0), all.last().unwrap_or(&0));
        let peak = all.iter().max().unwrap_or(&0);
        format!("{name} {first} MiB at the beginning, {peak} at the maximum, {last} at the end")
    };
    format!(
        "  memory: {}; {}",
        shown("server", |memory| memory.server),
        shown("children", |memory| memory.children)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let all: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let at = |share| percentile(&all, share).as_millis();
        assert_eq!((at(0.5), at(0.95), at(0.99), at(1.0)), (100, 190, 198, 200));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
        assert_eq!(percentile(&all[..1], 0.01).as_millis(), 1);
    }

    #[test]
    fn what_failed_counts_and_is_no_latency() {
        let sample = |millis, outcome| Sample {
            at: Duration::ZERO,
            operation: Operation::List,
            latency: Duration::from_millis(millis),
            outcome,
        };
        let shown = of_latencies(&[
            sample(5, Answered::Well),
            sample(9000, Answered::Wrong),
            sample(7000, Answered::Refused),
        ]);
        let row: Vec<&str> = shown.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(row, ["list", "3", "1", "1", "5.0", "5.0", "5.0", "5.0"]);
    }
}
