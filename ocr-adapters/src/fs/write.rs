//! Durable writes: temporary file, sync, rename, sync of every directory that changed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{BlobKey, ByteStream, body_error, too_large},
    digest::ContentHasher,
};
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use super::io_error;
use crate::disk_room::DiskRoom;

/// Bytes gathered before they are written to the file.
const WRITE_BUFFER: usize = 1024 * 1024;
/// Pieces of a body that may wait for the disk; bounds the memory of one upload.
const PIECES_AHEAD: usize = 8;

/// A body that was received whole and synced, not yet visible.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) file: NamedTempFile,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Receives a body into a temporary file of `folder`. One blocking thread hashes and writes while
/// the next pieces arrive. Dropping the future removes the file.
pub(super) async fn receive(
    folder: &Path,
    body: ByteStream,
    limit: Option<u64>,
    room: &DiskRoom,
) -> Result<Received> {
    room.check(body.length().unwrap_or(0))
        .map_err(|error| error.at("fs", "put"))?;
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let folder = folder.to_owned();
    let writer = tokio::task::spawn_blocking(move || write_pieces(&folder, receiver));
    let sent = send_pieces(body, limit.unwrap_or(u64::MAX), room, sender).await;
    // Also after an error: nothing may be left behind when this returns.
    let written = writer.await.map_err(|error| {
        Error::new(ErrorKind::Internal, "a file operation was interrupted").with_source(error)
    })?;
    sent?;
    written.map_err(|error| io_error("put", error))
}

/// Hands a body to the writer, `None` at its end: a writer that does not see the end keeps nothing.
async fn send_pieces(
    mut body: ByteStream,
    limit: u64,
    room: &DiskRoom,
    sender: mpsc::Sender<Option<Bytes>>,
) -> Result<()> {
    let (mut size, mut watch) = (0_u64, room.watch());
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(body_error)?;
        size = size.saturating_add(piece.len() as u64);
        if size > limit {
            return Err(too_large(limit));
        }
        watch
            .add(piece.len() as u64)
            .map_err(|error| error.at("fs", "put"))?;
        if sender.send(Some(piece)).await.is_err() {
            // The writer has failed; its own error says why.
            return Ok(());
        }
    }
    let _ = sender.send(None).await;
    Ok(())
}

fn write_pieces(folder: &Path, mut pieces: mpsc::Receiver<Option<Bytes>>) -> io::Result<Received> {
    let mut file = io::BufWriter::with_capacity(WRITE_BUFFER, NamedTempFile::new_in(folder)?);
    let mut hasher = ContentHasher::default();
    let mut size = 0;
    loop {
        let piece = match pieces.blocking_recv() {
            Some(Some(piece)) => piece,
            Some(None) => break,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        hasher.update(&piece);
        size += piece.len() as u64;
        file.write_all(&piece)?;
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    Ok(Received {
        file,
        size,
        sha256: hasher.finish(),
    })
}

/// Makes a synced temporary file visible at `path`, replacing what was there.
pub(super) fn publish(root: &Path, file: NamedTempFile, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    create_folders(root, folder)?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Makes a synced temporary file visible at `path`, unless something is there: then the answer is `false`
/// and nothing has changed.
pub(super) fn create(root: &Path, file: NamedTempFile, path: &Path) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(root);
    create_folders(root, folder)?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(folder).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Writes a small file durably, replacing what was there.
pub(super) fn replace(root: &Path, path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(root.join("tmp"))?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    publish(root, file, path)
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        // A directory is where the objects of longer keys are; as an object it does not exist.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::IsADirectory
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// How old a temporary file is that nobody writes any more.
const STALE: Duration = Duration::from_hours(24);

/// Removes what uploads left behind that were interrupted by a crash, but not what another process, which
/// may share the directory, is writing.
pub(super) fn remove_stale(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified()?.elapsed().map_err(io::Error::other));
        // Another process may have finished it meanwhile, and a clock may have been set back.
        if age.is_ok_and(|age| age > STALE) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Keys below `objects` that start with `prefix`.
pub(super) fn list_keys(objects: &Path, prefix: &str) -> io::Result<Vec<BlobKey>> {
    let mut keys = Vec::new();
    let first = folder_of(objects, prefix);
    if first != objects && !first.is_dir() {
        return Ok(keys);
    }
    let mut folders: Vec<PathBuf> = vec![first];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
                continue;
            }
            let path = entry.path();
            let key = path.strip_prefix(objects).ok().and_then(Path::to_str);
            // A file that somebody else put here has no key of ours.
            if let Some(key) = key
                .filter(|key| key.starts_with(prefix))
                .and_then(|key| key.parse().ok())
            {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// The folder that holds every key which starts with `prefix`: few of many documents are looked at.
fn folder_of(objects: &Path, prefix: &str) -> PathBuf {
    let folder = prefix.rsplit_once('/').map(|(folder, _)| folder);
    // As a key it cannot lead out of the root.
    match folder.filter(|folder| folder.parse::<BlobKey>().is_ok()) {
        Some(folder) => objects.join(folder),
        None => objects.to_owned(),
    }
}

/// Creates `folder` and syncs every directory that gained an entry, up to `root`.
fn create_folders(root: &Path, folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|ancestor| *ancestor != root && !ancestor.exists())
        .collect();
    fs::create_dir_all(folder)?;
    for created in missing {
        sync_folder(created.parent().unwrap_or(root))?;
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
