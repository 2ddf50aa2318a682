//! Breaches of PDF/A-2b that can be seen in the objects of a file.
//!
//! What is not looked at: whether font programs and pictures are sound, whether widths agree with them, and whether
//! what was written means what it says. A validator looks at that.

use lopdf::{Dictionary, Document, Object, Stream};

use super::{
    breach::{Checked, PdfABreach},
    content::{self, Painted},
    walk::{dereferenced, name},
};

/// Actions that PDF/A forbids (6.5.1).
const ACTIONS: [&[u8]; 11] = [
    b"Launch",
    b"Sound",
    b"Movie",
    b"ResetForm",
    b"ImportData",
    b"Hide",
    b"SetOCGState",
    b"Rendition",
    b"Trans",
    b"GoTo3DView",
    b"JavaScript",
];

/// Annotations that it allows (6.3.1: those of ISO 32000-1, without 3D, sound, screen and movie).
const ANNOTATIONS: [&[u8]; 22] = [
    b"Text",
    b"Link",
    b"FreeText",
    b"Line",
    b"Square",
    b"Circle",
    b"Polygon",
    b"PolyLine",
    b"Highlight",
    b"Underline",
    b"Squiggly",
    b"StrikeOut",
    b"Stamp",
    b"Caret",
    b"Ink",
    b"Popup",
    b"FileAttachment",
    b"Widget",
    b"PrinterMark",
    b"TrapNet",
    b"Watermark",
    b"Redact",
];

/// Filters that it allows and whose result needs no look of its own (6.1.7.2).
const FILTERS: [&[u8]; 7] = [
    b"FlateDecode",
    b"DCTDecode",
    b"CCITTFaxDecode",
    b"JBIG2Decode",
    b"RunLengthDecode",
    b"ASCIIHexDecode",
    b"ASCII85Decode",
];

/// Keys that must be nowhere, and what they mean.
const FORBIDDEN: [(&[u8], &str); 9] = [
    (b"AlternatePresentations", "presentations"),
    (b"PresSteps", "presentations"),
    (b"Requirements", "requirements to its reader"),
    (b"TR", "transfer functions"),
    (b"HTP", "halftone phases"),
    (b"Alternates", "alternate pictures"),
    (b"OPI", "pictures of a print shop"),
    (b"PS", "PostScript"),
    (b"Subtype2", "PostScript"),
];

/// Sides that a page may have in points (6.1.13).
const SIDES: std::ops::RangeInclusive<f32> = 3.0..=14_400.0;

/// Looks through a file that holds nothing but what it refers to. Tells whether it has an output intent for PDF/A.
pub(super) fn check(file: &Document) -> Result<bool, PdfABreach> {
    catalog(file)?;
    let mut painted = Painted::default();
    for object in file.objects.values() {
        every(file, object, &mut painted)?;
    }
    for page in file.get_pages().into_values() {
        let dictionary = file
            .get_dictionary(page)
            .map_err(|_| PdfABreach::Unreadable("a page"))?;
        boxes(file, dictionary)?;
        content::page(file, page, &mut painted)?;
    }
    let intent = intent(file)?;
    let components = intent.unwrap_or(3);
    if painted.cmyk && components != 4 {
        return Err(PdfABreach::Color("CMYK"));
    }
    if painted.rgb && components != 3 {
        return Err(PdfABreach::Color("RGB"));
    }
    Ok(intent.is_some())
}

/// Number of components of the output intent for PDF/A; `None` where there is none (6.2.3).
fn intent(file: &Document) -> Result<Option<i64>, PdfABreach> {
    let catalog = file
        .catalog()
        .map_err(|_| PdfABreach::Unreadable("its catalog"))?;
    let Ok(intents) = catalog.get_deref(b"OutputIntents", file) else {
        return Ok(None);
    };
    let intents = intents.as_array().map_err(|_| PdfABreach::OutputIntent)?;
    let mut components = None;
    let mut profiles = Vec::new();
    for object in intents {
        let intent = dereferenced(file, object).and_then(|object| object.as_dict().ok());
        let intent = intent.ok_or(PdfABreach::OutputIntent)?;
        let Ok(profile) = intent.get(b"DestOutputProfile") else {
            continue;
        };
        profiles.push(profile.as_reference().map_err(|_| PdfABreach::OutputIntent)?);
        if name(file, intent, b"S") == Some(b"GTS_PDFA1") {
            let profile = dereferenced(file, profile).and_then(|object| object.as_stream().ok());
            components = Some(
                profile
                    .and_then(profile_components)
                    .ok_or(PdfABreach::OutputIntent)?,
            );
        }
    }
    let is_one = profiles.windows(2).all(|pair| pair[0] == pair[1]);
    if !is_one || (components.is_none() && !intents.is_empty()) {
        return Err(PdfABreach::OutputIntent);
    }
    Ok(components)
}

