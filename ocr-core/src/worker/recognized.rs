//! What a successful attempt returns beside its stored pages.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::{
    clock::Timestamp,
    id::TaskId,
    model::{EngineInfo, Usage},
};

/// What a successful attempt returns beside its stored pages.
#[derive(Debug)]
pub(super) struct Recognized {
    /// The engine that read.
    pub(super) engine: EngineInfo,
    /// What engines charged, in earlier attempts too.
    pub(super) usage: BTreeMap<String, Usage>,
    /// When this attempt began to read, by the clock of the platform.
    pub(super) started: Timestamp,
    /// The task whose result was taken over; `None` where an engine read.
    pub(super) same_as: Option<TaskId>,
}

/// Learns from pages when reading began. An attempt may wait for a page process before: that is no time of reading.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    earliest: Option<Timestamp>,
    /// Whether a page did not say how long it took.
    untold: bool,
}

impl Beginning {
    /// A page came at `arrived` that took `elapsed_ms` milliseconds; 0 says nothing.
    pub(super) fn page(&mut self, arrived: Timestamp, elapsed_ms: u64) {
        let elapsed = i64::try_from(elapsed_ms)
            .ok()
            .and_then(TimeDelta::try_milliseconds);
        let began = elapsed.and_then(|elapsed| arrived.checked_sub_signed(elapsed));
        self.untold |= elapsed_ms == 0 || began.is_none();
        self.earliest = match (self.earliest, began) {
            (Some(earliest), Some(began)) => Some(earliest.min(began)),
            (known, began) => known.or(began),
        };
    }

    /// When reading began in an attempt that was claimed at `claimed`. All of the time counts when a page did not say,
    /// and when the engine is elsewhere (`charged`): there waiting is a part of reading.
    pub(super) fn of_attempt(&self, claimed: Timestamp, charged: bool) -> Timestamp {
        match self.earliest {
            Some(earliest) if !self.untold && !charged => earliest.max(claimed),
            _ => claimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_800_000_000_000 + milliseconds).expect("a time")
    }

    fn beginning(pages: &[(i64, u64)]) -> Beginning {
        let mut beginning = Beginning::default();
        for (arrived, elapsed) in pages {
            beginning.page(at(*arrived), *elapsed);
        }
        beginning
    }

    #[test]
    fn waiting_for_a_page_process_is_no_time_of_reading() {
        let pages = beginning(&[(28_000, 8_000), (29_000, 4_000)]);
        assert_eq!(pages.of_attempt(at(0), false), at(20_000));
        let parallel = beginning(&[(28_000, 3_000), (29_000, 9_000)]);
        assert_eq!(parallel.of_attempt(at(0), false), at(20_000));
    }

    #[test]
    fn what_is_not_told_counts_whole() {
        assert_eq!(beginning(&[]).of_attempt(at(5), false), at(5));
        let silent = beginning(&[(28_000, 8_000), (29_000, 0)]);
        assert_eq!(silent.of_attempt(at(5), false), at(5));
        let elsewhere = beginning(&[(28_000, 8_000)]);
        assert_eq!(elsewhere.of_attempt(at(5), true), at(5));
        let odd = beginning(&[(28_000, u64::MAX)]);
        assert_eq!(odd.of_attempt(at(5), false), at(5));
        let early = beginning(&[(1_000, 8_000)]);
        assert_eq!(early.of_attempt(at(5), false), at(5), "not before the attempt");
    }
}
