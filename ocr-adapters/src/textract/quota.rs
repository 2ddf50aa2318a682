//! How often the service is asked: a pace for each operation and a number of jobs, both lowered when the
//! service says it is too much and slowly raised again.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use derive_setters::Setters;
use tokio::{sync::Notify, time::Instant};

/// A throttled operation goes on at this share of its pace.
const DECREASE: f64 = 0.5;
/// Each success raises a lowered pace by this share of the full one.
const INCREASE: f64 = 0.02;
/// The pace never falls below this share of the full one.
const LOWEST: f64 = 0.05;
/// Refusals within this time count as one: they answer requests that were sent together.
const ONE_REFUSAL: Duration = Duration::from_secs(1);

/// An operation with a quota of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `DetectDocumentText`
    DetectText,
    /// `AnalyzeDocument`
    Analyze,
    /// `StartDocumentTextDetection`
    StartText,
    /// `StartDocumentAnalysis`
    StartAnalysis,
    /// `GetDocumentTextDetection`
    GetText,
    /// `GetDocumentAnalysis`
    GetAnalysis,
}

/// Calls a second of each operation, and jobs at the same time, that an account may have in a region.
#[derive(Debug, Clone, Copy, PartialEq, Setters)]
#[setters(prefix = "with_")]
#[non_exhaustive]
pub struct QuotaProfile {
    /// `DetectDocumentText` a second.
    pub detect_text: f64,
    /// `AnalyzeDocument` a second.
    pub analyze: f64,
    /// `StartDocumentTextDetection` a second.
    pub start_text: f64,
    /// `StartDocumentAnalysis` a second.
    pub start_analysis: f64,
    /// `GetDocumentTextDetection` a second.
    pub get_text: f64,
    /// `GetDocumentAnalysis` a second.
    pub get_analysis: f64,
    /// Jobs that run at the same time.
    pub jobs: usize,
}

impl QuotaProfile {
    /// What new accounts have in us-east-1 and us-west-2.
    pub const LARGE: Self = Self {
        detect_text: 25.0,
        analyze: 10.0,
        start_text: 15.0,
        start_analysis: 10.0,
        get_text: 25.0,
        get_analysis: 10.0,
        jobs: 600,
    };
    /// What new accounts have in us-east-2.
    pub const MEDIUM: Self = Self {
        detect_text: 10.0,
        analyze: 10.0,
        start_text: 5.0,
        start_analysis: 10.0,
        get_text: 10.0,
        get_analysis: 10.0,
        jobs: 100,
    };
    /// What new accounts have in eu-west-1 and ap-south-1.
    pub const SMALL: Self = Self {
        detect_text: 5.0,
        analyze: 5.0,
        start_text: 5.0,
        start_analysis: 5.0,
        get_text: 5.0,
        get_analysis: 5.0,
        jobs: 100,
    };
    /// What new accounts have everywhere else.
    pub const OTHER: Self = Self {
        detect_text: 1.0,
        analyze: 1.0,
        start_text: 1.0,
        start_analysis: 2.0,
        get_text: 5.0,
        get_analysis: 5.0,
        jobs: 100,
    };

    /// What new accounts have in `region`.
    pub fn of_region(region: &str) -> Self {
        match region {
            "us-east-1" | "us-west-2" => Self::LARGE,
            "us-east-2" => Self::MEDIUM,
            "eu-west-1" | "ap-south-1" => Self::SMALL,
            _ => Self::OTHER,
        }
    }

    /// The share of one of `processes` that use the same account.
    pub fn shared_between(self, processes: u32) -> Self {
        let share = f64::from(processes.max(1));
        Self {
            detect_text: self.detect_text / share,
            analyze: self.analyze / share,
            start_text: self.start_text / share,
            start_analysis: self.start_analysis / share,
            get_text: self.get_text / share,
            get_analysis: self.get_analysis / share,
            jobs: (self.jobs / processes.max(1) as usize).max(1),
        }
    }
}

/// The paces of one account, shared by everything that calls the service. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Quotas {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    detect_text: Pace,
    analyze: Pace,
    start_text: Pace,
    start_analysis: Pace,
    get_text: Pace,
    get_analysis: Pace,
    jobs: Jobs,
}

