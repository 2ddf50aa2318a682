//! What a test needs that is not in its repository: models, servers, programs, documents.
//!
//! A test that cannot run because something is missing has shown nothing, so it fails, and says how to
//! get what is missing. Whoever wants to go on without it names it in `OCR_TEST_SKIP`, a list with commas
//! or `all`; the test then prints that it did not run. What is named and there is used all the same.
//!
//! ```no_run
//! use ocr_testkit::requirements::Requirement;
//!
//! let version = std::process::Command::new("tesseract").arg("--version").output();
//! let Some(version) = Requirement::Tesseract.or_skip(version) else { return };
//! ```

use std::{
    env,
    fmt::Display,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Names what tests may go without.
pub const SKIP_VARIABLE: &str = "OCR_TEST_SKIP";
/// Names a file to which each test that did not run adds a line: the requirement, a tab, the test.
pub const REPORT_VARIABLE: &str = "OCR_TEST_SKIPPED";
/// Names the folder of the test corpus.
pub const CORPUS_VARIABLE: &str = "OCR_TEST_CORPUS";

/// Where the corpus is when nobody says so, seen from the folder of a crate.
const CORPUS_BESIDE: &str = "../../shared/data";
/// What nextest says when each test is a process of its own.
const OWN_PROCESS: &str = "process-per-test";

/// Something that tests need and a machine may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// Documents of other people, which cannot be committed.
    Corpus,
    /// The weights of the local engine.
    Models,
    /// The program `tesseract`.
    Tesseract,
    /// A Postgres server, or the programs to start one.
    Postgres,
    /// A Redis server, or the program to start one.
    Redis,
    /// moto, a stand-in for AWS.
    Moto,
    /// Chromium and its driver.
    Browser,
    /// Node.js, and what npm fetches with it.
    Node,
    /// A container engine.
    Docker,
    /// A kernel that takes everything from a page process that it does not need.
    Sandbox,
}

impl Requirement {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Corpus,
        Self::Models,
        Self::Tesseract,
        Self::Postgres,
        Self::Redis,
        Self::Moto,
        Self::Browser,
        Self::Node,
        Self::Docker,
        Self::Sandbox,
    ];

    /// Its name in `OCR_TEST_SKIP`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Corpus => "corpus",
            Self::Models => "models",
            Self::Tesseract => "tesseract",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Moto => "moto",
            Self::Browser => "browser",
            Self::Node => "node",
            Self::Docker => "docker",
            Self::Sandbox => "sandbox",
        }
    }

    /// How to get it.
    const fn advice(self) -> &'static str {
        match self {
            Self::Corpus => "set OCR_TEST_CORPUS to the folder that holds the corpus",
            Self::Models => {
                "run `cargo run -- models pull`, or set OCR_MODELS_DIR to a directory with the models"
            }
            Self::Tesseract => {
                "install tesseract (on Debian: apt-get install tesseract-ocr tesseract-ocr-eng)"
            }
            Self::Postgres => {
                "install Postgres (on Debian: apt-get install postgresql), or set OCR_TEST_POSTGRES_URL, or \
                 OCR_TEST_SERVICES=containers"
            }
            Self::Redis => {
                "install Redis (on Debian: apt-get install redis-server), or set OCR_TEST_REDIS_URL, or \
                 OCR_TEST_SERVICES=containers"
            }
            Self::Moto => {
                "run `cargo xtask test`, which installs it, or name a Python that has it in OCR_TEST_MOTO"
            }
            Self::Browser => {
                "install Chromium and its driver (on Debian: apt-get install chromium chromium-driver)"
            }
            Self::Node => "install Node.js with npm, and run `cargo xtask test`, which fetches the rest",
            Self::Docker => "install and start a container engine that this user may use",
            Self::Sandbox => {
                "use Linux 6.12 or newer, with Landlock switched on and outside of a container without it"
            }
        }
    }

    /// What was found, or `None` after saying that the test does not run, which its caller then ends.
    ///
    /// # Panics
    /// When it is missing and `OCR_TEST_SKIP` does not name it.
    pub fn or_skip<T, E: Display>(self, found: Result<T, E>) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err(reason) => {
                self.skip(&reason);
                None
            }
        }
    }

    /// What was found; otherwise the test ends here, as passed, when `OCR_TEST_SKIP` names what is missing.
    /// That needs a runner that gives each test a process of its own, such as `cargo nextest`.
    ///
    /// # Panics
    /// When it is missing and `OCR_TEST_SKIP` does not name it, or the process has other tests to run.
    pub fn or_end<T, E: Display>(self, found: Result<T, E>) -> T {
        match found {
            Ok(found) => found,
            Err(reason) => {
                self.skip(&reason);
                let is_alone = env::var("NEXTEST_EXECUTION_MODE").is_ok_and(|mode| mode == OWN_PROCESS);
                assert!(
                    is_alone,
                    "without {} this test ends only under cargo nextest",
                    self.name()
                );
                std::process::exit(0)
            }
        }
    }

    /// Says that the test does not run.
    fn skip(self, reason: &impl Display) {
        let asked = env::var(SKIP_VARIABLE).unwrap_or_default();
        let skipped = skipped(&asked).unwrap_or_else(|unknown| {
            panic!("{SKIP_VARIABLE} names {unknown:?}, which is no requirement of a test")
        });
        let name = self.name();
        assert!(
            skipped.contains(&self),
            "this test needs {name}: {reason}\nTo run it, {}. To go on without it, set {SKIP_VARIABLE}={name}.",
            self.advice()
        );
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        eprintln!("NOT RUN: {test} needs {name}: {reason}");
        report(name, test);
    }
}

