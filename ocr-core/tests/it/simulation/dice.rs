//! All the chance of a run, so that its seed repeats it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// `SplitMix64`. A run has one thread, so the order of throws is that of the run.
#[derive(Debug)]
pub(super) struct Dice(Mutex<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    pub(super) fn throw(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..end`.
    pub(super) fn below(&self, end: u64) -> u64 {
        self.throw() % end.max(1)
    }

    /// Comes true in `per_mille` of 1000 throws.
    pub(super) fn comes_true(&self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// A time of `from` to `to` milliseconds.
    pub(super) fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to.saturating_sub(from) + 1))
    }

    /// One of `items`; `None` when there is none.
    pub(super) fn pick<'a, T>(&self, items: &'a [T]) -> Option<&'a T> {
        items.get(usize::try_from(self.below(items.len() as u64)).unwrap_or(0))
    }
}
