//! The book in a file: one process at a time, all or nothing.

use std::{
    fs::File,
    io::{self, BufReader, Write as _},
    path::{Path, PathBuf},
};

use ocr_core::{Error, ErrorKind, Result};
use tempfile::NamedTempFile;

use crate::book::Book;

/// A file that holds a [`Book`], and the lock beside it.
#[derive(Debug, Clone)]
pub(crate) struct BookFile {
    directory: PathBuf,
}

impl BookFile {
    /// The book in `directory`, which must exist.
    pub(crate) fn in_directory(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// Reads the book.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Book) -> T) -> Result<T> {
        let _lock = self.lock().map_err(unavailable)?;
        self.load().map(|book| look(&book))
    }

    /// Changes the book. What `change` refuses changes nothing. Blocks while another process is at it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Book) -> Result<T>) -> Result<T> {
        let _lock = self.lock().map_err(unavailable)?;
        let mut book = self.load()?;
        let value = change(&mut book)?;
        self.save(&book).map_err(unavailable)?;
        Ok(value)
    }

    /// Held until dropped, by one process at a time. The system drops it when a process dies.
    fn lock(&self) -> io::Result<File> {
        let path = self.directory.join("lock");
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn load(&self) -> Result<Book> {
        match File::open(self.path()) {
            Ok(file) => serde_json::from_reader(BufReader::new(file)).map_err(|error| {
                let message =
                    "the file of the queue cannot be read; remove it, and what is due is queued again";
                Error::new(ErrorKind::Corrupt, message)
                    .with_source(error)
                    .at("file", "queue")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Book::default()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Writes beside the old file and swaps: whoever crashes in between leaves the old one.
    fn save(&self, book: &Book) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.directory)?;
        file.write_all(&serde_json::to_vec(book)?)?;
        file.persist(self.path())?;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.directory.join("queue.json")
    }
}

fn unavailable(error: io::Error) -> Error {
    Error::new(ErrorKind::Unavailable, "the file of the queue cannot be used")
        .with_source(error)
        .at("file", "queue")
}
