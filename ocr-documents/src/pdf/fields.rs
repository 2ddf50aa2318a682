//! Values of form fields and free texts that the file has no appearance of: viewers draw them themselves.

use std::collections::HashMap;

use hayro::{
    hayro_interpret::util::TransformExt,
    hayro_syntax::{
        object::{Array, Dict, Name, Object, Rect as PdfRect, Stream, String as PdfString},
        page::Page,
    },
    kurbo::Rect,
};

use super::{
    field_text::{self, Frame, Style},
    survey::{Glyph, Survey},
    text_string,
};
use crate::Limits;

/// Maximum number of annotations of a page that are looked at.
const MAX_ANNOTATIONS: usize = 10_000;

/// Maximum number of words, and of bytes, of all values of a page.
const MAX_WORDS: usize = 50_000;
const MAX_BYTES: usize = 2 << 20;

/// Maximum number of options of a field that are looked at.
const MAX_OPTIONS: usize = 1000;

/// Maximum number of fields above a field that it has entries from.
const MAX_ANCESTORS: usize = 16;

/// Flags of annotations (ISO 32000-1, table 165): hidden, and not to be viewed.
const HIDDEN: u32 = 1 << 1 | 1 << 5;

/// Flags of fields (ISO 32000-1, tables 226 and 228).
const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;
const RADIO: u32 = 1 << 15;
const PUSH_BUTTON: u32 = 1 << 16;

/// A checked and an empty box, as text.
const CHECKED: &str = "\u{2611}";
const UNCHECKED: &str = "\u{2610}";

/// The values of fields and the free texts of a page that nothing on it shows, one glyph a word.
pub(super) fn undrawn_values(page: &Page<'_>, survey: &Survey, limits: &Limits) -> Vec<Glyph> {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else {
        return Vec::new();
    };
    let form = form(page).unwrap_or_default();
    let transform = page.initial_transform(true).to_kurbo();
    let mut drawn = Drawn {
        survey,
        budget: limits.max_page_marks,
    };
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut bytes = 0;
    for annotation in annotations.iter::<Dict<'_>>().take(MAX_ANNOTATIONS) {
        let Some((value, area)) = value(&annotation, &form) else {
            continue;
        };
        bytes += value.text.len();
        if bytes > MAX_BYTES || glyphs.len() >= MAX_WORDS {
            break;
        }
        let place = transform.transform_rect_bbox(area);
        if drawn.shows(&value, place) {
            continue;
        }
        let frame = Frame::new(area, value.turn);
        for word in field_text::placed(&value.text, frame, &value.style) {
            let origin = transform * word.origin;
            let end = transform * (word.origin + word.advance);
            glyphs.push(Glyph::new(word.text, origin, end - origin, word.size));
        }
    }
    glyphs.truncate(MAX_WORDS);
    glyphs
}

/// The form of the document (ISO 32000-1, 12.7.2).
fn form<'a>(page: &Page<'a>) -> Option<Dict<'a>> {
    let xref = page.xref();
    xref.get::<Dict<'_>>(xref.root_id())?.get::<Dict<'_>>(b"AcroForm")
}

/// A text that the file has no appearance of.
struct Value {
    text: String,
    style: Style,
    /// Quarter turns of the text, counter-clockwise.
    turn: u32,
    /// Whether there is an appearance that is to be made anew, should it show nothing.
    has_appearance: bool,
}

/// The text of an annotation that hides behind no appearance, and where it stands on the page as stored.
fn value(annotation: &Dict<'_>, form: &Dict<'_>) -> Option<(Value, Rect)> {
    if annotation.get::<u32>(b"F").unwrap_or(0) & HIDDEN != 0 {
        return None;
    }
    let PdfRect { x0, y0, x1, y1 } = annotation.get::<PdfRect>(b"Rect")?;
    let area = Rect::new(x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1));
    if !area.is_finite() || area.width() < 1.0 || area.height() < 1.0 {
        return None;
    }
    let value = match &*annotation.get::<Name<'_>>(b"Subtype")? {
        b"Widget" => widget(annotation, form),
        b"FreeText" => free_text(annotation),
        _ => None,
    }?;
    (!value.text.trim().is_empty()).then_some((value, area))
}

