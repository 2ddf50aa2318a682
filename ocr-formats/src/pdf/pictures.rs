//! A new PDF from pictures.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use ocr_core::{
    Error, digest,
    model::{DocumentText, PageText, QuarterTurn},
    page::{PageImage, PixelFormat},
};
use ocr_documents::{Document as Pictures, Limits, StoredColors, StoredEncoding, StoredImage};

use super::{
    Variant,
    archive::archive,
    existing::id_of,
    font::{Glyphs, compressed},
    layer::{self, FONT, Placement, Setter},
    stated_dpi,
    tagged::{self, MarkedPage, Structure},
    unfit, unsupported,
};

/// Points of an inch.
const POINTS: f32 = 72.0;

/// Longest side of a page that every reader shows (ISO 32000-1, annex C).
const MAX_SIDE: f32 = 14_400.0;

/// Shortest side of a page (the same).
const MIN_SIDE: f32 = 3.0;

/// A page for each picture of the file, with the text that was read there.
pub(super) fn as_pages(original: &[u8], document: &DocumentText, variant: Variant) -> Result<Vec<u8>, Error> {
    let pictures = Pictures::open(original, Limits::default()).map_err(unreadable)?;
    let mut pages = Pages::new(document, variant);
    for index in 0..pictures.page_count() {
        let read = document.pages.iter().find(|page| page.number == index + 1);
        pages.add(Picture::of(&pictures, index, variant)?, read);
    }
    let mut file = pages.finish();
    file.trailer.set("ID", id_of(original));
    if variant.archive {
        archive(&mut file)?;
    }
    let mut bytes = Vec::with_capacity(original.len() + original.len() / 8);
    file.save_to(&mut bytes).map_err(|error| unfit(error.into()))?;
    Ok(bytes)
}

/// The pages while they are made.
struct Pages {
    file: Document,
    glyphs: Glyphs,
    font: ObjectId,
    parent: ObjectId,
    kids: Vec<Object>,
    /// The pictures that the file holds, by what they are.
    pictures: Vec<((String, Dictionary), ObjectId)>,
    structure: Option<Structure>,
}

impl Pages {
    fn new(document: &DocumentText, variant: Variant) -> Self {
        let glyphs = Glyphs::of(layer::characters(&document.pages));
        let mut file = Document::with_version("1.7");
        Self {
            structure: variant.tagged.then(|| Structure::new(&mut file, document)),
            font: glyphs.add_font(&mut file),
            parent: file.new_object_id(),
            file,
            glyphs,
            kids: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Adds a page that shows `picture`, under the text that was read there.
    fn add(&mut self, picture: Picture, read: Option<&PageText>) {
        let sheet = Sheet::of(&picture, read);
        let id = self.file.new_object_id();
        let mut page = dictionary! {
            "Type" => "Page",
            "Parent" => self.parent,
            "MediaBox" => vec![0.into(), 0.into(), sheet.width.into(), sheet.height.into()],
            "Rotate" => i64::from(sheet.turn.degrees()),
        };
        let placement = sheet.placement();
        let mut content = String::new();
        if let Some(read) = read {
            let setter = Setter::new(read, &placement, &self.glyphs);
            let structure = self.structure.as_mut();
            let marked = MarkedPage::new(structure, &mut self.file, id, read, &setter, FONT);
            tagged::number(&mut page, marked.key);
            content = marked.content;
        }
        let shown = picture.show(&sheet);
        if self.structure.is_some() {
            content.extend(["/Artifact BMC\n", shown.as_str(), "EMC\n"]);
        } else {
            content.push_str(&shown);
        }
        let content = compressed(Dictionary::new(), content.into_bytes());
        let content = self.file.add_object(content);
        let picture = self.shared(picture.stream);
        page.set(
            "Resources",
            dictionary! {
                "Font" => dictionary! { FONT => self.font },
                "XObject" => dictionary! { "Picture" => picture },
            },
        );
        page.set("Contents", content);
        self.file.set_object(id, page);
        self.kids.push(Object::Reference(id));
    }

    /// A picture of the file. Pages may share one, and then it is in the file once.
    fn shared(&mut self, stream: Stream) -> ObjectId {
        let content = (digest::sha256_hex(&stream.content), stream.dict.clone());
        let known = self.pictures.iter().find(|(known, _)| *known == content);
        if let Some((_, id)) = known {
            return *id;
        }
        let id = self.file.add_object(stream);
        self.pictures.push((content, id));
        id
    }

    /// The file of these pages.
    fn finish(mut self) -> Document {
        let count = self.kids.len() as i64;
        self.file.objects.insert(
            self.parent,
            dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count }.into(),
        );
        let catalog = dictionary! { "Type" => "Catalog", "Pages" => self.parent };
        let catalog = self.file.add_object(catalog);
        self.file.trailer.set("Root", catalog);
        if let Some(structure) = self.structure {
            structure.finish(&mut self.file, catalog, true);
        }
        self.file
    }
}

fn unreadable(error: ocr_documents::DocumentError) -> Error {
    unsupported("no PDF can be made from this picture: it cannot be read again").with_source(error)
}

/// A picture as an object of a PDF.
struct Picture {
    stream: Stream,
    /// Sides as it is shown, in pixels.
    width: u32,
    height: u32,
    dpi: Option<f32>,
    mirror: bool,
    turn: QuarterTurn,
}

impl Picture {
    fn of(pictures: &Pictures, index: u32, variant: Variant) -> Result<Self, Error> {
        let facts = pictures.facts(index).map_err(unreadable)?;
        let stored = pictures.stored(index).map_err(unreadable)?;
        // Of the colours of print, PDF/A would want to know which press they are for.
        let keeps =
            |stored: &StoredImage| !variant.archive || !matches!(stored.colors, StoredColors::Cmyk { .. });
        let (mirror, turn, stream) = if let Some(stored) = stored.filter(keeps) {
            (stored.mirror, stored.turn, as_stored(stored))
        } else {
            let image = pictures.image(index).map_err(unreadable)?;
            (false, QuarterTurn::None, decoded(&image))
        };
        Ok(Self {
            stream,
            width: facts.width,
            height: facts.height,
            dpi: facts.dpi,
            mirror,
            turn,
        })
    }

