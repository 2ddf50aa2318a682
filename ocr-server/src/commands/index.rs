//! `ocr-server index`

use std::process::ExitCode;

use anyhow::{Context, Result};
use ocr_core::{
    ErrorKind,
    duties::{IndexDifference, Indexer},
};

use crate::{cli::IndexAction, compose, config::Settings};

/// Builds the search index anew, or compares it with what is stored.
pub(super) async fn run(settings: &Settings, action: IndexAction) -> Result<ExitCode> {
    let composition = compose::open(settings).await?;
    let indexer = Indexer::new(composition.platform.clone()).context("there is no search index")?;
    let outcome = match action {
        IndexAction::Rebuild => rebuild(&indexer).await,
        IndexAction::Verify => verify(&indexer).await,
    };
    composition.close().await;
    outcome
}

async fn rebuild(indexer: &Indexer) -> Result<ExitCode> {
    let documents = match indexer.rebuild().await {
        Ok(documents) => documents,
        // A server that runs builds it as well, and may be done first.
        Err(error) if error.kind() == ErrorKind::Conflict => indexer.verify().await?.0,
        Err(error) => return Err(error.into()),
    };
    println!("the search index was built: {documents} documents");
    Ok(ExitCode::SUCCESS)
}

async fn verify(indexer: &Indexer) -> Result<ExitCode> {
    let (documents, differences) = indexer.verify().await?;
    for difference in &differences {
        match difference {
            IndexDifference::Missing(task) => println!("{task} is missing"),
            IndexDifference::Outdated(task) => println!("{task} is out of date"),
            IndexDifference::Superfluous(task) => println!("{task} does not exist any more"),
            other => println!("{other:?}"),
        }
    }
    if differences.is_empty() {
        println!("the search index has all of {documents} documents");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} differences; what changed within the last seconds may be among them. A running server mends them, or: \
         ocr-server index rebuild",
        differences.len()
    );
    Ok(ExitCode::FAILURE)
}
