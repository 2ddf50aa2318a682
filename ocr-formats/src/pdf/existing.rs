//! Text on the pages of a PDF that is there already.

use std::borrow::Cow;

use lopdf::{Document, IncrementalDocument, LoadOptions, Object, ObjectId, Stream};
use ocr_core::{
    Error, digest,
    model::{DocumentText, PageText, QuarterTurn, TextOrigin},
};

use ocr_documents::Limits;

use super::{
    Variant,
    archive::archive,
    drawn::Drawn,
    font::{Glyphs, compressed},
    layer::{self, FONT, Placement, Setter},
    old_layer,
    page_tree::inherited,
    tagged::{self, MarkedPage, Structure},
    unfit, unsupported,
};

/// Maximum number of bytes that a stream of the file's own structure may inflate to.
pub(super) const MAX_STREAM: usize = 64 << 20;

/// A4, which the page was read as where it states no size.
const A4: [f32; 4] = [0.0, 0.0, 595.0, 842.0];

/// The file with the text of its recognised pages.
pub(super) fn with_text(
    original: &[u8],
    document: &DocumentText,
    variant: Variant,
) -> Result<Vec<u8>, Error> {
    let options = LoadOptions::with_max_decompressed_size(MAX_STREAM);
    let file = Document::load_mem_with_options(original, options).map_err(unfit)?;
    // Also where anybody may open it: what is appended would have to be encrypted with fresh random numbers.
    if file.is_encrypted() || file.was_encrypted() {
        return Err(unsupported(
            "no text can be added to a PDF that is protected; remove the protection and read it again",
        ));
    }
    let recognised: Vec<&PageText> = document
        .pages
        .iter()
        .filter(|page| matches!(page.source, TextOrigin::Ocr | TextOrigin::Mixed))
        .collect();
    if recognised.is_empty() && !variant.archive {
        return Ok(original.to_vec());
    }
    // Positions in a file with something before its header, or with a repaired table, fit no appendix.
    let is_sound = file.xref_recovery.is_none() && original.starts_with(b"%PDF-");
    let mut update = IncrementalDocument::create_from(original.to_vec(), file);
    if !recognised.is_empty() {
        let structure = variant.tagged.then(|| structure(&mut update, document)).flatten();
        add_layers(&mut update, &recognised, structure)?;
    }
    let mut bytes = Vec::with_capacity(original.len() + original.len() / 8);
    if is_sound && !variant.archive {
        update.save_to(&mut bytes)
    } else {
        let mut whole = merged(update);
        if variant.archive {
            give_id(&mut whole, original);
            archive(&mut whole)?;
        }
        whole.save_to(&mut bytes)
    }
    .map_err(|error| unfit(error.into()))?;
    Ok(bytes)
}

/// The file with what was to be appended to it in its place.
fn merged(update: IncrementalDocument) -> Document {
    let mut whole = update.get_prev_documents().clone();
    whole.max_id = update.new_document.max_id;
    whole.objects.extend(update.new_document.objects);
    whole
}

/// Gives a file a name of its own where it has none.
fn give_id(file: &mut Document, original: &[u8]) {
    if file
        .trailer
        .get_deref(b"ID", file)
        .and_then(Object::as_array)
        .is_err()
    {
        file.trailer.set("ID", id_of(original));
    }
}

/// The name of a file that is made from this one: twice the same, as of a file that was not changed yet.
pub(super) fn id_of(original: &[u8]) -> Vec<Object> {
    let id = Object::string_literal(digest::sha256_hex(original).as_bytes()[..32].to_vec());
    vec![id.clone(), id]
}

/// The structure that the file gets; `None` where it has one.
fn structure(update: &mut IncrementalDocument, document: &DocumentText) -> Option<Structure> {
    let catalog = update.get_prev_documents().catalog().ok()?;
    if catalog.has(b"StructTreeRoot") {
        return None;
    }
    Some(Structure::new(&mut update.new_document, document))
}