    /// The operators that show it on all of `page`.
    fn show(&self, page: &Sheet) -> String {
        let (width, height) = (page.width, page.height);
        // The unit square of the picture onto the page, y up, after its own turn.
        let matrix = match self.turn {
            QuarterTurn::None => [width, 0.0, 0.0, height, 0.0, 0.0],
            QuarterTurn::Clockwise90 => [0.0, -height, width, 0.0, 0.0, height],
            QuarterTurn::Half => [-width, 0.0, 0.0, -height, width, height],
            QuarterTurn::Clockwise270 => [0.0, height, -width, 0.0, width, 0.0],
        };
        let matrix = matrix.map(|number| format!("{number:.3}")).join(" ");
        let mirror = if self.mirror { "-1 0 0 1 1 0 cm " } else { "" };
        format!("q {matrix} cm {mirror}/Picture Do Q\n")
    }
}

/// The page that a picture fills.
struct Sheet {
    /// Sides in points.
    width: f32,
    height: f32,
    /// How it is shown, and was turned before it was read.
    turn: QuarterTurn,
}

impl Sheet {
    fn of(picture: &Picture, read: Option<&PageText>) -> Self {
        let points = POINTS / stated_dpi(picture.dpi);
        let (width, height) = (picture.width as f32, picture.height as f32);
        let points = points
            .max(MIN_SIDE / width.min(height))
            .min(MAX_SIDE / width.max(height));
        // Of a picture like a thread, not even both fit.
        let side = |pixels: f32| (pixels * points).clamp(MIN_SIDE, MAX_SIDE);
        Self {
            width: side(width),
            height: side(height),
            turn: read.map_or(QuarterTurn::None, PageText::turn),
        }
    }

    fn placement(&self) -> Placement {
        Placement {
            left: 0.0,
            bottom: 0.0,
            width: self.width,
            height: self.height,
            shown: QuarterTurn::None,
            read: self.turn,
        }
    }
}

/// A picture in the encoding of its file.
fn as_stored(image: StoredImage) -> Stream {
    let (components, space): (i64, Object) = match &image.colors {
        StoredColors::Rgb => (3, "DeviceRGB".into()),
        StoredColors::Cmyk { .. } => (4, "DeviceCMYK".into()),
        StoredColors::Palette(colors) => (1, palette(colors)),
        _ => (1, "DeviceGray".into()),
    };
    let mut dictionary = picture_dictionary(image.width, image.height, space, i64::from(image.bits));
    let parameters = match image.encoding {
        StoredEncoding::Jpeg => {
            dictionary.set("Filter", "DCTDecode");
            None
        }
        StoredEncoding::FaxGroup4 { inverted } => {
            dictionary.set("Filter", "CCITTFaxDecode");
            Some(dictionary! {
                "K" => -1,
                "Columns" => i64::from(image.width),
                "Rows" => i64::from(image.height),
                "BlackIs1" => inverted,
            })
        }
        _ => {
            dictionary.set("Filter", "FlateDecode");
            Some(dictionary! {
                // The filters of PNG, one chosen for each row (ISO 32000-1, table 10).
                "Predictor" => 15,
                "Colors" => components,
                "BitsPerComponent" => i64::from(image.bits),
                "Columns" => i64::from(image.width),
            })
        }
    };
    if let Some(parameters) = parameters {
        dictionary.set("DecodeParms", parameters);
    }
    if image.colors == (StoredColors::Cmyk { inverted: true }) {
        dictionary.set(
            "Decode",
            [1, 0].repeat(4).into_iter().map(Object::from).collect::<Vec<_>>(),
        );
    }
    Stream::new(dictionary, image.data).with_compression(false)
}

fn palette(colors: &[u8]) -> Object {
    let last = (colors.len() / 3).clamp(1, 256) as i64 - 1;
    let colors = Object::String(colors.to_vec(), lopdf::StringFormat::Hexadecimal);
    vec!["Indexed".into(), "DeviceRGB".into(), last.into(), colors].into()
}

/// Decoded pixels, compressed without loss.
fn decoded(image: &PageImage) -> Stream {
    let space = match image.format() {
        PixelFormat::Gray8 => "DeviceGray",
        PixelFormat::Rgb8 => "DeviceRGB",
    };
    let dictionary = picture_dictionary(image.width(), image.height(), space.into(), 8);
    compressed(dictionary, image.pixels().to_vec())
}

fn picture_dictionary(width: u32, height: u32, space: Object, bits: i64) -> Dictionary {
    dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => i64::from(width),
        "Height" => i64::from(height),
        "ColorSpace" => space,
        "BitsPerComponent" => bits,
    }
}
