//! What is written beside a folder that is watched: results, and why there are none.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use ocr_core::{
    Error, ErrorKind,
    blob::ByteStream,
    formats::{FormatInfo, RenditionOptions},
    id::TaskId,
    service::OcrService,
    store::Scope,
};
use tokio::{fs, io::AsyncWriteExt as _};

/// Maximum length of a stem in bytes: endings follow it, and file systems take 255.
const MAX_STEM_BYTES: usize = 180;

/// Where results are written, and in which formats.
#[derive(Debug)]
pub(super) struct Outputs {
    folder: PathBuf,
    formats: Vec<FormatInfo>,
    all: Vec<FormatInfo>,
    /// What a file is called while it is written.
    part: PathBuf,
}

impl Outputs {
    /// Into `folder`, in those of `all` formats that `names` names. Nobody else writes files called `part` there.
    pub(super) fn new(folder: PathBuf, names: &[String], all: Vec<FormatInfo>, part: &str) -> Self {
        let formats = all.iter().filter(|format| names.contains(&format.name));
        Self {
            formats: formats.cloned().collect(),
            part: folder.join(part),
            folder,
            all,
        }
    }

    /// A stem for what is written of the file `name`: without its ending, unless `taken` says that it is another's or
    /// something is there already.
    pub(super) fn stem(&self, name: &str, taken: impl Fn(&str) -> bool) -> String {
        let plain = Path::new(name).file_stem().and_then(|stem| stem.to_str());
        let short = |stem: &str| stem[..stem.floor_char_boundary(MAX_STEM_BYTES)].to_owned();
        let (plain, whole) = (short(plain.unwrap_or(name)), short(name));
        let numbered = (2_u64..).map(|number| format!("{plain}-{number}"));
        let mut candidates = [plain.clone(), whole].into_iter().chain(numbered);
        let free = candidates.find(|stem| !taken(stem) && !self.exist(stem));
        free.unwrap_or_else(|| name.to_owned())
    }

    fn exist(&self, stem: &str) -> bool {
        let mut files = self.formats.iter().map(|format| self.file(format, stem));
        files.any(|file| file.symlink_metadata().is_ok())
    }

    fn file(&self, format: &FormatInfo, stem: &str) -> PathBuf {
        self.folder.join(format.file_name(stem, &self.all))
    }

    /// Writes the result of a task in each format. Returns what is wrong with those in which it cannot be had.
    ///
    /// # Errors
    /// What may be otherwise later: the same call writes everything again.
    pub(super) async fn write(
        &self,
        service: &OcrService,
        scope: Scope,
        task: TaskId,
        stem: &str,
    ) -> ocr_core::Result<Vec<String>> {
        let mut refused = Vec::new();
        for format in &self.formats {
            let options = RenditionOptions::new();
            match service.rendition(scope, task, &format.name, options).await {
                Ok(rendition) => {
                    let file = self.file(format, stem);
                    self.replace(&file, rendition.blob.body)
                        .await
                        .map_err(unwritten)?;
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => refused.push(format!("{}: {}", format.name, error.message())),
            }
        }
        Ok(refused)
    }

    /// Says why there is no result of the file `name`, or not in every format.
    pub(super) async fn explain(&self, name: &str, reason: &str) -> ocr_core::Result<()> {
        let text = Bytes::from(format!("{reason}\n"));
        let written = self.replace(&self.explanation(name), text.into()).await;
        written.map_err(unwritten)
    }

    /// Takes back what was said of an earlier file `name`.
    pub(super) async fn explain_no_more(&self, name: &str) -> ocr_core::Result<()> {
        match fs::remove_file(self.explanation(name)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritten(error)),
            _ => Ok(()),
        }
    }

    fn explanation(&self, name: &str) -> PathBuf {
        let name = &name[..name.floor_char_boundary(MAX_STEM_BYTES)];
        self.folder.join(format!("{name}.error.txt"))
    }

    /// Writes a whole file or none: whoever looks at the folder sees no part of it, also after a power cut.
    async fn replace(&self, path: &Path, mut body: ByteStream) -> io::Result<()> {
        let mut file = fs::File::create(&self.part).await?;
        while let Some(piece) = body.next().await {
            file.write_all(&piece?).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        fs::rename(&self.part, path).await?;
        fs::File::open(&self.folder).await?.sync_all().await
    }
}

/// The error for a file that could not be written.
fn unwritten(error: io::Error) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("the results cannot be written: {error}"),
    )
    .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(folder: &Path) -> Outputs {
        let all = vec![
            FormatInfo::new("text", "text/plain", "txt"),
            FormatInfo::new("json", "application/json", "json"),
        ];
        Outputs::new(folder.to_owned(), &["text".to_owned()], all, ".part")
    }

    #[tokio::test]
    async fn a_stem_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = outputs(folder.path());
        assert_eq!(outputs.stem("a.pdf", |_| false), "a");
        assert_eq!(outputs.stem("a.png", |stem| stem == "a"), "a.png");
        std::fs::write(folder.path().join("a.txt"), "kept").unwrap();
        std::fs::write(folder.path().join("a.pdf.txt"), "kept").unwrap();
        assert_eq!(outputs.stem("a.pdf", |_| false), "a-2", "nothing is written over");
        let long = outputs.stem(&"ü".repeat(120), |_| false);
        assert_eq!(long.len(), MAX_STEM_BYTES);
    }

    #[tokio::test]
    async fn what_is_written_replaces_and_leaves_no_part() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = outputs(folder.path());
        for reason in ["first", "second"] {
            outputs.explain("a.pdf", reason).await.unwrap();
        }
        let said = folder.path().join("a.pdf.error.txt");
        assert_eq!(std::fs::read_to_string(&said).unwrap(), "second\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        outputs.explain_no_more("a.pdf").await.unwrap();
        outputs.explain_no_more("a.pdf").await.unwrap();
        assert!(!said.exists());
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = outputs(folder.path());
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "whole").unwrap();
        let pieces = [Ok(Bytes::from_static(b"half")), Err(io::Error::other("cut"))];
        let body = ByteStream::new(futures::stream::iter(pieces), None);
        assert!(outputs.replace(&path, body).await.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
    }
}
