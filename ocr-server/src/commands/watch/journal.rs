//! What became of the files of a folder, so that none is lost or read twice when the program ends in between.
//!
//! One JSON object a line, the last one about a file counts. A line that was not written completely is no line.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use ocr_core::id::TaskId;
use serde::{Deserialize, Serialize};

use super::folder::{Found, Stamp};

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) stamp: Stamp,
    /// The name of what is written of it, without ending. It is given to no other file.
    pub(super) stem: String,
    pub(super) state: State,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    /// It is being read.
    Waiting(TaskId),
    /// Everything was written that there is to write of it.
    Done,
    /// Another file has its place, or none.
    Gone,
}

/// Lines that are added before the journal is written anew with what counts.
const MAX_LINES: usize = 10_000;

/// The journal of a folder. Two programs cannot have the same.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Lines that were added since it was written anew.
    lines: usize,
    _lock: File,
    /// By name: what lies in the folder.
    present: HashMap<String, Record>,
    /// What is being read and does not lie in the folder any more.
    gone: Vec<Record>,
}

impl Journal {
    /// Opens the journal at `path` with the files that lie in the folder now.
    ///
    /// # Errors
    /// When another program has it, or it cannot be written.
    pub(super) fn open(path: &Path, files: &[Found]) -> Result<Self> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.with_extension("lock"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        if lock.try_lock().is_err() {
            bail!("another ocr-server watches this folder");
        }
        let (present, gone) = match fs::read(path) {
            Ok(bytes) => sorted(&String::from_utf8_lossy(&bytes), files),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (HashMap::new(), Vec::new()),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        let written = rewritten(path, present.values().chain(&gone));
        let file = written.with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            lines: 0,
            _lock: lock,
            present,
            gone,
        })
    }

    /// Whether this file, as it is, was taken before.
    pub(super) fn knows(&self, file: &Found) -> bool {
        let known = self.present.get(&file.name);
        known.is_some_and(|record| record.stamp == file.stamp)
    }

    /// The stem of the file that this one takes the place of.
    pub(super) fn stem_of(&self, name: &str) -> Option<&str> {
        self.present.get(name).map(|record| record.stem.as_str())
    }

    /// Whether a file has this stem, whatever the case of its letters.
    pub(super) fn has_stem(&self, stem: &str) -> bool {
        let stem = stem.to_lowercase();
        let mut records = self.present.values().chain(&self.gone);
        records.any(|record| record.stem.to_lowercase() == stem)
    }

    /// What is being read.
    pub(super) fn waiting(&self) -> Vec<(Record, TaskId)> {
        let records = self.present.values().chain(&self.gone);
        let waiting = records.filter_map(|record| match record.state {
            State::Waiting(task) => Some((record.clone(), task)),
            State::Done | State::Gone => None,
        });
        waiting.collect()
    }

    /// Notes how far a file is; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written; then nothing was noted.
    pub(super) fn note(&mut self, record: Record) -> io::Result<()> {
        let before = self.present.get(&record.name);
        let replaced = before.filter(|before| before.stamp != record.stamp).cloned();
        if let Some(gone) = self.gone.iter().position(|gone| is_of(gone, &record)) {
            self.append(&record)?;
            self.gone.swap_remove(gone);
            return Ok(());
        }
        self.append(&record)?;
        if let Some(replaced) = replaced {
            let state = State::Gone;
            self.append(&Record { state, ..replaced })?;
        }
        if record.state == State::Gone {
            self.present.remove(&record.name);
        } else {
            self.present.insert(record.name.clone(), record);
        }
        Ok(())
    }

    fn append(&mut self, record: &Record) -> io::Result<()> {
        if self.lines >= MAX_LINES {
            let records = self.present.values().chain(&self.gone);
            self.file = rewritten(&self.path, records)?;
            self.lines = 0;
        }
        self.lines += 1;
        // In one write, with a line break before it too: a line that broke off ends here.
        let line = format!("\n{}\n", serde_json::to_string(record)?);
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()
    }

    /// Forgets the files that do not lie in the folder any more, apart from what is being read of them: one that comes
    /// again under the same name is another.
    pub(super) fn keep_only(&mut self, files: &[Found]) {
        let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let left = self
            .present
            .extract_if(|name, _| !names.contains(name.as_str()))
            .map(|(_, record)| record);
        self.gone
            .extend(left.filter(|record| matches!(record.state, State::Waiting(_))));
    }
}

/// Whether two records are of the same file.
fn is_of(one: &Record, other: &Record) -> bool {
    one.name == other.name && one.stamp == other.stamp
}

