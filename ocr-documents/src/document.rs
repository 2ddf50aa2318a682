//! A document and its pages.

use std::{
    fmt, fs,
    io::Read,
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::Arc,
};

use ocr_core::{
    model::{MediaType, PageText},
    page::PageImage,
};

use crate::{
    DocumentError, Limits, PageContent, PageFacts, StoredImage, detect, pdf::PdfFile, picture::Picture,
    sniff::SNIFF_BYTES, tiff::TiffFile,
};

/// An opened document, whose pages can be read one by one, in any order and from several threads.
///
/// Opening reads headers only: the type, the number of pages and the limits are known, no pixel is
/// decoded. Reading a page keeps nothing behind but caches of the PDF's own structure.
///
/// Third-party decoders run on untrusted bytes in here. Their panics become
/// [`DocumentError::Malformed`], and what can be bounded before they start is bounded; endless loops,
/// aborts and allocations inside them are not, so run this in a process with limits of its own when the
/// document comes from a stranger.
pub struct Document {
    kind: MediaType,
    limits: Limits,
    content: Content,
}

enum Content {
    Pdf(Box<PdfFile>),
    Tiff(TiffFile),
    Picture(Picture),
}

impl Document {
    /// Opens a document held in memory.
    ///
    /// # Errors
    /// Everything that can be told from headers: see [`DocumentError`].
    pub fn open(bytes: impl Into<Arc<[u8]>>, limits: Limits) -> Result<Self, DocumentError> {
        let bytes = bytes.into();
        if bytes.len() as u64 > limits.max_bytes {
            return Err(too_large(bytes.len() as u64, &limits));
        }
        let head = bytes.get(..SNIFF_BYTES).unwrap_or(&bytes);
        let kind = detect(head)?;
        let content = guarded(kind, || {
            Ok(match kind {
                MediaType::Pdf => Content::Pdf(Box::new(PdfFile::open(bytes, &limits)?)),
                MediaType::Tiff => Content::Tiff(TiffFile::open(bytes, &limits)?),
                MediaType::Png
                | MediaType::Jpeg
                | MediaType::Webp
                | MediaType::Bmp
                | MediaType::Gif
                | MediaType::Jpeg2000 => Content::Picture(Picture::open(kind, bytes, &limits)?),
            })
        })?;
        Ok(Self {
            kind,
            limits,
            content,
        })
    }