fn add_layers(
    update: &mut IncrementalDocument,
    recognised: &[&PageText],
    mut structure: Option<Structure>,
) -> Result<(), Error> {
    let pages = update.get_prev_documents().get_pages();
    // Only what can be read again can say what it draws; nothing else depends on it.
    let surveyed = ocr_documents::Document::open(update.get_prev_documents_bytes(), Limits::default()).ok();
    // The file was read by other code, which must see the same pages in it.
    if surveyed
        .as_ref()
        .is_some_and(|document| document.page_count() as usize != pages.len())
    {
        return Err(unsupported(
            "no text can be added to this PDF: its list of pages is damaged",
        ));
    }
    let glyphs = Glyphs::of(layer::characters(recognised.iter().copied()));
    let font = Font::new(glyphs.add_font(&mut update.new_document));
    for page in recognised {
        let id = *pages.get(&page.number).ok_or_else(|| {
            unsupported("no text can be added to this PDF: it has not the pages that were read")
        })?;
        let drawn = surveyed
            .as_ref()
            .filter(|_| may_draw_text(update.get_prev_documents(), id));
        let drawn =
            drawn.and_then(|document| document.drawn_text(page.number.saturating_sub(1)).ok().flatten());
        let is_all_text = drawn.as_ref().is_none_or(|drawn| drawn.words().next().is_none());
        let text = drawn.as_ref().map_or_else(
            || Cow::Borrowed(*page),
            |drawn| Cow::Owned(Drawn::of(drawn).left_out_of(page)),
        );
        let placement = placement(update.get_prev_documents(), id, page);
        let setter = Setter::new(&text, &placement, &glyphs);
        let layer = Layer {
            text: MarkedPage::new(
                structure.as_mut(),
                &mut update.new_document,
                id,
                &text,
                &setter,
                &font.name,
            ),
            is_all_text,
        };
        add_layer(update, id, layer, &font).map_err(unfit)?;
    }
    match structure {
        Some(structure) => finish(update, structure, recognised.len() == pages.len()).map_err(unfit),
        None => Ok(()),
    }
}

/// Puts the structure into the file.
fn finish(update: &mut IncrementalDocument, structure: Structure, is_whole: bool) -> lopdf::Result<()> {
    let catalog = update.get_prev_documents().trailer.get(b"Root")?.as_reference()?;
    update.opt_clone_object_to_new_document(catalog)?;
    structure.finish(&mut update.new_document, catalog, is_whole);
    Ok(())
}

/// What a page gets.
struct Layer {
    text: MarkedPage,
    /// Whether the page draws no text of its own.
    is_all_text: bool,
}

/// The font of a layer, under a name that no earlier layer of the file has.
struct Font {
    id: ObjectId,
    name: String,
}

impl Font {
    fn new(id: ObjectId) -> Self {
        // The number of an object that is new is used nowhere else in the file.
        let name = format!("{FONT}{}", id.0);
        Self { id, name }
    }
}

/// Whether a page has fonts, or forms that may.
fn may_draw_text(file: &Document, page: ObjectId) -> bool {
    let has_fonts = file.get_page_fonts(page).is_ok_and(|fonts| !fonts.is_empty());
    has_fonts
        || old_layer::forms(file, page).is_some_and(|objects| {
            objects.iter().any(|(_, object)| {
                let stream = file
                    .dereference(object)
                    .ok()
                    .and_then(|(_, object)| object.as_stream().ok());
                let kind = stream.and_then(|stream| stream.dict.get(b"Subtype").ok()?.as_name().ok());
                kind == Some(&b"Form"[..])
            })
        })
}

/// Puts the layer under what the page shows. There it needs no care for what the page leaves behind in the graphics
/// state.
fn add_layer(
    update: &mut IncrementalDocument,
    page: ObjectId,
    layer: Layer,
    font: &Font,
) -> lopdf::Result<()> {
    let file = update.get_prev_documents();
    let is_artifact = layer.text.key.is_some() && layer.is_all_text && !has_marks(file, page);
    let mut shown: Vec<Object> = match old_layer::without(file, page) {
        Some(cleared) => vec![update.new_document.add_object(compressed_content(cleared)).into()],
        None => file
            .get_page_contents(page)
            .into_iter()
            .map(Object::Reference)
            .collect(),
    };
    if layer.text.content.is_empty() && shown.len() != 1 {
        return Ok(());
    }
    if is_artifact {
        // All that is left of it is a picture of the text.
        let new = &mut update.new_document;
        shown.insert(
            0,
            new.add_object(compressed_content(b"/Artifact BMC\n".to_vec()))
                .into(),
        );
        shown.push(new.add_object(compressed_content(b"\nEMC\n".to_vec())).into());
    }
    let added = update
        .new_document
        .add_object(compressed_content(layer.text.content.into_bytes()));
    let mut contents = vec![Object::Reference(added)];
    contents.extend(shown);
    update.opt_clone_object_to_new_document(page)?;
    let dictionary = update.new_document.get_object_mut(page)?.as_dict_mut()?;
    dictionary.set("Contents", contents);
    tagged::number(dictionary, layer.text.key);
    add_font(update, page, font)
}

