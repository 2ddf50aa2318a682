//! How far each file of a folder is, whether it lies there or not.

use std::collections::{HashMap, HashSet};

use ocr_core::id::{TaskId, UserId};
use serde::{Deserialize, Serialize};

use super::folder::{Found, Stamp};

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) stamp: Stamp,
    /// The user to whom the document belongs, whoever the next process is started for.
    pub(super) owner: UserId,
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
    /// The same, and it does not lie in the folder any more. It may come back.
    Away,
    /// Another file has its place, or none.
    Gone,
}

/// Files that are remembered while they are away. Beyond that, those that were last written longest ago are forgotten.
const MAX_AWAY: usize = 100_000;

/// What became of each file.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// By name: what lies in the folder.
    pub(super) present: HashMap<String, Record>,
    /// What is being read and does not lie in the folder any more.
    pub(super) gone: Vec<Record>,
    /// What was read and does not lie in the folder any more. A folder of another machine can look empty for a moment.
    away: HashMap<(String, Stamp), Record>,
}

impl Records {
    /// The records of a journal, where `files` lie in the folder.
    pub(super) fn sorted(text: &str, files: &[Found]) -> Self {
        let mut last: HashMap<(String, Stamp), (usize, Record)> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            if let Ok(record) = serde_json::from_str::<Record>(line) {
                last.insert((record.name.clone(), record.stamp), (at, record));
            }
        }
        let mut lines: Vec<(usize, Record)> = last.into_values().collect();
        lines.sort_by_key(|(at, _)| *at);
        let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let mut records = Self::default();
        for (_, record) in lines {
            // A file that changed while no process watched takes the place of the one before, unless that was away
            // already.
            let lies = matches!(record.state, State::Waiting(_) | State::Done);
            let left = if lies && names.contains(record.name.as_str()) {
                records.present.insert(record.name.clone(), record)
            } else {
                Some(record)
            };
            if let Some(left) = left {
                records.leave(left);
            }
        }
        records.come_back(files);
        records.forget_surplus();
        records
    }

    /// All of them, in the order in which a journal has them: of two files of one name, the later one has its place.
    pub(super) fn all(&self) -> impl Iterator<Item = &Record> {
        let left = self.gone.iter().chain(self.away.values());
        left.chain(self.present.values())
    }

    /// The same where `files` lie in the folder now.
    pub(super) fn keep_only(&mut self, files: &[Found]) {
        let names: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let left = self.present.extract_if(|name, _| !names.contains(name.as_str()));
        let left: Vec<Record> = left.map(|(_, record)| record).collect();
        for record in left {
            self.leave(record);
        }
        self.come_back(files);
        self.forget_surplus();
    }

    /// Keeps what is still to be known of a file that does not lie in the folder any more.
    pub(super) fn leave(&mut self, record: Record) {
        match record.state {
            State::Waiting(_) => self.gone.push(record),
            State::Done | State::Away => {
                let state = State::Away;
                let file = (record.name.clone(), record.stamp);
                self.away.insert(file, Record { state, ..record });
            }
            State::Gone => {}
        }
    }

    /// Puts those of `files` that left, and are as they were, back in their place.
    fn come_back(&mut self, files: &[Found]) {
        for file in files {
            let present = self.present.get(&file.name);
            if present.is_some_and(|record| record.stamp == file.stamp) {
                continue;
            }
            let state = State::Done;
            let away = self.away.remove(&(file.name.clone(), file.stamp));
            let back = away.map(|record| Record { state, ..record }).or_else(|| {
                let is_it = |gone: &Record| gone.name == file.name && gone.stamp == file.stamp;
                let at = self.gone.iter().position(is_it)?;
                Some(self.gone.swap_remove(at))
            });
            let Some(back) = back else { continue };
            if let Some(other) = self.present.insert(file.name.clone(), back) {
                self.leave(other);
            }
        }
    }

    /// Forgets the files that are away beyond `MAX_AWAY`.
    pub(super) fn forget_surplus(&mut self) {
        let surplus = self.away.len().saturating_sub(MAX_AWAY);
        if surplus == 0 {
            return;
        }
        let mut files: Vec<(String, Stamp)> = self.away.keys().cloned().collect();
        files.sort_unstable_by_key(|(_, stamp)| stamp.modified);
        for file in &files[..surplus] {
            self.away.remove(file);
        }
    }
}

/// Whether two records are of the same file.
pub(super) fn is_of(one: &Record, other: &Record) -> bool {
    one.name == other.name && one.stamp == other.stamp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_files_that_are_away_the_oldest_are_forgotten() {
        let mut records = Records::default();
        let found = |modified| Found {
            name: "a.pdf".into(),
            stamp: Stamp { size: 1, modified },
        };
        let files: Vec<Found> = (0..=MAX_AWAY as u64).map(found).collect();
        for file in files.iter().rev() {
            records.leave(Record {
                name: file.name.clone(),
                stamp: file.stamp,
                owner: UserId(uuid::Uuid::nil()),
                stem: "a".into(),
                state: State::Done,
            });
        }
        records.forget_surplus();
        assert_eq!(records.away.len(), MAX_AWAY);
        records.come_back(&files[..1]);
        assert!(records.present.is_empty());
        records.come_back(&files[1..2]);
        assert_eq!(records.present.len(), 1);
    }
}
