//! What the program does, one file a command.

mod doctor;
mod migrate;
mod models;
mod openapi;
mod page_process;
mod scan;
mod serve;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command},
    config::Settings,
    telemetry,
};

/// Runs the command line; errors go to standard error, in one line.
pub fn run(cli: Cli) -> ExitCode {
    let command = cli.command.unwrap_or(Command::Serve);
    telemetry::init(if matches!(command, Command::Serve) {
        "info"
    } else {
        "warn"
    });
    match dispatch(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ocr-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    // The only command that needs no settings: its output must not depend on this machine.
    if matches!(command, Command::Openapi) {
        return openapi::run();
    }
    let settings = Settings::from_env()?;
    match command {
        Command::PageProcess { engine } => page_process::run(&settings, engine.as_deref()),
        Command::Models { action } => models::run(&settings, action),
        Command::Serve => runtime()?.block_on(serve::run(settings)),
        Command::Scan(args) => runtime()?.block_on(scan::run(&settings, args)),
        Command::Migrate => runtime()?.block_on(migrate::run(&settings)),
        Command::Doctor => runtime()?.block_on(doctor::run(&settings)),
        Command::Openapi => openapi::run(),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