/// Whether the content of a page is marked already, or cannot be read.
fn has_marks(file: &Document, page: ObjectId) -> bool {
    let content = file.get_page_content_with_limit(page, MAX_STREAM);
    content.map_or(true, |content| {
        content
            .windows(3)
            .any(|word| matches!(word, b"BDC" | b"BMC" | b"EMC"))
    })
}

fn compressed_content(content: Vec<u8>) -> Stream {
    compressed(lopdf::Dictionary::new(), content)
}

/// Names the font among the resources of the page. What is not the dictionary that it must be counts as empty, as it
/// does for readers.
fn add_font(update: &mut IncrementalDocument, page: ObjectId, font: &Font) -> lopdf::Result<()> {
    let is_dictionary = |update: &IncrementalDocument, object: &Object| match object {
        Object::Reference(id) => update.get_prev_documents().get_dictionary(*id).is_ok(),
        object => object.as_dict().is_ok(),
    };
    let own = update
        .new_document
        .get_object(page)?
        .as_dict()?
        .get(b"Resources")
        .ok()
        .cloned();
    if own.is_some_and(|own| !is_dictionary(update, &own)) {
        let dictionary = update.new_document.get_object_mut(page)?.as_dict_mut()?;
        dictionary.set("Resources", lopdf::Dictionary::new());
    }
    let fonts = update
        .get_or_create_resources(page)?
        .as_dict()?
        .get(b"Font")
        .ok()
        .cloned();
    if !fonts.is_some_and(|fonts| is_dictionary(update, &fonts)) {
        let resources = update.get_or_create_resources(page)?.as_dict_mut()?;
        resources.set("Font", lopdf::Dictionary::new());
    }
    let mut fonts = update
        .get_or_create_resources(page)?
        .as_dict_mut()?
        .get_mut(b"Font")?;
    if let Object::Reference(id) = *fonts {
        update.opt_clone_object_to_new_document(id)?;
        fonts = update.new_document.get_object_mut(id)?;
    }
    fonts.as_dict_mut()?.set(font.name.as_str(), font.id);
    Ok(())
}

/// Where the upright page of a result lies on the page `id`.
fn placement(file: &Document, id: ObjectId, page: &PageText) -> Placement {
    let media = inherited(file, id, b"MediaBox").and_then(|object| rectangle(file, object));
    let media = media.filter(has_area).unwrap_or(A4);
    let crop = inherited(file, id, b"CropBox").and_then(|object| rectangle(file, object));
    let shown = crop
        .map(|crop| intersection(crop, media))
        .filter(has_area)
        .unwrap_or(media);
    let turn =
        inherited(file, id, b"Rotate").and_then(|object| file.dereference(object).ok()?.1.as_float().ok());
    Placement {
        left: shown[0],
        bottom: shown[1],
        width: shown[2] - shown[0],
        height: shown[3] - shown[1],
        shown: QuarterTurn::from_degrees(turn.unwrap_or(0.0) as i32),
        read: page.turn(),
    }
}

/// Left, bottom, right and top, whichever corners are given.
fn rectangle(file: &Document, object: &Object) -> Option<[f32; 4]> {
    let corners = file.dereference(object).ok()?.1.as_array().ok()?;
    let side = |index: usize| file.dereference(corners.get(index)?).ok()?.1.as_float().ok();
    let (x0, y0, x1, y1) = (side(0)?, side(1)?, side(2)?, side(3)?);
    Some([x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)])
}

fn intersection(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]
}

fn has_area(sides: &[f32; 4]) -> bool {
    sides[2] > sides[0] && sides[3] > sides[1]
}
