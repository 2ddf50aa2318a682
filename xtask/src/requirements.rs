//! What tests need and may go without when that is asked for in `OCR_TEST_SKIP`, as
//! `ocr_testkit::requirements` has it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
};

use anyhow::{Context, Result};

use crate::process::{root, target_directory};

/// Names what tests may go without.
const SKIP_VARIABLE: &str = "OCR_TEST_SKIP";
/// Names the file that says which tests did not run.
const REPORT_VARIABLE: &str = "OCR_TEST_SKIPPED";
/// Names the folder of the test corpus.
const CORPUS_VARIABLE: &str = "OCR_TEST_CORPUS";
/// Where the corpus is when nobody says so, seen from the root. It is only ever read.
const CORPUS_BESIDE: &str = "../shared/data";
/// The requirement that a machine other than ours hardly ever has.
const CORPUS: &str = "corpus";

/// What a run of the tests may go without, and what it went without.
#[derive(Debug)]
pub(crate) struct Requirements {
    may_miss: BTreeSet<String>,
    /// Whether nobody asked to go without the corpus, and it is not there.
    has_no_corpus: bool,
    /// Lines of a requirement, a tab, and what did not run.
    report: PathBuf,
}

impl Requirements {
    /// What the environment says, with an empty report. Without a corpus there are no tests of it.
    pub(crate) fn of_environment() -> Result<Self> {
        let asked = env::var(SKIP_VARIABLE).unwrap_or_default();
        let has_corpus = env::var_os(CORPUS_VARIABLE).is_some() || root().join(CORPUS_BESIDE).is_dir();
        let folder = target_directory();
        let requirements = Self::new(&asked, has_corpus, folder.join("tests-not-run.txt"));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&requirements.report, ""))
            .context("the report of tests that did not run cannot be written")?;
        Ok(requirements)
    }

    fn new(asked: &str, has_corpus: bool, report: PathBuf) -> Self {
        let names = asked.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut requirements = Self {
            may_miss: names.map(str::to_owned).collect(),
            has_no_corpus: false,
            report,
        };
        if !has_corpus && !requirements.may_miss(CORPUS) {
            requirements.may_miss.insert(CORPUS.into());
            requirements.has_no_corpus = true;
        }
        requirements
    }

    /// Whether tests may go without `requirement`.
    pub(crate) fn may_miss(&self, requirement: &str) -> bool {
        self.may_miss.contains(requirement) || self.may_miss.contains("all")
    }

    /// What was done to have `requirement`, or `None` where that failed and tests may go without:
    /// then `part` of the run does not take place.
    pub(crate) fn or_skip<T>(&self, requirement: &str, part: &str, done: Result<T>) -> Result<Option<T>> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error) if self.may_miss(requirement) => {
                eprintln!("xtask: NOT RUN: {part} needs {requirement}: {error:#}");
                let line = format!("{requirement}\t{part}\n");
                let before = fs::read_to_string(&self.report).unwrap_or_default();
                fs::write(&self.report, before + &line)?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What the tests must be told.
    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        let list: Vec<&str> = self.may_miss.iter().map(String::as_str).collect();
        [
            (SKIP_VARIABLE, list.join(",")),
            (REPORT_VARIABLE, self.report.display().to_string()),
        ]
    }

    /// The last lines of a run: what did not run, and for want of what.
    pub(crate) fn summary(&self) -> String {
        let report = fs::read_to_string(&self.report).unwrap_or_default();
        let mut missed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (requirement, part) in report.lines().filter_map(|line| line.split_once('\t')) {
            missed.entry(requirement).or_default().insert(part);
        }
        if missed.is_empty() {
            return "everything ran: nothing that tests need was missing".to_owned();
        }
        let mut lines = Vec::new();
        for (requirement, parts) in missed {
            let advice = if requirement == CORPUS && self.has_no_corpus {
                format!("; set {CORPUS_VARIABLE} to a folder with documents to run them")
            } else {
                String::new()
            };
            lines.push(format!(
                "NOT RUN for want of {requirement}: {} of the tests{advice}",
                parts.len()
            ));
            lines.extend(parts.into_iter().map(|part| format!("  {part}")));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_was_missed_is_said_at_the_end_and_what_may_not_be_missed_fails() {
        let report = env::temp_dir().join(format!("xtask-report-{}", std::process::id()));
        let requirements = Requirements::new("docker, moto", false, report);
        assert!(requirements.summary().contains("everything ran"));
        let failed = || Err::<(), _>(anyhow!("no engine"));
        assert!(
            requirements
                .or_skip("browser", "tests of the page", failed())
                .is_err()
        );
        assert_eq!(
            requirements
                .or_skip("docker", "tests in containers", failed())
                .unwrap(),
            None
        );
        assert_eq!(requirements.environment()[0].1, "corpus,docker,moto");
        let said = requirements.summary();
        assert_eq!(
            said,
            "NOT RUN for want of docker: 1 of the tests\n  tests in containers"
        );
        fs::remove_file(&requirements.report).unwrap();
    }
}
