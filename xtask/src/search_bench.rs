//! `cargo xtask bench-search`: our search beside plain full text search, and on what was misread.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    accuracy,
    machine::machine,
    process::{self, built, cargo, target_directory},
};

/// What to measure.
#[derive(Debug, PartialEq, Eq)]
enum Request<'a> {
    /// How long answers take, with these options.
    Latency(&'a [String]),
    /// What is found of misread words.
    Recall {
        corpus: PathBuf,
        /// Where somebody has read them already.
        readings: Option<PathBuf>,
    },
}

/// Builds what measures and runs it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match parse(arguments)? {
        Request::Latency(options) => latency(options),
        Request::Recall { corpus, readings } => recall(&corpus, readings.as_deref()),
    }
}

fn parse(arguments: &[String]) -> Result<Request<'_>> {
    Ok(match arguments {
        [flag, corpus] if flag == "--recall" => Request::Recall {
            corpus: corpus.into(),
            readings: None,
        },
        [flag, corpus, other, readings] if flag == "--recall" && other == "--readings" => Request::Recall {
            corpus: corpus.into(),
            readings: Some(readings.into()),
        },
        [flag, rest @ ..] if flag == "--recall" => bail!("not understood: {}", rest.join(" ")),
        options => Request::Latency(options),
    })
}

fn latency(options: &[String]) -> Result<()> {
    build(&[])?;
    let folder = target_directory().join("search-bench");
    fs::create_dir_all(&folder).context("the target directory cannot be written")?;
    println!("{}\n", machine());
    process::run(built("release", "search-latency").arg(&folder).args(options))?;
    println!("{}", machine());
    println!("every answer: {}", folder.join("figures.jsonl").display());
    Ok(())
}

fn recall(corpus: &Path, readings: Option<&Path>) -> Result<()> {
    let found = |folder: &Path| {
        let canonical = folder.canonicalize();
        canonical.with_context(|| format!("{} cannot be read", folder.display()))
    };
    let corpus = found(corpus)?;
    let readings = if let Some(readings) = readings {
        build(&[])?;
        found(readings)?
    } else {
        build(&["-p", "ocr-server"])?;
        accuracy::read_ours(&corpus, &target_directory().join("search-recall"))?
    };
    process::run(built("release", "search-recall").arg(&corpus).arg(&readings))
}

/// Builds what measures, with more packages where they are needed.
fn build(packages: &[&str]) -> Result<()> {
    let mut build = cargo(&["build", "--locked", "--release", "-p", "ocr-benches"]);
    process::run(build.args(packages).args(["--features", "ocr-benches/search"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn recall_takes_a_folder_and_readings() {
        let recall = |corpus: &str, readings: Option<&str>| Request::Recall {
            corpus: corpus.into(),
            readings: readings.map(PathBuf::from),
        };
        assert_eq!(parse(&arguments("--recall data")).unwrap(), recall("data", None));
        assert_eq!(
            parse(&arguments("--recall data --readings read")).unwrap(),
            recall("data", Some("read"))
        );
        for words in ["--recall", "--recall data --readings", "--recall data --pages 9"] {
            assert!(parse(&arguments(words)).is_err(), "{words}");
        }
    }

    #[test]
    fn everything_else_is_an_option_of_what_measures() {
        let options = arguments("--pages 1000 --seed 3");
        assert_eq!(parse(&options).unwrap(), Request::Latency(&options));
        assert_eq!(parse(&[]).unwrap(), Request::Latency(&[]));
    }
}