impl Quotas {
    pub(super) fn new(profile: &QuotaProfile) -> Self {
        Self {
            shared: Arc::new(Shared {
                detect_text: Pace::new(profile.detect_text),
                analyze: Pace::new(profile.analyze),
                start_text: Pace::new(profile.start_text),
                start_analysis: Pace::new(profile.start_analysis),
                get_text: Pace::new(profile.get_text),
                get_analysis: Pace::new(profile.get_analysis),
                jobs: Jobs::new(profile.jobs),
            }),
        }
    }

    fn pace(&self, operation: Operation) -> &Pace {
        match operation {
            Operation::DetectText => &self.shared.detect_text,
            Operation::Analyze => &self.shared.analyze,
            Operation::StartText => &self.shared.start_text,
            Operation::StartAnalysis => &self.shared.start_analysis,
            Operation::GetText => &self.shared.get_text,
            Operation::GetAnalysis => &self.shared.get_analysis,
        }
    }

    /// Waits in line until the operation may be called. `Err` says how long that would take when it is more
    /// than `longest`. May be dropped at any await point; nothing is lost.
    pub(super) async fn admit(&self, operation: Operation, longest: Duration) -> Result<(), Duration> {
        self.pace(operation).wait(longest).await
    }

    /// The service said that the operation was called too often.
    pub(super) fn refused(&self, operation: Operation) {
        self.pace(operation).lower();
    }

    /// The operation was called and not refused.
    pub(super) fn accepted(&self, operation: Operation) {
        self.pace(operation).raise();
    }

    /// Waits for room for one more job, at most `longest`.
    pub(super) async fn job(&self, longest: Duration) -> Option<JobRoom> {
        tokio::time::timeout(longest, self.shared.jobs.take())
            .await
            .ok()?;
        Some(JobRoom(Arc::clone(&self.shared)))
    }

    /// The service said that too many jobs are running.
    pub(super) fn too_many_jobs(&self) {
        self.shared.jobs.lower();
    }
}

/// Room for a running job, until dropped.
#[derive(Debug)]
pub(super) struct JobRoom(Arc<Shared>);

impl Drop for JobRoom {
    fn drop(&mut self) {
        self.0.jobs.give_back();
    }
}

/// Evenly spaced calls, so that no second sees more than it may.
#[derive(Debug)]
struct Pace {
    full: f64,
    state: Mutex<PaceState>,
    /// Those who wait; first come, first served.
    line: tokio::sync::Mutex<()>,
    waiting: AtomicU32,
}

#[derive(Debug)]
struct PaceState {
    /// Calls a second now.
    rate: f64,
    /// When the next call may be made.
    next: Option<Instant>,
    /// When the pace was last lowered.
    lowered: Option<Instant>,
}

impl Pace {
    fn new(rate: f64) -> Self {
        let full = if rate.is_finite() && rate > 0.0 { rate } else { 1.0 };
        Self {
            full,
            state: Mutex::new(PaceState {
                rate: full,
                next: None,
                lowered: None,
            }),
            line: tokio::sync::Mutex::new(()),
            waiting: AtomicU32::new(0),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, PaceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, longest: Duration) -> Result<(), Duration> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&self.waiting);
        let expected = self.expected(before);
        if expected > longest {
            return Err(expected);
        }
        let _turn = self.line.lock().await;
        // The pace may be lowered meanwhile.
        while let Some(next) = self.next() {
            tokio::time::sleep_until(next).await;
        }
        let mut state = self.lock();
        state.next = Some(Instant::now() + Duration::from_secs_f64(1.0 / state.rate));
        Ok(())
    }

    /// How long it takes behind `before` others, at the pace of now.
    fn expected(&self, before: u32) -> Duration {
        let state = self.lock();
        let until_next = state.next.map_or(Duration::ZERO, |next| {
            next.saturating_duration_since(Instant::now())
        });
        until_next + Duration::from_secs_f64(f64::from(before) / state.rate)
    }

    /// When the next call may be made, if not now.
    fn next(&self) -> Option<Instant> {
        self.lock().next.filter(|next| *next > Instant::now())
    }

    fn lower(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        if state.lowered.is_some_and(|at| now - at < ONE_REFUSAL) {
            return;
        }
        state.rate = (state.rate * DECREASE).max(self.full * LOWEST);
        state.lowered = Some(now);
        // The service gets a moment to recover.
        let pause = now + Duration::from_secs_f64(1.0 / state.rate);
        state.next = Some(state.next.map_or(pause, |next| next.max(pause)));
    }

    fn raise(&self) {
        let mut state = self.lock();
        state.rate = (state.rate + self.full * INCREASE).min(self.full);
    }
}

