//! What a run says of itself.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{
    checker::Verdict,
    faults::Effect,
    schedule::{Fault, Kind},
    uploads::Request,
};
use crate::{load::percentile, table};

/// A fault that was tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injected {
    /// What was to happen.
    pub(crate) fault: Fault,
    /// What happened.
    pub(crate) effect: Effect,
    /// When it began.
    pub(crate) begun: Instant,
    /// When it was over.
    pub(crate) ended: Instant,
}

/// Sums of one or several runs.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    /// Processes that were killed.
    pub(crate) kills: usize,
    /// Faults, kills among them.
    pub(crate) faults: usize,
    /// Documents that were accepted.
    pub(crate) accepted: usize,
    /// Of these, how many came to no right end.
    pub(crate) lost: usize,
    /// What happened twice.
    pub(crate) doubled: usize,
    /// Whatever else is wrong.
    pub(crate) other: usize,
}

impl Totals {
    /// Of one run.
    pub(crate) fn of(injected: &[Injected], verdict: &Verdict, other: usize) -> Self {
        let done = |injected: &&Injected| injected.effect != Effect::Skipped;
        let kills = |injected: &&Injected| injected.fault.kind.is_kill();
        Self {
            kills: injected.iter().filter(done).filter(kills).count(),
            faults: injected.iter().filter(done).count(),
            accepted: verdict.accepted,
            lost: verdict.lost,
            doubled: verdict.doubled,
            other: other + usize::from(!verdict.is_clean() && verdict.lost + verdict.doubled == 0),
        }
    }

    /// The sum of both.
    pub(crate) fn plus(self, more: Self) -> Self {
        Self {
            kills: self.kills + more.kills,
            faults: self.faults + more.faults,
            accepted: self.accepted + more.accepted,
            lost: self.lost + more.lost,
            doubled: self.doubled + more.doubled,
            other: self.other + more.other,
        }
    }

    /// Whether nothing is wrong, and there was something to go wrong.
    pub(crate) fn is_good(&self) -> bool {
        self.lost + self.doubled + self.other == 0 && self.accepted > 0
    }

    /// The line that everything is about.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} kills, {} faults, {} documents accepted, {} lost, {} doubled",
            self.kills, self.faults, self.accepted, self.lost, self.doubled
        )
    }
}

#[derive(Default)]
struct Row {
    done: usize,
    skipped: usize,
    survivors: usize,
    requests: usize,
    refused: usize,
    unanswered: usize,
    slowest: Duration,
}

impl Row {
    fn see(&mut self, request: &Request) {
        self.requests += 1;
        self.refused += usize::from(request.status.is_some_and(|status| status != 202));
        self.unanswered += usize::from(request.status.is_none());
        self.slowest = self.slowest.max(request.took);
    }
}

/// A table with a row for each kind of fault, and what uploads met while it lasted.
pub(crate) fn of_faults(injected: &[Injected], requests: &[Request]) -> String {
    let mut rows: BTreeMap<Kind, Row> = BTreeMap::new();
    for one in injected {
        let row = rows.entry(one.fault.kind).or_default();
        match one.effect {
            Effect::Skipped => row.skipped += 1,
            Effect::Done { survivors } => {
                row.done += 1;
                row.survivors += survivors;
                let met = |request: &&Request| {
                    request.begun <= one.ended && request.begun + request.took >= one.begun
                };
                requests.iter().filter(met).for_each(|request| row.see(request));
            }
        }
    }
    let head = [
        "fault",
        "done",
        "skipped",
        "uploads during it",
        "refused",
        "no answer",
        "slowest",
    ];
    let lines = rows.iter().map(|(kind, row)| {
        vec![
            kind.name(),
            row.done.to_string(),
            row.skipped.to_string(),
            row.requests.to_string(),
            row.refused.to_string(),
            row.unanswered.to_string(),
            format!("{:.1} s", row.slowest.as_secs_f64()),
        ]
    });
    table::text(&head, lines)
}

/// How often uploads were answered how.
pub(crate) fn answers(requests: &[Request]) -> String {
    let mut counts: BTreeMap<Option<u16>, usize> = BTreeMap::new();
    for request in requests {
        *counts.entry(request.status).or_default() += 1;
    }
    let shown = counts.iter().map(|(status, count)| match status {
        Some(status) => format!("{status}: {count}"),
        None => format!("no answer: {count}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Answers that say that the server has a defect.
pub(crate) fn defects(requests: &[Request]) -> usize {
    requests
        .iter()
        .filter(|request| request.status == Some(500))
        .count()
}

/// Processes that outlived the one that started them.
pub(crate) fn survivors(injected: &[Injected]) -> usize {
    let of = |injected: &Injected| match injected.effect {
        Effect::Done { survivors } => survivors,
        Effect::Skipped => 0,
    };
    injected.iter().map(of).sum()
}

/// How long tasks of killed workers waited until somebody claimed them, beside a lease and a second.
pub(crate) fn of_pick_ups(pick_ups: &[Duration], lease: Duration) -> String {
    let limit = lease + Duration::from_secs(1);
    let mut sorted = pick_ups.to_vec();
    sorted.sort();
    let within = sorted.iter().filter(|took| **took <= limit).count();
    let mut row = vec![
        "from the kill to the next lease".to_owned(),
        sorted.len().to_string(),
    ];
    let shown = [0.5, 0.95, 0.99, 1.0].map(|share| percentile(&sorted, share));
    row.extend(shown.map(|took| format!("{:.2}", took.as_secs_f64())));
    row.push(format!("{within} of {}", sorted.len()));
    let limit = format!("within {} s", limit.as_secs());
    let head = ["seconds", "tasks", "p50", "p95", "p99", "max", &limit];
    table::text(&head, [row])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pick_ups_are_told_beside_a_lease_and_a_second() {
        let pick_ups = [2500, 2900, 3001].map(Duration::from_millis);
        let shown = of_pick_ups(&pick_ups, Duration::from_secs(2));
        assert!(
            shown.contains("within 3 s") && shown.contains("2 of 3"),
            "{shown}"
        );
        assert!(shown.contains("2.90") && shown.contains("3.00"), "{shown}");
        assert!(of_pick_ups(&[], Duration::from_secs(2)).contains("0 of 0"));
    }

    fn injected(kind: Kind, effect: Effect) -> Injected {
        let begun = Instant::now();
        Injected {
            fault: Fault {
                at: Duration::ZERO,
                kind,
                target: 0,
                lasts: Duration::ZERO,
            },
            effect,
            begun,
            ended: begun,
        }
    }

    #[test]
    fn only_what_happened_counts() {
        let all = [
            injected(Kind::KillWorker, Effect::Done { survivors: 1 }),
            injected(Kind::KillWorker, Effect::Skipped),
            injected(Kind::FlushRedis, Effect::Done { survivors: 0 }),
        ];
        let verdict = Verdict {
            accepted: 3,
            ..Verdict::default()
        };
        let totals = Totals::of(&all, &verdict, 0);
        assert_eq!(
            totals.line(),
            "1 kills, 2 faults, 3 documents accepted, 0 lost, 0 doubled"
        );
        assert!(totals.is_good() && !totals.plus(Totals { other: 1, ..totals }).is_good());
        assert!(
            !Totals::default().is_good(),
            "a run without documents shows nothing"
        );
        assert_eq!(survivors(&all), 1);
        assert!(of_faults(&all, &[]).contains("FLUSHALL"));
    }
}
