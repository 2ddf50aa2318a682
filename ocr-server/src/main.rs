//! The `ocr-server` program.

use std::process::ExitCode;

use clap::Parser;
use ocr_server::cli::Cli;

fn main() -> ExitCode {
    ocr_server::commands::run(Cli::parse())
}
