//! What was measured, each a line of JSON too.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::questions::Kind;

/// The answers to one kind of question in one round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answers {
    /// Who answered.
    pub(crate) program: &'static str,
    /// Pages in the index.
    pub(crate) pages: usize,
    /// From 1.
    pub(crate) round: usize,
    pub(crate) kind: Kind,
    /// How long each answer took, failures included.
    pub(crate) milliseconds: Vec<f64>,
    /// Answers with at least one hit.
    pub(crate) answered: usize,
    /// Errors, and answers that took too long.
    pub(crate) failed: usize,
}

/// What an index is like at one size.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Build {
    pub(crate) program: &'static str,
    /// Pages in the index.
    pub(crate) pages: usize,
    /// Pages taken in since the size before.
    pub(crate) added: usize,
    /// How long taking them in took.
    pub(crate) seconds: f64,
    /// Bytes on disk.
    pub(crate) bytes: u64,
}

/// Resident memory at one size, in bytes, after all questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    pub(crate) pages: usize,
    /// Of this process.
    pub(crate) own: u64,
    /// The most it ever had.
    pub(crate) own_maximum: u64,
    /// Of the Postgres server.
    pub(crate) server: u64,
}

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Figures {
    raw: BufWriter<File>,
    pub(crate) answers: Vec<Answers>,
    pub(crate) builds: Vec<Build>,
    pub(crate) memory: Vec<Memory>,
}

impl Figures {
    /// None yet. `path` becomes a file with a line for each.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            raw: BufWriter::new(file),
            answers: Vec::new(),
            builds: Vec::new(),
            memory: Vec::new(),
        })
    }

    pub(crate) fn answered(&mut self, answers: Answers) -> Result<()> {
        self.write(&json!({
            "figure": "answers",
            "program": answers.program,
            "pages": answers.pages,
            "round": answers.round,
            "kind": answers.kind.as_str(),
            "milliseconds": answers.milliseconds,
            "answered": answers.answered,
            "failed": answers.failed,
        }))?;
        self.answers.push(answers);
        Ok(())
    }

    pub(crate) fn built(&mut self, build: Build) -> Result<()> {
        self.write(&json!({
            "figure": "index",
            "program": build.program,
            "pages": build.pages,
            "added": build.added,
            "seconds": build.seconds,
            "bytes": build.bytes,
        }))?;
        self.builds.push(build);
        Ok(())
    }

    pub(crate) fn resident(&mut self, memory: Memory) -> Result<()> {
        self.write(&json!({
            "figure": "memory",
            "pages": memory.pages,
            "own": memory.own,
            "ownMaximum": memory.own_maximum,
            "server": memory.server,
        }))?;
        self.memory.push(memory);
        Ok(())
    }

    /// Writes at once, so that a run that is stopped leaves what it has.
    fn write(&mut self, line: &Value) -> Result<()> {
        writeln!(self.raw, "{line}")?;
        Ok(self.raw.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("figures.jsonl");
        let mut figures = Figures::new(&path).unwrap();
        let answers = Answers {
            program: "ours",
            pages: 400,
            round: 1,
            kind: Kind::Phrase,
            milliseconds: vec![1.5],
            answered: 1,
            failed: 0,
        };
        figures.answered(answers).unwrap();
        let build = Build {
            program: "ours",
            pages: 400,
            added: 100,
            seconds: 0.5,
            bytes: 4096,
        };
        figures.built(build).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["kind"], &lines[0]["milliseconds"]),
            (&json!("phrase"), &json!([1.5]))
        );
        assert_eq!(lines[1]["bytes"], 4096);
    }
}
