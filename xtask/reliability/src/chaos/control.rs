//! The positive control: a queue that everybody builds first, and that loses what a killed worker had. A harness
//! that does not notice shows nothing about ours either.

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use fastrand::Rng;
use redis::{Commands as _, Connection};
use tokio::time::sleep;

use super::{
    checker::{self, Found, History, Submitted},
    inject_all,
    report::{self, Totals},
    schedule::{Kind, schedule},
};
use crate::{
    arguments::Arguments,
    documents::Document,
    process::Launch,
    stack::{Redis, Role, Stack},
};

/// A list: the newest document at the left.
const QUEUE: &str = "naive:queue";
/// A hash: documents by name.
const DOCUMENTS: &str = "naive:documents";
/// A hash: what was read, by name.
const RESULTS: &str = "naive:results";
/// Workers.
const WORKERS: usize = 2;
/// How long it takes to read a document.
const READING: Duration = Duration::from_millis(60);
/// Documents that wait, so that no worker is ever idle.
const WAITING: usize = 20;
/// How long the queue may take to become empty.
const SETTLE: Duration = Duration::from_mins(1);

/// Runs the checker over the naive queue, and fails if it finds nothing.
pub(super) async fn run(length: Duration, gap: Duration, seed: u64) -> Result<()> {
    println!(
        "positive control: workers that take documents by BRPOP, {} s, a kill each {} ms, --seed {seed}",
        length.as_secs(),
        gap.as_millis()
    );
    let mut stack = Stack::empty()?;
    let redis = Redis::start(&stack.logs(), &stack.logs()).await?;
    for number in 1..=WORKERS {
        let launch = Launch::new(&format!("naive-{number}"), env::current_exe()?, &stack.logs());
        let arguments = ["naive-worker".to_owned(), "--port".into(), redis.port.to_string()];
        stack.add(Role::Worker, launch.with_arguments(arguments))?;
    }
    let port = redis.port;
    let uploading = tokio::task::spawn_blocking(move || upload(port, length, seed));
    let kills = schedule(seed, &[Kind::KillWorker], length, gap);
    let injected = inject_all(&stack, kills, length).await?;
    let submitted = uploading.await??;
    stack.heal().await?;
    let mut connection = connect(port)?;
    let begun = Instant::now();
    while begun.elapsed() < SETTLE && connection.llen::<_, usize>(QUEUE)? > 0 {
        sleep(READING).await;
    }
    sleep(10 * READING).await;
    let found = found(&mut connection, &submitted)?;
    let verdict = checker::judge(&History {
        submitted,
        found,
        views: Vec::new(),
    });
    print!("{}", report::of_faults(&injected, &[]));
    let totals = Totals::of(&injected, &verdict, 0);
    println!("{}", totals.line());
    if verdict.lost == 0 {
        bail!("the checker found no loss where there must be one: it cannot be trusted");
    }
    println!("the checker notices what is lost");
    Ok(())
}

/// Accepts documents as long as there is time.
fn upload(port: u16, length: Duration, seed: u64) -> Result<Vec<Submitted>> {
    let mut connection = connect(port)?;
    let mut random = Rng::with_seed(seed);
    let mut submitted = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < length {
        if connection.llen::<_, usize>(QUEUE)? >= WAITING {
            std::thread::sleep(READING);
            continue;
        }
        let document = Document::new(submitted.len() + 1, 1, &mut random);
        let () = connection.hset(DOCUMENTS, &document.name, &document.text)?;
        let () = connection.lpush(QUEUE, &document.name)?;
        submitted.push(Submitted {
            accepted: [document.name.clone()].into(),
            name: document.name,
            text: document.text,
            ..Submitted::default()
        });
    }
    Ok(submitted)
}

/// Every accepted document, with what was read of it.
fn found(connection: &mut Connection, submitted: &[Submitted]) -> Result<Vec<Found>> {
    let found = submitted.iter().map(|submitted| {
        let text: Option<String> = connection.hget(RESULTS, &submitted.name)?;
        let status = if text.is_some() { "completed" } else { "processing" };
        Ok(Found {
            task: submitted.name.clone(),
            name: submitted.name.clone(),
            status: status.into(),
            text: text.unwrap_or_default(),
            ..Found::default()
        })
    });
    found.collect()
}

/// A worker: what it has taken off the list is nowhere else while it reads.
pub(crate) fn work(arguments: &mut Arguments) -> Result<()> {
    let port = arguments.number("--port")?.context("--port of Redis")?;
    arguments.end()?;
    let mut connection = connect(u16::try_from(port)?)?;
    loop {
        let taken: Option<(String, String)> = connection.brpop(QUEUE, 1.0)?;
        let Some((_, name)) = taken else { continue };
        let text: String = connection.hget(DOCUMENTS, &name)?;
        std::thread::sleep(READING);
        let () = connection.hset(RESULTS, name, text)?;
    }
}

fn connect(port: u16) -> Result<Connection> {
    Ok(redis::Client::open(format!("redis://127.0.0.1:{port}"))?.get_connection()?)
}
