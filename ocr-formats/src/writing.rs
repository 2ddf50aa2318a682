//! What the formats of XML with places share: a document that is being written page by page.

use std::{io, marker::PhantomData};

use ocr_core::model::EngineInfo;

use crate::{
    pixels::Pixels,
    xml::{Ids, Xml},
};

/// A document that is being written in the format `F`, which says how in an implementation of its own.
pub(crate) struct Writing<'a, F> {
    pub(crate) xml: Xml<'a>,
    pub(crate) ids: Ids,
    /// Of the page that is written.
    pub(crate) pixels: Pixels,
    format: PhantomData<F>,
}

impl<'a, F> Writing<'a, F> {
    /// Writes what `write` does to `output`, and the end of its last line.
    pub(crate) fn to(
        output: &'a mut dyn io::Write,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut writing = Self {
            xml: Xml::new(output),
            ids: Ids::default(),
            pixels: Pixels::default(),
            format: PhantomData,
        };
        write(&mut writing)?;
        writing.xml.finish()
    }
}

/// An engine as one text: its name, and its version where it has one.
pub(crate) fn engine_name(engine: &EngineInfo) -> String {
    let name = format!("{} {}", engine.name, engine.version);
    name.trim().to_owned()
}
