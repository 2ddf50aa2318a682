//! Breaches of PDF/A-2b inside content streams (6.2.2 and what follows).

use lopdf::{
    Dictionary, Document, Object, ObjectId, Stream,
    content::{Content, Operation},
};

use super::{
    breach::{Checked, PdfABreach},
    walk::{dereferenced, name},
};

/// Maximum number of bytes of a content stream that is looked through; an operation of one byte takes a hundred in
/// memory.
const MAX_CONTENT: usize = 8 << 20;

/// Maximum depth of saved graphics states (6.1.13).
const MAX_SAVED: usize = 28;

/// The operators of ISO 32000-1, table 51, without `BX` and `EX`, which say that what stands between them is none.
const OPERATORS: &str = "b B b* B* BDC BI BMC BT c cm CS cs d d0 d1 Do DP EMC ET f F f* G g gs h i j J K k l m M MP n \
    q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"";

/// Operators that name a resource.
const NAMING: [&str; 4] = ["Do", "Tf", "gs", "sh"];

/// Colour spaces of devices that a file paints with.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Painted {
    pub(super) rgb: bool,
    pub(super) cmyk: bool,
}

impl Painted {
    /// Takes in the name of a colour space.
    pub(super) fn note(&mut self, name: &[u8]) {
        self.rgb |= name == b"DeviceRGB";
        self.cmyk |= name == b"DeviceCMYK";
    }
}

/// Looks through the content of a page.
pub(super) fn page(file: &Document, page: ObjectId, painted: &mut Painted) -> Checked {
    let content = file.get_page_content_with_limit(page, MAX_CONTENT);
    let content = content.map_err(|_| PdfABreach::Unreadable("what a page shows"))?;
    let has_resources = file.get_dictionary(page).is_ok_and(|page| page.has(b"Resources"));
    operations(&content, has_resources, painted)
}

/// Looks through a stream if it is a form or a pattern.
pub(super) fn stream(file: &Document, stream: &Stream, painted: &mut Painted) -> Checked {
    let dictionary = &stream.dict;
    let is_form = name(file, dictionary, b"Subtype") == Some(b"Form");
    let is_pattern = dictionary.has(b"PatternType") && dictionary.has(b"PaintType");
    if !is_form && !is_pattern {
        return Ok(());
    }
    let content = stream.get_plain_content_with_limit(MAX_CONTENT);
    let content = content.map_err(|_| PdfABreach::Unreadable("a drawing"))?;
    operations(&content, dictionary.has(b"Resources"), painted)
}

/// Looks through the drawings of a font of type 3.
pub(super) fn glyphs(file: &Document, font: &Dictionary, painted: &mut Painted) -> Checked {
    if name(file, font, b"Subtype") != Some(b"Type3") {
        return Ok(());
    }
    let unreadable = || PdfABreach::Unreadable("the glyphs of a font");
    let glyphs = font.get_deref(b"CharProcs", file).and_then(Object::as_dict);
    for (_, glyph) in glyphs.map_err(|_| unreadable())? {
        let stream = dereferenced(file, glyph).and_then(|glyph| glyph.as_stream().ok());
        let content = stream.and_then(|stream| stream.get_plain_content_with_limit(MAX_CONTENT).ok());
        operations(&content.ok_or_else(unreadable)?, font.has(b"Resources"), painted)?;
    }
    Ok(())
}

fn operations(content: &[u8], has_resources: bool, painted: &mut Painted) -> Checked {
    if content.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let unreadable = || PdfABreach::Unreadable("operators of a page");
    let operations = Content::decode_strict(content)
        .map_err(|_| unreadable())?
        .operations;
    let mut saved = 0_usize;
    for operation in &operations {
        let operator = operation.operator.as_str();
        if !OPERATORS.split_ascii_whitespace().any(|known| known == operator) {
            return Err(PdfABreach::Forbidden("operators that are none of PDF"));
        }
        if NAMING.contains(&operator) && !has_resources {
            return Err(PdfABreach::Forbidden("content without resources of its own"));
        }
        match operator {
            "q" => saved += 1,
            "Q" => saved = saved.saturating_sub(1),
            "rg" | "RG" => painted.rgb = true,
            "k" | "K" => painted.cmyk = true,
            "cs" | "CS" => note_names(&operation.operands, painted),
            "BI" => inline_picture(operation, painted)?,
            _ => {}
        }
        if saved > MAX_SAVED {
            return Err(PdfABreach::Forbidden("more than 28 saved graphics states"));
        }
    }
    Ok(())
}

fn note_names(operands: &[Object], painted: &mut Painted) {
    for name in operands.iter().filter_map(|operand| operand.as_name().ok()) {
        painted.note(name);
    }
}

fn inline_picture(operation: &Operation, painted: &mut Painted) -> Checked {
    let [Object::Stream(picture)] = operation.operands.as_slice() else {
        return Err(PdfABreach::Unreadable("a picture in the content of a page"));
    };
    let get = |short: &[u8], long: &[u8]| picture.dict.get(short).or_else(|_| picture.dict.get(long)).ok();
    for name in names(get(b"CS", b"ColorSpace")) {
        match name {
            b"RGB" => painted.rgb = true,
            b"CMYK" => painted.cmyk = true,
            name => painted.note(name),
        }
    }
    let forbidden = |name: &&[u8]| matches!(*name, b"LZW" | b"LZWDecode" | b"Crypt");
    if let Some(filter) = names(get(b"F", b"Filter")).into_iter().find(forbidden) {
        return Err(PdfABreach::Filter(String::from_utf8_lossy(filter).into_owned()));
    }
    let smooth = get(b"I", b"Interpolate").and_then(|flag| flag.as_bool().ok());
    if smooth == Some(true) {
        return Err(PdfABreach::Forbidden("smoothed pictures"));
    }
    Ok(())
}

/// A name, or those of an array.
fn names(object: Option<&Object>) -> Vec<&[u8]> {
    match object {
        Some(Object::Name(name)) => vec![name.as_slice()],
        Some(Object::Array(objects)) => objects
            .iter()
            .filter_map(|object| object.as_name().ok())
            .collect(),
        _ => Vec::new(),
    }
}
