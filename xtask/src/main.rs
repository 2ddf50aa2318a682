//! `cargo xtask`: what a contributor and continuous integration run.

mod accuracy;
mod containers;
mod core_dependencies;
mod corpus;
mod deny;
mod docs;
mod engine_bench;
mod fuzz;
mod generated;
mod lint;
mod machine;
mod moto;
mod process;
mod public_api;
mod queue_bench;
mod reliability;
mod requirements;
mod search_bench;
mod services;
mod standard;
mod structure;
mod system;
mod tables_bench;
mod test;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test                 install what the tests need, build once, run every test and example
  test-containers      only the adapters of databases, on databases in containers (part of test)
  ci                   every check that is not a test: lint, core-dependencies, structure, deny, docs, public-api
  lint                 formatting, and clippy with warnings denied for each feature set
  core-dependencies    ocr-core is light and names no vendor
  structure            crates depend downwards only, and no crate has a circle between its modules
  deny                 licences, sources and banned crates of all dependencies
  docs                 the API documentation as docs.rs builds it, warnings denied
  public-api [--write] the published crates offer what docs/reference/api lists; --write renews it
  generated [--write]  generated files are what the code generates; --write renews them
  fuzz TARGET [SECONDS]
                       give a parser whatever libFuzzer makes of its seeds; cargo-fuzz must be installed
  fuzz-seeds           write the seeds that fuzzing begins with, and that the tests run
  standard up [PROGRAM]|down|status
                       the standard profile on this machine: every role a process of its own over real
                       Postgres and Redis, and a stand-in for S3; PROGRAM is a server that is built already
  chaos [SECONDS] [--seed N] [--gap MILLISECONDS] [--profile embedded|standard] [--program SERVER] [--keep]
                       faults while documents are read: kills, freezes, cut networks; then what was lost
  chaos --clocks [SECONDS]
                       the same faults, and clocks of processes that step by an hour
  chaos --kills N [--seed N] [--profile embedded|standard] [--program SERVER] [--keep]
                       until N processes were killed that were reading; how soon others picked up what they had
  chaos --zombies N [--seed N] [--profile embedded|standard] [--program SERVER] [--keep]
                       the same with workers that are frozen beyond their lease and wake up
  chaos --failpoints [--seed N] [--profile embedded|standard] [--program SERVER] [--keep]
                       a process ends before and after each step of a document; SERVER has the feature failpoints
  chaos --control [SECONDS]
                       the same checker over a queue that loses: it must notice
  hostile [CORPUS] [--mutants N] [--seed N] [--program SERVER]
                       files and names that are meant to break a server, and mutants of good ones
  load [SECONDS] [--uploads RATE] [--sockets N] [--seed N] [--plot FILE] [--program SERVER]
                       requests on a schedule, however slow the answers are; percentiles, memory, a picture
  load --soak [SECONDS] [--clients N] [--uploads RATE] [--seed N] [--plot FILE] [--program SERVER]
                       half an hour with 5000 WebSockets, some that never read, and headers that never end: does memory grow
  bench-accuracy DIR [--peer-script FILE] [--peer NAME=DIR]...
                       read the documents of DIR and score them against the NAME.txt beside them
  bench-engine DIR [--rounds N] [--threads N] [--peer-script FILE]
                       what each step of our engine takes on the documents of DIR, and what reading them all
                       takes beside other engines, in turns
  bench-tables [--seed N] [--count N]
                       how well tables of generated pages are found, by kind: cells, and TEDS
  bench-queue [--jobs N] [--rounds N] [--latencies N]
                       measure our queues beside graphile-worker and bullmq, in turns
  bench-search [--pages N] [--rounds N] [--questions N] [--seed N]
                       measure our search on generated pages beside plain full text search of SQLite and Postgres,
                       in turns: answers, sizes, growth
  bench-search --recall DIR [--readings DIR]
                       what our search finds of the words that were misread in the documents of DIR, whose truth is
                       the NAME.txt beside them; reads them first, unless somebody has";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        bail!("which command?\n\n{USAGE}");
    };
    match (command.as_str(), rest) {
        ("test", []) => test::run(),
        ("test-containers", []) => test::in_containers(),
        ("ci", []) => {
            lint::run()?;
            core_dependencies::check()?;
            structure::check()?;
            deny::run()?;
            docs::run()?;
            public_api::check()
        }
        ("lint", []) => lint::run(),
        ("core-dependencies", []) => core_dependencies::check(),
        ("structure", []) => structure::check(),
        ("deny", []) => deny::run(),
        ("docs", []) => docs::run(),
        ("public-api", []) => public_api::check(),
        ("public-api", [flag]) if flag == "--write" => public_api::write(),
        ("generated", []) => generated::check(),
        ("generated", [flag]) if flag == "--write" => generated::write(),
        ("fuzz", [target]) => fuzz::run_target(target, None),
        ("fuzz", [target, seconds]) => fuzz::run_target(target, Some(seconds)),
        ("fuzz-seeds", []) => fuzz::write_seeds(),
        ("standard", [action]) if action == "up" => standard::up(None),
        ("standard", [action, program]) if action == "up" => standard::up(Some(program)),
        ("standard", [action]) if action == "down" => standard::down(),
        ("standard", [action]) if action == "status" => standard::status(),
        ("chaos" | "hostile" | "load", rest) => reliability::run(command, rest),
        ("bench-accuracy", rest) => accuracy::run(rest),
        ("bench-engine", rest) => engine_bench::run(rest),
        ("bench-tables", rest) => tables_bench::run(rest),
        ("bench-queue", rest) => queue_bench::run(rest),
        ("bench-search", rest) => search_bench::run(rest),
        ("help" | "--help" | "-h", _) => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("no such command: {}\n\n{USAGE}", arguments.join(" ")),
    }
}