/// Number of components of an output or display profile of at most version 4; `None` for what is none.
fn profile_components(stream: &Stream) -> Option<i64> {
    /// Larger than those of the widest presses.
    const MAX_PROFILE: usize = 16 << 20;
    let profile = stream.get_plain_content_with_limit(MAX_PROFILE).ok()?;
    let stated = stream.dict.get(b"N").ok()?.as_i64().ok()?;
    let components = match profile.get(16..20)? {
        b"GRAY" => 1,
        b"RGB " => 3,
        b"CMYK" => 4,
        _ => return None,
    };
    let fits = profile.get(36..40)? == b"acsp"
        && matches!(profile.get(12..16)?, b"mntr" | b"prtr")
        && *profile.get(8)? <= 4
        && stated == components;
    fits.then_some(components)
}

fn catalog(file: &Document) -> Checked {
    let catalog = file
        .catalog()
        .map_err(|_| PdfABreach::Unreadable("its catalog"))?;
    // Part 2 builds on ISO 32000-1 and knows nothing newer.
    let version = name(file, catalog, b"Version").unwrap_or(file.version.as_bytes());
    if !file.version.starts_with("1.") || !version.starts_with(b"1.") {
        return Err(PdfABreach::Forbidden("a version of PDF after 1.7"));
    }
    if catalog.has(b"OCProperties") {
        return Err(PdfABreach::Layers);
    }
    if catalog.has(b"Collection") {
        return Err(PdfABreach::EmbeddedFiles);
    }
    if is_true(file, catalog, b"NeedsRendering") {
        return Err(PdfABreach::Form);
    }
    let form = catalog.get_deref(b"AcroForm", file).and_then(Object::as_dict);
    let is_forbidden = |form: &Dictionary| form.has(b"XFA") || is_true(file, form, b"NeedAppearances");
    if form.is_ok_and(is_forbidden) {
        return Err(PdfABreach::Form);
    }
    Ok(())
}