fn free_text(annotation: &Dict<'_>) -> Option<Value> {
    if has_appearance(annotation) {
        return None;
    }
    let degrees = annotation.get::<i32>(b"Rotate").unwrap_or(0);
    Some(Value {
        text: text(annotation, b"Contents")?,
        style: Style {
            size: font_size(annotation.get::<PdfString<'_>>(b"DA")),
            multiline: true,
            alignment: annotation.get::<i32>(b"Q").unwrap_or(0),
        },
        turn: quarters(degrees),
        has_appearance: false,
    })
}

/// The value of a form field at one of its widgets.
fn widget(annotation: &Dict<'_>, form: &Dict<'_>) -> Option<Value> {
    let mut fields = vec![annotation.clone()];
    while fields.len() <= MAX_ANCESTORS
        && let Some(parent) = fields.last()?.get::<Dict<'_>>(b"Parent")
    {
        fields.push(parent);
    }
    let flags = fields
        .iter()
        .find_map(|field| field.get::<u32>(b"Ff"))
        .unwrap_or(0);
    let kind = fields.iter().find_map(|field| field.get::<Name<'_>>(b"FT"))?;
    let has_appearance = has_appearance(annotation);
    let is_renewed = form.get::<bool>(b"NeedAppearances") == Some(true);
    if has_appearance && !is_renewed {
        return None;
    }
    let text = match &*kind {
        b"Tx" if flags & PASSWORD == 0 => fields.iter().find_map(|field| text(field, b"V")),
        b"Ch" => fields.iter().find_map(|field| choices(field, &fields)),
        b"Btn" if flags & PUSH_BUTTON == 0 && !annotation.contains_key(b"AP") => state(&fields, flags),
        _ => None,
    }?;
    let appearance = fields.iter().find_map(|field| field.get::<PdfString<'_>>(b"DA"));
    let alignment = fields.iter().find_map(|field| field.get::<i32>(b"Q"));
    let turned = annotation
        .get::<Dict<'_>>(b"MK")
        .and_then(|look| look.get::<i32>(b"R"));
    Some(Value {
        text,
        style: Style {
            size: font_size(appearance.or_else(|| form.get(b"DA"))),
            multiline: &*kind == b"Tx" && flags & MULTILINE != 0,
            alignment: alignment.or_else(|| form.get(b"Q")).unwrap_or(0),
        },
        turn: quarters(turned.unwrap_or(0)),
        has_appearance,
    })
}

/// Whether a check box or radio button is on, as a sign; `None` when the file does not say.
fn state(fields: &[Dict<'_>], flags: u32) -> Option<String> {
    let is_on = |state: Name<'_>| &*state != b"Off";
    let own = fields.first()?.get::<Name<'_>>(b"AS").map(is_on);
    // Only a field of a single box says of the box whether it is on.
    let single = flags & RADIO == 0;
    let of_field = || {
        fields
            .iter()
            .find_map(|field| field.get::<Name<'_>>(b"V"))
            .map(is_on)
    };
    let on = own.or_else(|| of_field().filter(|_| single))?;
    Some(if on { CHECKED } else { UNCHECKED }.to_owned())
}

/// The chosen options of a field, as they are shown.
fn choices(field: &Dict<'_>, fields: &[Dict<'_>]) -> Option<String> {
    let chosen: Vec<String> = match field.get::<Object<'_>>(b"V")? {
        Object::String(value) => vec![text_string::decoded(&value)],
        Object::Array(values) => values
            .iter::<PdfString<'_>>()
            .take(MAX_OPTIONS)
            .map(|value| text_string::decoded(&value))
            .collect(),
        _ => return None,
    };
    // An option may be a pair of what is stored and what is shown (ISO 32000-1, table 231).
    let options = fields.iter().find_map(|field| field.get::<Array<'_>>(b"Opt"));
    let options = options
        .iter()
        .flat_map(Array::iter::<Object<'_>>)
        .take(MAX_OPTIONS);
    let shown: HashMap<String, String> = options
        .filter_map(Object::into_array)
        .filter_map(|pair| {
            let mut pair = pair.iter::<PdfString<'_>>();
            Some((
                text_string::decoded(&pair.next()?),
                text_string::decoded(&pair.next()?),
            ))
        })
        .collect();
    let texts: Vec<&str> = chosen
        .iter()
        .map(|stored| shown.get(stored).unwrap_or(stored).as_str())
        .collect();
    Some(texts.join("\n"))
}

/// The text string under a key.
fn text(dict: &Dict<'_>, key: &[u8]) -> Option<String> {
    dict.get::<PdfString<'_>>(key)
        .map(|string| text_string::decoded(&string))
}

/// Whether there is an appearance that is drawn (ISO 32000-1, 12.5.5).
fn has_appearance(annotation: &Dict<'_>) -> bool {
    let normal = annotation
        .get::<Dict<'_>>(b"AP")
        .and_then(|appearances| appearances.get::<Object<'_>>(b"N"));
    match normal {
        Some(Object::Stream(_)) => true,
        Some(Object::Dict(states)) => annotation
            .get::<Name<'_>>(b"AS")
            .is_some_and(|state| states.get::<Stream<'_>>(state).is_some()),
        _ => false,
    }
}

/// Size of the font in a default appearance such as `/Helv 12 Tf 0 g`; `None` when the viewer chooses it.
fn font_size(appearance: Option<PdfString<'_>>) -> Option<f64> {
    let appearance = String::from_utf8_lossy(appearance?.as_bytes()).into_owned();
    let operands: Vec<&str> = appearance.split_ascii_whitespace().collect();
    let operator = operands.iter().position(|operand| *operand == "Tf")?;
    let size: f64 = operands.get(operator.checked_sub(1)?)?.parse().ok()?;
    (size.is_finite() && size > 0.0).then_some(size)
}

fn quarters(degrees: i32) -> u32 {
    degrees.div_euclid(90).rem_euclid(4).unsigned_abs()
}

/// What the page shows already.
struct Drawn<'a> {
    survey: &'a Survey,
    /// Number of glyphs that may still be looked at.
    budget: u64,
}

impl Drawn<'_> {
    /// Whether the page shows a value at its place: the value itself or, where it has an appearance, any text.
    fn shows(&mut self, value: &Value, place: Rect) -> bool {
        let Some(left) = self.budget.checked_sub(self.survey.glyphs.len() as u64) else {
            return true;
        };
        self.budget = left;
        let inside = self
            .survey
            .glyphs
            .iter()
            .filter(|glyph| glyph.visible && place.contains(glyph.origin + glyph.advance / 2.0));
        let squeezed = |text: &str| -> String { text.chars().filter(|char| !char.is_whitespace()).collect() };
        let shown: String = inside.map(|glyph| squeezed(&glyph.text)).collect();
        shown.contains(&squeezed(&value.text)) || (value.has_appearance && !shown.is_empty())
    }
}
