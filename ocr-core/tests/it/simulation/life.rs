//! A process: it may die or freeze at each of its calls, and a frozen one wakes up as if nothing had been.

use std::sync::Arc;

use async_trait::async_trait;
use ocr_core::Result;
use ocr_testkit::unreliable::Disruption;
use tokio::{sync::watch, time::Instant};

use super::weather::Weather;

/// Calls that processes make again and again while there is nothing to do.
const IDLE_CALLS: [&str; 7] = [
    "wait",
    "lease",
    "reap",
    "lease_outbox",
    "due_tasks",
    "changes",
    "heartbeat",
];

/// What befalls one process. It lies over every port that the process uses: nothing that a process does besides its
/// calls can be seen from outside, so that dying between two of them is dying at any point between.
#[derive(Debug)]
pub(super) struct Life {
    weather: Arc<Weather>,
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Frozen(Instant),
    Dead,
}

impl Life {
    pub(super) fn new(weather: Arc<Weather>) -> Arc<Self> {
        Arc::new(Self {
            weather,
            state: watch::Sender::new(State::Running),
        })
    }

    /// Returns when the process died.
    pub(super) async fn died(&self) {
        let mut state = self.state.subscribe();
        // The sender is our own, so that this cannot fail.
        let _ = state.wait_for(|state| *state == State::Dead).await;
    }

    /// A point at which the process may die or freeze. Of one that died it never returns.
    pub(super) async fn pass(&self, operation: &'static str) {
        self.befall(operation).await;
        loop {
            let state = *self.state.borrow();
            match state {
                State::Running => return,
                State::Dead => std::future::pending().await,
                State::Frozen(until) => {
                    tokio::time::sleep_until(until).await;
                    self.state.send_if_modified(|now| {
                        let thaws = *now == State::Frozen(until);
                        if thaws {
                            *now = State::Running;
                        }
                        thaws
                    });
                }
            }
        }
    }

    async fn befall(&self, operation: &'static str) {
        if self.weather.is_calm() {
            return;
        }
        let dice = &self.weather.dice;
        let (kills, freezes) = if IDLE_CALLS.contains(&operation) {
            (1, 1)
        } else {
            (8, 8)
        };
        let fate = dice.below(1000);
        if fate < kills {
            self.state.send_replace(State::Dead);
        } else if fate < kills + freezes {
            let until = Instant::now() + dice.millis(500, 6_000);
            self.state.send_if_modified(|state| {
                let freezes = *state == State::Running;
                if freezes {
                    *state = State::Frozen(until);
                }
                freezes
            });
        } else if fate < 150 {
            tokio::time::sleep(dice.millis(1, 40)).await;
        }
    }
}

#[async_trait]
impl Disruption for Life {
    async fn before(&self, operation: &'static str) -> Result<()> {
        self.pass(operation).await;
        Ok(())
    }

    async fn after(&self, operation: &'static str) -> Result<()> {
        self.pass(operation).await;
        Ok(())
    }
}