/// Looks at an object and at all that lies in it.
fn every(file: &Document, object: &Object, painted: &mut Painted) -> Checked {
    let mut open = vec![object];
    while let Some(object) = open.pop() {
        let dictionary = match object {
            Object::Name(name) => {
                painted.note(name);
                continue;
            }
            Object::Array(objects) => {
                open.extend(objects);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => {
                self::stream(file, stream)?;
                content::stream(file, stream, painted)?;
                &stream.dict
            }
            _ => continue,
        };
        self::dictionary(file, dictionary)?;
        content::glyphs(file, dictionary, painted)?;
        open.extend(dictionary.iter().map(|(_, object)| object));
    }
    Ok(())
}

fn dictionary(file: &Document, dictionary: &Dictionary) -> Checked {
    let kind = name(file, dictionary, b"Type");
    let subtype = name(file, dictionary, b"Subtype");
    if kind == Some(b"Sig") || dictionary.has(b"ByteRange") {
        return Err(PdfABreach::Signed);
    }
    if dictionary.has(b"EmbeddedFiles") || dictionary.has(b"EF") {
        return Err(PdfABreach::EmbeddedFiles);
    }
    actions(file, dictionary)?;
    for (key, what) in FORBIDDEN {
        if dictionary.has(key) {
            return Err(PdfABreach::Forbidden(what));
        }
    }
    let transfer = name(file, dictionary, b"TR2");
    if dictionary.has(b"TR2") && transfer != Some(b"Default") {
        return Err(PdfABreach::Forbidden("transfer functions"));
    }
    if subtype == Some(b"Image") && is_true(file, dictionary, b"Interpolate") {
        return Err(PdfABreach::Forbidden("smoothed pictures"));
    }
    if kind == Some(b"Font") {
        font(file, dictionary)?;
    }
    if dictionary.has(b"Rect") && subtype.is_some() {
        annotation(file, dictionary)?;
    }
    Ok(())
}

fn actions(file: &Document, dictionary: &Dictionary) -> Checked {
    if let Some(action) = name(file, dictionary, b"S").filter(|name| ACTIONS.contains(name)) {
        return Err(PdfABreach::Action(String::from_utf8_lossy(action).into_owned()));
    }
    let is_field = dictionary.has(b"FT") || name(file, dictionary, b"Subtype") == Some(b"Widget");
    for key in ["AA", "JavaScript", "JS"] {
        if dictionary.has(key.as_bytes()) {
            return Err(PdfABreach::Action(key.to_owned()));
        }
    }
    if is_field && dictionary.has(b"A") {
        return Err(PdfABreach::Action("A".to_owned()));
    }
    Ok(())
}

/// Fonts are inside the file; those of type 3 and of type 0 are made of others (6.2.11.4.1).
fn font(file: &Document, font: &Dictionary) -> Checked {
    let subtype = name(file, font, b"Subtype").unwrap_or_default();
    if matches!(subtype, b"Type0" | b"Type3") {
        return Ok(());
    }
    let called = || {
        let called = name(file, font, b"BaseFont").unwrap_or(b"without a name");
        PdfABreach::Font(String::from_utf8_lossy(called).into_owned())
    };
    let descriptor = font.get_deref(b"FontDescriptor", file).and_then(Object::as_dict);
    let descriptor = descriptor.map_err(|_| called())?;
    let is_there = |key: &&[u8]| {
        let program = descriptor.get_deref(key, file).and_then(Object::as_stream);
        program.is_ok()
    };
    let programs: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
    if !programs.iter().any(is_there) || (subtype == b"CIDFontType2" && !font.has(b"CIDToGIDMap")) {
        return Err(called());
    }
    Ok(())
}

/// Annotations are of a known kind, can be printed, and look the same everywhere (6.3).
fn annotation(file: &Document, annotation: &Dictionary) -> Checked {
    /// Invisible, hidden, no view, toggled view (ISO 32000-1, table 165).
    const HIDING: i64 = 1 | 2 | 32 | 256;
    const PRINT: i64 = 4;
    let subtype = name(file, annotation, b"Subtype").unwrap_or_default();
    let refused = |why: &str| {
        let subtype = String::from_utf8_lossy(subtype);
        Err(PdfABreach::Annotation(format!("{subtype}, {why}")))
    };
    if !ANNOTATIONS.contains(&subtype) {
        return refused("which is of no kind that it allows");
    }
    if subtype == b"Popup" {
        return Ok(());
    }
    let flags = annotation
        .get_deref(b"F", file)
        .and_then(Object::as_i64)
        .unwrap_or(0);
    if flags & PRINT == 0 || flags & HIDING != 0 {
        return refused("which is not printed or may be hidden");
    }
    let looks = annotation.get_deref(b"AP", file).and_then(Object::as_dict).ok();
    let has_one = looks.is_some_and(|looks| looks.len() == 1 && looks.has(b"N"));
    if !has_one && (subtype != b"Link" || looks.is_some()) {
        return refused("which looks different from reader to reader");
    }
    Ok(())
}

fn stream(file: &Document, stream: &Stream) -> Checked {
    let dictionary = &stream.dict;
    if [&b"F"[..], b"FFilter", b"FDecodeParms"]
        .iter()
        .any(|key| dictionary.has(key))
    {
        return Err(PdfABreach::External);
    }
    let subtype = name(file, dictionary, b"Subtype");
    if subtype == Some(b"Form") && dictionary.has(b"Ref") {
        return Err(PdfABreach::External);
    }
    if subtype == Some(b"PS") {
        return Err(PdfABreach::Forbidden("PostScript"));
    }
    let unknown = filters(file, dictionary)?
        .into_iter()
        .find(|name| !FILTERS.contains(name));
    match unknown {
        Some(filter) => Err(PdfABreach::Filter(String::from_utf8_lossy(filter).into_owned())),
        None => Ok(()),
    }
}

/// The names of the filters of a stream.
fn filters<'a>(file: &'a Document, dictionary: &'a Dictionary) -> Result<Vec<&'a [u8]>, PdfABreach> {
    let unreadable = || PdfABreach::Unreadable("a filter");
    match dictionary.get_deref(b"Filter", file) {
        Err(_) | Ok(Object::Null) => Ok(Vec::new()),
        Ok(Object::Name(name)) => Ok(vec![name.as_slice()]),
        Ok(Object::Array(names)) => names
            .iter()
            .map(|object| dereferenced(file, object)?.as_name().ok())
            .collect::<Option<Vec<_>>>()
            .ok_or_else(unreadable),
        Ok(_) => Err(unreadable()),
    }
}

fn boxes(file: &Document, page: &Dictionary) -> Checked {
    let keys: [&[u8]; 5] = [b"MediaBox", b"CropBox", b"TrimBox", b"BleedBox", b"ArtBox"];
    for key in keys {
        let Ok(corners) = page.get_deref(key, file).and_then(Object::as_array) else {
            continue;
        };
        let corner = |index: usize| dereferenced(file, corners.get(index)?)?.as_float().ok();
        let sides = [(0, 2), (1, 3)].map(|(from, to)| Some((corner(to)? - corner(from)?).abs()));
        if !sides
            .iter()
            .all(|side| side.is_some_and(|side| SIDES.contains(&side)))
        {
            return Err(PdfABreach::Forbidden("a page below 3 or above 14400 points"));
        }
    }
    Ok(())
}

fn is_true(file: &Document, dictionary: &Dictionary, key: &[u8]) -> bool {
    let flag = dictionary.get_deref(key, file).and_then(Object::as_bool);
    flag.unwrap_or(false)
}
