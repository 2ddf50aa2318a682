//! Files of a form that wait on disk until the whole form has been read: the owner may come after
//! the file.

use std::{
    fs::File,
    io::{self, Seek},
};

use axum::extract::multipart::Field;
use ocr_core::{
    Error, ErrorKind, Result,
    blob::{ByteStream, body_error, too_large},
    model::ContentInspector,
};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::http::Spool;

/// Bytes read from disk at once.
const READ_CHUNK: usize = 256 * 1024;

/// A file of a form, on disk and without a name there: it is gone when dropped, and when the process
/// dies.
#[derive(Debug)]
pub(super) struct SpooledFile {
    pub(super) filename: String,
    file: File,
    size: u64,
}

impl SpooledFile {
    /// Receives a file of a form. What is refused by its first bytes or its size is refused before
    /// the rest is read.
    pub(super) async fn receive(
        field: &mut Field<'_>,
        spool: &Spool,
        limit: u64,
        inspector: &dyn ContentInspector,
    ) -> Result<Self> {
        let filename = field.file_name().unwrap_or("document").to_owned();
        spool.room.check(0)?;
        let kept = tempfile::tempfile_in(&spool.folder).map_err(spool_error)?;
        let file = kept.try_clone().map_err(spool_error)?;
        let mut file = tokio::io::BufWriter::with_capacity(READ_CHUNK, tokio::fs::File::from_std(file));
        let (mut size, mut watch) = (0_u64, spool.room.watch());
        let mut head = Some(Vec::new());
        while let Some(piece) = field
            .chunk()
            .await
            .map_err(|error| body_error(io::Error::other(error)))?
        {
            size += piece.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            watch.add(piece.len() as u64)?;
            if let Some(start) = &mut head {
                start.extend_from_slice(&piece);
                if start.len() >= inspector.head_len() {
                    inspector.inspect(&filename, start)?;
                    head = None;
                }
            }
            file.write_all(&piece).await.map_err(spool_error)?;
        }
        if let Some(start) = head {
            inspector.inspect(&filename, &start)?;
        }
        file.flush().await.map_err(spool_error)?;
        Ok(Self {
            filename,
            file: kept,
            size,
        })
    }

    /// The bytes, to be streamed on. One stream at a time: they share a position.
    pub(super) fn open(&self) -> Result<ByteStream> {
        let mut file = self.file.try_clone().map_err(spool_error)?;
        file.rewind().map_err(spool_error)?;
        Ok(ByteStream::new(
            ReaderStream::with_capacity(tokio::fs::File::from_std(file), READ_CHUNK),
            Some(self.size),
        ))
    }
}

fn spool_error(error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (ErrorKind::StorageFull, "the disk for documents is full")
        }
        _ => (ErrorKind::Unavailable, "the upload could not be kept"),
    };
    Error::new(kind, message).with_source(error)
}