/// The folder `name` of the test corpus, or `None` after saying that the test does not run.
///
/// # Panics
/// When it is missing and `OCR_TEST_SKIP` does not name it.
pub fn corpus(name: &str) -> Option<PathBuf> {
    let root = env::var_os(CORPUS_VARIABLE).map_or_else(
        || Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(CORPUS_BESIDE),
        PathBuf::from,
    );
    let folder = root.join(name);
    let found = if folder.is_dir() {
        Ok(folder)
    } else {
        Err(format!("there is no folder {}", folder.display()))
    };
    Requirement::Corpus.or_skip(found)
}

/// What a list names, or the first name in it that is unknown.
fn skipped(list: &str) -> Result<Vec<Requirement>, String> {
    let mut skipped = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "all" {
            skipped.extend(Requirement::ALL);
            continue;
        }
        let known = Requirement::ALL.into_iter().find(|one| one.name() == name);
        skipped.push(known.ok_or(name)?);
    }
    Ok(skipped)
}

/// Adds a line to the report, where one is asked for.
fn report(name: &str, test: &str) {
    let Some(file) = env::var_os(REPORT_VARIABLE) else {
        return;
    };
    // One write of one line, so that lines of processes that run side by side stay whole.
    let line = format!("{name}\t{test}\n");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        panic!("{} cannot be written: {error}", Path::new(&file).display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_what_may_be_missing() {
        assert_eq!(skipped("").unwrap(), []);
        let two = [Requirement::Corpus, Requirement::Docker];
        assert_eq!(skipped(" corpus,, docker ").unwrap(), two);
        assert_eq!(skipped("all").unwrap(), Requirement::ALL);
        assert_eq!(skipped("corpus,modles").unwrap_err(), "modles");
    }

    #[test]
    fn what_is_there_is_used() {
        assert_eq!(Requirement::Redis.or_skip(Ok::<_, String>(7)), Some(7));
        assert_eq!(Requirement::Redis.or_end(Ok::<_, String>(7)), 7);
    }

    #[test]
    #[should_panic(expected = "this test needs tesseract: nobody installed it")]
    fn what_is_missing_fails_the_test() {
        // Whoever skips everything skips this too: it says what such a test would have said.
        if skipped(&env::var(SKIP_VARIABLE).unwrap_or_default())
            .is_ok_and(|skipped| skipped.contains(&Requirement::Tesseract))
        {
            panic!("this test needs tesseract: nobody installed it");
        }
        Requirement::Tesseract.or_skip(Err::<(), _>("nobody installed it"));
    }
}
