//! PDF/A: what a file says of itself, and what is refused with a reason.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use ocr_core::{Error, ErrorKind, formats::FormatInput, model::DocumentText};
use ocr_formats::{Format, PdfA, PdfABreach};

use crate::{page, pdf, read};
use ocr_core::page::{PageImage, PixelFormat};

fn archived(document: &DocumentText, original: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let input = FormatInput::new(document).with_original(Some(original));
    PdfA.write(input, &mut bytes)?;
    Ok(bytes)
}

fn picture() -> Vec<u8> {
    let pixels: Vec<u8> = (0..40 * 60 * 3).map(|index| (index % 251) as u8).collect();
    let image = PageImage::new(40, 60, PixelFormat::Rgb8, pixels).unwrap();
    ocr_documents::encode_jpeg(&image, 90).unwrap()
}

fn catalog(file: &Document) -> &Dictionary {
    file.catalog().unwrap()
}

/// The profile of the output intent, and the metadata packet.
fn declared(file: &Document) -> (Vec<u8>, String) {
    let intents = catalog(file).get(b"OutputIntents").unwrap().as_array().unwrap();
    let intent = intents[0].as_dict().unwrap();
    assert_eq!(intent.get(b"S").unwrap().as_name().unwrap(), b"GTS_PDFA1");
    let profile = intent
        .get_deref(b"DestOutputProfile", file)
        .unwrap()
        .as_stream()
        .unwrap();
    let metadata = catalog(file)
        .get_deref(b"Metadata", file)
        .unwrap()
        .as_stream()
        .unwrap();
    assert!(!metadata.dict.has(b"Filter"));
    let packet = String::from_utf8(metadata.content.clone()).unwrap();
    (profile.get_plain_content().unwrap(), packet)
}

/// A PDF that `change` was made to: its file and its only page.
fn changed(change: impl FnOnce(&mut Document, ObjectId)) -> Vec<u8> {
    let mut file = Document::load_mem(&pdf(&["0 0 10 10 re f"])).unwrap();
    let page = file.get_pages()[&1];
    // Without the font that is named and not embedded.
    let parent = file
        .get_dictionary(page)
        .unwrap()
        .get(b"Parent")
        .unwrap()
        .as_reference()
        .unwrap();
    file.get_dictionary_mut(parent)
        .unwrap()
        .set("Resources", Dictionary::new());
    change(&mut file, page);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes).unwrap();
    bytes
}

fn breach(change: impl FnOnce(&mut Document, ObjectId)) -> PdfABreach {
    let error = archived(&read(vec![page(1, ["two", "words"])]), &changed(change)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let source = std::error::Error::source(&error).unwrap();
    source.downcast_ref::<PdfABreach>().unwrap().clone()
}

#[test]
fn a_picture_becomes_a_pdf_a_with_everything_in_it() {
    let document = read(vec![page(1, ["two", "words"])]);
    let bytes = archived(&document, &picture()).unwrap();
    assert_eq!(bytes, archived(&document, &picture()).unwrap());
    // A header, and a comment of four bytes above 127 (ISO 19005-2, 6.1.2).
    assert!(bytes.starts_with(b"%PDF-1.7\n%"));
    assert!(bytes[10..14].iter().all(|byte| *byte > 127));
    let file = Document::load_mem(&bytes).unwrap();
    assert!(file.trailer.has(b"ID") && !file.trailer.has(b"Encrypt"));
    let (profile, packet) = declared(&file);
    assert_eq!(&profile[12..24], b"mntrRGB XYZ ");
    assert!(packet.contains("<pdfaid:part>2</pdfaid:part>"), "{packet}");
    let page = file.get_pages()[&1];
    let fonts = file.get_page_fonts(page).unwrap();
    let font = fonts.values().next().unwrap();
    let descendant = font.get(b"DescendantFonts").unwrap().as_array().unwrap()[0]
        .as_reference()
        .unwrap();
    let descendant = file.get_dictionary(descendant).unwrap();
    assert!(descendant.has(b"CIDToGIDMap"));
    let descriptor = descendant
        .get_deref(b"FontDescriptor", &file)
        .unwrap()
        .as_dict()
        .unwrap();
    assert!(descriptor.has(b"FontFile2"));
}

#[test]
fn a_tiny_picture_has_a_page_of_the_least_size() {
    let image = PageImage::new(1, 1, PixelFormat::Gray8, vec![0]).unwrap();
    let tiny = ocr_documents::encode_png(&image);
    let file = Document::load_mem(&archived(&read(vec![]), &tiny).unwrap()).unwrap();
    let page = file.get_dictionary(file.get_pages()[&1]).unwrap();
    let sides = page.get(b"MediaBox").unwrap().as_array().unwrap();
    assert!(sides[2].as_float().unwrap() >= 3.0);
}

#[test]
fn a_pdf_without_breaches_is_written_anew_as_pdf_a() {
    let document = read(vec![page(1, ["two", "words"])]);
    let original = changed(|file, _| {
        let title = file.add_object(dictionary! { "Title" => lopdf::text_string("Grüße") });
        file.trailer.set("Info", title);
        // Refers to nothing and is referred to by nothing: it does not get into the archive.
        file.add_object(dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert()") });
    });
    let bytes = archived(&document, &original).unwrap();
    let file = Document::load_mem(&bytes).unwrap();
    assert!(declared(&file).1.contains("Grüße"));
    assert!(file.trailer.has(b"ID") && !file.trailer.has(b"Prev"));
    assert!(!bytes.windows(10).any(|window| window == b"JavaScript"));
    let text = file.extract_text(&[1]).unwrap();
    assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["two", "words"]);
    // What is PDF/A already stays so, with its own output intent.
    let again = Document::load_mem(&archived(&document, &bytes).unwrap()).unwrap();
    let intents = catalog(&again).get(b"OutputIntents").unwrap().as_array().unwrap();
    assert_eq!(intents.len(), 1);
    assert_eq!(declared(&again), declared(&file));
}

#[test]
fn what_does_something_by_itself_is_refused() {
    let script = || dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("x") };
    let found = breach(|file, _| {
        let script = script();
        file.catalog_mut().unwrap().set("OpenAction", script);
    });
    assert_eq!(found, PdfABreach::Action("JavaScript".to_owned()));
    let found = breach(|file, page| {
        let actions = dictionary! { "O" => dictionary! { "S" => "GoTo" } };
        file.get_dictionary_mut(page).unwrap().set("AA", actions);
    });
    assert_eq!(found, PdfABreach::Action("AA".to_owned()));
    let found = breach(|file, _| {
        let form = dictionary! { "XFA" => Object::string_literal("x") };
        file.catalog_mut().unwrap().set("AcroForm", form);
    });
    assert_eq!(found, PdfABreach::Form);
}

