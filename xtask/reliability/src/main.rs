//! Faults, untrusted files and load against running servers, judged from outside: what `cargo xtask chaos`,
//! `hostile` and `load` run.

mod arguments;
mod chaos;
mod client;
mod documents;
mod follower;
mod hostile;
mod load;
mod proc;
mod process;
mod proxy;
mod stack;
mod table;

use std::process::ExitCode;

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use arguments::Arguments;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("reliability: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command; whoever ends it ends what it has started.
async fn run() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = command() => outcome,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        _ = terminate.recv() => bail!("ended"),
    }
}

async fn command() -> Result<()> {
    let mut arguments = Arguments::new(std::env::args().skip(1));
    match arguments.word().as_deref() {
        Some("chaos") => chaos::run(&mut arguments).await,
        Some("hostile") => hostile::run(&mut arguments).await,
        Some("load") => load::run(&mut arguments).await,
        Some("naive-worker") => chaos::work_naively(&mut arguments),
        _ => bail!("which command? chaos, hostile or load"),
    }
}
