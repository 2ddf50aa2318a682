//! `ocr-server search`: the search index of this machine's settings, no server needed.

use std::process::ExitCode;

use anyhow::{Result, bail};
use ocr_core::{
    id::UserId,
    search::SearchQuery,
    service::{OcrService, SearchRequest},
    store::Scope,
};

use crate::{cli::SearchArgs, compose, config::Settings};

/// Prints a line for each page that answers; fails, as grep does, when none does.
pub(super) async fn run(settings: &Settings, args: SearchArgs) -> Result<ExitCode> {
    let text = args.query.join(" ");
    let query = match SearchQuery::parse(&text) {
        Ok(query) => query,
        Err(error) => bail!(
            "{}\n  {text}\n  {:>place$}",
            error.message,
            "^",
            place = error.position + 1
        ),
    };
    let scope = match &args.user {
        Some(user) => Scope::owner(user.parse::<UserId>()?),
        None => Scope::system(),
    };
    let composition = compose::open(settings).await?;
    let service = OcrService::new(composition.platform.clone());
    let found = service
        .search(scope, &query, SearchRequest::first(args.limit))
        .await;
    composition.close().await;
    let found = found?;
    for hit in &found.hits {
        println!("{}:{}: {}", hit.task.file.filename, hit.page, hit.snippet.text);
    }
    if found.next.is_some() {
        eprintln!("there are more; see --limit");
    }
    Ok(if found.hits.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
