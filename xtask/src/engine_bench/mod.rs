//! `cargo xtask bench-engine`: what reading costs, step by step and beside other engines.

mod cost;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use self::cost::{Cost, measured};
use crate::{
    corpus::{PEERS, documents},
    machine::machine,
    process::{self, built, cargo, command, target_directory},
};

/// What to read, how often, and beside whom.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    corpus: PathBuf,
    rounds: usize,
    threads: usize,
    /// A Python program, called as `SCRIPT ENGINE CORPUS OUTPUT`.
    peer_script: Option<PathBuf>,
}

/// Prints where the time of each page goes, and a table of engines that read the documents in turns.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let request = parse(arguments)?;
    let corpus = request
        .corpus
        .canonicalize()
        .with_context(|| format!("{} cannot be read", request.corpus.display()))?;
    let mut build = cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-server",
        "-p",
        "ocr-benches",
    ]);
    process::run(build.args(["--features", "ocr-benches/engine"]))?;
    println!("{}\n", machine());
    process::run(
        built("release", "engine-profile")
            .arg(models())
            .arg(request.threads.to_string())
            .args(documents(&corpus)?),
    )?;
    let contestants = contestants(&request, &corpus)?;
    println!("\n| engine | wall s | CPU s | peak memory MB |\n|---|---:|---:|---:|");
    let mut costs: Vec<Vec<Cost>> = contestants.iter().map(|_| Vec::new()).collect();
    for _ in 0..request.rounds {
        for ((_, command), costs) in contestants.iter().zip(&mut costs) {
            costs.push(measured(&mut command())?);
        }
    }
    for ((name, _), costs) in contestants.iter().zip(&costs) {
        for cost in costs {
            println!(
                "| {name} | {:.1} | {:.1} | {} |",
                cost.wall,
                cost.processor,
                cost.memory / 1_000_000
            );
        }
    }
    println!("\n{}", machine());
    Ok(())
}

/// An engine and how to have it read all documents.
type Contestant = (String, Box<dyn Fn() -> Command>);

fn contestants(request: &Request, corpus: &Path) -> Result<Vec<Contestant>> {
    let results = target_directory().join("engine-bench");
    fs::create_dir_all(&results)?;
    let documents = documents(corpus)?;
    let output = results.join("ppocr");
    let ours = move || {
        let mut scan = built("release", "ocr-server");
        scan.arg("scan")
            .args(&documents)
            .args(["--format", "text", "-o"])
            .arg(&output);
        scan
    };
    let mut contestants: Vec<Contestant> = vec![("ours".into(), Box::new(ours))];
    if let Some(script) = &request.peer_script {
        let script = script.canonicalize().context("the peer script cannot be read")?;
        for peer in PEERS {
            let (script, corpus, output) = (script.clone(), corpus.to_owned(), results.join(peer));
            let read = move || {
                let mut python = command("python3");
                python.arg(&script).arg(peer).arg(&corpus).arg(&output);
                python
            };
            contestants.push((peer.into(), Box::new(read)));
        }
    }
    Ok(contestants)
}

/// Where the models are, as the server has it.
fn models() -> PathBuf {
    env::var_os("OCR_MODELS_DIR").map_or_else(
        || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/ocr-server/models"),
        PathBuf::from,
    )
}

fn parse(arguments: &[String]) -> Result<Request> {
    let Some((corpus, rest)) = arguments.split_first() else {
        bail!("which folder of documents?");
    };
    let mut request = Request {
        corpus: corpus.into(),
        rounds: 2,
        threads: 1,
        peer_script: None,
    };
    for pair in rest.chunks(2) {
        match pair {
            [flag, rounds] if flag == "--rounds" => request.rounds = rounds.parse()?,
            [flag, threads] if flag == "--threads" => request.threads = threads.parse()?,
            [flag, script] if flag == "--peer-script" => request.peer_script = Some(script.into()),
            _ => bail!("not understood: {}", pair.join(" ")),
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_stand_in_any_order() {
        let request = parse(&arguments("corpus --peer-script peers.py --rounds 5 --threads 2")).unwrap();
        assert_eq!((request.rounds, request.threads), (5, 2));
        assert_eq!(request.peer_script, Some("peers.py".into()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for words in ["", "corpus --rounds", "corpus --rounds many", "corpus --fast yes"] {
            assert!(parse(&arguments(words)).is_err(), "{words}");
        }
    }
}
