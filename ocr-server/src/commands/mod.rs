//! What the program does, one file a command.

mod admin;
mod admin_limits;
mod audit;
mod config;
mod dead_letters;
mod doctor;
mod explain;
mod index;
mod migrate;
mod models;
mod openapi;
mod page_process;
mod probe;
mod scan;
mod search;
mod serve;
mod storage;
mod training_pairs;
mod watch;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command, ConfigAction, ServeArgs},
    config::{Settings, Sources},
    telemetry,
};

/// Runs the command line; errors go to standard error, in one line.
pub fn run(cli: Cli) -> ExitCode {
    let command = cli
        .command
        .unwrap_or_else(|| Command::Serve(ServeArgs::default()));
    match dispatch(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ocr-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    // What these print must not depend on this machine.
    match command {
        Command::Openapi => return openapi::run(),
        Command::Config {
            action: ConfigAction::Reference,
        } => return Ok(config::reference()),
        _ => {}
    }
    let sources = Sources::of_this_process()?;
    let mut settings = Settings::new(&sources)?;
    let serves = matches!(command, Command::Serve(_));
    telemetry::init(&settings.log, if serves { "info" } else { "warn" })?;
    match command {
        Command::PageProcess { engine } => page_process::run(&settings, engine.as_deref()),
        Command::Models { action } => models::run(&settings, action),
        Command::Serve(ServeArgs { role }) => {
            settings.web_wanted |= role.is_some();
            settings.roles = role.unwrap_or(settings.roles);
            runtime()?.block_on(serve::run(settings))
        }
        Command::Config { action } => Ok(match action {
            ConfigAction::Show => config::show(&sources, &settings),
            ConfigAction::Reference => config::reference(),
        }),
        Command::Scan(args) => runtime()?.block_on(scan::run(&settings, args)),
        Command::Watch(args) => runtime()?.block_on(watch::run(&settings, args)),
        Command::Search(args) => runtime()?.block_on(search::run(&settings, args)),
        Command::Index { action } => runtime()?.block_on(index::run(&settings, action)),
        Command::TrainingPairs(args) => runtime()?.block_on(training_pairs::run(&settings, args)),
        Command::Admin { action } => runtime()?.block_on(admin::run(&settings, action)),
        Command::Explain { task } => runtime()?.block_on(explain::run(&settings, &task)),
        Command::Migrate => runtime()?.block_on(migrate::run(&settings)),
        Command::Storage { action } => runtime()?.block_on(storage::run(&settings, action)),
        Command::Probe => runtime()?.block_on(probe::run(&settings)),
        Command::Doctor => runtime()?.block_on(doctor::run(&settings)),
        Command::Openapi => openapi::run(),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
