//! Files made to harm, each read in a process of its own with 2 GiB of memory.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use ocr_documents::{Document, Limits};
use ocr_testkit::requirements::corpus;

/// Names the file that the child process reads.
const CHILD_FILE: &str = "OCR_DOCUMENTS_TEST_CHILD";

/// After which a child counts as hanging; the slowest file takes a few seconds.
const PATIENCE: Duration = Duration::from_mins(2);

const MEMORY: u64 = 2 << 30;

/// Read although the corpus expects an error: the decoder recovers a picture, or ignores the attack; or the type was not
/// read when the corpus was made.
const RECOVERED: [&str; 4] = [
    "type_gif_as.pdf",
    "webp_imagers_panic.webp",
    "tiff_imagers_ycbcr_broken.tif",
    "pdf_recursive_form.pdf",
];

/// The child: reads one file completely and says how it went. Does nothing in a usual test run.
#[test]
fn child_reads_one_file() {
    let Some(file) = env::var_os(CHILD_FILE) else {
        return;
    };
    rlimit::setrlimit(rlimit::Resource::AS, MEMORY, MEMORY).unwrap();
    println!("\nOUTCOME {}", outcome(Path::new(&file)));
}

fn outcome(file: &Path) -> String {
    let document = match Document::open_path(file, Limits::default()) {
        Ok(document) => document,
        Err(error) => return format!("refused {error}"),
    };
    for index in 0..document.page_count() {
        if let Err(error) = document.page(index).and_then(|_| document.image(index)) {
            return format!("failed {error}");
        }
    }
    format!("read {} pages", document.page_count())
}

#[test]
fn no_hostile_file_does_harm() {
    let Some(folder) = corpus("hostile") else { return };
    let mut wrong = Vec::new();
    for (name, expected) in expectations(&folder) {
        let outcome = in_child(&folder.join(&name));
        println!("{name}: {outcome}");
        let may_be_read = ["OCR", "pages", "one page", "repair", "render clamped"];
        let may_fail = ["reject", "fail", "422", "415", "limit", "error", "time-out"];
        let allows = |words: &[&str]| words.iter().any(|word| expected.contains(word));
        let right = match outcome.split(' ').next() {
            Some("read") => allows(&may_be_read) || RECOVERED.contains(&name.as_str()),
            Some("refused" | "failed") => allows(&may_fail),
            _ => false,
        };
        if !right {
            wrong.push(format!("{name}: {outcome}; expected: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// File names and safe outcomes from the table that comes with the corpus.
fn expectations(folder: &Path) -> Vec<(String, String)> {
    let table = fs::read_to_string(folder.join("MANIFEST.md")).unwrap();
    let rows: Vec<(String, String)> = table
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let (name, expected) = (cells.get(1)?, cells.get(4)?);
            folder
                .join(name)
                .is_file()
                .then(|| ((*name).to_owned(), (*expected).to_owned()))
        })
        .collect();
    assert!(
        rows.len() > 100,
        "the table of the corpus has only {} files",
        rows.len()
    );
    rows
}

/// Reads the file in a child process.
fn in_child(file: &Path) -> String {
    let this: PathBuf = env::current_exe().unwrap();
    let mut child = Command::new(this)
        .args(["hostile::child_reads_one_file", "--exact", "--nocapture"])
        .env(CHILD_FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return "hung".into();
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let outcome = said.lines().find_map(|line| line.strip_prefix("OUTCOME "));
    outcome.map_or_else(|| format!("died: {}", output.status), str::to_owned)
}