/// The records of a journal: those of files that lie in the folder, and those that are being read though they do not.
fn sorted(text: &str, files: &[Found]) -> (HashMap<String, Record>, Vec<Record>) {
    let mut last: HashMap<(String, Stamp), (usize, Record)> = HashMap::new();
    for (at, line) in text.lines().enumerate() {
        if let Ok(record) = serde_json::from_str::<Record>(line) {
            last.insert((record.name.clone(), record.stamp), (at, record));
        }
    }
    let mut records: Vec<(usize, Record)> = last.into_values().collect();
    records.retain(|(_, record)| record.state != State::Gone);
    records.sort_by_key(|(at, _)| *at);
    let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let (mut present, mut gone) = (HashMap::new(), Vec::new());
    for (_, record) in records {
        let left = if names.contains(record.name.as_str()) {
            present.insert(record.name.clone(), record)
        } else {
            Some(record)
        };
        gone.extend(left.filter(|record| matches!(record.state, State::Waiting(_))));
    }
    (present, gone)
}

/// Puts a journal with these records in the place of the one at `path`, and leaves it open for more.
fn rewritten<'a>(path: &Path, records: impl Iterator<Item = &'a Record>) -> io::Result<File> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    for record in records {
        writeln!(file, "{}", serde_json::to_string(record)?)?;
    }
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use ocr_core::id::{IdGenerator, RandomIds};

    use super::*;

    fn found(name: &str, modified: u64) -> Found {
        let stamp = Stamp { size: 1, modified };
        Found {
            name: name.into(),
            stamp,
        }
    }

    fn record(file: &Found, state: State) -> Record {
        Record {
            name: file.name.clone(),
            stamp: file.stamp,
            stem: file.name.replace(".pdf", ""),
            state,
        }
    }

    fn task() -> TaskId {
        TaskId(RandomIds.next())
    }

    #[test]
    fn what_was_noted_is_known_to_the_next_process_also_after_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (a, b, c) = (found("a.pdf", 1), found("b.pdf", 1), found("c.pdf", 1));
        let files = [a.clone(), b.clone(), c.clone()];
        let mut journal = Journal::open(&path, &files).unwrap();
        assert!(Journal::open(&path, &files).is_err(), "one at a time");
        let id = task();
        journal.note(record(&a, State::Waiting(task()))).unwrap();
        journal.note(record(&a, State::Done)).unwrap();
        journal.note(record(&b, State::Waiting(id))).unwrap();
        drop(journal);
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"name\":\"c.pdf\",\"sta").unwrap();
        drop(file);
        let mut journal = Journal::open(&path, &files).unwrap();
        assert!(journal.knows(&a) && journal.knows(&b) && !journal.knows(&c));
        assert!(!journal.knows(&found("a.pdf", 2)), "it changed");
        assert_eq!(journal.waiting(), [(record(&b, State::Waiting(id)), id)]);
        assert!(journal.has_stem("A") && !journal.has_stem("c"));
        journal.note(record(&c, State::Done)).unwrap();
        drop(journal);
        assert!(Journal::open(&path, &files).unwrap().knows(&c));
    }

    #[test]
    fn a_file_that_was_away_is_another_and_what_is_read_of_the_first_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (found("a.pdf", 1), found("a.pdf", 2));
        let mut journal = Journal::open(&path, &[]).unwrap();
        let id = task();
        journal.note(record(&first, State::Waiting(id))).unwrap();
        assert_eq!(journal.stem_of("a.pdf"), Some("a"));
        journal.keep_only(&[]);
        assert_eq!(journal.stem_of("a.pdf"), None);
        assert!(journal.has_stem("a"), "what is read of it will have this name");
        journal.note(record(&second, State::Done)).unwrap();
        assert_eq!(journal.waiting().len(), 1);
        drop(journal);
        let mut journal = Journal::open(&path, &[second]).unwrap();
        assert_eq!(journal.waiting(), [(record(&first, State::Waiting(id)), id)]);
        journal.note(record(&first, State::Done)).unwrap();
        assert_eq!(journal.waiting(), []);
    }

    #[test]
    fn what_was_put_away_makes_room_for_another_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (found("a.pdf", 1), found("a.pdf", 2));
        let mut journal = Journal::open(&path, &[]).unwrap();
        journal.note(record(&first, State::Waiting(task()))).unwrap();
        journal.note(record(&first, State::Gone)).unwrap();
        assert_eq!(journal.stem_of("a.pdf"), None);
        drop(journal);
        assert_eq!(Journal::open(&path, &[second]).unwrap().stem_of("a.pdf"), None);
    }

    #[test]
    fn of_a_file_that_changed_in_its_place_only_the_last_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (found("a.pdf", 1), found("a.pdf", 2));
        let mut journal = Journal::open(&path, &[]).unwrap();
        let id = task();
        journal.note(record(&first, State::Waiting(task()))).unwrap();
        journal.note(record(&second, State::Waiting(id))).unwrap();
        let expected = [(record(&second, State::Waiting(id)), id)];
        assert_eq!(journal.waiting(), expected);
        drop(journal);
        assert_eq!(Journal::open(&path, &[second]).unwrap().waiting(), expected);
    }
}
