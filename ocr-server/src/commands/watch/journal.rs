//! What became of the files of a folder, so that none is lost or read twice when the program ends in between.
//!
//! One JSON object a line, the last one about a file counts. A line that was not written completely is no line.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use ocr_core::id::TaskId;

use super::{
    folder::Found,
    records::{Record, Records, State, is_of},
};

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
    records: Records,
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
        let records = match fs::read(path) {
            Ok(bytes) => Records::sorted(&String::from_utf8_lossy(&bytes), files),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Records::default(),
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be read", path.display()));
            }
        };
        let written = rewritten(path, records.all());
        let file = written.with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            lines: 0,
            _lock: lock,
            records,
        })
    }

    /// Whether this file, as it is, was taken before.
    pub(super) fn knows(&self, file: &Found) -> bool {
        let known = self.records.present.get(&file.name);
        known.is_some_and(|record| record.stamp == file.stamp)
    }

    /// The stem of the file that this one takes the place of.
    pub(super) fn stem_of(&self, name: &str) -> Option<&str> {
        self.records.present.get(name).map(|record| record.stem.as_str())
    }

    /// Whether a file has this stem, whatever the case of its letters.
    pub(super) fn has_stem(&self, stem: &str) -> bool {
        let mut records = self.records.all();
        records.any(|record| lower(&record.stem).eq(lower(stem)))
    }

    /// What is being read.
    pub(super) fn waiting(&self) -> Vec<(Record, TaskId)> {
        let Records { gone, present, .. } = &self.records;
        let records = gone.iter().chain(present.values());
        let waiting = records.filter_map(|record| match record.state {
            State::Waiting(task) => Some((record.clone(), task)),
            State::Done | State::Away | State::Gone => None,
        });
        waiting.collect()
    }

    /// Notes how far a file is; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written; then nothing was noted.
    pub(super) fn note(&mut self, record: Record) -> io::Result<()> {
        let waits = matches!(record.state, State::Waiting(_));
        let gone = self.records.gone.iter().position(|gone| is_of(gone, &record));
        if let Some(gone) = gone.filter(|_| !waits) {
            self.append(&[&record])?;
            self.records.gone.swap_remove(gone);
            self.records.leave(record);
            self.records.forget_surplus();
            return Ok(());
        }
        let before = self.records.present.get(&record.name);
        let replaced = before
            .filter(|before| before.stamp != record.stamp)
            .map(|before| Record {
                state: State::Gone,
                ..before.clone()
            });
        let lines: Vec<&Record> = std::iter::once(&record).chain(&replaced).collect();
        self.append(&lines)?;
        self.records.gone.retain(|gone| !is_of(gone, &record));
        if record.state == State::Gone {
            self.records.present.remove(&record.name);
        } else {
            self.records.present.insert(record.name.clone(), record);
        }
        Ok(())
    }

    /// Adds lines, all of them at once: that a file has the place of another must not be known without what it is.
    fn append(&mut self, records: &[&Record]) -> io::Result<()> {
        if self.lines >= MAX_LINES {
            self.file = rewritten(&self.path, self.records.all())?;
            self.lines = 0;
        }
        self.lines += records.len();
        let mut text = String::new();
        for record in records {
            // With a line break before it too: a line that broke off ends here.
            text.push('\n');
            text.push_str(&serde_json::to_string(record)?);
            text.push('\n');
        }
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()
    }

    /// Tells the files that lie in the folder now, as `files`, from those that do not any more. One that comes back as
    /// it was is the same file; one that comes under the same name and is not as it was is another.
    pub(super) fn keep_only(&mut self, files: &[Found]) {
        self.records.keep_only(files);
    }
}