    /// Reads a file into memory, at most [`Limits::max_bytes`] of it, and opens it.
    ///
    /// # Errors
    /// As [`Document::open`], and [`DocumentError::Io`].
    pub fn open_path(path: impl AsRef<Path>, limits: Limits) -> Result<Self, DocumentError> {
        let file = fs::File::open(path)?;
        let size = file.metadata()?.len();
        if size > limits.max_bytes {
            return Err(too_large(size, &limits));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(limits.max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)?;
        Self::open(bytes, limits)
    }

    /// Type of the content.
    pub fn document_type(&self) -> MediaType {
        self.kind
    }

    /// Number of pages, at least 1.
    pub fn page_count(&self) -> u32 {
        match &self.content {
            Content::Pdf(pdf) => pdf.page_count(),
            Content::Tiff(tiff) => tiff.page_count(),
            Content::Picture(_) => 1,
        }
    }

    /// What a reader of any page should know of the document as a whole: that a PDF carries files that are not read.
    /// Sentences without a full stop. Looks through the whole document each time.
    pub fn warnings(&self) -> Vec<String> {
        let warnings = guarded(self.kind, || match &self.content {
            Content::Pdf(pdf) => Ok(pdf.warnings()),
            Content::Tiff(_) | Content::Picture(_) => Ok(Vec::new()),
        });
        warnings.unwrap_or_default()
    }

    /// Reads one page: its text layer where that is exact, with the pixels of what it does not tell; its pixels
    /// otherwise. `index` counts from 0.
    ///
    /// # Errors
    /// [`DocumentError::NoSuchPage`], or [`DocumentError::Page`] with what is wrong with the page.
    pub fn page(&self, index: u32) -> Result<PageContent, DocumentError> {
        self.read(index, |content, limits| match content {
            Content::Pdf(pdf) => pdf.page(index, limits),
            Content::Tiff(tiff) => tiff.page(index, limits).map(PageContent::Image),
            Content::Picture(picture) => picture.page(limits).map(PageContent::Image),
        })
    }

    /// The pixels of one page, whether or not it has a text layer: for previews, and for those who want
    /// everything recognised. `index` counts from 0.
    ///
    /// # Errors
    /// As [`Document::page`].
    pub fn image(&self, index: u32) -> Result<PageImage, DocumentError> {
        self.read(index, |content, limits| match content {
            Content::Pdf(pdf) => pdf.image(index, limits),
            Content::Tiff(tiff) => tiff.page(index, limits),
            Content::Picture(picture) => picture.page(limits),
        })
    }

    /// Size and text layer of one page, without drawing it; a picture is decoded, so that one that is
    /// broken is found out. `index` counts from 0.
    ///
    /// # Errors
    /// As [`Document::page`].
    pub fn facts(&self, index: u32) -> Result<PageFacts, DocumentError> {
        self.read(index, |content, limits| match content {
            Content::Pdf(pdf) => pdf.facts(index, limits),
            Content::Tiff(tiff) => tiff.page(index, limits).map(|image| facts_of(&image)),
            Content::Picture(picture) => picture.page(limits).map(|image| facts_of(&image)),
        })
    }

    /// The text that one page draws as text, also where it is not all there is to read: a stamp on a scan, the legend
    /// of a drawing. `None` for pictures. `index` counts from 0.
    ///
    /// # Errors
    /// As [`Document::page`].
    pub fn drawn_text(&self, index: u32) -> Result<Option<PageText>, DocumentError> {
        self.read(index, |content, limits| match content {
            Content::Pdf(pdf) => pdf.drawn_text(index, limits).map(Some),
            Content::Tiff(_) | Content::Picture(_) => Ok(None),
        })
    }

    /// The text that is written on one page, seen or not: that which is drawn, and the invisible one of an old
    /// recognition. What other marks cover is left out, but for invisible text, of which that cannot be told. `None` for
    /// pictures. `index` counts from 0.
    ///
    /// # Errors
    /// As [`Document::page`].
    pub fn written_text(&self, index: u32) -> Result<Option<PageText>, DocumentError> {
        self.read(index, |content, limits| match content {
            Content::Pdf(pdf) => pdf.written_text(index, limits).map(Some),
            Content::Tiff(_) | Content::Picture(_) => Ok(None),
        })
    }

    /// The picture of one page as it is stored, where it is one that a PDF can hold without decoding: a JPEG, an
    /// opaque PNG, a fax of one strip. `None` for all else, a page of a PDF too. `index` counts from 0.
    ///
    /// # Errors
    /// As [`Document::page`].
    pub fn stored(&self, index: u32) -> Result<Option<StoredImage>, DocumentError> {
        self.read(index, |content, _| {
            Ok(match content {
                Content::Pdf(_) => None,
                Content::Tiff(tiff) => tiff.stored(index),
                Content::Picture(picture) => picture.stored(),
            })
        })
    }

    fn read<T>(
        &self,
        index: u32,
        read: impl FnOnce(&Content, &Limits) -> Result<T, DocumentError>,
    ) -> Result<T, DocumentError> {
        let count = self.page_count();
        if index >= count {
            return Err(DocumentError::NoSuchPage {
                number: u64::from(index) + 1,
                count,
            });
        }
        guarded(self.kind, || read(&self.content, &self.limits)).map_err(|source| DocumentError::Page {
            number: index + 1,
            source: Box::new(source),
        })
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("kind", &self.kind)
            .field("pages", &self.page_count())
            .finish_non_exhaustive()
    }
}

fn facts_of(image: &PageImage) -> PageFacts {
    PageFacts {
        width: image.width(),
        height: image.height(),
        dpi: image.dpi(),
        text: None,
    }
}

fn too_large(bytes: u64, limits: &Limits) -> DocumentError {
    DocumentError::TooLarge {
        bytes,
        limit: limits.max_bytes,
    }
}

/// Runs decoders, turning their panics into an error.
///
/// A page is read from shared data that the decoders only add caches to behind locks that survive a
/// panic, so going on with the document afterwards is sound.
fn guarded<T>(
    kind: MediaType,
    decode: impl FnOnce() -> Result<T, DocumentError>,
) -> Result<T, DocumentError> {
    panic::catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_| Err(DocumentError::malformed(kind, "it cannot be decoded")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Document>();
    }

    #[test]
    fn a_panic_of_a_decoder_is_an_error() {
        let result = guarded::<()>(MediaType::Png, || std::panic::resume_unwind(Box::new("decoder")));
        assert!(matches!(result, Err(DocumentError::Malformed { .. })));
    }

    #[test]
    fn size_and_emptiness_come_first() {
        let limits = Limits {
            max_bytes: 3,
            ..Limits::default()
        };
        assert!(matches!(
            Document::open(*b"%PDF", limits),
            Err(DocumentError::TooLarge { bytes: 4, limit: 3 })
        ));
        assert!(matches!(Document::open([], limits), Err(DocumentError::Empty)));
    }
}