#[test]
fn what_is_not_in_the_file_is_refused() {
    let found = breach(|file, page| {
        let font = dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" };
        let resources = dictionary! { "Font" => dictionary! { "F1" => font } };
        file.get_dictionary_mut(page).unwrap().set("Resources", resources);
    });
    assert_eq!(found, PdfABreach::Font("Helvetica".to_owned()));
    let found = breach(|file, _| {
        let names = dictionary! { "EmbeddedFiles" => dictionary! { "Names" => Vec::<Object>::new() } };
        file.catalog_mut().unwrap().set("Names", names);
    });
    assert_eq!(found, PdfABreach::EmbeddedFiles);
    let found = breach(|file, page| {
        let outside = dictionary! { "F" => Object::string_literal("a.bin"), "Filter" => "FlateDecode" };
        let outside = file.add_object(Stream::new(outside, Vec::new()));
        file.get_dictionary_mut(page).unwrap().set("Thumb", outside);
    });
    assert_eq!(found, PdfABreach::External);
}

#[test]
fn encodings_and_colors_are_looked_at_wherever_they_are() {
    let found = breach(|file, page| {
        let picture = dictionary! { "Subtype" => "Image", "Filter" => "LZWDecode" };
        let picture = file.add_object(Stream::new(picture, vec![0x80]));
        file.get_dictionary_mut(page).unwrap().set("Thumb", picture);
    });
    assert_eq!(found, PdfABreach::Filter("LZWDecode".to_owned()));
    for content in [
        "0 0 0 1 k",
        "/DeviceCMYK cs",
        "BI /W 1 /H 1 /BPC 8 /CS /CMYK ID abcd EI",
    ] {
        let found = breach(|file, page| {
            let content = file.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
            file.get_dictionary_mut(page).unwrap().set("Contents", content);
        });
        assert_eq!(found, PdfABreach::Color("CMYK"), "{content}");
    }
    let found = breach(|file, _| {
        let intent = dictionary! { "S" => "GTS_PDFX" };
        file.catalog_mut()
            .unwrap()
            .set("OutputIntents", vec![intent.into()]);
    });
    assert_eq!(found, PdfABreach::OutputIntent);
}

#[test]
fn signatures_layers_and_hidden_notes_are_refused() {
    let found = breach(|file, _| {
        let signature =
            file.add_object(dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(), 1.into()] });
        file.catalog_mut()
            .unwrap()
            .set("Perms", dictionary! { "DocMDP" => signature });
    });
    assert_eq!(found, PdfABreach::Signed);
    let found = breach(|file, _| file.catalog_mut().unwrap().set("OCProperties", Dictionary::new()));
    assert_eq!(found, PdfABreach::Layers);
    let found = breach(|file, page| {
        let note = dictionary! { "Subtype" => "Text", "Rect" => vec![0.into(); 4], "F" => 2 };
        file.get_dictionary_mut(page)
            .unwrap()
            .set("Annots", vec![note.into()]);
    });
    assert!(matches!(found, PdfABreach::Annotation(what) if what.starts_with("Text")));
}

#[test]
fn content_that_cannot_be_followed_is_refused() {
    for (content, expected) in [
        (") 1 2", PdfABreach::Unreadable("operators of a page")),
        ("1 2 foo", PdfABreach::Forbidden("operators that are none of PDF")),
        (
            &"q ".repeat(29),
            PdfABreach::Forbidden("more than 28 saved graphics states"),
        ),
    ] {
        let found = breach(|file, page| {
            let content = file.add_object(Stream::new(Dictionary::new(), content.as_bytes().to_vec()));
            file.get_dictionary_mut(page).unwrap().set("Contents", content);
        });
        assert_eq!(found, expected, "{content}");
    }
}
