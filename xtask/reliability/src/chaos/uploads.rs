//! Clients that upload, and repeat what was not acknowledged.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::{checker::Submitted, observe::fingerprint};
use crate::{
    client::{Answer, Client},
    documents::Document,
    follower::Follower,
};

/// Clients at the same time.
const CLIENTS: usize = 3;
/// Documents that may wait to be read: faults should meet work, and the end should come.
const WAITING: usize = 40;
/// Time between two uploads of a client, in milliseconds: the minimum and the maximum.
const PAUSE: (u64, u64) = (100, 500);
/// Time before a repetition.
const AGAIN: Duration = Duration::from_millis(300);
/// One accepted document of so many is sent once more under its key.
const REPEATED: u32 = 8;

/// An upload as the client saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// When it was sent.
    pub(crate) begun: Instant,
    /// How long the answer took.
    pub(crate) took: Duration,
    /// The status; `None` when no answer came.
    pub(crate) status: Option<u16>,
}

/// What all clients sent.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    /// The documents.
    pub(crate) submitted: Vec<Submitted>,
    /// The requests.
    pub(crate) requests: Vec<Request>,
}

/// What the clients of a run share.
struct Shared {
    client: Client,
    bases: Vec<String>,
    seed: u64,
    pages: RangeInclusive<usize>,
    number: AtomicUsize,
    accepted: AtomicUsize,
    follower: Follower,
    phase: watch::Receiver<Phase>,
}

/// What clients may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    /// Send new documents.
    Upload,
    /// Send again what was not acknowledged.
    Finish,
    /// Nothing.
    Stop,
}

/// Uploads documents of so many `pages` until `phase` says otherwise. Gives the follower back that paced it.
pub(crate) async fn run(
    client: Client,
    bases: Vec<String>,
    seed: u64,
    pages: RangeInclusive<usize>,
    follower: Follower,
    phase: watch::Receiver<Phase>,
) -> (Uploads, Option<Follower>) {
    let shared = Arc::new(Shared {
        client,
        bases,
        seed,
        pages,
        number: AtomicUsize::new(1),
        accepted: AtomicUsize::new(0),
        follower,
        phase,
    });
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(Arc::clone(&shared).upload());
    }
    let mut all = Uploads::default();
    while let Some(uploads) = clients.join_next().await {
        let uploads = uploads.unwrap_or_default();
        all.submitted.extend(uploads.submitted);
        all.requests.extend(uploads.requests);
    }
    (all, Arc::into_inner(shared).map(|shared| shared.follower))
}

impl Shared {
    fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    async fn upload(self: Arc<Self>) -> Uploads {
        let mut uploads = Uploads::default();
        while self.phase() == Phase::Upload {
            let waiting = self.accepted.load(Ordering::Relaxed);
            if waiting.saturating_sub(self.follower.ended()) >= WAITING {
                sleep(AGAIN).await;
                continue;
            }
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            // What a document is depends on its number, not on when its turn comes.
            let mut random = Rng::with_seed(self.seed.wrapping_add(number as u64));
            let pages = random.usize(self.pages.clone());
            let document = Document::new(number, pages, &mut random);
            let submitted = self.submit(&document, &mut random, &mut uploads.requests).await;
            uploads.submitted.push(submitted);
            sleep(Duration::from_millis(random.u64(PAUSE.0..=PAUSE.1))).await;
        }
        uploads
    }

    /// Sends a document until it is accepted.
    async fn submit(&self, document: &Document, random: &mut Rng, requests: &mut Vec<Request>) -> Submitted {
        let mut submitted = Submitted {
            name: document.name.clone(),
            text: document.text.clone(),
            sha256: fingerprint(&document.bytes),
            ..Submitted::default()
        };
        // Some answers are lost on the way to a client: it repeats what was accepted already.
        let mut wanted = if random.u32(..REPEATED) == 0 { 2 } else { 1 };
        while wanted > 0 && self.phase() < Phase::Stop {
            let base = &self.bases[random.usize(..self.bases.len())];
            let begun = Instant::now();
            let bytes = document.bytes.clone();
            let key = Some(document.name.as_str());
            let (answer, took) = self.client.upload(base, &document.name, bytes, key).await;
            let status = match answer {
                Answer::Accepted(task) => {
                    wanted -= 1;
                    if submitted.accepted.is_empty() {
                        self.accepted.fetch_add(1, Ordering::Relaxed);
                    }
                    submitted.accepted.insert(task);
                    Some(202)
                }
                Answer::Refused(status) => Some(status),
                Answer::None => None,
            };
            requests.push(Request { begun, took, status });
            if status != Some(202) {
                sleep(AGAIN).await;
            }
        }
        submitted
    }
}
