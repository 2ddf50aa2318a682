//! `cargo xtask bench-accuracy`: how well documents with known text are read, beside other engines.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{
    corpus::{PEERS, documents},
    process::{self, built, cargo, command, target_directory},
};

/// What to read, and which engines to compare with.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    corpus: PathBuf,
    /// A Python program, called as `SCRIPT ENGINE CORPUS OUTPUT`, that writes `OUTPUT/NAME.txt`.
    peer_script: Option<PathBuf>,
    /// Texts that others have read already, as `NAME=DIR`.
    peers: Vec<String>,
}

/// Reads every document of a folder with our engine, and the peers where asked; prints one table.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let request = parse(arguments)?;
    let corpus = request
        .corpus
        .canonicalize()
        .with_context(|| format!("{} cannot be read", request.corpus.display()))?;
    process::run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "ocr-server",
        "-p",
        "ocr-benches",
    ]))?;
    let results = target_directory().join("accuracy");
    let mut hypotheses = vec![format!(
        "ppocr={}",
        read_ours(&corpus, &results.join("ppocr"))?.display()
    )];
    if let Some(script) = &request.peer_script {
        let script = script.canonicalize().context("the peer script cannot be read")?;
        for peer in PEERS {
            let output = results.join(peer);
            process::run(
                command("python3")
                    .arg(&script)
                    .arg(peer)
                    .arg(&corpus)
                    .arg(&output),
            )?;
            hypotheses.push(format!("{peer}={}", output.display()));
        }
    }
    hypotheses.extend(request.peers);
    process::run(built("release", "accuracy").arg(&corpus).args(hypotheses))
}

fn parse(arguments: &[String]) -> Result<Request> {
    let Some((corpus, rest)) = arguments.split_first() else {
        bail!("which folder of documents?");
    };
    let mut request = Request {
        corpus: corpus.into(),
        peer_script: None,
        peers: Vec::new(),
    };
    for pair in rest.chunks(2) {
        match pair {
            [flag, script] if flag == "--peer-script" => request.peer_script = Some(script.into()),
            [flag, peer] if flag == "--peer" && peer.contains('=') => request.peers.push(peer.clone()),
            _ => bail!("not understood: {}", pair.join(" ")),
        }
    }
    Ok(request)
}

/// Reads the corpus with our engine into `output`, which is emptied first, and says how long it took.
pub(crate) fn read_ours(corpus: &Path, output: &Path) -> Result<PathBuf> {
    if output.exists() {
        fs::remove_dir_all(output)?;
    }
    fs::create_dir_all(output)?;
    let documents = documents(corpus)?;
    let count = documents.len();
    let mut scan = built("release", "ocr-server");
    scan.arg("scan")
        .args(documents)
        .args(["--format", "text", "-o"])
        .arg(output);
    let started = Instant::now();
    let outcome = process::run(&mut scan);
    println!(
        "ppocr read {count} documents in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    if let Err(error) = outcome {
        // A corpus may hold documents that nobody can read; they count as read empty.
        eprintln!("xtask: some documents could not be read: {error:#}");
    }
    Ok(output.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn peers_come_from_a_script_or_from_folders() {
        let request = parse(&arguments("corpus --peer a=x --peer-script peers.py --peer b=y")).unwrap();
        assert_eq!(request.peer_script, Some("peers.py".into()));
        assert_eq!(request.peers, ["a=x", "b=y"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for words in ["", "corpus --peer", "corpus --peer name", "corpus --fast yes"] {
            assert!(parse(&arguments(words)).is_err(), "{words}");
        }
    }
}
