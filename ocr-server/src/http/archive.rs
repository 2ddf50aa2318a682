//! A ZIP archive that is made while it is sent: no more of it is in memory than the client has not taken yet.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use chrono::{Datelike, Timelike};
use futures::{Stream, StreamExt, future, stream};
use ocr_core::clock::Timestamp;
use tokio::sync::mpsc;
use zip::{
    CompressionMethod, DateTime, ZipWriter,
    write::{SimpleFileOptions, StreamWriter},
};

/// Bytes that are compressed at once: between two of these pieces other requests get their turn.
const PIECE: usize = 64 * 1024;
/// Fast: most of what is packed is compressed in itself.
const LEVEL: i64 = 1;
/// Files that may have more bytes than this need larger fields.
const LARGE: u64 = 4_000_000_000;

/// An archive on its way to a client. Its files are compressed and followed by their sizes, so that whoever reads it
/// as a stream, or gets only the beginning of it, can tell where each ends.
pub(crate) struct Archive {
    zip: ZipWriter<StreamWriter<Packed>>,
    packed: Packed,
    client: mpsc::Sender<io::Result<Bytes>>,
}

/// The bytes of the archive that `pack` fills. Dropping the stream drops `pack` where it waits; an error of `pack`
/// breaks the stream off, so that nobody takes a part for the whole.
pub(crate) fn streamed<P, F>(pack: P) -> impl Stream<Item = io::Result<Bytes>> + Send
where
    P: FnOnce(Archive) -> F,
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    // One piece at a time: the next is made when the client has taken this one.
    let (client, pieces) = mpsc::channel::<io::Result<Bytes>>(1);
    let packing = pack(Archive::new(client.clone()));
    let packing = stream::once(async move {
        if let Err(error) = packing.await {
            let _ = client.send(Err(error)).await;
        }
    });
    let pieces = stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    stream::select(pieces, packing.filter_map(|()| future::ready(None)))
}

impl Archive {
    fn new(client: mpsc::Sender<io::Result<Bytes>>) -> Self {
        let packed = Packed::default();
        Self {
            zip: ZipWriter::new_stream(packed.clone()),
            packed,
            client,
        }
    }

    /// Begins the file `name`, which is none that the archive has, of about `size` bytes; the one before it is
    /// complete.
    pub(crate) fn begin(&mut self, name: &str, size: u64, changed_at: Timestamp) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(zip_time(changed_at))
            .large_file(size > LARGE)
            .unix_permissions(0o644);
        self.zip.start_file(name, options)?;
        Ok(())
    }

    /// Adds bytes to the file that was begun last.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE) {
            self.zip.write_all(piece)?;
            send(&self.client, self.packed.take()).await?;
        }
        Ok(())
    }

    /// A whole file.
    pub(crate) async fn add(&mut self, name: &str, bytes: &[u8], changed_at: Timestamp) -> io::Result<()> {
        self.begin(name, bytes.len() as u64, changed_at)?;
        self.write(bytes).await
    }

    /// Ends the archive with its directory.
    pub(crate) async fn finish(self) -> io::Result<()> {
        let Self { zip, packed, client } = self;
        zip.finish()?;
        send(&client, packed.take()).await
    }
}

async fn send(client: &mpsc::Sender<io::Result<Bytes>>, piece: Bytes) -> io::Result<()> {
    if piece.is_empty() {
        return Ok(());
    }
    let sent = client.send(Ok(piece)).await;
    sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client has gone"))
}

/// The time of a file, in UTC; the archive knows the years from 1980 to 2107.
fn zip_time(at: Timestamp) -> DateTime {
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (month, day) = (part(at.month()), part(at.day()));
    let (hour, minute, second) = (part(at.hour()), part(at.minute()), part(at.second()));
    DateTime::from_date_and_time(year, month, day, hour, minute, second).unwrap_or_default()
}

/// What was packed and not sent yet.
#[derive(Debug, Clone, Default)]
struct Packed(Arc<Mutex<Vec<u8>>>);

impl Packed {
    fn take(&self) -> Bytes {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Bytes::from(std::mem::take(&mut *bytes))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Cursor, Read},
        pin::pin,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn what_was_packed_comes_out() {
        let long = vec![7; 3 * PIECE + 1];
        let (at, expected) = (Timestamp::default(), long.clone());
        let bytes = streamed(move |mut archive| async move {
            archive.add("Über.txt", b"text", at).await?;
            archive.add("long.bin", &long, at).await?;
            archive.add("empty.txt", b"", at).await?;
            archive.finish().await
        });
        let bytes: Vec<Bytes> = Box::pin(bytes.try_collect()).await.unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes.concat())).unwrap();
        let mut content = |name: &str| {
            let mut content = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
            content
        };
        assert_eq!(content("Über.txt"), b"text");
        assert_eq!(content("long.bin"), expected);
        assert_eq!(content("empty.txt"), b"");
    }

    #[tokio::test]
    async fn nothing_is_packed_before_the_client_takes_what_there_is() {
        static PACKED: AtomicUsize = AtomicUsize::new(0);
        // Bytes that do not shrink.
        let noise: Vec<u8> = (0..PIECE as u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let pieces = streamed(move |mut archive| async move {
            for number in 0..100 {
                PACKED.fetch_add(1, Ordering::SeqCst);
                let name = format!("{number}");
                archive.add(&name, &noise, Timestamp::default()).await?;
            }
            archive.finish().await
        });
        let mut pieces = pin!(pieces);
        for _ in 0..3 {
            pieces.next().await.unwrap().unwrap();
        }
        assert!(PACKED.load(Ordering::SeqCst) < 10);
    }

    #[tokio::test]
    async fn an_error_breaks_the_stream_off() {
        let pieces = streamed(|mut archive| async move {
            archive.add("a.txt", b"text", Timestamp::default()).await?;
            Err(io::Error::other("gone"))
        });
        let all: Vec<io::Result<Bytes>> = Box::pin(pieces.collect()).await;
        assert!(all.last().unwrap().is_err());
    }
}
