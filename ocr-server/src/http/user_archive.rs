//! All that belongs to a user as one ZIP archive, with a manifest.

use std::io;

use futures::TryStreamExt;
use ocr_core::{ErrorKind, clock::Timestamp, digest::ContentHasher, id::UserId, service::OcrService};
use serde::Serialize;

use super::{
    archive::Archive,
    standing::{Standing, still},
};

/// The file that says what the archive holds; it comes last, so that an archive that has one is whole.
const MANIFEST: &str = "manifest.json";

/// What an archive holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    user: UserId,
    made_at: Timestamp,
    files: Vec<Packed>,
    /// Files that were removed while the archive was made.
    missing: Vec<String>,
}

/// A file of an archive.
#[derive(Debug, Serialize)]
struct Packed {
    name: String,
    size: u64,
    sha256: String,
}

/// Packs what belongs to `user`, file by file. Of each no more than a piece is in memory. It ends with the sign-in that it
/// stands on, where there is one.
///
/// # Errors
/// When something cannot be read, or the reader has gone.
pub(crate) async fn pack(
    mut archive: Archive,
    service: OcrService,
    user: UserId,
    standing: Option<Standing>,
) -> io::Result<()> {
    let mut manifest = Manifest {
        user,
        made_at: service.now(),
        files: Vec::new(),
        missing: Vec::new(),
    };
    let mut files = service.user_files(user);
    while let Some(file) = files.try_next().await.map_err(io::Error::other)? {
        still(standing.as_ref()).await?;
        let body = match service.open_user_file(&file).await {
            Ok(body) => body,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                manifest.missing.push(file.name);
                continue;
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        // Of unknown length: it may be a large one.
        archive.begin(&file.name, body.length().unwrap_or(u64::MAX), file.changed_at)?;
        let (mut hasher, mut size) = (ContentHasher::default(), 0);
        let mut pieces = body.into_stream();
        while let Some(piece) = pieces.try_next().await? {
            hasher.update(&piece);
            size += piece.len() as u64;
            archive.write(&piece).await?;
        }
        manifest.files.push(Packed {
            name: file.name,
            size,
            sha256: hasher.finish(),
        });
    }
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
    archive.add(MANIFEST, &bytes, manifest.made_at).await?;
    archive.finish().await
}
