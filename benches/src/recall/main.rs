//! Measures what our search indexes find of words that recognition got wrong.
//!
//! `search-recall TRUTH_DIR READING_DIR`: `TRUTH_DIR` holds `NAME.txt` for each document, `READING_DIR` what was read
//! under the same name.

mod alignment;
mod corpus;
mod findings;
mod misread;
mod report;

use std::sync::Arc;

use anyhow::{Result, bail};
use ocr_adapters::{
    postgres::{PgConfig, PgDatabase, PgSearchIndex},
    sqlite::{SqliteDatabase, SqliteSearchIndex},
};
use ocr_core::{memory::MemorySearchIndex, search_index::SearchIndex};
use ocr_testkit::services::postgres;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [truths, readings] = &arguments[..] else {
        bail!("usage: search-recall TRUTH_DIR READING_DIR");
    };
    let documents = corpus::documents(truths.as_ref(), readings.as_ref())?;
    let words = misread::misread(&documents);
    let folder = tempfile::tempdir()?;
    let sqlite = SqliteDatabase::open(&folder.path().join("index.sqlite")).await?;
    let server = Arc::new(postgres::Server::throw_away().await);
    let database = postgres::database_on(server).await;
    let postgres = PgDatabase::new(PgConfig::from_url(database.url()))?;
    postgres.migrate().await?;
    let indexes: [Arc<dyn SearchIndex>; 3] = [
        Arc::new(MemorySearchIndex::default()),
        Arc::new(SqliteSearchIndex::new(sqlite)),
        Arc::new(PgSearchIndex::new(postgres)),
    ];
    let mut all = Vec::with_capacity(indexes.len());
    for index in indexes {
        eprintln!("searching by {}", index.name());
        all.push(findings::findings(&*index, &documents, &words).await?);
    }
    println!("{}", report::tables(documents.len(), &all));
    Ok(())
}
