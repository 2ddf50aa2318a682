//! Measures our search indexes beside plain full text search of the same databases, over the same texts.
//!
//! `search-latency FOLDER [--pages N] [--rounds N] [--questions N] [--seed N]`: `FOLDER` takes the databases, which are
//! removed in the end, and `figures.jsonl`, which stays. Every round asks each program every question once, in turns;
//! the tables show percentiles over all rounds.

mod contestant;
mod corpus;
mod figures;
mod measure;
mod memory;
mod options;
mod ours;
mod percentiles;
mod plain_postgres;
mod plain_sqlite;
mod questions;
mod report;
mod sqlite_file;
mod vocabulary;

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use ocr_testkit::services::postgres;
use sqlx::PgPool;

use contestant::{Indexed, Searched};
use corpus::Corpus;
use figures::{Figures, Memory};
use measure::{Contestant, Filling};
use options::Options;
use ours::{IndexAlone, Ours};
use plain_postgres::PlainPostgres;
use plain_sqlite::PlainSqlite;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    std::fs::create_dir_all(&options.folder)
        .with_context(|| format!("{} cannot be written", options.folder.display()))?;
    let scratch = tempfile::tempdir_in(&options.folder)?;
    // Durable, as one would run it: nothing of this differs from the defaults but the room for caches.
    let server = postgres::Server::throw_away_with(&[
        "fsync=on",
        "full_page_writes=on",
        "shared_buffers=512MB",
        "max_wal_size=4GB",
    ])
    .await;
    let server = Arc::new(server);
    let (one, other) = (
        postgres::database_on(Arc::clone(&server)).await,
        postgres::database_on(Arc::clone(&server)).await,
    );
    let (indexes, contestants) = contestants(scratch.path(), one.url(), other.url()).await?;
    let observer = PgPool::connect(server.url()).await?;
    let corpus = Corpus::new(options.seed);
    let mut figures = Figures::new(&options.folder.join("figures.jsonl"))?;
    let mut filling = Filling::new(indexes);
    let mut asked = Vec::new();
    for size in options.sizes() {
        eprintln!("indexing up to {size} pages");
        filling.fill(&corpus, size, &mut figures).await?;
        if asked.is_empty() {
            // About documents that are there at every size.
            asked = questions::questions(&corpus, filling.documents(), options.questions, options.seed)?;
        }
        for round in 1..=options.rounds {
            eprintln!("round {round} of {}", options.rounds);
            measure::ask(&contestants, &asked, (filling.pages(), round), &mut figures).await?;
        }
        let (own, own_maximum) = memory::own();
        figures.resident(Memory {
            pages: filling.pages(),
            own,
            own_maximum,
            server: memory::of_server(&observer).await?,
        })?;
    }
    println!("{}", report::tables(&figures, &contestants));
    Ok(())
}

/// All that is filled, and all that is asked.
async fn contestants(
    folder: &Path,
    our_database: &str,
    plain_database: &str,
) -> Result<(Vec<Arc<dyn Indexed>>, Vec<Contestant>)> {
    let ours_sqlite = Arc::new(Ours::on_sqlite(&folder.join("ours.sqlite")).await?);
    let ours_postgres = Arc::new(Ours::on_postgres(our_database).await?);
    let plain_sqlite = Arc::new(PlainSqlite::open(&folder.join("plain.sqlite")).await?);
    let plain_postgres = Arc::new(PlainPostgres::open(plain_database).await?);
    let contestant = |searched: Arc<dyn Searched>, program, beside| Contestant {
        program,
        beside,
        searched,
    };
    let (fts5, postgres) = (plain_sqlite.name(), plain_postgres.name());
    let contestants = vec![
        contestant(ours_sqlite.clone(), ours_sqlite.name(), Some(fts5)),
        contestant(
            Arc::new(IndexAlone(ours_sqlite.clone())),
            "ours on SQLite, index alone",
            Some(fts5),
        ),
        contestant(plain_sqlite.clone(), fts5, None),
        contestant(ours_postgres.clone(), ours_postgres.name(), Some(postgres)),
        contestant(
            Arc::new(IndexAlone(ours_postgres.clone())),
            "ours on Postgres, index alone",
            Some(postgres),
        ),
        contestant(plain_postgres.clone(), postgres, None),
    ];
    let indexes: Vec<Arc<dyn Indexed>> = vec![ours_sqlite, plain_sqlite, ours_postgres, plain_postgres];
    Ok((indexes, contestants))
}