/// Counts one who waits until dropped.
struct Waits<'a>(&'a AtomicU32);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A number of jobs that run at the same time.
#[derive(Debug)]
struct Jobs {
    most: usize,
    state: Mutex<JobsState>,
    freed: Notify,
}

#[derive(Debug)]
struct JobsState {
    running: usize,
    room: usize,
}

impl Jobs {
    fn new(most: usize) -> Self {
        let most = most.max(1);
        Self {
            most,
            state: Mutex::new(JobsState {
                running: 0,
                room: most,
            }),
            freed: Notify::new(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, JobsState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take(&self) {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.lock();
                if state.running < state.room {
                    state.running += 1;
                    return;
                }
            }
            freed.await;
        }
    }

    fn give_back(&self) {
        let mut state = self.lock();
        state.running = state.running.saturating_sub(1);
        // A job that ended well is a sign that there is room for one more.
        state.room = (state.room + 1).min(self.most);
        drop(state);
        self.freed.notify_waiters();
    }

    fn lower(&self) {
        let mut state = self.lock();
        state.room = (state.running / 2).max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    fn quotas(rate: f64, jobs: usize) -> Quotas {
        Quotas::new(&QuotaProfile {
            detect_text: rate,
            jobs,
            ..QuotaProfile::OTHER
        })
    }

    async fn calls(quotas: &Quotas, count: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            quotas.admit(Operation::DetectText, LONG).await.unwrap();
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_spaced_evenly_and_operations_do_not_share() {
        let quotas = quotas(10.0, 1);
        let took = calls(&quotas, 21).await.as_secs_f64();
        assert!((1.99..2.1).contains(&took), "{took}");
        let start = Instant::now();
        quotas.admit(Operation::Analyze, LONG).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_too_long_is_told_and_takes_no_place() {
        let quotas = quotas(1.0, 1);
        let second = Duration::from_secs(1);
        quotas.admit(Operation::DetectText, second).await.unwrap();
        quotas.admit(Operation::DetectText, second).await.unwrap();
        for _ in 0..3 {
            let wait = quotas
                .admit(Operation::DetectText, Duration::from_millis(500))
                .await;
            assert_eq!(wait, Err(second));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_halves_the_pace_once_and_successes_raise_it_again() {
        let quotas = quotas(10.0, 1);
        for _ in 0..5 {
            quotas.refused(Operation::DetectText);
        }
        let slow = calls(&quotas, 11).await;
        assert!(slow >= Duration::from_secs(2), "{slow:?}");
        for _ in 0..25 {
            quotas.accepted(Operation::DetectText);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let fast = calls(&quotas, 11).await;
        assert!(fast <= Duration::from_millis(1_100), "{fast:?}");
    }

    #[test]
    fn new_accounts_have_the_quotas_of_their_region() {
        let ohio = QuotaProfile::LARGE
            .with_detect_text(10.0)
            .with_start_text(5.0)
            .with_get_text(10.0)
            .with_jobs(100);
        assert_eq!(QuotaProfile::of_region("us-east-2"), ohio);
        let elsewhere = QuotaProfile::of_region("eu-central-1");
        assert_eq!(elsewhere, QuotaProfile::OTHER);
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_wait_for_room_and_room_shrinks_when_the_service_says_so() {
        let quotas = quotas(1.0, 4);
        let mut running = Vec::new();
        for _ in 0..4 {
            running.push(quotas.job(LONG).await.unwrap());
        }
        let second = Duration::from_secs(1);
        assert!(quotas.job(second).await.is_none());
        quotas.too_many_jobs();
        running.truncate(3);
        assert!(
            quotas.job(second).await.is_none(),
            "room for three, and three run"
        );
        running.truncate(1);
        assert!(quotas.job(second).await.is_some());
    }

    #[test]
    fn regions_have_their_quotas_and_processes_their_share() {
        assert_eq!(QuotaProfile::of_region("us-east-1"), QuotaProfile::LARGE);
        assert_eq!(QuotaProfile::of_region("eu-central-1"), QuotaProfile::OTHER);
        let share = QuotaProfile::LARGE.shared_between(5);
        assert!((share.detect_text - 5.0).abs() < f64::EPSILON);
        assert_eq!(share.jobs, 120);
    }
}
