//! The command that reads what lands in a folder.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    documents, engine,
    server::{PATIENCE, program},
};

/// A process that watches. Killed when dropped.
struct Watching(Child);

impl Watching {
    fn start(mut command: Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, reached: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !reached() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeSet::new();
    };
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

#[test]
fn each_file_that_lands_is_read_once_across_a_crash() {
    let Some(settings) = engine::settings() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("in")).unwrap();
    let mut settings: Vec<(String, String)> = settings
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
    settings.push(("OCR_DATA_DIR".into(), at("data").display().to_string()));
    let watch = |more: &[&str]| {
        let mut command = program(&settings);
        command
            .args(["watch", "--settle", "1", "--format", "text,pdf", "--out"])
            .args([at("out"), at("in")])
            .args(more);
        Watching::start(command)
    };
    let land = |name: &str, bytes: &[u8]| {
        let part = at("in").join(format!("{name}.part"));
        fs::write(&part, bytes).unwrap();
        fs::rename(part, at("in").join(name)).unwrap();
    };
    let found = || {
        let output = program(&settings).args(["search", "fox"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };

    let first = watch(&[]);
    land("read.pdf", &documents::born_digital());
    land("note.xyz", b"no document");
    wait_until("both are answered", || {
        let wanted = ["note.xyz.error.txt", "read.pdf", "read.txt"].map(str::to_owned);
        names(&at("out")).is_superset(&BTreeSet::from(wanted))
    });
    let text = fs::read_to_string(at("out").join("read.txt")).unwrap();
    assert!(text.contains("quick brown fox"), "{text}");
    // As where a folder of another machine looks empty for a moment; each answer tells that it was looked at meanwhile.
    let answered = |name: &str| at("out").join(format!("{name}.error.txt")).exists();
    fs::rename(at("in").join("read.pdf"), at("aside.pdf")).unwrap();
    land("away.xyz", b"no document");
    wait_until("it was away", || answered("away.xyz"));
    fs::rename(at("aside.pdf"), at("in").join("read.pdf")).unwrap();
    land("back.xyz", b"no document");
    wait_until("it is back", || answered("back.xyz"));
    land("second.pdf", &documents::born_digital());
    drop(first);

    let second = watch(&["--after", "move"]);
    wait_until("what landed before the crash is read", || {
        at("out").join("second.pdf").exists() && at("in").join("done").join("second.pdf").exists()
    });
    // Another document of the same name does not take the place of what was read of the first.
    land("second.pdf", &documents::born_digital());
    wait_until("the third is read", || at("out").join("second.pdf.pdf").exists());
    let expected = [
        "away.xyz.error.txt",
        "back.xyz.error.txt",
        "note.xyz.error.txt",
        "read.pdf",
        "read.txt",
        "second.pdf",
        "second.pdf.pdf",
        "second.pdf.txt",
        "second.txt",
    ];
    wait_until("everything is there", || {
        names(&at("out")) == BTreeSet::from(expected.map(str::to_owned))
    });
    assert!(
        at("in").join("read.pdf").exists(),
        "it was read before the files were to be moved"
    );
    wait_until("the index has all of them", || found().lines().count() == 3);
    drop(second);
    assert_eq!(found().matches("read.pdf:").count(), 1, "{}", found());
}

#[test]
fn a_folder_cannot_be_its_own_result() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let run = |folder: &Path, format: &str| {
        let mut command = program(&[("OCR_DATA_DIR".into(), data.clone())]);
        command.args(["watch", "--format", format, "--out"]);
        command.args([folder, folder]).output().unwrap()
    };
    let same = run(folder.path(), "text");
    assert_eq!(same.status.code(), Some(1));
    let said = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(said.contains("--out"), "{said}");
    assert_eq!(run(folder.path(), "papyrus").status.code(), Some(2));
}
