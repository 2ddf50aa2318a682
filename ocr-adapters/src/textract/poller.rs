//! When to ask for a job. Every waiting document asks through the same quota, so that however many wait, the
//! operation is never called more often than it may be.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use super::config::PollPolicy;

/// Pauses are shortened by up to this share, so that documents that were started together do not stay so.
const JITTER: f64 = 0.2;

/// The pauses before each question about one job: growing, with a jitter that differs from job to job and
/// is the same each time.
#[derive(Debug, Clone)]
pub(super) struct Pauses {
    policy: PollPolicy,
    job: String,
    asked: u32,
    next: Duration,
}

impl Pauses {
    pub(super) fn new(policy: PollPolicy, job: &str) -> Self {
        Self {
            policy,
            job: job.to_owned(),
            asked: 0,
            next: policy.first.min(policy.longest),
        }
    }

    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.asked += 1;
        self.next = pause
            .mul_f64(self.policy.factor.max(1.0))
            .min(self.policy.longest);
        pause.mul_f64(1.0 - JITTER * self.chance())
    }

    /// A number in 0..1 that looks random.
    fn chance(&self) -> f64 {
        let mut hasher = DefaultHasher::new();
        (&self.job, self.asked).hash(&mut hasher);
        (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(job: &str, count: usize) -> Vec<f64> {
        let mut pauses = Pauses::new(PollPolicy::default(), job);
        (0..count).map(|_| pauses.next().as_secs_f64()).collect()
    }

    #[test]
    fn pauses_grow_to_the_longest() {
        let full = [5.0, 7.5, 11.25, 16.875, 25.3125, 30.0, 30.0];
        for (pause, full) in pauses("job", 7).into_iter().zip(full) {
            assert!(
                pause <= full && pause >= full * (1.0 - JITTER),
                "{pause} of {full}"
            );
        }
    }

    #[test]
    fn jobs_do_not_march_in_step() {
        assert_eq!(pauses("one", 5), pauses("one", 5));
        assert_ne!(pauses("one", 5), pauses("two", 5));
    }
}
