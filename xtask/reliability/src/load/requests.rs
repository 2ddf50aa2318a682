//! The requests of a load.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use futures::future::try_join_all;
use tokio::time::sleep;

use super::{
    arrivals::{Arrival, Operation},
    samples::{Answered, Sample},
    sockets::Socket,
};
use crate::{
    client::{Answer, Client},
    documents::Document,
    follower::{Follower, Way},
};

/// Documents that are there before anything is measured.
const BEFORE: usize = 5;
/// How long they may take to be read.
const READY: Duration = Duration::from_mins(1);
/// Pages of a document.
const PAGES: usize = 2;
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 20;
/// Time between two looks at what was read.
const LOOK: Duration = Duration::from_millis(200);
/// Statuses by which a server says that it has enough to do.
const SHED: [u16; 3] = [429, 503, 507];

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Requests {
    client: Client,
    base: String,
    seed: u64,
    /// Tasks of before, whose files are asked for.
    tasks: Vec<String>,
    sockets: Vec<Socket>,
    follower: Follower,
    number: AtomicUsize,
    /// When the document of each task should have been sent.
    due: Mutex<BTreeMap<String, Instant>>,
}

impl Requests {
    /// Opens `count` sockets and has some documents read.
    pub(crate) async fn start(bases: &[String], seed: u64, count: usize) -> Result<Self> {
        let base = bases.first().context("no server")?.clone();
        let client = Client::new(format!("00000000-0000-4000-a000-{seed:012x}"))?;
        let mut load = Self {
            follower: Follower::start(Way::Socket, client.clone(), bases.to_vec()),
            sockets: open(&base, client.user(), count).await?,
            client,
            base,
            seed,
            tasks: Vec::new(),
            number: AtomicUsize::new(0),
            due: Mutex::new(BTreeMap::new()),
        };
        for _ in 0..BEFORE {
            match load.upload().await {
                Answer::Accepted(task) => load.tasks.push(task),
                answer => bail!("the first documents were not accepted: {answer:?}"),
            }
        }
        let begun = Instant::now();
        while load.follower.ended() < BEFORE {
            if begun.elapsed() > READY {
                bail!("the first documents were not read");
            }
            sleep(LOOK).await;
        }
        Ok(load)
    }

    /// How a request that is due now is answered, and when.
    pub(crate) async fn request(&self, arrival: Arrival, due: Instant) -> (Answered, Instant) {
        match arrival.operation {
            Operation::Upload => {
                let outcome = match self.upload().await {
                    Answer::Accepted(task) => {
                        self.due().insert(task, due);
                        Answered::Well
                    }
                    Answer::Refused(status) => judged(Some(status)),
                    Answer::None => Answered::Wrong,
                };
                (outcome, Instant::now())
            }
            Operation::List => {
                let path = format!("/api/tasks?userId={}&limit=20", self.client.user());
                let status = self.client.ask(&self.base, &path).await;
                (judged(status), Instant::now())
            }
            Operation::SignedUrl => {
                let task = &self.tasks[arrival.which % self.tasks.len()];
                let is_had = self.client.original(&self.base, task).await.is_ok();
                (
                    if is_had { Answered::Well } else { Answered::Wrong },
                    Instant::now(),
                )
            }
            Operation::Ping | Operation::Reading => {
                let socket = &self.sockets[arrival.which % self.sockets.len()];
                let (is_there, when) = socket.ping().await;
                (if is_there { Answered::Well } else { Answered::Wrong }, when)
            }
        }
    }

    /// How long it took until each document was read; waits `limit` for the last ones.
    pub(crate) async fn readings(&self, begun: Instant, limit: Duration) -> Vec<Sample> {
        let due = self.due().clone();
        let waited = Instant::now();
        while self.follower.ended() < due.len() + BEFORE && waited.elapsed() < limit {
            sleep(LOOK).await;
        }
        let belief = self.follower.belief();
        let sample = |(task, due): (String, Instant)| {
            let read = belief.ended_at.get(&task);
            let is_read = belief
                .tasks
                .get(&task)
                .is_some_and(|status| status == "completed");
            Sample {
                at: due.saturating_duration_since(begun),
                operation: Operation::Reading,
                latency: read.map_or(limit, |read| read.saturating_duration_since(due)),
                outcome: if is_read { Answered::Well } else { Answered::Wrong },
            }
        };
        due.into_iter().map(sample).collect()
    }

    /// Whose requests they are.
    pub(crate) fn user(&self) -> &str {
        self.client.user()
    }

    /// How many sockets the server has closed.
    pub(crate) fn closed(&self) -> usize {
        self.sockets.iter().filter(|socket| !socket.is_open()).count()
    }

    async fn upload(&self) -> Answer {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut random = Rng::with_seed(self.seed.wrapping_add(number as u64));
        let document = Document::new(number, PAGES, &mut random);
        let upload = self
            .client
            .upload(&self.base, &document.name, document.bytes, None);
        upload.await.0
    }

    fn due(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judged(status: Option<u16>) -> Answered {
    match status {
        Some(200..=299) => Answered::Well,
        Some(status) if SHED.contains(&status) => Answered::Refused,
        _ => Answered::Wrong,
    }
}

async fn open(base: &str, user: &str, count: usize) -> Result<Vec<Socket>> {
    let mut sockets = Vec::with_capacity(count);
    while sockets.len() < count {
        let more = AT_ONCE.min(count - sockets.len());
        sockets.extend(try_join_all((0..more).map(|_| Socket::open(base, user))).await?);
    }
    Ok(sockets)
}