/// The letters of a stem one by one, as most stems differ early: there can be many, and as many to compare each with.
fn lower(stem: &str) -> impl Iterator<Item = char> {
    stem.chars().flat_map(char::to_lowercase)
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
    use ocr_core::id::{IdGenerator, RandomIds, UserId};

    use super::super::folder::Stamp;
    use super::*;

    const OWNER: UserId = UserId(uuid::Uuid::nil());

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
            owner: OWNER,
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

    #[test]
    fn files_that_are_away_for_a_moment_are_not_new_when_they_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (a, b) = (found("a.pdf", 1), found("b.pdf", 1));
        let files = [a.clone(), b.clone()];
        let mut journal = Journal::open(&path, &files).unwrap();
        let id = task();
        journal.note(record(&a, State::Done)).unwrap();
        journal.note(record(&b, State::Waiting(id))).unwrap();
        journal.keep_only(&[]);
        assert!(!journal.knows(&a) && journal.has_stem("A"), "its name is its own");
        journal.keep_only(&files);
        assert!(journal.knows(&a) && journal.knows(&b));
        assert_eq!(journal.stem_of("a.pdf"), Some("a"));
        assert_eq!(journal.waiting(), [(record(&b, State::Waiting(id)), id)]);
        // It is read while it is away.
        journal.keep_only(&[]);
        journal.note(record(&b, State::Done)).unwrap();
        journal.keep_only(&files);
        assert!(journal.knows(&b));
        drop(journal);
        drop(Journal::open(&path, &[]).unwrap());
        let mut journal = Journal::open(&path, &[]).unwrap();
        journal.keep_only(&files);
        assert!(journal.knows(&a) && journal.knows(&b), "also to the next process");
    }

    #[test]
    fn what_comes_in_the_place_of_a_file_that_is_away_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (found("a.pdf", 1), found("a.pdf", 2));
        let other = Record {
            stem: "a.pdf".into(),
            ..record(&second, State::Done)
        };
        let mut journal = Journal::open(&path, &[]).unwrap();
        journal.note(record(&first, State::Done)).unwrap();
        journal.keep_only(&[]);
        drop(journal);
        drop(Journal::open(&path, &[]).unwrap());
        let mut journal = Journal::open(&path, std::slice::from_ref(&second)).unwrap();
        assert!(!journal.knows(&second));
        assert_eq!(journal.stem_of("a.pdf"), None, "what was read of the first stays");
        journal.note(other).unwrap();
        journal.keep_only(std::slice::from_ref(&first));
        assert!(journal.knows(&first));
        assert_eq!(journal.stem_of("a.pdf"), Some("a"));
        drop(journal);
        let mut journal = Journal::open(&path, std::slice::from_ref(&first)).unwrap();
        assert!(journal.knows(&first));
        journal.keep_only(std::slice::from_ref(&second));
        assert!(journal.knows(&second));
        assert_eq!(journal.stem_of("a.pdf"), Some("a.pdf"));
    }

    #[test]
    fn a_journal_that_is_written_anew_keeps_the_order_of_files_of_one_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let [first, second, third] = [1, 2, 3].map(|modified| found("a.pdf", modified));
        let ids = [task(), task()];
        let mut journal = Journal::open(&path, &[]).unwrap();
        let place = |journal: &Journal| journal.records.present["a.pdf"].stamp;
        journal.note(record(&first, State::Waiting(ids[0]))).unwrap();
        journal.keep_only(&[]);
        journal.note(record(&second, State::Waiting(ids[1]))).unwrap();
        journal.lines = MAX_LINES;
        journal.note(record(&found("b.pdf", 1), State::Done)).unwrap();
        assert_eq!(journal.lines, 1, "it was written anew");
        drop(journal);
        // The second time, opening it has written it anew.
        for _ in 0..2 {
            let files = std::slice::from_ref(&third);
            let journal = Journal::open(&path, files).unwrap();
            assert_eq!(
                place(&journal),
                second.stamp,
                "the third takes the place of the second"
            );
            assert_eq!(journal.waiting().len(), 2);
        }
    }

    #[test]
    fn a_file_that_came_back_while_it_is_read_has_its_place_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let file = found("a.pdf", 1);
        let waiting = record(&file, State::Waiting(task()));
        let mut journal = Journal::open(&path, &[]).unwrap();
        journal.note(waiting.clone()).unwrap();
        journal.keep_only(&[]);
        journal.note(waiting).unwrap();
        assert!(journal.knows(&file));
        assert_eq!(journal.waiting().len(), 1);
    }

    #[test]
    fn a_file_and_the_one_that_it_replaces_are_noted_in_one_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (first, second) = (found("a.pdf", 1), found("a.pdf", 2));
        let mut journal = Journal::open(&path, &[]).unwrap();
        journal.note(record(&first, State::Done)).unwrap();
        // Had the first of two writes found room, the second would write the journal anew without its line.
        journal.lines = MAX_LINES - 1;
        journal.note(record(&second, State::Done)).unwrap();
        assert_eq!(journal.lines, MAX_LINES + 1);
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.is_empty());
        let noted: Vec<Record> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let [_, new, old] = noted.as_slice() else {
            panic!("{text}")
        };
        assert_eq!(*new, record(&second, State::Done));
        assert_eq!(*old, record(&first, State::Gone));
    }

    #[test]
    fn the_owner_of_a_document_is_known_to_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let file = found("a.pdf", 1);
        let owner = UserId(RandomIds.next());
        let mut journal = Journal::open(&path, &[]).unwrap();
        let waiting = record(&file, State::Waiting(task()));
        journal.note(Record { owner, ..waiting }).unwrap();
        drop(journal);
        let journal = Journal::open(&path, &[file]).unwrap();
        assert_eq!(journal.waiting()[0].0.owner, owner);
    }
}
