#![doc = include_str!("../../README.md")]

mod corpus;
mod normalize;
mod score;
mod table;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("accuracy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Scores each engine against the truth and returns the table.
fn run(arguments: &[String]) -> Result<String> {
    let Some((truth, engines)) = arguments.split_first() else {
        bail!("usage: accuracy TRUTH_DIR NAME=HYPOTHESIS_DIR...");
    };
    if engines.is_empty() {
        bail!("there is no engine to score: give NAME=HYPOTHESIS_DIR");
    }
    let truth = corpus::truth(truth.as_ref())?;
    let mut rows = Vec::new();
    for engine in engines {
        let (name, folder) = engine.split_once('=').context("an engine is given as NAME=DIR")?;
        let scores = corpus::scores(&truth, folder.as_ref())?;
        rows.extend(score::summaries(name, &scores));
    }
    Ok(table::markdown(&rows))
}
