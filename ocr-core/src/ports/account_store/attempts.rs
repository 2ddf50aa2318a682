//! Attempts to sign in: the more of them fail, the longer one waits for the next.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::{
    Result,
    clock::{Timestamp, later},
};

/// How long attempts count: 15 minutes without another one, and all is forgotten.
const MEMORY: Duration = Duration::from_mins(15);

/// How quickly attempts of one kind may follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptLimit {
    /// What is counted: an account, an address, or both together.
    pub key: String,
    /// Attempts that need not wait.
    pub free: u32,
    /// Maximum wait: it is a second after these, and doubles with each attempt.
    pub longest: Duration,
}

impl AttemptLimit {
    /// Lets `free` attempts pass, then makes each wait up to `longest`.
    pub fn new(key: impl Into<String>, free: u32, longest: Duration) -> Self {
        Self {
            key: key.into(),
            free,
            longest,
        }
    }
}

/// Attempts that were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AttemptCount {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
}

impl AttemptCount {
    /// `count` attempts, the last one at `last`.
    pub const fn new(count: u32, last: Timestamp) -> Self {
        Self { count, last }
    }

    /// How long the next attempt has to wait at `now`; zero when it need not.
    pub fn wait(self, limit: &AttemptLimit, now: Timestamp) -> Duration {
        let counted = self.counted(now);
        let Some(over) = counted.checked_sub(limit.free).filter(|_| counted > 0) else {
            return Duration::ZERO;
        };
        let pause = Duration::from_secs(1_u64 << over.min(20)).min(limit.longest);
        let left = later(self.last, pause) - now;
        // A clock that went back must not make anybody wait for longer than the pause.
        left.to_std().unwrap_or(Duration::ZERO).min(pause)
    }

    /// The same with an attempt at `now`.
    pub fn another(self, now: Timestamp) -> Self {
        Self {
            count: self.counted(now).saturating_add(1),
            last: now,
        }
    }

    /// Attempts that still count at `now`.
    fn counted(self, now: Timestamp) -> u32 {
        if now >= later(self.last, MEMORY) {
            0
        } else {
            self.count
        }
    }

    /// Before when an attempt must have been not to count at `now`.
    pub fn forgotten_before(now: Timestamp) -> Timestamp {
        now - chrono::TimeDelta::from_std(MEMORY).unwrap_or_default()
    }
}

/// Counts attempts to sign in.
#[async_trait]
pub trait SignInAttempts: fmt::Debug + Send + Sync + 'static {
    /// Counts an attempt at `now` under each of these limits, unless one of them says to wait.
    ///
    /// # Behavior
    /// - Zero when the attempt was counted and may be made; it counts as failed until it is forgiven.
    /// - Otherwise the longest wait by [`AttemptCount::wait`], and nothing was counted: whoever does not wait makes
    ///   nobody wait for longer. Nor is anything kept of it: from many addresses they would fill the store.
    /// - Of several at once, no more pass than one after the other would.
    async fn attempt(&self, limits: Vec<AttemptLimit>, now: Timestamp) -> Result<Duration>;

    /// After a success: what was counted under `forget` is forgotten, and one attempt less counts under `undo`.
    async fn forgive(&self, forget: Vec<String>, undo: Vec<String>) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_wait_longer_and_longer_and_are_forgotten() {
        let limit = AttemptLimit::new("ada", 3, Duration::from_secs(10));
        let start = Timestamp::default();
        let at = |seconds| later(start, Duration::from_secs(seconds));
        let wait = |count, seconds| {
            AttemptCount::new(count, start)
                .wait(&limit, at(seconds))
                .as_secs()
        };
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6, 7, 60].map(|count| wait(count, 0)),
            [0, 0, 0, 1, 2, 4, 8, 10, 10]
        );
        assert_eq!((wait(5, 1), wait(5, 4), wait(5, 5)), (3, 0, 0));
        assert_eq!(wait(60, 15 * 60), 0);
        let again = AttemptCount::new(60, start).another(at(15 * 60));
        assert_eq!((again.count, again.last), (1, at(15 * 60)));
        let before = start - chrono::TimeDelta::days(1);
        assert_eq!(AttemptCount::new(60, start).wait(&limit, before).as_secs(), 10);
    }
}
