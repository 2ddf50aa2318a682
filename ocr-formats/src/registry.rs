//! The formats that are offered.

use std::{io, sync::Arc};

use ocr_core::{
    Error, ErrorKind, Result,
    formats::{DocumentFormats, FormatInfo, FormatInput, RenditionOptions, choose},
};

use crate::{
    Alto, Docx, DocxPositioned, Format, Hocr, Html, Json, LayoutText, Markdown, PageXml, Pdf, PdfA,
    PdfTagged, Tables, Text, Words, Xlsx, pdf::unlocked,
};

/// The formats that are offered, in the order in which they are. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Formats(Vec<Arc<dyn Format>>);

impl Formats {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// All of this crate: first what people open, then what programs read, then what libraries and archives exchange.
    pub fn standard() -> Self {
        Self::none()
            .with(Pdf)
            .with(PdfA)
            .with(PdfTagged)
            .with(Docx)
            .with(DocxPositioned)
            .with(Xlsx)
            .with(Text)
            .with(LayoutText)
            .with(Markdown)
            .with(Html)
            .with(Json)
            .with(Words)
            .with(Tables)
            .with(Hocr)
            .with(Alto)
            .with(PageXml)
    }

    /// These and one more; it takes the place of one of the same name.
    pub fn with(mut self, format: impl Format) -> Self {
        let name = format.info().name;
        let format: Arc<dyn Format> = Arc::new(format);
        match self.0.iter_mut().find(|known| known.info().name == name) {
            Some(known) => *known = format,
            None => self.0.push(format),
        }
        self
    }

    /// The names of all.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|format| format.info().name).collect()
    }

    /// The format called `name`.
    ///
    /// # Errors
    /// `InvalidInput` with a sentence that lists the names.
    pub fn get(&self, name: &str) -> Result<&dyn Format> {
        match self.0.iter().find(|format| format.info().name == name) {
            Some(format) => Ok(&**format),
            None => Err(choose(&self.list(), name)
                .err()
                .unwrap_or_else(|| Error::new(ErrorKind::InvalidInput, "there is no such format"))),
        }
    }
}

impl DocumentFormats for Formats {
    fn list(&self) -> Vec<FormatInfo> {
        self.0.iter().map(|format| format.info()).collect()
    }

    fn write(
        &self,
        name: &str,
        input: FormatInput<'_>,
        options: &RenditionOptions,
        output: &mut dyn io::Write,
    ) -> Result<()> {
        let format = self.get(name)?;
        if options.pages.is_none() {
            return Ok(format.write(input, output)?);
        }
        let chosen = options.apply(input.document.clone());
        let input = FormatInput::new(&chosen).with_original(input.original);
        Ok(format.write(input, output)?)
    }

    fn unlock(&self, original: &[u8], password: &str) -> Result<Vec<u8>> {
        unlocked(original, password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_core::model::{DocumentText, EngineInfo, PageText};

    #[test]
    fn an_unknown_format_is_refused_with_the_names_of_those_there_are() {
        let error = Formats::standard().get("papyrus").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(
            error
                .message()
                .contains("choose one of: pdf, pdf-a, pdf-tagged, docx, docx-positioned, ")
        );
    }

    #[test]
    fn only_the_wanted_pages_are_written() {
        let pages = (1..=3).map(|number| PageText::empty(number, 1, 1)).collect();
        let document = DocumentText::new(EngineInfo::default(), pages);
        let options = RenditionOptions::new().with_pages("2-3".parse().ok());
        let mut output = Vec::new();
        Formats::standard()
            .write("text", FormatInput::new(&document), &options, &mut output)
            .unwrap();
        assert_eq!(output, b"\x0c");
    }

    #[test]
    fn names_are_fit_for_keys_and_urls() {
        for info in Formats::standard().list() {
            let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(info.name.chars().all(fit), "{info:?}");
        }
    }
}
